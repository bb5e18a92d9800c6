import { describe, expect, it } from 'vitest'
import { copyVault } from '../../src/admin/copy-vault.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { damaged, stage } from './stage.ts'

const newPath = scratch()
const KEY = generateKey()
const at = (time: string) => () => Date.parse(time)

function vaultOn(storage: VaultStorage, options: Partial<VaultOptions> = {}): Vault {
  return createVault({ storage, keys: KEY, ...options })
}

const dump = async (storage: VaultStorage, workspace = 'default') => storage.list(workspace, { limit: 1_000 })

async function collect<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const step of steps) all.push(step)
  return all
}

/** A vault with one secret of each kind, changed a few times. */
async function furnished(more: Partial<VaultOptions> = {}) {
  const from = stage()
  const vault = from.vault({ now: at('2026-01-01T00:00:00.000Z'), actor: { id: 'ann' }, ...more })
  await vault.set({
    tag: 'bound',
    value: 'one',
    name: 'Name',
    description: 'Text',
    allow: { hosts: ['a.dev'], in: ['header'], methods: ['GET'] },
  })
  await vault.set({ tag: 'off', value: 'two', enabled: false, expiresAt: '2030-01-01T00:00:00.000Z' })
  await vault.set({ tag: 'shown', value: 'three', visibility: 'masked', type: 'token' })
  await vault.set({ tag: 'pair', value: { user: 'u', pass: 'p' }, publicFields: ['user'] })
  for (const value of ['four', 'five', 'six']) await vault.set({ tag: 'changed', value })
  await vault.set({ tag: 'gone', value: 'x' })
  await vault.delete('gone', { confirm: 'gone' })
  const production = from.vault({ environment: 'production', now: at('2026-02-02T00:00:00.000Z') })
  await production.set({ tag: 'bound', value: 'other' })
  return { ...from, source: from.vault() }
}

const TAGS = ['bound', 'changed', 'off', 'pair', 'shown']

