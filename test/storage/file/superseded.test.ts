/** What a put leaves of the versions before it: empty names, few of them, and nothing of anybody else. */

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createKnownVersions } from '../../../src/storage/file/known-versions.ts'
import { putRecord, type RecordDirectory } from '../../../src/storage/file/records.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept } from '../intercept.ts'
import { draftsIn, fillVersion, inTag, putUpTo, readOne, recordOf, scratch } from '../scratch.ts'

const place = scratch()
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

async function watch(): Promise<Call[]> {
  const calls: Call[] = []
  undo.push(await intercept((call) => void calls.push(call)))
  return calls
}

/** A storage that keeps so few versions that some are swept soon. */
const keeping = (root: string, kept: number): RecordDirectory => ({
  root,
  kept,
  known: createKnownVersions(10),
  areDraftsReady: false,
})
const sorted = (names: readonly string[]) =>
  [...names].sort((a, b) => Number(a.replace('floor-', '0.')) - Number(b.replace('floor-', '0.')))
const sizesOf = (root: string, names: readonly number[]) =>
  names.map((version) => statSync(inTag(root, 'a', String(version))).size)

describe('emptying', () => {
  it('replaces the version before, looks one version further, and touches no other', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 5)
    const calls = await watch()
    await storage.put(recordOf('a', 6))
    const replaced = calls.filter(({ name, more }) => name === 'rename' && /_a\/\d+$/.test(String(more[0])))
    expect(replaced.map(({ more }) => basename(String(more[0])))).toEqual(['5'])
    const asked = calls.filter(({ name, path }) => name === 'lstat' && /_a\/\d+$/.test(path))
    expect(asked.map(({ path }) => basename(path))).toEqual(['5', '4'])
  })

  it('goes from the oldest on where killed writers left full ones, and the newest stays', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 4)
    for (const version of [1, 2, 3, 4]) fillVersion(root, 'a', version)
    const calls = await watch()
    await storage.put(recordOf('a', 5))
    expect(sizesOf(root, [1, 2, 3, 4])).toEqual([0, 0, 0, 0])
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 5))
    const replaced = calls.filter(({ name, more }) => name === 'rename' && String(more[0]).startsWith(inTag(root, 'a')))
    expect(replaced.map(({ more }) => basename(String(more[0])))).toEqual(['1', '2', '3', '4'])
  })

  it('takes nothing from a file that has the version as another name', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 1)
    const backup = `${root}-backup`
    linkSync(inTag(root, 'a', '1'), backup)
    const before = readFileSync(backup)
    await storage.put(recordOf('a', 2))
    expect(readFileSync(backup)).toEqual(before)
    expect(statSync(inTag(root, 'a', '1')).size).toBe(0)

    const foreign = `${root}-foreign`
    writeFileSync(foreign, 'the only copy of something')
    unlinkSync(inTag(root, 'a', '2'))
    linkSync(foreign, inTag(root, 'a', '2'))
    await storage.put(recordOf('a', 3))
    expect(readFileSync(foreign, 'utf8')).toBe('the only copy of something')
  })

  it.skipIf(process.platform === 'win32').each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
    ['a symbolic link', (path: string) => symlinkSync('/nowhere', path)],
    ['a foreign file', (path: string) => writeFileSync(path, 'the only copy of something')],
    ['the file of another version', (path: string) => copyFileSync(join(path, '..', '3'), path)],
  ])('leaves %s in the place of a version as it is, and empties the others', async (_, plant) => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 3)
    const planted = inTag(root, 'a', '2')
    rmSync(planted)
    plant(planted)
    const before = execFileSync('ls', ['-li', '--full-time', '-d', planted], { encoding: 'utf8' })
    for (const version of [4, 5, 6]) await putRecord(keeping(root, 1), recordOf('a', version))
    expect(execFileSync('ls', ['-li', '--full-time', '-d', planted], { encoding: 'utf8' })).toBe(before)
    expect(sorted(readdirSync(inTag(root, 'a')))).toEqual(['floor-5', '2', '6'])
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 6))
  })

  it('takes another empty file where somebody wrote to this one under one of its names', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 3)
    writeFileSync(inTag(root, 'a', '1'), 'written by an editor')
    await storage.put(recordOf('a', 4))
    expect(sizesOf(root, [3])).toEqual([0])
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 4))
  })

  it('takes another empty file where this one may have no further name', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 2)
    let failures = 0
    undo.push(
      await intercept(({ name, path }) => {
        if (name === 'link' && basename(path) === 'empty' && failures++ === 0) {
          throw Object.assign(new Error('EMLINK'), { code: 'EMLINK' })
        }
      }),
    )
    await storage.put(recordOf('a', 3))
    expect(sizesOf(root, [1, 2])).toEqual([0, 0])
    expect(statSync(inTag(root, 'a', '1')).ino).not.toBe(statSync(inTag(root, 'a', '2')).ino)
    expect(draftsIn(root)).toEqual([])
  })
})

