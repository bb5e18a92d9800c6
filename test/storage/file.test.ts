/** What the file storage does with a directory: its own files, foreign ones, damaged ones. */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { draftsIn, fillVersion, inTag, keyOf, putUpTo, readOne, recordOf, scratch } from './scratch.ts'

const place = scratch()

describe('fileStorage(directory)', () => {
  test.each([undefined, null, 7, '', 'a\0b', {}, new URL('file:///tmp')])(
    'refuses %s, which is no path',
    (directory) => {
      expect(() => fileStorage(directory as string)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
    },
  )

  test('touches nothing before the first put, and makes the directory then', async () => {
    const root = place()
    const storage = fileStorage(root)
    expect(await readOne(storage, 'a')).toBeUndefined()
    expect(await storage.list('default', { limit: 10 })).toEqual([])
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(existsSync(root)).toBe(false)
    await storage.put(recordOf('a'))
    expect(readdirSync(root).sort()).toEqual(['.drafts', '_default'])
  })

  test('does not make the directory above it, where a typing error would hide', async () => {
    const root = join(place(), 'typo', 'secrets')
    await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/ENOENT.*create the directory above it/),
    })
  })

  test('means the same directory after the process has changed its own', async () => {
    const root = place()
    const before = process.cwd()
    const storage = fileStorage(relative(before, root))
    try {
      process.chdir(dirname(root))
      await storage.put(recordOf('a'))
    } finally {
      process.chdir(before)
    }
    expect(existsSync(inTag(root, 'a', '1'))).toBe(true)
  })

  test('keeps everything from other users, whatever the umask', async () => {
    const root = place()
    const umask = process.umask(0)
    try {
      await putUpTo(fileStorage(root), 'a', 2)
    } finally {
      process.umask(umask)
    }
    const modes = [root, join(root, '.drafts'), join(root, '_default'), inTag(root, 'a'), inTag(root, 'a', '2')].map(
      (path) => (statSync(path).mode & 0o777).toString(8),
    )
    expect(modes).toEqual(['700', '700', '700', '700', '600'])
  })

  test('refuses names that are not names, so none leads out of the directory', async () => {
    const storage = fileStorage(place())
    const denied = { code: 'ERR_INVALID_INPUT' }
    await expect(storage.get('..', [keyOf('a')])).rejects.toMatchObject(denied)
    await expect(storage.get('default', [keyOf('../../x')])).rejects.toMatchObject(denied)
    await expect(storage.put({ ...recordOf('a'), environment: 'a/b' })).rejects.toMatchObject(denied)
    await expect(storage.list('a\0', { limit: 1 })).rejects.toMatchObject(denied)
    await expect(storage.put(recordOf('a', 0))).rejects.toMatchObject(denied)
  })

  test('is not led by a polluted Object.prototype, neither in what it is asked nor in what it asks of the system', async () => {
    const pollution = {
      ...{ environment: 'other', after: keyOf('z'), get: 'x', value: 'x' },
      ...{ encoding: 'hex', withFileTypes: true, recursive: true, signal: AbortSignal.abort() },
    }
    const storage = fileStorage(place())
    const seen: unknown[] = []
    Object.assign(Object.prototype, pollution)
    try {
      await putUpTo(storage, 'a', 2)
      await storage.put(recordOf('b'))
      seen.push(await storage.put(recordOf('a', 2)).then(() => 'written', codeOf))
      seen.push(await storage.list('default', { limit: 10 }), await readOne(storage, 'a'))
    } finally {
      for (const key of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, key)
    }
    expect(seen).toEqual(['ERR_CONFLICT', [recordOf('a', 2), recordOf('b')], recordOf('a', 2)])
  })
})

describe('versions', () => {
  test('are files whose names stay; the superseded ones are empty', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 5)
    expect(readdirSync(inTag(root, 'a')).sort()).toEqual(['1', '2', '3', '4', '5'])
    expect(['1', '2', '3', '4'].map((name) => statSync(inTag(root, 'a', name)).size)).toEqual([0, 0, 0, 0])
    expect(readFileSync(inTag(root, 'a', '5'), 'utf8')).toMatch(
      /^guillemet record 1\ndefault\ndefault\na\n5\n[0-9a-f]{32}\na@5$/,
    )
    expect(draftsIn(root)).toEqual([])
  })

  test('that a killed writer did not empty are emptied by the next', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 5)
    for (const version of [3, 4]) fillVersion(root, 'a', version)
    await storage.put(recordOf('a', 6))
    expect(['3', '4', '5'].map((name) => statSync(inTag(root, 'a', name)).size)).toEqual([0, 0, 0])
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 6))
  })

  test('written by another process are seen, however many', async () => {
    const root = place()
    const [one, other] = [fileStorage(root), fileStorage(root)]
    await one.put(recordOf('a'))
    expect(await readOne(other, 'a')).toEqual(recordOf('a'))
    for (let version = 2; version <= 20; version++) await one.put(recordOf('a', version))
    expect(await readOne(other, 'a')).toEqual(recordOf('a', 20))
  })

  test('still count after somebody has removed the empty files', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 12)
    for (const name of readdirSync(inTag(root, 'a'))) if (name !== '12') unlinkSync(inTag(root, 'a', name))
    const storage = fileStorage(root)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 12))
    for (const version of [1, 2, 12]) {
      await expect(storage.put(recordOf('a', version))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    }
    await storage.put(recordOf('a', 13))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 13))
  })

  test('are looked up anew where the directory was removed or replaced while the process ran', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 3)
    cpSync(root, `${root}-backup`, { recursive: true })
    await storage.put(recordOf('a', 4))
    rmSync(root, { recursive: true })
    expect(await readOne(storage, 'a')).toBeUndefined()
    await expect(storage.put(recordOf('a', 5))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    renameSync(`${root}-backup`, root)
    await expect(storage.put(recordOf('a', 5))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })
})