describe('a copy', () => {
  it('brings every secret into another storage under another key, with all that belongs to it', async () => {
    const { source } = await furnished()
    const storage = fileStorage(newPath())
    const target = vaultOn(storage, { now: at('2027-01-01T00:00:00.000Z'), actor: { id: 'bob' } })
    // #region copy
    const report = await copyVault(source, target)
    // #endregion
    expect(report).toEqual({
      workspaces: [{ workspace: 'default', records: 6, copied: 6, replaced: 0, same: 0, left: [], leftCount: 0 }],
      failed: [],
      isComplete: true,
      isDryRun: false,
    })
    const again = vaultOn(storage)
    for (const tag of TAGS) {
      const { version, ...original } = (await source.describe(tag))!
      const { version: counted, ...copy } = (await again.describe(tag))!
      expect(copy).toEqual(original)
      expect(counted).toBe(2) // a claim, then the value, whatever it was before
      expect(version).toBeGreaterThanOrEqual(2)
    }
    expect((await again.describe('bound'))?.createdBy).toBe('ann')
    expect((await again.resolve('<< secrets.changed >> << secrets.pair.pass >>')).expose()).toBe('six p')
    expect((await again.with({ environment: 'production' }).resolve('<< secrets.bound >>')).expose()).toBe('other')
    expect(await again.describe('gone')).toBeUndefined()
    expect((await dump(storage)).some(({ tag }) => tag === 'gone')).toBe(false)
  })

  it('goes through every workspace, or those that are named', async () => {
    const from = stage()
    for (const workspace of ['a', 'b', 'c']) await from.vault({ workspace }).set({ tag: workspace, value: 'one' })
    const some = memoryStorage()
    await copyVault(from.vault(), vaultOn(some), { workspaces: ['b'] })
    expect(await some.workspaces!({ limit: 9 })).toEqual(['b'])
    const all = memoryStorage()
    const { workspaces } = await copyVault(from.vault(), vaultOn(all))
    expect(workspaces.map(({ workspace }) => workspace)).toEqual(['a', 'b', 'c'])
    expect(await all.workspaces!({ limit: 9 })).toEqual(['a', 'b', 'c'])
  })

  it('made twice finds everything there and writes nothing', async () => {
    const { source } = await furnished()
    const storage = memoryStorage()
    await copyVault(source, vaultOn(storage))
    const before = await dump(storage)
    const { workspaces, isComplete } = await copyVault(source, vaultOn(storage))
    expect([workspaces[0]!.same, isComplete]).toEqual([6, true])
    expect(await dump(storage)).toEqual(before)
  })

  it('that was left in the middle is gone on with', async () => {
    const { source } = await furnished()
    const storage = memoryStorage()
    for await (const step of copyVault(source, vaultOn(storage))) if (step.tag === 'changed') break
    const { workspaces } = await copyVault(source, vaultOn(storage))
    expect(workspaces[0]).toMatchObject({ copied: 4, same: 2, records: 6 })
    const abort = new AbortController()
    const steps: string[] = []
    const run = copyVault(source, vaultOn(memoryStorage()), { signal: abort.signal })
    for await (const { tag } of run) {
      steps.push(tag)
      abort.abort()
    }
    expect(steps).toEqual(['bound'])
    expect((await run).isComplete).toBe(false)
  })

  it('may run several times at once', async () => {
    const { source } = await furnished()
    const storage = memoryStorage()
    const reports = await Promise.all([1, 2, 3].map(() => copyVault(source, vaultOn(storage))))
    for (const { isComplete, workspaces } of reports) {
      expect(isComplete).toBe(true)
      expect(workspaces[0]!.copied + workspaces[0]!.same).toBe(6)
    }
    expect(reports.reduce((sum, { workspaces }) => sum + workspaces[0]!.copied, 0)).toBe(6)
    expect((await copyVault(source, vaultOn(storage), { dryRun: true })).workspaces[0]).toMatchObject({ same: 6 })
  })

  it('in a dry run says the same and writes nothing', async () => {
    const { source } = await furnished()
    const storage = memoryStorage()
    const preview = await collect(copyVault(source, vaultOn(storage), { dryRun: true }))
    expect(await dump(storage)).toEqual([])
    expect(await collect(copyVault(source, vaultOn(storage)))).toEqual(preview)
    expect((await copyVault(source, vaultOn(storage), { dryRun: true })).isDryRun).toBe(true)
  })
})

