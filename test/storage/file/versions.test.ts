/** What reads of the file storage ask of the disk: no more than they need, and nothing stays open. */

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept } from '../intercept.ts'
import { inTag, keyOf, putUpTo, readOne, recordOf, scratch } from '../scratch.ts'

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

it('a version that is known spares one of two listings, until there is a newer one', async () => {
  const root = place()
  const [storage, other] = [fileStorage(root), fileStorage(root)]
  await putUpTo(storage, 'a', 3)
  const calls = await watch()
  expect((await readOne(storage, 'a'))?.version).toBe(3)
  expect(count(calls, 'readdir')).toBe(1)
  await other.put(recordOf('a', 4))
  calls.length = 0
  expect((await readOne(storage, 'a'))?.version).toBe(4)
  expect(count(calls, 'readdir')).toBe(2)
})

it('a known version that was damaged is said to be so', async () => {
  const root = place()
  const storage = fileStorage(root)
  await putUpTo(storage, 'a', 2)
  writeFileSync(inTag(root, 'a', '2'), 'rubbish')
  expect(await readOne(storage, 'a')).toMatchObject({ version: 2, body: expect.stringMatching(/^guillemet: /) })
})

it('every file that a read or a put opens is closed', async () => {
  const storage = fileStorage(place())
  const calls = await watch()
  await putUpTo(storage, 'a', 4)
  await readOne(storage, 'a')
  // that of the reserve is opened in vain where it is there
  const others = calls.filter(({ path }) => !basename(path).startsWith('reserve-'))
  expect(count(others, 'open')).toBeGreaterThan(8)
  expect(count(others, 'close')).toBe(count(others, 'open'))
})

it('many records are read with five calls each, as plain reads have, and three for all of them', async () => {
  const root = place()
  const storage = fileStorage(root)
  const tags = Array.from({ length: 50 }, (_, index) => `t${index}`)
  for (const tag of tags) await storage.put(recordOf(tag))
  const calls = await watch()
  expect(await storage.get('default', tags.map(keyOf))).toEqual(tags.map((tag) => recordOf(tag)))
  expect(calls.length).toBe(3 + 50 * 5)
  calls.length = 0
  expect(await fileStorage(root).get('default', tags.map(keyOf))).toHaveLength(50)
  expect(calls.length).toBe(3 + 50 * 6)
})

it('the reads of one call are made side by side', async () => {
  const root = place()
  const storage = fileStorage(root)
  for (const tag of ['a', 'b', 'c']) await storage.put(recordOf(tag))
  const begun = new Set<string>()
  const waiting: (() => void)[] = []
  undo.push(
    await intercept(({ name, path }) => {
      if (name !== 'open') return
      begun.add(basename(path))
      return new Promise<void>((resolve) => {
        waiting.push(resolve)
        // nobody goes on before all three have begun
        if (waiting.length === 3) for (const go of waiting) go()
      })
    }),
  )
  expect(await storage.get('default', ['a', 'b', 'c'].map(keyOf))).toEqual(['a', 'b', 'c'].map((tag) => recordOf(tag)))
})