describe('a directory that holds other things', () => {
  test('shows none of them', async () => {
    const root = place()
    const storage = fileStorage(root)
    await storage.put(recordOf('a'))
    for (const directory of [root, join(root, '_default'), join(root, '_default', '_default'), inTag(root, 'a')]) {
      writeFileSync(join(directory, '.DS_Store'), 'foreign')
      writeFileSync(join(directory, 'README'), 'foreign')
      mkdirSync(join(directory, 'lost+found'))
      symlinkSync('/', join(directory, 'link'))
    }
    mkdirSync(join(root, '_default', '_default', '_Capital'))
    writeFileSync(inTag(root, 'a', '01'), 'foreign')
    writeFileSync(inTag(root, 'a', '2~'), 'foreign')
    expect(await storage.list('default', { limit: 10 })).toEqual([recordOf('a')])
    expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a'))
    await storage.put(recordOf('a', 2))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
  })

  test('skips the directory of a tag whose creator died before the first version', async () => {
    const root = place()
    const storage = fileStorage(root)
    for (const tag of ['b', 'd', 'f']) await storage.put(recordOf(tag))
    for (const tag of ['a', 'c', 'e']) mkdirSync(inTag(root, tag))
    expect(await readOne(storage, 'c')).toBeUndefined()
    expect(await storage.list('default', { limit: 2 })).toEqual([recordOf('b'), recordOf('d')])
    expect(await storage.list('default', { after: keyOf('d'), limit: 2 })).toEqual([recordOf('f')])
    await storage.put(recordOf('c'))
    expect(await readOne(storage, 'c')).toEqual(recordOf('c'))
  })

  test('loses the drafts of dead writers after an hour, and nothing else', async () => {
    const root = place()
    await fileStorage(root).put(recordOf('a'))
    const old = crypto.randomUUID()
    const linked = crypto.randomUUID()
    const young = crypto.randomUUID()
    const aged = crypto.randomUUID()
    const drafts = join(root, '.drafts')
    for (const name of [old, young, 'notes.txt']) writeFileSync(join(drafts, name), 'a draft')
    linkSync(inTag(root, 'a', '1'), join(drafts, linked))
    mkdirSync(join(drafts, aged))
    const hourAgo = Date.now() / 1000 - 3601
    for (const name of [old, linked, 'notes.txt', aged]) utimesSync(join(drafts, name), hourAgo, hourAgo)
    const storage = fileStorage(root)
    await storage.put(recordOf('b'))
    expect(draftsIn(root).sort()).toEqual([young, 'notes.txt', aged].sort())
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
  })
})

describe('a damaged version file', () => {
  const DAMAGED = /^guillemet: the file of this record does not hold what was written/
  const damages: readonly (readonly [what: string, damage: (path: string, root: string) => void])[] = [
    ['is cut short', (path) => truncateSync(path, 60)],
    ['is empty', (path) => truncateSync(path, 0)],
    ['ends in zeros', (path) => writeFileSync(path, readFileSync(path).fill(0, 50))],
    ['holds something else', (path) => writeFileSync(path, 'password=hunter2')],
    ['is that of another tag', (path, root) => copyFileSync(inTag(root, 'sound', '2'), path)],
    ['is that of another version', (path) => renameSync(path, join(dirname(path), '3'))],
    ['is a directory', (path) => [unlinkSync(path), mkdirSync(path)]],
    [
      'is a symbolic link, even to a sound file',
      (path) => [renameSync(path, `${path}~`), symlinkSync(`${path}~`, path)],
    ],
    ['is a symbolic link to nothing', (path) => [unlinkSync(path), symlinkSync('/nowhere', path)]],
    ['is larger than any record', (path) => truncateSync(path, 17 * 1024 * 1024)],
    ['is a pipe', (path) => [unlinkSync(path), execFileSync('mkfifo', [path])]],
  ]

  for (const [what, damage] of damages) {
    test.skipIf(process.platform === 'win32' && what.includes('pipe'))(
      `that ${what} is said to be so in its own place, and the next version can follow`,
      async () => {
        const root = place()
        const storage = fileStorage(root)
        await putUpTo(storage, 'sound', 2)
        await putUpTo(storage, 'damaged', 2)
        damage(inTag(root, 'damaged', '2'), root)
        const version = readdirSync(inTag(root, 'damaged')).includes('3') ? 3 : 2
        const unreadable = { ...keyOf('damaged'), workspace: 'default', version, body: expect.stringMatching(DAMAGED) }
        for (const reader of [storage, fileStorage(root)]) {
          expect(await readOne(reader, 'damaged')).toEqual(unreadable)
          expect(await reader.list('default', { limit: 10 })).toEqual([unreadable, recordOf('sound', 2)])
          expect(await readOne(reader, 'sound')).toEqual(recordOf('sound', 2))
        }
        await storage.put(recordOf('damaged', version + 1, 'restored'))
        expect(await readOne(storage, 'damaged')).toEqual(recordOf('damaged', version + 1, 'restored'))
      },
    )
  }

  test('is not looked at by a put, so a tombstone or a restored value can follow it', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 2)
    truncateSync(inTag(root, 'a', '2'), 10)
    await storage.put(recordOf('a', 3))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })
})

describe('a path that is not what it should be', () => {
  const unusable = (found: string) => ({
    code: 'ERR_STORAGE_UNAVAILABLE',
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
