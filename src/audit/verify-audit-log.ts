/** The proof that an audit log is what was written. */

import { type LineMac, lineMac } from '../crypto/line-mac.ts'
import { GuillemetError } from '../errors.ts'
import { withoutUndefined } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { type AuditEntry, BEGINNING, readAuditEntry } from './entry.ts'
import { changedEntry, cutShort, KEY_OF_LOG, misplacedEntry } from './faults.ts'

/** How an audit log is verified. */
export interface VerifyAuditLogOptions {
  /** The key that the log was written with. */
  readonly key: string
  /** An entry of the log as you have kept it elsewhere: with it, an end that was cut off is found. */
  readonly kept?: string | undefined
  /** The last entry of the file before, where the log goes on in this one; without it, this is the beginning. */
  readonly after?: string | undefined
}

/** What was verified. */
export interface AuditLogReport {
  /** How many entries there are. */
  readonly entries: number
  /** The line of the last one, without its line end: keep it elsewhere, and give it as `kept` the next time. Absent in an empty log. */
  readonly last?: string
  /** The numbers, from 1, of lines that are no entry: a crash may leave a part of one. No whole entry is missing there. */
  readonly torn: readonly number[]
}

/**
 * Verifies that each entry is as it was written and follows the one before it.
 *
 * Entries at the end that somebody has cut off are only missed with `kept`.
 *
 * @param log the whole text, or pieces of it as `createReadStream(file, 'utf8')` or `readline` give them
 * @throws ERR_RECORD_UNREADABLE when the log is not what was written, with the `reason`: `tampered` (an entry was changed,
 *   or the key is another one), `moved` (entries are missing or in another order), `rolled-back` (what was kept is not
 *   there); ERR_INVALID_KEY when the key is not one; ERR_INVALID_INPUT for other options
 * @example
 * ```ts
 * const { entries, last } = await verifyAuditLog(createReadStream('audit.log', 'utf8'), { key, kept })
 * ```
 */
export async function verifyAuditLog(
  log: string | Iterable<string> | AsyncIterable<string>,
  options: VerifyAuditLogOptions,
): Promise<AuditLogReport> {
  const { key, kept, after } = readOptions(options, 'options of verifyAuditLog', ['key', 'kept', 'after'], suggest)
  const macOf = lineMac(KEY_OF_LOG, key)
  const wanted = kept === undefined ? undefined : givenEntry(macOf, 'kept', kept)
  let end = after === undefined ? BEGINNING : givenEntry(macOf, 'after', after)
  let isThere = wanted === undefined || wanted.mac === end.mac
  let last: string | undefined
  let entries = 0
  let count = 0
  const torn: number[] = []
  for await (const line of logLines(log)) {
    count++
    const entry = readAuditEntry(line)
    if (entry === undefined) {
      if (line.trim() !== '') torn.push(count)
      continue
    }
    if (macOf(entry.signed) !== entry.mac) throw changedEntry(`Line ${count} of the audit log`)
    if (entry.number !== end.number + 1 || entry.previous !== end.mac)
      throw misplacedEntry(`Line ${count} of the audit log`)
    isThere ||= entry.mac === wanted?.mac
    end = entry
    last = line.trim()
    entries++
  }
  if (!isThere) throw cutShort()
  return withoutUndefined({ entries, last, torn }) as AuditLogReport
}

/** An entry that was given as an option. */
function givenEntry(macOf: LineMac, option: string, line: string): AuditEntry {
  const entry = typeof line === 'string' ? readAuditEntry(line) : undefined
  if (entry === undefined) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The option ${option} must be a whole line of an audit log.`)
  }
  if (macOf(entry.signed) !== entry.mac) throw changedEntry(`The entry given as ${option}`)
  return entry
}

/** The lines of a text in pieces, which may be lines without their ends, as readline gives them. */
async function* logLines(log: string | Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of typeof log === 'string' ? [log] : log) {
    const isNextLine = readAuditEntry(rest) !== undefined && /^[^\r\n]/.test(piece)
    const lines = `${rest}${isNextLine ? '\n' : ''}${piece}`.split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}
