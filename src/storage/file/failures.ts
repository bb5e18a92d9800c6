/** Errors of the file system, as what happened to the storage and what to do; they name the code and the directory. */

import type { Stats } from 'node:fs'
import { codeOf, GuillemetError, kindOf } from '../../errors.ts'

const DIRECTORY_ADVICE: ReadonlyMap<string, string> = new Map([
  ['EROFS', 'its file system is read-only; mount it writable or give another directory'],
  ['EACCES', 'this user has no permission; give the directory and all in it to the user of this process'],
  ['EPERM', 'the system does not permit it; give the directory and all in it to the user of this process'],
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

/** Whether there is no room: no blocks, no inodes, or the quota is used up. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/**
 * Nothing was read or written. An error of this library passes as it is.
 *
 * @param where what errors call the storage
 */
export function directoryUnavailable(error: unknown, where: string): GuillemetError {
  if (error instanceof GuillemetError) return error
  const code = kindOf(error)
  const advice = DIRECTORY_ADVICE.get(code) ?? 'check the disk and try again'
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', `The storage in ${where} failed with ${code}: ${advice}.`)
}

/** What `link` answers where it cannot work at all. */
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS'])

/**
 * The error of a `link` that did nothing, which says so where the file system is to blame: neither renaming nor copying
 * would do, since both let two writers win.
 *
 * @param system the file system of the directory
 */
export function linkRefused(error: unknown, system: string): unknown {
  const code = kindOf(error)
  if (!NO_HARD_LINKS.has(code)) return error
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    `The storage directory failed with ${code}: its file system (${system}) has no hard links, or forbids them, and nothing was written. Please give a directory on a local disk, or use a database.`,
  )
}

/** The write was begun and may or may not be there after a power loss. */
export function commitUnknown(error: unknown, tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    `The storage directory failed with ${kindOf(error)} while the record was committed; read it again to see whether it is there.`,
    { tag },
  )
}

/**
 * The write was made, but so many versions have followed it, or had before, that nobody can tell any more whether it was
 * ever the newest.
 */
export function overtaken(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    'The record was changed many times while it was written; read it again to see what became of it.',
    { tag },
  )
}

/** Something else than a directory stands where one of the storage should be; a link could lead the records elsewhere. */
export function notDirectory(found: Stats): GuillemetError {
  const what = found.isSymbolicLink() ? 'a symbolic link' : 'a file'
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `The storage directory, or a directory in it, is ${what}; give the real directory, the one that \`realpath\` names, and keep other things out of it.`,
  )
}

/** Other users may look into the directory or write to it, and it could not be closed to them. */
export function openToOthers(): GuillemetError {
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    'The storage directory is open to other users, and this one may not change that; make it private (chmod 700) and give it to the user of this process.',
  )
}
