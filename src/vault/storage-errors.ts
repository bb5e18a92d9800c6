/**
 * What the vault says of a storage that fails.
 *
 * Foreign errors are never kept as `cause`: a driver's error may quote a connection string with its password.
 */

import { codeOf, GuillemetError, type GuillemetErrorCode, printableCodeOf } from '../errors.ts'
import { NotAnswered } from './deadline.ts'

/** Codes by which a storage says that it has refused a write, which is then certainly not done. */
const REFUSALS: readonly GuillemetErrorCode[] = ['ERR_STORAGE_UNAVAILABLE', 'ERR_INVALID_INPUT', 'ERR_RECORD_CORRUPT']

/** The failure of a read, also one thrown before there is a promise, as one of ours. */
export function readFailure(error: unknown): GuillemetError {
  // a mistake in what the storage was given, such as its directory: trying again does not help
  if (isOwnError(error, 'ERR_RECORD_CORRUPT') || isOwnError(error, 'ERR_INVALID_INPUT')) return error
  return codeOf(error) === 'ERR_RECORD_CORRUPT' ? corruptAnswer() : storageUnavailable(error, 'read')
}

/** The failure of a write that is certainly not done; undefined where the error does not say so. */
export function refusedWrite(error: unknown): GuillemetError | undefined {
  const code = REFUSALS.find((refusal) => refusal === codeOf(error))
  if (code === undefined) return undefined
  if (isOwnError(error, code)) return error
  if (code === 'ERR_STORAGE_UNAVAILABLE') return storageUnavailable(error, 'written')
  if (code === 'ERR_RECORD_CORRUPT') return corruptAnswer()
  return new GuillemetError(
    code,
    'The storage refused the record, so nothing was written; look at its size and its limits.',
  )
}

/** An answer that is not one. */
export function corruptAnswer(): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The storage returned something that is not a record, or has a name that no vault gives; take out what does not belong there, and restore the rest from a backup.',
  )
}

/** A listing that cannot be believed to be whole. */
export function unorderedListing(what: 'records' | 'workspaces'): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    `The storage lists its ${what} out of order, so some may be left out; check its collation and its index.`,
  )
}

/**
 * The failure of a call without an answer.
 *
 * @param not what was certainly not done: a read, or a write, of which nothing was handed to the storage
 */
export function storageUnavailable(error: unknown, not: 'read' | 'written'): GuillemetError {
  if (isOwnError(error, 'ERR_STORAGE_UNAVAILABLE')) return error
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', unavailableMessage(error, `nothing was ${not}`))
}

function unavailableMessage(error: unknown, undone: string): string {
  if (error instanceof NotAnswered && error.why === 'aborted') {
    return `${abortedBeforeAnswer('the storage')}; ${undone}.`
  }
  return `The storage did not answer${shownReason(error)}; ${undone}. Check that it can be reached and try again.`
}

function abortedBeforeAnswer(who: string): string {
  return `The signal of this call was aborted before ${who} had answered`
}

function shownReason(error: unknown): string {
  if (error instanceof NotAnswered) return ' in time (storageTimeout)'
  const code = systemCode(error)
  return code === undefined ? '' : ` (${code})`
}

/** Whether an adapter says it in the words of this library, which quote nothing and tell what to do. */
function isOwnError(error: unknown, code: GuillemetErrorCode): error is GuillemetError {
  return error instanceof GuillemetError && error.code === code
}

/** A system's error code such as `ECONNREFUSED` or `EROFS`, and nothing else of a foreign error. */
function systemCode(error: unknown): string | undefined {
  for (const candidate of [
    printableCodeOf(error),
    printableCodeOf((error as { cause?: unknown } | undefined)?.cause),
  ]) {
    if (candidate !== undefined && !candidate.startsWith('ERR_')) return candidate
  }
  return undefined
}

/** A write that was handed to the storage, and of which nobody knows. */
export function doubtfulWrite(): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    'The storage did not say whether the write was done, nor did reading it back; look at the secret before you try again.',
  )
}

/** What a caller has given up while somebody else than the storage was waited for: whom to look after is said by name. */
export function abortedBefore(who: string): GuillemetError {
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    `${abortedBeforeAnswer(who)}; nothing was done. Check that it can be reached and try again.`,
  )
}

/** What was under way when the vault was closed, and cannot go on: no mistake of its caller, and worth another attempt elsewhere. */
export function closedMeanwhile(): GuillemetError {
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    'The vault was closed before this was done; try again with another.',
  )
}
