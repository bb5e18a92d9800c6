/**
 * What one version file holds: a line that names the format, where the record lives, its version, a checksum of all
 * that and of the body, then the body.
 *
 * The place is written down so that a file moved or copied to another place is noticed; the checksum so that a page
 * that never reached the disk is. Neither is a seal: what the body holds is authenticated by the vault.
 */

import { createHash } from 'node:crypto'
import { concat, fromUtf8, utf8 } from '../../bytes.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { MAX_BODY_BYTES } from '../records.ts'

/** Longest file in bytes. */
export const MAX_FILE_BYTES = MAX_BODY_BYTES + 1024

const FILE_FORMAT = 'guillemet record 1'
const CHECKSUM_DIGITS = 32

/** What a file's place says about the record in it. */
export type FilePlace = Omit<StoredRecord, 'body'>

/** The whole file of a record that was checked. */
export function encodeRecord(record: StoredRecord): Uint8Array {
  const body = utf8(record.body)
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

/** The bytes with which the file of this place begins, and no other file. */
export function fileHead({ workspace, environment, tag, version }: FilePlace): Uint8Array {
  return utf8(`${[FILE_FORMAT, workspace, environment, tag, version].join('\n')}\n`)
}

function fileChecksum(head: Uint8Array, body: Uint8Array): string {
  return createHash('sha256').update(head).update(body).digest('hex').slice(0, CHECKSUM_DIGITS)
}
