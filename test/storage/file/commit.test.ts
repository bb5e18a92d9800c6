/** What a put says where `link` failed: whether it has linked is looked at, never guessed. */

import { linkSync } from 'node:fs'
import fs from 'node:fs/promises'
import { basename } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fileSystemOf } from '../../../src/storage/file/file-system.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept, isDraft, systemError } from '../intercept.ts'
import { draftsIn, fillVersion, putUpTo, readOne, recordOf, scratch } from '../scratch.ts'

const place = scratch()
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

async function interceptHere(before: (call: Call) => unknown): Promise<() => void> {
  const restore = await intercept(before)
  undo.push(restore)
  return restore
}

/** Fails the calls that are chosen. */
function failing(code: string, isChosen: (call: Call) => boolean): Promise<() => void> {
  return interceptHere((call) => {
    if (isChosen(call)) throw systemError(code)
  })
}

const unavailable = (message: RegExp) => ({
  code: 'ERR_STORAGE_UNAVAILABLE',
  message: expect.stringMatching(message),
})

describe('a put whose link failed', () => {
  test.each([
    ['EEXIST', { code: 'ERR_CONFLICT', tag: 'a' }],
    ['EPERM', unavailable(/EPERM: its file system \(.+\) has no hard links.*local disk, or use a database/)],
    ['ENOTSUP', unavailable(/ENOTSUP: its file system \(.+\) has no hard links/)],
    ['ENOSYS', unavailable(/ENOSYS: its file system \(.+\) has no hard links/)],
    ['EXDEV', unavailable(/EXDEV.*different file systems/)],
    ['EROFS', unavailable(/EROFS.*read-only/)],
    ['ENOENT', unavailable(/ENOENT/)],
    ['EIO', unavailable(/EIO.*check the disk/)],
    ['not a code', unavailable(/an unknown error/)],
  ])('says that nothing was written where link failed and did nothing: %s', async (code, failure) => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 2)
    await failing(code, ({ name }) => name === 'link')
    await expect(fileStorage(root).put(recordOf('a', 3))).rejects.toMatchObject(failure)
    expect(draftsIn(root)).toEqual([])
  })

  test.each(['EIO', 'EEXIST', 'EPERM', 'ENOENT', 'not a code'])(
    'is done where link answered an error and has linked: %s',
    async (code) => {
      const root = place()
      const storage = fileStorage(root)
      await putUpTo(storage, 'a', 2)
      const restore = await interceptHere(({ name, path, more }) => {
        if (name !== 'link' || !isDraft(path)) return
        linkSync(path, String(more[0]))
        throw systemError(code)
      })
      await storage.put(recordOf('a', 3))
      restore()
      expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a', 3))
      expect(draftsIn(root)).toEqual([])
    },
  )

  test('conflicts where link answered another error and the name is that of another writer', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 2)
    await interceptHere(({ name, path, more }) => {
      if (name !== 'link' || !isDraft(path)) return
      fillVersion(root, 'a', Number(basename(String(more[0]))))
      throw systemError('EIO')
    })
    await expect(fileStorage(root).put(recordOf('a', 3))).rejects.toMatchObject({ code: 'ERR_CONFLICT', tag: 'a' })
  })

  test('does not know the outcome where link failed and what it did cannot be found out', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 2)
    let isLinking = false
    await failing('EIO', ({ name }) => {
      isLinking ||= name === 'link'
      return isLinking && (name === 'link' || name === 'lstat')
    })
    await expect(fileStorage(root).put(recordOf('a', 3))).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })
})

test('the file system is named where it is known, and is no failure of its own where it is not', async () => {
  const statfs = vi.spyOn(fs, 'statfs')
  statfs.mockResolvedValueOnce({ type: 0x2011bab0 } as never).mockResolvedValueOnce({ type: 0x1234 } as never)
  statfs.mockRejectedValueOnce(systemError('ENOSYS'))
  const names = [await fileSystemOf('/'), await fileSystemOf('/'), await fileSystemOf('/')]
  expect(names).toEqual(['exFAT', 'type 0x1234', 'of an unknown type'])
})
