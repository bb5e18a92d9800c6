/** Errors of the file system, as what happened to the storage and what to do; they name the code and the directory. */

import { codeOf, GuillemetError } from '../../errors.ts'

const CODE = /^[A-Z][A-Z0-9_]{1,40}$/

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['EROFS', 'its file system is read-only; mount it writable or give another directory'],
  ['EACCES', 'this user has no permission; give the directory and all in it to the user of this process'],
  ['EPERM', 'the system does not permit it; give a directory of this user on a file system that has hard links'],
  ['ENOTSUP', 'its file system has no hard links; give a directory on another one'],
  ['EXDEV', 'parts of it lie on different file systems; keep it on one'],
  ['ENOSPC', 'the disk is full; free some space and try again'],
  ['EDQUOT', 'the disk quota is used up; free some space and try again'],
  ['EMFILE', 'this process has too many files open; raise its limit (ulimit -n)'],
  ['ENFILE', 'the system has too many files open; raise its limit'],
  ['ENOENT', 'it or the directory above it is missing; create the directory above it and try again'],
  ['ENOTDIR', 'something above it is not a directory; give another path'],
  ['ELOOP', 'its path holds a symbolic link; remove the link'],
  ['ENAMETOOLONG', 'its path is too long; give a shorter one'],
])

/**
 * Nothing was read or written. An error of this library passes as it is.
 *
 * @param where what errors call the storage
 */
export function directoryUnavailable(error: unknown, where: string): GuillemetError {
  if (error instanceof GuillemetError) return error
  const code = printable(error)
  const advice = ADVICE.get(code) ?? 'check the disk and try again'
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', `The storage in ${where} failed with ${code}: ${advice}.`)
}

/** The write was begun and may or may not be there after a power loss. */
export function commitUnknown(error: unknown, tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    `The storage directory failed with ${printable(error)} while the record was committed; read it again to see whether it is there.`,
    { tag },
  )
}

/** Another writer was first. */
export function versionTaken(tag: string): GuillemetError {
  return new GuillemetError('ERR_CONFLICT', 'The record was changed in the meantime; read it again.', { tag })
}

/** The newest version is not what was written. */
export function corruptFile(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The file of the stored record does not hold what was written; restore it from a backup.',
    { tag },
  )
}

function printable(error: unknown): string {
  const code = codeOf(error)
  return code !== undefined && CODE.test(code) ? code : 'an unknown error'
}