describe('what is there already', () => {
  async function occupied() {
    const { source } = await furnished()
    const storage = memoryStorage()
    const target = vaultOn(storage)
    await target.set({ tag: 'changed', value: 'mine' })
    await target.set({ tag: 'off', value: 'two', enabled: true, expiresAt: '2030-01-01T00:00:00.000Z' })
    await target.set({ tag: 'shown', value: 'three', visibility: 'restricted', type: 'token' })
    await target.set({ tag: 'bound', value: 'x' })
    await target.delete('bound', { confirm: 'bound' })
    return { source, storage, target }
  }

  it('and differs, in value or in state, or was deleted, is left and told', async () => {
    const { source, storage, target } = await occupied()
    const before = await dump(storage)
    const { workspaces, isComplete } = await copyVault(source, target)
    expect(isComplete).toBe(false)
    expect(workspaces[0]).toMatchObject({ copied: 2, replaced: 0, leftCount: 4 })
    expect(workspaces[0]!.left.map(({ tag, outcome }) => [tag, outcome])).toEqual([
      ['bound', 'deleted'],
      ['changed', 'differs'],
      ['off', 'differs'],
      ['shown', 'differs'],
    ])
    const after = await dump(storage)
    for (const record of before) expect(after).toContainEqual(record)
  })

  it('and was deleted in the first vault since is told, and left, also where it may be replaced', async () => {
    const { source } = await furnished()
    const target = stage().vault()
    await copyVault(source, target)
    await source.delete('off', { confirm: 'off' })
    for (const overwrite of [false, true]) {
      const { workspaces, isComplete } = await copyVault(source, target, { overwrite })
      expect(isComplete).toBe(false)
      expect(workspaces[0]!.left).toMatchObject([{ tag: 'off', outcome: 'differs' }])
    }
    expect((await target.describe('off'))?.enabled).toBe(false)
    await target.delete('off', { confirm: 'off' })
    expect((await copyVault(source, target)).isComplete).toBe(true)
  })

  it('is replaced where that was asked for, but never its type or visibility', async () => {
    const { source, target } = await occupied()
    const { workspaces } = await copyVault(source, target, { overwrite: true })
    expect(workspaces[0]).toMatchObject({ copied: 3, replaced: 2, leftCount: 1 })
    expect(workspaces[0]!.left).toMatchObject([{ tag: 'shown', outcome: 'differs' }])
    expect((await target.describe('bound'))?.allow).toEqual({ hosts: ['a.dev'], in: ['header'], methods: ['GET'] })
    expect(await target.describe('off')).toMatchObject({ enabled: false, version: 3 })
    expect((await target.resolve('<< secrets.changed >>')).expose()).toBe('six')
  })

  it('and does not open is never written over', async () => {
    const { source } = await furnished()
    const to = stage()
    await to.vault().set({ tag: 'changed', value: 'mine' })
    const [record] = (await to.dump()).filter(({ tag }) => tag === 'changed') as [StoredRecord]
    await to.overwrite(damaged(record))
    const before = await to.dump()
    const { workspaces } = await copyVault(source, to.vault(), { overwrite: true })
    expect(workspaces[0]!.left).toEqual([
      expect.objectContaining({
        tag: 'changed',
        outcome: 'unreadable',
        code: 'ERR_RECORD_UNREADABLE',
        reason: 'tampered',
      }),
    ])
    const after = await to.dump()
    for (const one of before) expect(after).toContainEqual(one)
  })
})

describe('what goes wrong', () => {
  it('with a record is told by tag and reason, and the others are copied', async () => {
    const { source, dump: records, overwrite } = await furnished()
    const [record] = (await records()).filter(({ tag }) => tag === 'changed') as [StoredRecord]
    await overwrite(damaged(record))
    const { workspaces, isComplete } = await copyVault(source, vaultOn(memoryStorage()))
    expect(isComplete).toBe(false)
    expect(workspaces[0]).toMatchObject({ copied: 5, leftCount: 1 })
    expect(workspaces[0]!.left[0]).toMatchObject({ tag: 'changed', code: 'ERR_RECORD_UNREADABLE', reason: 'tampered' })
  })

  it('with the key of a vault writes nothing there', async () => {
    const { storage, source } = await furnished()
    const wrong = vaultOn(storage, { keys: generateKey() })
    const target = memoryStorage()
    const unread = await copyVault(wrong, vaultOn(target))
    expect(unread.isComplete).toBe(false)
    expect(await dump(target)).toEqual([])
    await vaultOn(target).set({ tag: 'mine', value: 'one' })
    const before = await dump(target)
    const unwritten = await copyVault(source, vaultOn(target, { keys: generateKey() }))
    expect(unwritten.isComplete).toBe(false)
    expect(await dump(target)).toEqual(before)
  })

  it('with a storage that keeps something else is found by reading back', async () => {
    const { source } = await furnished()
    const inner = memoryStorage()
    let kept: StoredRecord | undefined
    const lying: VaultStorage = {
      ...inner,
      put: async (record) => {
        const isSecond = record.tag === 'changed' && record.body.includes('"live"')
        // what an earlier secret of the same vault was sealed as
        await inner.put(isSecond ? { ...record, body: kept!.body } : record)
        if (record.body.includes('"live"')) kept = record
      },
    }
    const { workspaces } = await copyVault(source, vaultOn(lying))
    expect(workspaces[0]!.left).toMatchObject([{ tag: 'changed', outcome: 'unreadable', reason: 'moved' }])
  })

  it('is not told of an answer that was on its way while the same vault wrote', async () => {
    const { source } = await furnished()
    const inner = memoryStorage()
    let isNextLate = false
    const storage: VaultStorage = {
      ...inner,
      async get(workspace, keys) {
        const rows = await inner.get(workspace, keys)
        if (isNextLate && keys[0]!.tag === 'changed') {
          isNextLate = false
          await target.update('changed', { description: 'written meanwhile' })
        }
        return rows
      },
    }
    const target = vaultOn(storage)
    await copyVault(source, target)
    isNextLate = true
    const { workspaces } = await copyVault(source, target)
    expect(isNextLate).toBe(false)
    expect(workspaces[0]!.left).toEqual([])
  })

  it('with others who write at the same time is tried again', async () => {
    const { source } = await furnished()
    const inner = memoryStorage()
    const other = vaultOn(inner)
    let hasRun = false
    const busy: VaultStorage = {
      ...inner,
      put: async (record) => {
        if (record.tag === 'changed' && record.body.includes('"live"') && !hasRun) {
          hasRun = true
          await other.set({ tag: 'changed', value: 'faster' })
        }
        return inner.put(record)
      },
    }
    const { workspaces } = await copyVault(source, vaultOn(busy))
    expect(hasRun).toBe(true)
    expect(workspaces[0]!.left).toMatchObject([{ tag: 'changed', outcome: 'differs' }])
    expect((await other.resolve('<< secrets.changed >>')).expose()).toBe('faster')
  })
})

