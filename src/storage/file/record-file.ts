/**
 * What one version file holds: a line that names the format, where the record lives, its version, a checksum of all
 * that and of the body, then the body.
 *
 * The place is written down so that a file moved or copied to another place is noticed; the checksum so that a page
 * that never reached the disk is. Neither is a seal: what the body holds is authenticated by the vault.
 */

import { createHash } from 'node:crypto'
import { concat, fromUtf8, utf8 } from '../../bytes.ts'
import { GuillemetError } from '../../errors.ts'
import type { StoredRecord } from '../../ports/storage.ts'

/** Longest body in bytes; a sealed value of 1 MiB takes about a tenth of it. */
const MAX_BODY_BYTES = 16 * 1024 * 1024
/** Longest file in bytes. */
export const MAX_FILE_BYTES = MAX_BODY_BYTES + 1024

const FILE_FORMAT = 'guillemet record 1'
const CHECKSUM_DIGITS = 32

/** What a file's place says about the record in it. */
export type FilePlace = Omit<StoredRecord, 'body'>

/**
 * The whole file.
 *
 * @throws ERR_INVALID_INPUT when the version is not a whole number from 1, or the body not well-formed text of at most
 *   16 MiB
 */
export function encodeRecord(record: StoredRecord): Uint8Array {
  if (!Number.isSafeInteger(record.version) || record.version < 1) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The version of a record must be a whole number from 1.')
  }
  if (typeof record.body !== 'string') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The body of a record must be a text.')
  }
  const body = utf8(record.body)
  if (body.length > MAX_BODY_BYTES) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The body of a record must have at most ${MAX_BODY_BYTES} bytes.`)
  }
  const head = fileHead(record)
  return concat(head, utf8(`${fileChecksum(head, body)}\n`), body)
}

/** The record, or undefined where the bytes are not exactly what was written for this place. */
export function decodeRecord(bytes: Uint8Array, place: FilePlace): StoredRecord | undefined {
  const head = fileHead(place)
  const start = head.length + CHECKSUM_DIGITS + 1
  const body = bytes.subarray(start)
  const expected = concat(head, utf8(`${fileChecksum(head, body)}\n`))
  if (!expected.every((byte, index) => byte === bytes[index])) return undefined
  const text = fromUtf8(body)
  if (text === undefined) return undefined
  const { workspace, environment, tag, version } = place
  return { workspace, environment, tag, version, body: text }
}

function fileHead({ workspace, environment, tag, version }: FilePlace): Uint8Array {
  return utf8(`${[FILE_FORMAT, workspace, environment, tag, version].join('\n')}\n`)
}

function fileChecksum(head: Uint8Array, body: Uint8Array): string {
  return createHash('sha256').update(head).update(body).digest('hex').slice(0, CHECKSUM_DIGITS)
}
