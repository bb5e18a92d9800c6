/** The conformance suite catches every fault that we could think of: a check that cannot fail is a defect. */

import { describe, expect, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type MakeStorage, storageConformance } from '../../src/testing.ts'
import { brokenBodies } from './broken-bodies.ts'
import { brokenLists } from './broken-lists.ts'
import { brokenReads } from './broken-reads.ts'
import { brokenWrites, soundOne } from './broken-writes.ts'

const brokenStorages = [...brokenWrites, ...brokenReads, ...brokenLists, ...brokenBodies]

describe('the conformance suite catches a storage that', () => {
  for (const { fault, make, caughtBy } of brokenStorages) {
    test(fault, async () => {
      expect(await failuresOf(make)).toContainEqual(expect.stringContaining(caughtBy))
    })
  }
})

test('the storage that the broken ones are made from is sound', async () => {
  expect(await failuresOf(soundOne)).toEqual([])
})

test('every case catches a fault', async () => {
  const caught = new Set<string>()
  for (const { make } of brokenStorages) for (const name of await failuresOf(make)) caught.add(name)
  expect(storageConformance.map((one) => one.name).filter((name) => !caught.has(name))).toEqual([])
})

test('a failure says what was seen and never prints a body', async () => {
  const leaky: MakeStorage = (sameDataAs) => {
    const sound = memoryStorage()
    return sameDataAs ?? { ...sound, put: (record) => sound.put({ ...record, body: `${record.body}!` }) }
  }
  const [first] = storageConformance
  await expect(first!.run(leaky)).rejects.toThrow('the body of default/created@1 came back changed')
  await expect(first!.run(leaky)).rejects.not.toThrow('main/default/created@1!')
})

test('a failure names what stands where a record should be', async () => {
  const nulls = brokenStorages.find((one) => one.fault === 'gives null for none')!
  const [get, order] = ['get of no keys', 'get answers in the order'].map(
    (start) => storageConformance.find((one) => one.name.startsWith(start))!,
  )
  await expect(get!.run(nulls.make)).rejects.toThrow('expected undefined, got null')
  await expect(order!.run(nulls.make)).rejects.toThrow('expected undefined, got null')
})

test('a case closes every storage that it opened, even when it fails', async () => {
  const open = new Set<VaultStorage>()
  const make: MakeStorage = () => {
    const storage: VaultStorage = { ...memoryStorage(), close: async () => void open.delete(storage) }
    open.add(storage)
    return storage
  }
  const secondHandle = storageConformance.find((one) => one.name.includes('through a second handle'))!
  await expect(secondHandle.run(make)).rejects.toThrow('expected default/shared@1, got undefined')
  expect(open.size).toBe(0)
})

test('a listing without an end is a failure, not a hang', async () => {
  const endless: MakeStorage = (sameDataAs) => {
    const sound = memoryStorage()
    return sameDataAs ?? { ...sound, list: (workspace, { after: _, ...page }) => sound.list(workspace, page) }
  }
  const paging = storageConformance.find((one) => one.name.startsWith('the cursor is exclusive'))!
  await expect(paging.run(endless)).rejects.toThrow('the listing did not end')
})

/** The names of the cases that fail. */
async function failuresOf(make: MakeStorage): Promise<string[]> {
  const failures: string[] = []
  for (const { name, run } of storageConformance) await run(make).catch(() => failures.push(name))
  return failures
}
