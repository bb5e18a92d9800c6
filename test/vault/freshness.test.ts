/** A vault refuses what is older than what it and its views have opened or written, and nothing else. */

import { describe, expect, it } from 'vitest'
import { rotateKeys } from '../../src/admin.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { backstage, failure, KEY } from './fixture.ts'

const R = '<< secrets.a >>'
const rolledBack = { code: 'ERR_RECORD_UNREADABLE', reason: 'rolled-back', tag: 'a' }

/** A primary, and a replica that gets what was written only when the test says so. */
function replicated() {
  const primary = memoryStorage()
  const replica = memoryStorage()
  const log: StoredRecord[] = []
  const put = async (record: StoredRecord) => {
    await primary.put(record)
    log.push({ ...record })
  }
  return {
    /** Reads from the replica whatever is asked, as behind a balancer that knows nothing of it. */
    all: { ...replica, put } satisfies VaultStorage,
    /** Sends fresh reads to the primary. */
    some: {
      ...replica,
      put,
      get: (workspace, keys, options) => (options?.fresh ? primary : replica).get(workspace, keys, options),
    } satisfies VaultStorage,
    async replicate() {
      for (const record of log.splice(0)) await replica.put(record)
    },
  }
}

describe('a replica that lags', () => {
  it('is refused by the vault that wrote, which says what the causes may be', async () => {
    const { all, some, replicate } = replicated()
    const maker = createVault({ storage: some, keys: KEY })
    await maker.create({ tag: 'a', value: 'v-old-0123456' })
    await replicate()
    const vault = createVault({ storage: all, keys: KEY })
    expect((await vault.resolve(R)).expose()).toBe('v-old-0123456')
    await vault.update('a', { value: 'v-new-0123456' })
    for (const call of [vault.resolve(R), vault.update('a', { name: 'A' }), vault.delete('a', { confirm: 'a' })]) {
      const error = await failure(call)
      expect(error).toMatchObject(rolledBack)
      for (const cause of ['replica', 'backup', 'restart']) expect(error.message).toContain(cause)
    }
    // and by its views
    expect(await failure(vault.with({ purpose: 'another' }).resolve(R))).toMatchObject(rolledBack)
    await replicate()
    expect((await vault.resolve(R)).expose()).toBe('v-new-0123456')
  })

  it('is asked past by a fresh read where the storage has a way', async () => {
    const { some, replicate } = replicated()
    const vault = createVault({ storage: some, keys: KEY })
    await vault.create({ tag: 'a', value: 'v-old-0123456' })
    await replicate()
    await vault.update('a', { value: 'v-new-0123456' })
    expect((await vault.resolve(R)).expose()).toBe('v-new-0123456')
    expect((await vault.update('a', { name: 'A' })).version).toBe(4)
  })

  it('is not noticed by a vault that has seen nothing newer: that is no promise', async () => {
    const { all, some, replicate } = replicated()
    const maker = createVault({ storage: some, keys: KEY })
    await maker.create({ tag: 'a', value: 'v-old-0123456' })
    await replicate()
    await maker.update('a', { value: 'v-new-0123456' })
    expect((await createVault({ storage: all, keys: KEY }).resolve(R)).expose()).toBe('v-old-0123456')
  })
})

describe('a place that was opened', () => {
  it.each([
    ['nothing', undefined],
    ['a claim that it is absent', '{"format":1,"state":"claim","before":"absent","at":"2026-01-01T00:00:00.000Z"}'],
  ])('and then holds %s is rolled back, whatever its version', async (_, body) => {
    const { vault, stored, overwrite, erase } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    await vault.resolve(R)
    const record = await stored('a')
    if (body === undefined) erase(record)
    else overwrite({ ...record, version: record.version + 1, body })
    const calls = [vault.resolve(R), vault.set({ tag: 'a', value: 'w' }), vault.create({ tag: 'a', value: 'w' })]
    for (const call of calls) expect(await failure(call)).toMatchObject(rolledBack)
  })
})

describe('an answer that was only late', () => {
  /** The next read, when it is asked for, is of what was stored then, and arrives when it is let go. */
  async function slow() {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v-0123456789' })
    const waiting: (() => void)[] = []
    let isNextLate = false
    const storage: VaultStorage = {
      ...stage.storage,
      get: async (workspace, keys, options) => {
        const rows = await stage.storage.get(workspace, keys)
        if (isNextLate && options !== undefined) {
          isNextLate = false
          await new Promise<void>((resolve) => waiting.push(resolve))
        }
        return rows
      },
    }
    const vault = stage.another({ storage })
    await vault.resolve(R)
    return {
      vault,
      waiting,
      delayNext: () => {
        isNextLate = true
      },
      /** When the next late read has been made. */
      async read() {
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
      },
    }
  }

  it('because the vault has written meanwhile is read again, by a change too', async () => {
    for (const call of ['resolve', 'update', 'reveal'] as const) {
      const { vault, waiting, delayNext, read } = await slow()
      delayNext()
      const late =
        call === 'resolve'
          ? vault.resolve(R)
          : call === 'update'
            ? vault.update('a', { name: 'late' })
            : failure(vault.reveal('a'))
      await read()
      await vault.update('a', { name: 'meanwhile' })
      waiting.shift()!()
      const outcome = await late
      if (call === 'reveal') expect(outcome).toMatchObject({ code: 'ERR_NOT_REVEALABLE' })
    }
  })

  it('again and again is no rollback either', async () => {
    const { vault, waiting, delayNext, read } = await slow()
    delayNext()
    const late = vault.resolve(R)
    for (let round = 0; round < 2; round++) {
      await read()
      await vault.update('a', { name: `meanwhile ${round}` })
      if (round === 0) delayNext()
      waiting.shift()!()
    }
    expect((await late).expose()).toBe('v-0123456789')
  })
  it('is no rollback of the keyring either', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v-0123456789' })
    let isNextLate = true
    const waiting: (() => void)[] = []
    const storage: VaultStorage = {
      ...stage.storage,
      async get(workspace, keys) {
        const rows = await stage.storage.get(workspace, keys)
        if (isNextLate && keys[0]!.tag === '$keyring') {
          isNextLate = false
          await new Promise<void>((resolve) => waiting.push(resolve))
        }
        return rows
      },
    }
    const vault = stage.another({ storage })
    const late = vault.create({ tag: 'b', value: 'w-0123456789' })
    for (let round = 0; round < 2; round++) {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
      expect((await rotateKeys(vault)).workspaces[0]!.isResumed).toBe(false)
      isNextLate = round === 0
      waiting.shift()!()
    }
    expect((await late).tag).toBe('b')
  })
})
