/** Steps in before each call that the file storage makes, so that faults happen exactly where a test wants them. */

import fs, { type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const FUNCTIONS = ['lstat', 'readdir', 'mkdir', 'open', 'link', 'rename', 'unlink'] as const
const METHODS = ['writeFile', 'read', 'stat', 'truncate', 'chmod', 'sync'] as const
/** Each open file has its own, where the other methods are on the prototype. */
const CLOSE = 'close'

/** One call: its name, the path it is for (of an open file: the path it was opened by), and its further arguments. */
export interface Call {
  readonly name: (typeof FUNCTIONS)[number] | (typeof METHODS)[number] | typeof CLOSE
  readonly path: string
  readonly more: readonly unknown[]
}

type Method = (...of: unknown[]) => Promise<unknown>

/**
 * Calls `before` ahead of every file system call of this process, until the result is called. What it throws the call
 * throws; while it is pending the call does not happen. Files that are still open at the end are closed, as those of
 * a process that died are.
 */
export async function intercept(before: (call: Call) => unknown): Promise<() => void> {
  const anyHandle = await fs.open(tmpdir(), fs.constants.O_RDONLY)
  const methods = Object.getPrototypeOf(anyHandle) as FileHandle
  await anyHandle.close()
  const paths = new Map<unknown, string>()
  let isOver = false
  const undo = [...FUNCTIONS.map((name) => replace(fs, name)), ...METHODS.map((name) => replace(methods, name))]

  function replace(owner: object, name: Call['name']): () => void {
    const originals = owner as Record<string, Method>
    const original = originals[name]!
    originals[name] = async function (this: unknown, ...of: unknown[]) {
      const opened = paths.get(this)
      if (!isOver) await before({ name, path: opened ?? String(of[0]), more: opened === undefined ? of.slice(1) : of })
      const result = await original.apply(this, of)
      if (name === 'open') {
        paths.set(result, String(of[0]))
        replace(result as FileHandle, CLOSE)
      }
      if (name === CLOSE) paths.delete(this)
      return result
    }
    return () => {
      originals[name] = original
    }
  }
  return () => {
    for (const one of undo) one()
    isOver = true
    for (const handle of paths.keys()) (handle as FileHandle).close().catch(() => undefined)
  }
}

/** An error as the file system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it, '/a/path'`), { code })
}

/** Whether the call brings a directory to the disk; everything else that is synced is a draft. */
export function isDirectorySync({ name, path }: Call): boolean {
  return name === 'sync' && !isDraft(path)
}

export function isDraft(path: string): boolean {
  return /[/\\]\.drafts[/\\][0-9a-f-]{36}$/.test(path)
}
