/** The root is closed to other users, or refused; and what a put takes and a workspace is. */

import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fileStorage } from '../../../src/storage/file.ts'
import { intercept, systemError } from '../intercept.ts'
import { inTag, putUpTo, readOne, recordOf, scratch } from '../scratch.ts'

const place = scratch()
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
const refused = {
  code: 'ERR_STORAGE_UNAVAILABLE',
  message: expect.stringMatching(/open to other users.*chmod 700/),
}

describe.skipIf(process.platform === 'win32')('a directory that is open to others', () => {
  async function openRoot(mode: number): Promise<string> {
    const root = place()
    await fileStorage(root).put(recordOf('a'))
    chmodSync(root, mode)
    return root
  }

  async function expectRefused(root: string): Promise<void> {
    await expect(readOne(fileStorage(root), 'a')).rejects.toMatchObject(refused)
    await expect(fileStorage(root).list('default', { limit: 1 })).rejects.toMatchObject(refused)
    await expect(fileStorage(root).put(recordOf('a', 2))).rejects.toMatchObject(refused)
    await expect(fileStorage(root).put(recordOf('b'))).rejects.toMatchObject(refused)
  }

  test.each([0o755, 0o750, 0o770, 0o777, 0o707])('is closed to them where it is ours: %o', async (mode) => {
    const root = await openRoot(mode)
    expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a'))
    expect(modeOf(root)).toBe('700')
  })

  test('is closed before anything is written to it', async () => {
    const root = place()
    mkdirSync(root)
    chmodSync(root, 0o2777)
    await fileStorage(root).put(recordOf('a'))
    expect(modeOf(root)).toBe('2700')
  })

  test('is refused where it is that of another user', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root may give a directory away')
    const root = await openRoot(0o755)
    chownSync(root, 65534, 65534)
    await expectRefused(root)
    expect(modeOf(root)).toBe('755')
    chmodSync(root, 0o700)
    expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a'))
  })

  test.each(['EPERM', 'EROFS'])('is refused where it cannot be closed: %s', async (code) => {
    const root = await openRoot(0o755)
    undo.push(
      await intercept(({ name }) => {
        if (name === 'chmod') throw systemError(code)
      }),
    )
    await expectRefused(root)
  })

  test('is refused where the file system keeps its own modes', async () => {
    const root = await openRoot(0o755)
    undo.push(
      await intercept(({ name }) => {
        // as if the mode had been taken and changed nothing
        if (name === 'stat') chmodSync(root, 0o755)
      }),
    )
    await expectRefused(root)
  })
})

test.each([
  [{ version: 0 }, /version/],
  [{ version: 1.5 }, /version/],
  [{ version: '1' as unknown as number }, /version/],
  [{ body: 7 as unknown as string }, /text without NUL/],
  [{ body: 'a\0b' }, /text without NUL/],
  [{ body: 'lone \ud800' }, /surrogate/],
  [{ body: 'x'.repeat(16 * 1024 * 1024 + 1) }, /16777216 bytes/],
])('a record that could not come back is refused', async (change, message) => {
  const root = place()
  const failure = { code: 'ERR_INVALID_INPUT', message: expect.stringMatching(message) }
  await expect(fileStorage(root).put({ ...recordOf('a'), ...change })).rejects.toMatchObject(failure)
})

test('the workspaces are those that hold a record, page by page, bytewise', async () => {
  const root = place()
  const storage = fileStorage(root)
  expect(await storage.workspaces!({ limit: 10 })).toEqual([])
  for (const workspace of ['b', 'B', 'a-1', 'c']) await storage.put({ ...recordOf('t'), workspace })
  mkdirSync(join(root, '_dead', '_default', '_t'), { recursive: true })
  writeFileSync(join(root, '_file'), 'foreign')
  expect(await storage.workspaces!({ limit: 10 })).toEqual(['B', 'a-1', 'b', 'c'])
  expect(await storage.workspaces!({ limit: 2 })).toEqual(['B', 'a-1'])
  expect(await storage.workspaces!({ after: 'a-1', limit: 1 })).toEqual(['b'])
  expect(await storage.workspaces!({ after: 'c', limit: 1 })).toEqual([])
})

test('a process without open files to spare says so, loses nothing and goes on', async () => {
  const root = place()
  const storage = fileStorage(root)
  await putUpTo(storage, 'a', 2)
  const restore = await intercept(({ name }) => {
    if (name === 'open') throw systemError('EMFILE')
  })
  const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/EMFILE.*ulimit -n/) }
  await expect(storage.put(recordOf('a', 3))).rejects.toMatchObject(failure)
  await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
  restore()
  expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
  await storage.put(recordOf('a', 3))
  expect(statSync(inTag(root, 'a', '2')).size).toBe(0)
})
