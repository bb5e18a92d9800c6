/** What is wrong with an audit log, as errors. */

import { GuillemetError } from '../errors.ts'

/** How a message names the key. */
export const KEY_OF_LOG = 'The key of the audit log'

/** An entry that does not have the MAC that it says. */
export function changedEntry(what: string): GuillemetError {
  const message = `${what} was changed, or written with another key than the one that was given.`
  return new GuillemetError('ERR_RECORD_UNREADABLE', message, { reason: 'tampered' })
}

/** An entry that does not follow the one before it. */
export function misplacedEntry(what: string): GuillemetError {
  const message = `${what} does not follow the entry before it: entries are missing, are in another order, or two processes have written the log.`
  return new GuillemetError('ERR_RECORD_UNREADABLE', message, { reason: 'moved' })
}

/** A log that lacks the entry that was kept elsewhere. */
export function cutShort(): GuillemetError {
  const message = 'The entry given as kept is not in the audit log: its end was cut off, or it is another log.'
  return new GuillemetError('ERR_RECORD_UNREADABLE', message, { reason: 'rolled-back' })
}
