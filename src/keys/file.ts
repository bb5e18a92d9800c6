/**
 * The key in a file: one that only this user can read, or a secret that the platform mounts.
 *
 * @module guillemet/keys/file
 */

import fs, { type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { fromUtf8 } from '../bytes.ts'
import { localKeyFrom } from '../crypto/local-key.ts'
import { codeOf, GuillemetError, printableCodeOf } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'

/** A key has 53 bytes; what is much longer is another file. */
const MAX_KEY_FILE_BYTES = 1_024
const OTHERS_MAY_READ = 0o044
const OTHERS_MAY_WRITE = 0o022
const ROOT = 0

/** Options of {@link fileKey}. */
export interface FileKeyOptions {
  /**
   * The file is a secret that Docker, Kubernetes or systemd mounts: it may be a symbolic link and be readable by others,
   * who are kept out by the container or the unit. Nobody but its owner may be able to write it all the same.
   *
   * @default false
   */
  readonly allowMounted?: boolean | undefined
}

/**
 * The provider for a key that `generateKey` made and that is kept in a file, alone on one line.
 *
 * The file is read once, when this is called: a process that cannot have its key should not start. It must be a regular
 * file of at most 1,024 bytes that belongs to the user of the process or to root, that nobody else can read (mode 0600 or
 * 0400), and not be a symbolic link. Windows has no such modes; there the folder has to keep others out. One line end at
 * the end of the file is no part of the key. The provider's id is that of the same key given as a text, so that a key can
 * move between an environment variable and a file. No key is ever made here.
 *
 * @param path of the file, absolute or from the working directory
 * @throws ERR_INVALID_INPUT when the path is not a text or an option is unknown; ERR_INVALID_KEY when there is no such
 *   file, it is not as private as said above, or what it holds is not one whole key; ERR_STORAGE_UNAVAILABLE when the
 *   system cannot read it. Messages name the path and nothing of what the file holds
 * @example
 * ```ts
 * const vault = createVault({ storage, keys: fileKey('/etc/acme/vault.key') })
 * ```
 */
export function fileKey(path: string, options?: FileKeyOptions): KeyProvider {
  const { allowMounted } = readOptions(options, 'options of fileKey', ['allowMounted'], suggest)
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'fileKey needs the path of a file, a non-empty text.')
  }
  const isMounted = requireBoolean(allowMounted, 'allowMounted')
  // as JSON, so that no control character of a name reaches a terminal
  const where = `the file ${JSON.stringify(resolve(path))}`
  const text = fileText(resolve(path), where, isMounted)
  return localKeyFrom(`The key in ${where}`, text.replace(/\r?\n$/, ''))
}

function fileText(path: string, where: string, isMounted: boolean): string {
  const bytes = readPrivate(path, where, isMounted)
  const text = fromUtf8(bytes)
  bytes.fill(0)
  // what is not UTF-8 is most likely UTF-16: with its zeros it is told so, and is never a key
  return text ?? '\0'
}

/** The bytes of the file, read through the handle that was looked at. */
function readPrivate(path: string, where: string, isMounted: boolean): Uint8Array {
  let handle: number | undefined
  try {
    if (!isMounted && fs.lstatSync(path).isSymbolicLink()) throw notPrivate(where, 'is a symbolic link')
    handle = fs.openSync(path, openFlags(isMounted))
    requirePrivate(fs.fstatSync(handle), where, isMounted)
    const bytes = new Uint8Array(MAX_KEY_FILE_BYTES + 1)
    const length = readAll(handle, bytes)
    if (length > MAX_KEY_FILE_BYTES)
      throw invalid(`The key is not in ${where}, which is longer than any key`, 'give its own')
    return bytes.subarray(0, length)
  } catch (error) {
    throw unreadable(error, where)
  } finally {
    if (handle !== undefined) fs.closeSync(handle)
  }
}

/** Not through a link that was put there since, and without waiting at a pipe. Windows knows neither. */
function openFlags(isMounted: boolean): number {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  return O_RDONLY | O_NONBLOCK | (isMounted ? 0 : O_NOFOLLOW)
}

function readAll(handle: number, bytes: Uint8Array): number {
  let length = 0
  for (;;) {
    const count = fs.readSync(handle, bytes, length, bytes.length - length, null)
    if (count === 0) return length
    length += count
  }
}

function requirePrivate(status: Stats, where: string, isMounted: boolean): void {
  if (!status.isFile()) throw notPrivate(where, 'is not a regular file')
  const user = process.getuid?.()
  if (user === undefined) return // Windows: modes say nothing there
  if (status.uid !== user && status.uid !== ROOT) throw notPrivate(where, 'belongs to another user')
  if ((status.mode & OTHERS_MAY_WRITE) !== 0) throw notPrivate(where, 'can be written by others')
  if (!isMounted && (status.mode & OTHERS_MAY_READ) !== 0) throw notPrivate(where, 'can be read by others')
}

function notPrivate(where: string, fault: string): GuillemetError {
  const advice = 'give a regular file of this user with mode 0600'
  return invalid(
    `The key is not read from ${where}, which ${fault}`,
    fault.startsWith('can be read') || fault.endsWith('link')
      ? `${advice}, or say allowMounted where Docker, Kubernetes or systemd has put it there`
      : advice,
  )
}

function unreadable(error: unknown, where: string): GuillemetError {
  if (error instanceof GuillemetError) return error
  const code = codeOf(error) ?? ''
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return invalid(
      `The key is missing: ${where} is not there`,
      'put the key there that made the vault. A new key does not open what another one sealed',
    )
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return invalid(`The key is not readable (${code}) in ${where}`, 'give the file to the user of this process')
  }
  if (code === 'ELOOP') return notPrivate(where, 'is a symbolic link')
  const shown = printableCodeOf(error)
  const said = shown === undefined ? '' : ` (${shown})`
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    `The system could not read ${where}${said}; look at the disk and try again.`,
  )
}

function invalid(happened: string, advice: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', `${happened}; ${advice}.`)
}
