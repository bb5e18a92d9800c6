/** A path that is not what it should be: a file, a link, a directory of somebody else. */

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createVault, generateKey } from '../../../src/index.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { inTag, readOne, recordOf, scratch } from '../scratch.ts'

const place = scratch()

describe('a path that is not what it should be', () => {
  const unusable = (found: string) => ({
    code: 'ERR_INVALID_INPUT', // no outage, which others would try again
    message: expect.stringContaining(`is ${found}; give the real directory`),
  })

  async function expectRefused(root: string, failure: object): Promise<void> {
    const storage = fileStorage(root)
    await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
    await expect(storage.list('default', { limit: 1 })).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject(failure)
  }

  test('is refused where the directory is a file', async () => {
    const root = place()
    writeFileSync(root, 'a file')
    await expectRefused(root, unusable('a file'))
    expect(readFileSync(root, 'utf8')).toBe('a file')
  })

  test('is refused where the directory above it is a file', async () => {
    const root = place()
    writeFileSync(root, 'a file')
    await expectRefused(join(root, 'secrets'), {
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/ENOTDIR.*give another path/),
    })
  })

  test.each(['', '/'])(
    'is refused where the directory is a symbolic link, written with "%s" at the end',
    async (slash) => {
      const root = place()
      const real = place()
      mkdirSync(real)
      symlinkSync(real, root)
      await expectRefused(root + slash, unusable('a symbolic link'))
      const vault = createVault({ storage: fileStorage(root + slash), keys: generateKey() })
      await expect(vault.resolve('<< secrets.a >>')).rejects.toMatchObject(unusable('a symbolic link'))
      await expect(vault.create({ tag: 'a', value: 'one' })).rejects.toMatchObject(unusable('a symbolic link'))
      expect(readdirSync(real)).toEqual([])
    },
  )

  test('may have symbolic links above it', async () => {
    const above = place()
    const real = place()
    mkdirSync(real)
    symlinkSync(real, above)
    await fileStorage(join(above, 'secrets')).put(recordOf('a'))
    expect(existsSync(inTag(join(real, 'secrets'), 'a', '1'))).toBe(true)
  })

  /** A root in which the directory below these names is a symbolic link to a full one. */
  async function linkedBelow(...names: string[]): Promise<string> {
    const root = place()
    const full = place()
    await fileStorage(full).put(recordOf('a'))
    mkdirSync(join(root, ...names), { recursive: true })
    const below = ['_default', '_default', '_a'][names.length]!
    symlinkSync(join(full, ...names, below), join(root, ...names, below))
    return root
  }

  test.each([[[]], [['_default']]])('is refused where a symbolic link stands below %j', async (names) => {
    const root = await linkedBelow(...names)
    const failure = unusable('a symbolic link')
    await expect(readOne(fileStorage(root), 'a')).rejects.toMatchObject(failure)
    await expect(fileStorage(root).list('default', { limit: 1 })).rejects.toMatchObject(failure)
    await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject(failure)
    await expect(fileStorage(root).put(recordOf('a', 2))).rejects.toMatchObject(failure)
  })

  test('that is a symbolic link in the place of one tag is told of that tag alone, and nothing is written there', async () => {
    const root = await linkedBelow('_default', '_default')
    const storage = fileStorage(root)
    await storage.put(recordOf('b'))
    const unreadable = { ...recordOf('a'), body: expect.stringMatching(/^guillemet: the file of this record/) }
    expect(await readOne(storage, 'a')).toEqual(unreadable)
    expect(await storage.list('default', { limit: 10 })).toEqual([unreadable, recordOf('b')])
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(unusable('a symbolic link'))
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject(unusable('a symbolic link'))
  })

  test.skipIf(process.platform === 'win32')(
    'that is a foreign thing with a name of ours never ends a listing',
    async () => {
      const root = place()
      const storage = fileStorage(root)
      await storage.put(recordOf('b'))
      const environment = join(root, '_default', '_default')
      writeFileSync(join(environment, '_a'), 'a file')
      execFileSync('mkfifo', [join(environment, '_c')])
      symlinkSync('/nowhere', join(environment, '_d'))
      writeFileSync(join(root, '_default', '_dev'), 'in the place of an environment')
      writeFileSync(join(root, '_other'), 'in the place of a workspace')
      const listed = await storage.list('default', { limit: 10 })
      expect(listed.map(({ tag }) => tag)).toEqual(['a', 'b', 'c', 'd'])
      expect(listed[1]).toEqual(recordOf('b'))
      expect(await readOne(storage, 'b')).toEqual(recordOf('b'))
      for (const tag of ['a', 'c', 'd']) expect((await readOne(storage, tag))?.body).toMatch(/^guillemet: /)
    },
  )

  test('is refused where drafts would be led elsewhere', async () => {
    const root = place()
    const elsewhere = place()
    mkdirSync(elsewhere)
    mkdirSync(root)
    symlinkSync(elsewhere, join(root, '.drafts'))
    await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject(unusable('a symbolic link'))
    expect(readdirSync(elsewhere)).toEqual([])
  })

  const isRoot = process.getuid?.() === 0
  const closed: string[] = []
  afterEach(() => {
    for (const path of closed.splice(0)) chmodSync(path, 0o700)
  })
  test('says so where this user has no permission', async ({ skip }) => {
    skip(isRoot, 'root may read everything')
    skip(process.platform === 'win32', 'Windows has no modes')
    const root = place()
    const storage = fileStorage(root)
    await storage.put(recordOf('a'))
    chmodSync(root, 0)
    closed.push(root)
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/EACCES.*permission/) }
    await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('b'))).rejects.toMatchObject(failure)
  })

  test('is named in an error, so that a wrong working directory shows, with its control characters escaped', async () => {
    const root = join(place(), 'tenant\u001b-7', 'secrets')
    const message = expect.stringContaining(`the directory ${JSON.stringify(root)} failed with ENOENT`)
    await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject({ message })
  })
})
