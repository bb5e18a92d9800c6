/** The failures that every adapter may meet, in one set of words; none quotes what the database said. */

import { GuillemetError } from '../errors.ts'

/** Another writer was first, or the version is not the next one: certainly not written. */
export function conflict(tag: string): GuillemetError {
  return new GuillemetError('ERR_CONFLICT', 'The record was changed in the meantime; read it again.', { tag })
}

/**
 * Nothing was read, or certainly nothing was written; the message says both, since the one who knows it may serve either call.
 *
 * @param happened what happened, as the beginning of a sentence: `The database is read-only`
 * @param advice what to do, as its end: `connect to the primary and try again`
 */
export function unavailable(happened: string, advice: string): GuillemetError {
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', `${happened}; nothing was read or written. Please ${advice}.`)
}

/** The statement was sent and nobody said whether it was done. */
export function outcomeUnknown(happened: string): GuillemetError {
  return new GuillemetError('ERR_OUTCOME_UNKNOWN', `${happened}; the write may be done or not. Read it back.`)
}

/** What came back is no record of this library. */
export function corrupt(happened: string): GuillemetError {
  return new GuillemetError('ERR_RECORD_CORRUPT', `${happened}; look at what is stored and restore it from a backup.`)
}