describe('sweeping', () => {
  it('leaves a few names however often a tag is changed, and its first read costs what that of a new one does', async () => {
    const root = place()
    const storage = fileStorage(root)
    let most = 0
    for (let version = 1; version <= 66; version++) {
      await storage.put(recordOf('a', version))
      most = Math.max(most, readdirSync(inTag(root, 'a')).length)
    }
    expect(most).toBe(64)
    const names = readdirSync(inTag(root, 'a'))
    expect(sorted(names)).toEqual(['floor-33', ...Array.from({ length: 33 }, (_, at) => String(34 + at))])

    await storage.put(recordOf('new'))
    const calls = await watch()
    await readOne(fileStorage(root), 'new')
    const ofNew = calls.length
    calls.length = 0
    expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a', 66))
    expect(calls.length).toBe(ofNew)
  })

  it('has the floor on the disk before the first name goes', async () => {
    const root = place()
    await putRecord(keeping(root, 1), recordOf('a', 1))
    await putRecord(keeping(root, 1), recordOf('a', 2))
    const calls = await watch()
    await putRecord(keeping(root, 1), recordOf('a', 3))
    const steps = calls
      .filter(({ path, more }) => path.startsWith(inTag(root, 'a')) || String(more[0]).includes('floor'))
      .map(({ name, path, more }) =>
        name === 'link' ? `link ${basename(String(more[0]))}` : `${name} ${basename(path)}`,
      )
    const floor = steps.indexOf('link floor-2')
    expect(steps.slice(floor).filter((step) => !step.startsWith('lstat'))).toEqual([
      'link floor-2',
      'open _a',
      'sync _a',
      'close _a',
      'unlink 1',
      'unlink 2',
    ])
    expect(readdirSync(inTag(root, 'a')).sort()).toEqual(['3', 'floor-2'])
  })

  it('goes on where a sweeper was killed after its floor', async () => {
    const root = place()
    for (const version of [1, 2]) await putRecord(keeping(root, 1), recordOf('a', version))
    await new Promise<void>((isAtUnlink) => {
      const stop = intercept(({ name, path }) => {
        if (name !== 'unlink' || !path.startsWith(inTag(root, 'a'))) return undefined
        isAtUnlink()
        return new Promise(() => {}) // never goes on
      })
      void stop.then((one) => {
        undo.push(one)
        return putRecord(keeping(root, 1), recordOf('a', 3))
      })
    })
    for (const one of undo.splice(0)) one()
    expect(readdirSync(inTag(root, 'a')).sort()).toEqual(['1', '2', '3', 'floor-2'])
    await putRecord(keeping(root, 1), recordOf('a', 4))
    expect(readdirSync(inTag(root, 'a')).sort()).toEqual(['4', 'floor-3'])
  })

  it('never counts from the beginning again where the newest versions were lost', async () => {
    const root = place()
    for (const version of [1, 2, 3]) await putRecord(keeping(root, 1), recordOf('a', version))
    unlinkSync(inTag(root, 'a', '3'))
    const storage = fileStorage(root)
    expect(await readOne(storage, 'a')).toMatchObject({ version: 2, body: expect.stringMatching(/^guillemet: /) })
    await expect(storage.put(recordOf('a', 1))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    await storage.put(recordOf('a', 3))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })
})
