/** An audit log in which a change shows: a listener for `onEvent` that writes a line for each event. */

import { type LineMac, lineMac } from '../crypto/line-mac.ts'
import { GuillemetError } from '../errors.ts'
import { hasMethods, isPromise } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { VaultEvent } from '../vault/events.ts'
import { BEGINNING, type ChainEnd, makeAuditEntry, readAuditEntry } from './entry.ts'
import { changedEntry, KEY_OF_LOG } from './faults.ts'

/** Where an audit log is, and its key. */
export interface AuditLogOptions {
  /**
   * A key of its own, as `generateKey()` makes it. Whoever has it can write the log anew; without it nobody can change a
   * line, take one out of the middle or put one in, unless it shows.
   */
  readonly key: string
  /** Appends a line, which ends in a line end. Called for one line at a time, and waited for. */
  write(line: string): void | Promise<void>
  /**
   * The end of the log as it is now: all of it, or its last lines, at least one whole one. Nothing, or an empty text, for
   * a new log. Asked before the first line, and again after a `write` that failed, since nobody knows what became of it.
   */
  readEnd(): string | null | undefined | Promise<string | null | undefined>
}

/** Takes events, one line each; done when the line is written. */
export type AuditLog = (event: VaultEvent) => void | Promise<void>

/**
 * Makes the listener. One log has one writer: give each process a log of its own.
 *
 * Give it to a vault as `onEvent`, with `audit: 'required'` where nothing may be used that is not in the log. Where `write`
 * and `readEnd` are done at once, without promises, snapshots can be used with it too.
 *
 * @throws ERR_INVALID_KEY when the key is not one; ERR_INVALID_INPUT for other options. The listener: what `write` and
 *   `readEnd` throw; ERR_RECORD_UNREADABLE when the last entry of the log is not of this key, or was changed;
 *   ERR_RECORD_CORRUPT when there is none in what `readEnd` gives
 * @example
 * ```ts
 * const onEvent = auditLog({
 *   key: process.env.AUDIT_KEY!,
 *   write: (line) => appendFileSync('audit.log', line, { flush: true }),
 *   readEnd: () => (existsSync('audit.log') ? readFileSync('audit.log', 'utf8') : undefined),
 * })
 * const vault = createVault({ storage, keys, onEvent, audit: 'required' })
 * ```
 */
export function auditLog(options: AuditLogOptions): AuditLog {
  const given = readOptions(options, 'options of auditLog', ['key', 'write', 'readEnd'], suggest)
  if (!hasMethods(given, ['write', 'readEnd'])) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'auditLog needs the functions write and readEnd.')
  }
  return writerOf(given, lineMac(KEY_OF_LOG, given.key))
}

function writerOf({ write, readEnd }: AuditLogOptions, macOf: LineMac): AuditLog {
  /** Undefined where it has to be read. */
  let end: ChainEnd | undefined
  /** The line that is being written, and those after it. */
  let pending: Promise<void> | undefined

  const append = (event: string, lineEnd: string, last: ChainEnd): void | Promise<void> => {
    const entry = makeAuditEntry(macOf, last, event)
    end = undefined
    return then(write(`${lineEnd}${entry.line}\n`), () => {
      end = entry.end
    })
  }
  const record = (event: string): void | Promise<void> => {
    if (end !== undefined) return append(event, '', end)
    return then(readEnd(), (given) => {
      const text = given ?? ''
      return append(event, /[^\n]$/.test(text) ? '\n' : '', chainEnd(macOf, text))
    })
  }
  return (event) => {
    const text = eventText(event)
    const recorded = pending === undefined ? record(text) : pending.then(() => record(text))
    if (!isPromise(recorded)) return
    const settled = recorded.then(
      () => undefined,
      () => undefined,
    )
    pending = settled
    void settled.then(() => {
      if (pending === settled) pending = undefined
    })
    return recorded
  }
}

/** The event as JSON. Anything but an object would make an entry that cannot be read again. */
function eventText(event: VaultEvent): string {
  const text: string | undefined = JSON.stringify(event)
  if (text?.startsWith('{')) return text
  throw new GuillemetError('ERR_INVALID_INPUT', 'An audit log takes events, which are objects.')
}

/** The end of the log that ends in the text: its last whole entry, after which a crash may have left a part of a line. */
function chainEnd(macOf: LineMac, text: string): ChainEnd {
  if (text.trim() === '') return BEGINNING
  for (const line of text.split('\n').reverse()) {
    const entry = readAuditEntry(line)
    if (entry === undefined) continue
    if (macOf(entry.signed) === entry.mac) return entry
    throw changedEntry('The last entry of the audit log')
  }
  throw new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The end of the audit log holds no whole entry. Let readEnd give at least the last line, or begin a new log.',
  )
}

/** Goes on with what a function gave: at once, where it gave it at once. */
function then<T, R>(given: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromise(given) ? given.then(next) : next(given)
}