it('tells both listeners, and opens nothing that the first one would not record', async () => {
  const told: [string, VaultEvent['action'], string | undefined][] = []
  const onEvent = (name: string) => (event: VaultEvent) => void told.push([name, event.action, event.secrets[0]?.tag])
  const { storage } = await furnished()
  const from = stage(storage).vault({ onEvent: onEvent('from') })
  await copyVault(from, vaultOn(memoryStorage(), { onEvent: onEvent('to') }), { workspaces: ['default'] })
  expect(told[0]).toEqual(['from', 'copy-vault', undefined])
  expect(told.filter(([name]) => name === 'to').map(([, action, tag]) => [action, tag])).toEqual(
    ['bound', 'changed', 'off', 'pair', 'shown', 'bound'].map((tag) => ['create', tag]),
  )
  const refusing = stage(storage).vault({
    audit: 'required',
    onEvent: () => {
      throw new Error('full')
    },
  })
  const target = memoryStorage()
  await expect(copyVault(refusing, vaultOn(target))).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  expect(await dump(target)).toEqual([])
})

it('is refused for a view, a vault without keys, the same vault twice, other workspaces and unknown options', async () => {
  const { source, storage } = await furnished()
  const target = vaultOn(memoryStorage())
  const refused = (code: string, work: () => unknown) => expect(work).toThrow(expect.objectContaining({ code }))
  refused('ERR_PERMISSION_DENIED', () => copyVault(source.with({ environment: 'x' }), target))
  refused('ERR_PERMISSION_DENIED', () => copyVault(source, target.with({ environment: 'x' })))
  refused('ERR_INVALID_KEY', () => copyVault(vaultOn(storage, { keys: null }), target))
  refused('ERR_INVALID_KEY', () => copyVault(source, vaultOn(memoryStorage(), { keys: null })))
  refused('ERR_INVALID_INPUT', () => copyVault(source, source))
  refused('ERR_INVALID_INPUT', () => copyVault(source, target, { dryrun: true } as never))
  refused('ERR_INVALID_INPUT', () => copyVault(source, target, { signal: 'x' } as never))
  const elsewhere = vaultOn(memoryStorage(), { workspace: 'other' })
  await expect(copyVault(source, elsewhere)).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
})
