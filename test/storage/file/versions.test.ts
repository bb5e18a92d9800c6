/** What a read and a put of the file storage ask of the disk: no more than they need, and nothing stays open. */

import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { emptySuperseded } from '../../../src/storage/file/versions.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept } from '../intercept.ts'
import { putUpTo, readOne, recordOf, scratch } from '../scratch.ts'

const place = scratch()
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

/** The calls that are made from now on. */
async function watch(): Promise<Call[]> {
  const calls: Call[] = []
  undo.push(await intercept((call) => void calls.push(call)))
  return calls
}

const count = (calls: readonly Call[], name: Call['name']) => calls.filter((call) => call.name === name).length
const versionsOf = (root: string, tag: string) => join(root, '_default', '_default', `_${tag}`)

it('a version that is known spares reading the directory, until there is a newer one', async () => {
  const root = place()
  const [storage, other] = [fileStorage(root), fileStorage(root)]
  await putUpTo(storage, 'a', 3)
  const calls = await watch()
  expect((await readOne(storage, 'a'))?.version).toBe(3)
  expect(count(calls, 'readdir')).toBe(0)
  calls.length = 0
  await other.put(recordOf('a', 4))
  calls.length = 0
  expect((await readOne(storage, 'a'))?.version).toBe(4)
  expect(count(calls, 'readdir')).toBe(1)
})

it('a known version that was damaged is looked for once more, then said to be corrupt', async () => {
  const root = place()
  const storage = fileStorage(root)
  await putUpTo(storage, 'a', 2)
  writeFileSync(join(versionsOf(root, 'a'), '2'), 'rubbish')
  const calls = await watch()
  await expect(readOne(storage, 'a')).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  expect(count(calls, 'readdir')).toBe(1)
})

it('every file that a read or a put opens is closed', async () => {
  const storage = fileStorage(place())
  const calls = await watch()
  await putUpTo(storage, 'a', 4)
  await readOne(storage, 'a')
  expect(count(calls, 'open')).toBeGreaterThan(8)
  expect(count(calls, 'close')).toBe(count(calls, 'open'))
})

it('a put empties what it has superseded, looks one version further, and touches no other', async () => {
  const root = place()
  const storage = fileStorage(root)
  await putUpTo(storage, 'a', 5)
  const calls = await watch()
  await storage.put(recordOf('a', 6))
  const ofVersions = calls.filter(({ path }) => path.startsWith(versionsOf(root, 'a')))
  const opened = ofVersions.filter(({ name, path }) => name === 'open' && /^\d+$/.test(basename(path)))
  expect(opened.map(({ path }) => basename(path))).toEqual(['5'])
  const asked = ofVersions.filter(({ name, path }) => name === 'lstat' && /^\d+$/.test(basename(path)))
  expect(new Set(asked.map(({ path }) => basename(path)))).toEqual(new Set(['5', '6', '4']))
})

it('what killed writers left full is emptied from the oldest on, the first version too, and the newest never', async () => {
  const root = place()
  await putUpTo(fileStorage(root), 'a', 1)
  const directory = versionsOf(root, 'a')
  for (const version of ['1', '2', '3', '4']) writeFileSync(join(directory, version), 'full')
  const calls = await watch()
  await emptySuperseded(directory, 4)
  const sizes = readdirSync(directory)
    .sort()
    .map((name) => statSync(join(directory, name)).size)
  expect(sizes).toEqual([0, 0, 0, 4])
  const opened = calls.filter(({ name }) => name === 'open').map(({ path }) => basename(path))
  expect(opened).toEqual(['1', '2', '3'])
  expect(calls.some(({ path }) => basename(path) === '0')).toBe(false)
})

it('a directory in the place of a version is not emptied, and does not keep what follows it from being', async () => {
  const root = place()
  await putUpTo(fileStorage(root), 'a', 1)
  const directory = versionsOf(root, 'a')
  rmSync(join(directory, '1'))
  mkdirSync(join(directory, '1'))
  for (const version of ['2', '3']) writeFileSync(join(directory, version), 'full')
  await emptySuperseded(directory, 3)
  expect(['2', '3'].map((version) => statSync(join(directory, version)).size)).toEqual([0, 4])
})
