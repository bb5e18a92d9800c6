/** The conformance suite catches every fault that we could think of: a check that cannot fail is a defect. */

import { describe, expect, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type MakeStorage, storageConformance } from '../../src/testing.ts'
import { brokenBodies } from './broken-bodies.ts'
import { brokenDrivers } from './broken-drivers.ts'
import { brokenLists } from './broken-lists.ts'
import { brokenReads } from './broken-reads.ts'
import { brokenSignals } from './broken-signals.ts'
import { brokenWorkspaces, withoutWorkspaces } from './broken-workspaces.ts'
import { brokenWrites, soundOne } from './broken-writes.ts'

/** The names of the cases that have caught something; each fault is tried once. */
const caught = new Set<string>()
const brokenStorages = [
  ...brokenWrites,
  ...brokenReads,
  ...brokenLists,
  ...brokenBodies,
  ...brokenDrivers,
  ...brokenSignals,
  ...brokenWorkspaces,
]

describe('the conformance suite catches a storage that', () => {
  for (const { fault, make, caughtBy, says = '' } of brokenStorages) {
    test(fault, async () => {
      const failures = await failuresOf(make, caughtBy)
      for (const [name] of failures) caught.add(name)
      const message = [...failures].find(([name]) => name.startsWith(caughtBy))?.[1]
      expect(message, [...failures.keys()].join('\n')).toBeDefined()
      expect(message).toContain(says)
    })
  }
})

test('the storage that the broken ones are made from is sound', async () => {
  expect(await failuresOf(soundOne)).toEqual(new Map())
})

test('a storage whose pages are short of their limit is sound: a listing ends with an empty page', async () => {
  const short: MakeStorage = (sameDataAs) => {
    const sound = memoryStorage()
    return (
      sameDataAs ?? {
        ...sound,
        list: (workspace, page) => sound.list(workspace, { ...page, limit: Math.min(page.limit, 2) }),
        workspaces: (page) => sound.workspaces!({ ...page, limit: 1 }),
      }
    )
  }
  expect(await failuresOf(short)).toEqual(new Map())
})

test('every case catches a fault', async () => {
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

test('a storage without workspaces is told that it may leave them out, and passes all else', async () => {
  const needed = new Set(storageConformance.filter(({ needs }) => needs === 'workspaces').map(({ name }) => name))
  const failures = await failuresOf(withoutWorkspaces)
  expect(new Set(failures.keys())).toEqual(needed)
  for (const message of failures.values()) expect(message).toContain('skip the cases that need "workspaces"')
})

test('a storage of one process has to pass every case that does not need several', async () => {
  const alone = storageConformance.filter(({ needs }) => needs !== 'processes')
  expect(alone.length).toBeLessThan(storageConformance.length)
  for (const { run } of alone) await run(() => memoryStorage())
})

/** The cases that fail, with what they say. */
async function failuresOf(make: MakeStorage, caughtBy?: string): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  for (const { name, run } of storageConformance) {
    // bodies of megabytes are only for those faults that they are made for
    if (/\b(?:bytes|MiB)\b/.test(name) && caughtBy?.startsWith('a body') === false) continue
    await run(make).catch((error: Error) => failures.set(name, error.message))
  }
  return failures
}
