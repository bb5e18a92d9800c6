/**
 * The text of a backup: a line of JSON that says what follows, then for each workspace a line for each record and one that
 * ends it (docs/FORMAT.md, "A backup"). What the lines hold is sealed; only their order and the keyrings are read here.
 */

import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { ownValue } from '../plain-object.ts'
import { isName } from '../tag.ts'
import type { LoopTurns } from '../waiting.ts'

const KIND = 'guillemet'
const FORMAT = 1
/** A record of 16 MiB, escaped in JSON and in base64. */
const MAX_LINE = 64 * 1024 * 1024
const MAX_WORKSPACES = 1_000_000
const BACKUP_ID = /^[A-Za-z0-9_-]{22}$/

/** What the first line says. */
export interface BackupHeader {
  /** Binds every line to this backup. */
  readonly id: string
  /** ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string
  readonly workspaces: readonly string[]
}

/** One workspace of a backup, sealed. */
export interface BackupBlock {
  readonly workspace: string
  /** In their order, each sealed. */
  readonly records: readonly string[]
  /** The keyring of that time, wrapped. */
  readonly keyring: string
  /** How many records there are, and which workspaces; sealed. */
  readonly end: string
}

/** A backup, read and not opened. */
export interface BackupText {
  readonly header: BackupHeader
  readonly blocks: readonly BackupBlock[]
}

/** The first line. */
export function headerLine({ id, createdAt, workspaces }: BackupHeader): string {
  return lineOf({ [KIND]: 'backup', format: FORMAT, id, createdAt, workspaces })
}

/** The line of a record. */
export function recordLine(workspace: string, record: string): string {
  return lineOf({ workspace, record })
}

/** The line that ends a workspace. */
export function endLine({ workspace, keyring, end }: Omit<BackupBlock, 'records'>): string {
  return lineOf({ workspace, keyring, end })
}

function lineOf(members: object): string {
  return `${JSON.stringify(members)}\n`
}

/**
 * The lines of a text, or of pieces that end anywhere, put together again.
 *
 * @throws ERR_RECORD_CORRUPT when it is not a backup, or not a whole one; ERR_NEWER_FORMAT when a newer release has made it
 */
export async function readBackupText(
  pieces: string | Iterable<string> | AsyncIterable<string>,
  turns: LoopTurns,
): Promise<BackupText> {
  // a path, most likely; also a backup that was cut within its first line begins as one
  if (typeof pieces === 'string' && pieces !== '' && !pieces.includes('\n') && !pieces.startsWith('{')) {
    throw notText('This is not the text of a backup, but perhaps the path of one')
  }
  const lines = parsedLines(typeof pieces === 'string' ? [pieces] : pieces)
  const first = await lines.next()
  if (first.done) throw corruptBackup('is empty')
  const header = readHeader(first.value)
  const blocks: BackupBlock[] = []
  let records: string[] = []
  for await (const line of lines) {
    await turns.next()
    const workspace = header.workspaces[blocks.length]
    if (workspace === undefined || ownValue(line, 'workspace') !== workspace) throw corruptBackup('is out of order')
    const record = textIn(line, 'record')
    const [keyring, end] = [textIn(line, 'keyring'), textIn(line, 'end')]
    if (record !== undefined) records.push(record)
    else if (keyring === undefined || end === undefined) throw corruptBackup('has a line that is not one of a backup')
    else {
      blocks.push({ workspace, records, keyring, end })
      records = []
    }
  }
  if (blocks.length !== header.workspaces.length || records.length > 0) throw corruptBackup('was cut off')
  return { header, blocks }
}

async function* parsedLines(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<object, undefined> {
  let rest: string[] = []
  let length = 0
  for await (const piece of pieces) {
    if (typeof piece !== 'string') {
      throw notText('A backup is text')
    }
    let start = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      rest.push(piece.slice(start, end))
      yield objectIn(rest.join(''))
      rest = []
      length = 0
      start = end + 1
    }
    rest.push(piece.slice(start))
    length += piece.length - start
    if (length > MAX_LINE) throw corruptBackup('has a line that is too long')
  }
  if (length > 0) throw corruptBackup('was cut off')
}

function notText(what: string): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `${what}; open the file with createReadStream(path, 'utf8'). Nothing was written.`,
  )
}

function objectIn(line: string): object {
  const parsed = parseJson(line)
  if (typeof parsed === 'object' && parsed !== null) return parsed
  throw corruptBackup('has a line that is not one of a backup')
}

function readHeader(line: object): BackupHeader {
  if (ownValue(line, KIND) !== 'backup') throw corruptBackup('does not begin with the header of one')
  const format: unknown = ownValue(line, 'format')
  if (Number.isSafeInteger(format) && (format as number) > FORMAT) {
    throw new GuillemetError(
      'ERR_NEWER_FORMAT',
      `The backup is in format ${format}, which a newer release of this package has made; update the package. Nothing was written.`,
    )
  }
  const [id, createdAt] = [textIn(line, 'id'), textIn(line, 'createdAt')]
  const workspaces: unknown = ownValue(line, 'workspaces')
  const isWhole = format === FORMAT && id !== undefined && BACKUP_ID.test(id) && createdAt !== undefined
  if (!isWhole || !Array.isArray(workspaces) || workspaces.length > MAX_WORKSPACES || !workspaces.every(isName)) {
    throw corruptBackup('does not begin as a backup does')
  }
  return { id, createdAt, workspaces }
}

function textIn(line: object, key: string): string | undefined {
  const value: unknown = ownValue(line, key)
  return typeof value === 'string' ? value : undefined
}

/** The error for what cannot be read as a backup. */
export function corruptBackup(fault: string): GuillemetError {
  return new GuillemetError('ERR_RECORD_CORRUPT', `The backup ${fault}; nothing was written. Take another copy of it.`)
}
