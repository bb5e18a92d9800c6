import { describe, expect, it } from 'vitest'
import { destroyKey, rotateKeys } from '../../src/admin.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { MAX_RECENT_WORKSPACES } from '../../src/vault/recent.ts'
import { createVault } from '../../src/vault/vault.ts'
import { all, failure, listener } from '../vault/fixture.ts'
import { damaged, NEXT, NEXT_ID, OLD, OLD_ID, type Stage, sealedUnder, stage } from './stage.ts'

const tagged = async ({ storage }: Stage, tag: string, workspace = 'default'): Promise<StoredRecord> =>
  (await storage.get(workspace, [{ environment: 'default', tag }]))[0]!

const filled = async (count: number): Promise<Stage> => {
  const scene = stage()
  const vault = scene.vault()
  for (let n = 0; n < count; n++) await vault.create({ tag: `t${n}`, value: `value ${n}`, allow: { hosts: ['a.dev'] } })
  return scene
}

describe('rotateKeys', () => {
  it('seals every record again under a data key that was not there before, and changes nothing else of it', async () => {
    const scene = await filled(5)
    const vault = scene.vault()
    await vault.with({ environment: 'live' }).create({ tag: 'other', value: { a: 'x', b: 2 } })
    const before = await scene.keyring()
    const infos = await all(vault.list())
    const report = await rotateKeys(scene.vault())
    const after = await scene.keyring()
    const active = after.keys.find(({ state }) => state === 'active')!.id
    expect(before.keys.map(({ id }) => id)).not.toContain(active)
    expect(after.keys.map(({ state }) => state)).toEqual(['retired', 'active'])
    expect(new Set(Object.values(sealedUnder(await scene.dump())))).toEqual(new Set([active]))
    expect(await all(scene.vault().list())).toEqual(infos.map((info) => ({ ...info, version: info.version + 1 })))
    const reader = scene.vault().with({ environment: 'live' })
    expect((await reader.resolve('<< secrets.other.a >><< secrets.other.b >>')).expose()).toBe('x2')
    expect(report).toMatchObject({ isComplete: true, isDryRun: false, failed: [], keyEncryptionKeys: 'unchanged' })
    expect(report.needed).toEqual([{ provider: OLD_ID }])
    expect(report.workspaces).toEqual([
      {
        workspace: 'default',
        dataKey: active,
        isResumed: false,
        retired: [before.keys[0]!.id],
        leftOut: [],
        records: 6,
        rotated: 6,
        bumped: 0,
        current: 0,
        unreadable: [],
        unreadableCount: 0,
      },
    ])
  })

  it('gives each record as a step, and writes claims and tombstones once more', async () => {
    const scene = await filled(2)
    const vault = scene.vault()
    await vault.delete('t1', { confirm: 't1' })
    const claim = { format: 1, state: 'claim', before: 'absent', at: '2026-01-01T00:00:00.000Z' }
    const place = { workspace: 'default', environment: 'default', tag: 'u' }
    await scene.storage.put({ ...place, version: 1, body: JSON.stringify(claim) })
    const steps = await all(rotateKeys(scene.vault()))
    expect(steps.map(({ tag, outcome }) => [tag, outcome])).toEqual([
      ['t0', 'rotated'],
      ['t1', 'bumped'],
      ['u', 'bumped'],
    ])
    expect((await tagged(scene, 'u')).version).toBe(2)
    expect(JSON.parse((await tagged(scene, 'u')).body)).toMatchObject(claim)
    expect((await tagged(scene, 't1')).version).toBe(4)
    await vault.create({ tag: 'u', value: 'new' })
    expect((await scene.vault().resolve('<< secrets.u >>')).expose()).toBe('new')
  })

  it('works on every workspace that the storage lists, on those that are given, or on the vault’s own', async () => {
    const scene = stage()
    for (const workspace of ['v', 'w', 'x']) await scene.vault().with({ workspace }).create({ tag: 'a', value: 'one' })
    const names = async (run: ReturnType<typeof rotateKeys>) => (await run).workspaces.map(({ workspace }) => workspace)
    expect(await names(rotateKeys(scene.vault()))).toEqual(['v', 'w', 'x'])
    expect(await names(rotateKeys(scene.vault(), { workspaces: ['x', 'v', 'x'] }))).toEqual(['x', 'v'])
    expect(await names(rotateKeys(scene.vault({ workspace: 'w' })))).toEqual(['w'])
    const { workspaces: _, ...unlisted } = scene.storage
    expect(await names(rotateKeys(scene.vault({ storage: unlisted })))).toEqual([])
    expect(await names(rotateKeys(scene.vault({ storage: unlisted }), { workspaces: ['w'] }))).toEqual(['w'])
    const foreign = rotateKeys(scene.vault({ workspace: 'w' }), { workspaces: ['x'] })
    expect((await failure(Promise.resolve(foreign))).code).toBe('ERR_PERMISSION_DENIED')
  })

  it('goes on past a workspace that its keys do not open, and says which', async () => {
    const scene = stage()
    await scene.vault().with({ workspace: 'v' }).create({ tag: 'a', value: 'one' })
    await scene.vault({ keys: NEXT }).with({ workspace: 'w' }).create({ tag: 'a', value: 'one' })
    const before = await scene.dump('w')
    const report = await rotateKeys(scene.vault())
    expect(report.workspaces.map(({ workspace }) => workspace)).toEqual(['v'])
    expect(report.failed).toMatchObject([{ workspace: 'w', code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' }])
    expect(report.isComplete).toBe(false)
    expect(await scene.dump('w')).toEqual(before)
  })

  it('reports a record that does not open and leaves it as it is; destroyKey is refused then', async () => {
    const scene = await filled(30)
    const bad = damaged(await tagged(scene, 't7'))
    await scene.overwrite(bad)
    const report = await rotateKeys(scene.vault())
    const { retired, ...workspace } = report.workspaces[0]!
    expect(workspace).toMatchObject({ records: 30, rotated: 29, unreadableCount: 1 })
    expect(workspace.unreadable).toMatchObject([{ tag: 't7', outcome: 'unreadable', code: 'ERR_RECORD_UNREADABLE' }])
    expect(report.isComplete).toBe(false)
    expect(await tagged(scene, 't7')).toEqual(bad)
    const destroying = Promise.resolve(destroyKey(scene.vault(), retired[0]!, { confirm: retired[0]! }))
    expect((await failure(destroying)).code).toBe('ERR_KEY_IN_USE')
    await scene.vault().delete('t7', { confirm: 't7' })
    await destroyKey(scene.vault(), retired[0]!, { confirm: retired[0]! })
    expect((await scene.keyring()).keys.map(({ state }) => state)).toEqual(['destroyed', 'active'])
    expect((await all(scene.vault().list())).length).toBe(29)
  })

  it('takes no answer that was on its way while the same vault wrote for one that was put back', async () => {
    const scene = await filled(1)
    let round = 0
    let isWriting = false
    const meanwhile = async (tag: string, isNow: boolean) => {
      if (tag !== 't0' || isWriting || !isNow) return
      isWriting = true
      await vault.update('t0', { description: `written meanwhile ${++round}` })
      isWriting = false
    }
    const storage: VaultStorage = {
      ...scene.storage,
      async get(workspace, keys) {
        const rows = await scene.storage.get(workspace, keys)
        await meanwhile(keys[0]!.tag, round > 0 && round < 4)
        return rows
      },
      async put(record) {
        await meanwhile(record.tag, round === 0)
        return scene.storage.put(record)
      },
    }
    const vault = createVault({ storage, keys: OLD })
    const report = await rotateKeys(vault)
    expect(round).toBe(4)
    expect(report.workspaces[0]!.unreadable).toEqual([])
    expect(report.isComplete).toBe(true)
  })

  it('as a dry run opens every record and writes nothing', async () => {
    const scene = await filled(3)
    await scene.overwrite(damaged(await tagged(scene, 't1')))
    const before = await scene.dump()
    const report = await rotateKeys(scene.vault(), { dryRun: true })
    expect(report).toMatchObject({ isDryRun: true, isComplete: false })
    expect(report.workspaces).toMatchObject([{ records: 3, rotated: 2, unreadableCount: 1, retired: [] }])
    expect(await scene.dump()).toEqual(before)
  })

  it('ends after the record at hand when it is aborted, and goes on when it is run again', async () => {
    const scene = await filled(6)
    const controller = new AbortController()
    const run = rotateKeys(scene.vault(), { signal: controller.signal })
    let seen = 0
    for await (const _ of run) if (++seen === 2) controller.abort()
    expect((await run).isComplete).toBe(false)
    expect(seen).toBe(2)
    const active = (await scene.keyring()).keys.at(-1)!.id
    expect(Object.values(sealedUnder(await scene.dump())).filter((id) => id === active).length).toBe(2)
    const [again] = (await rotateKeys(scene.vault())).workspaces
    expect(again).toMatchObject({ isResumed: true, dataKey: active, rotated: 4, current: 2 })
    const [next] = (await rotateKeys(scene.vault())).workspaces
    expect(next).toMatchObject({ isResumed: false, rotated: 6 })
  })

  it('that goes on opens what is sealed under the active data key already, too', async () => {
    const scene = await filled(2)
    const controller = new AbortController()
    const run = rotateKeys(scene.vault(), { signal: controller.signal })
    for await (const _ of run) controller.abort()
    await scene.overwrite(damaged(await tagged(scene, 't0')))
    const report = await rotateKeys(scene.vault())
    expect(report.workspaces[0]).toMatchObject({ isResumed: true, rotated: 1, current: 0, unreadableCount: 1 })
    expect(report.isComplete).toBe(false)
  })

  it('run twice at once makes one data key, and both see every record', async () => {
    const scene = await filled(20)
    const reports = await Promise.all([rotateKeys(scene.vault()), rotateKeys(scene.vault())])
    const [one, other] = reports.map(({ workspaces }) => workspaces[0]!)
    expect([one!.isResumed, other!.isResumed].sort()).toEqual([false, true])
    expect(one!.dataKey).toBe(other!.dataKey)
    expect((await scene.keyring()).keys.length).toBe(2)
    for (const { records, rotated, current } of [one!, other!]) expect([records, rotated + current]).toEqual([20, 20])
    expect(one!.rotated + other!.rotated).toBe(20)
  })

  it('wraps the new data key with all keys of the vault that hold the old one, and says whom it leaves out', async () => {
    const scene = await filled(1)
    await scene.vault({ keys: [NEXT, OLD] }).update('t0', { value: 'two' })
    const both = await rotateKeys(scene.vault({ keys: [OLD, NEXT] }))
    expect(both.workspaces[0]!.leftOut).toEqual([])
    expect((await scene.keyring()).keys.at(-1)!.slots.map(({ provider }) => provider)).toEqual([OLD_ID, NEXT_ID])
    const alone = await rotateKeys(scene.vault({ keys: NEXT }))
    expect(alone.workspaces[0]!.leftOut).toEqual([OLD_ID])
    expect((await failure(scene.vault({ keys: OLD }).update('t0', { value: 'three' }))).reason).toBe('key-unknown')
  })

  it('says which of the given keys has no slot, since that one opens nothing', async () => {
    const scene = await filled(1)
    const [done] = (await rotateKeys(scene.vault({ keys: [OLD, NEXT] }))).workspaces
    expect(done!.leftOut).toEqual([NEXT_ID])
  })

  it.each([false, true])('reports a workspace that its vault has forgotten meanwhile (dryRun: %s)', async (dryRun) => {
    const scene = await filled(1)
    const vault = scene.vault()
    const others = Array.from({ length: MAX_RECENT_WORKSPACES }, (_, index) => vault.with({ workspace: `w${index}` }))
    await Promise.all(others.map((other) => other.create({ tag: 'a', value: 'of another one' })))
    const run = rotateKeys(vault, { workspaces: ['default'], dryRun })
    for await (const _ of run) await Promise.all(others.map((other) => other.resolve('<< secrets.a >>')))
    const { workspaces, needed, isComplete } = await run
    expect(workspaces).toMatchObject([{ workspace: 'default', records: 1, leftOut: [] }])
    expect(needed.map(({ provider }) => provider)).toEqual([OLD_ID])
    expect(isComplete).toBe(true)
  })

  it('tells the listener once for each workspace', async () => {
    const scene = await filled(2)
    const told = listener()
    const report = await rotateKeys(scene.vault({ onEvent: told }))
    expect(told.mock.calls.map(([{ action, outcome, key, workspace }]) => [action, outcome, key, workspace])).toEqual([
      ['rotate-keys', 'ok', report.workspaces[0]!.dataKey, 'default'],
    ])
  })

  it('is refused on a view, without keys, and with an unknown option', async () => {
    const scene = await filled(0)
    const view = scene.vault().with({ purpose: 'x' })
    expect(() => rotateKeys(view)).toThrow(expect.objectContaining({ code: 'ERR_PERMISSION_DENIED' }))
    const keyless = scene.vault({ keys: null })
    expect(() => rotateKeys(keyless)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_KEY' }))
    const options = { dryrun: true } as object
    expect(() => rotateKeys(scene.vault(), options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  })
})

describe('a scan that cannot be believed', () => {
  const swapped = (storage: VaultStorage): VaultStorage => ({
    ...storage,
    async list(workspace, page) {
      const rows = [...(await storage.list(workspace, page))]
      if (rows.length > 3) [rows[1], rows[2]] = [rows[2]!, rows[1]!]
      return rows
    },
  })

  it('ends a rotation and refuses to destroy: rows out of order', async () => {
    const scene = await filled(5)
    const { retired } = (await rotateKeys(scene.vault())).workspaces[0]!
    const vault = scene.vault({ storage: swapped(scene.storage) })
    expect((await rotateKeys(vault)).failed).toMatchObject([{ code: 'ERR_RECORD_CORRUPT' }])
    const destroying = Promise.resolve(destroyKey(vault, retired[0]!, { confirm: retired[0]! }))
    expect((await failure(destroying)).code).toBe('ERR_RECORD_CORRUPT')
    expect((await scene.keyring()).keys[0]!.state).toBe('retired')
  })

  it('is not ended by a page that is shorter than it might be', async () => {
    const scene = await filled(7)
    const short: VaultStorage = {
      ...scene.storage,
      list: async (workspace, page) => (await scene.storage.list(workspace, page)).slice(0, 2),
    }
    const { workspaces } = await rotateKeys(scene.vault({ storage: short }))
    expect(workspaces[0]).toMatchObject({ records: 7, rotated: 7 })
  })
})

describe('destroyKey', () => {
  it('refuses the active key, one that is needed, one that nobody has, and a confirmation of another', async () => {
    const scene = await filled(3)
    const first = (await scene.keyring()).keys[0]!.id
    const code = async (id: string, confirm = id) =>
      (await failure((async () => destroyKey(scene.vault(), id, { confirm }))())).code
    expect(await code(first)).toBe('ERR_KEY_IN_USE')
    expect(await code(first, 'AAAAAAAAAAA')).toBe('ERR_CONFIRMATION_REQUIRED')
    expect(await code('AAAAAAAAAAA')).toBe('ERR_INVALID_INPUT')
    expect(await code('a key')).toBe('ERR_INVALID_INPUT')
    const controller = new AbortController()
    const run = rotateKeys(scene.vault(), { signal: controller.signal })
    for await (const _ of run) controller.abort()
    expect(await code(first)).toBe('ERR_KEY_IN_USE')
    await rotateKeys(scene.vault())
    const aborted = destroyKey(scene.vault(), first, { confirm: first, signal: controller.signal })
    expect((await failure(Promise.resolve(aborted))).code).toBe('ERR_KEY_IN_USE')
    expect((await destroyKey(scene.vault(), first, { confirm: first })).records).toBe(3)
    expect(await code(first)).toBe('ERR_INVALID_INPUT')
  })

  it('leaves a program that has the old keyring in memory able to write: it conflicts and reads again', async () => {
    const scene = await filled(3)
    const running = scene.vault()
    await running.update('t0', { value: 'before' })
    const { retired } = (await rotateKeys(scene.vault())).workspaces[0]!
    await destroyKey(scene.vault(), retired[0]!, { confirm: retired[0]! })
    await running.update('t0', { value: 'after' })
    await running.create({ tag: 'new', value: 'made' })
    const active = (await scene.keyring()).keys.at(-1)!.id
    expect(new Set(Object.values(sealedUnder(await scene.dump())))).toEqual(new Set([active]))
  })

  it('is refused while a write that is under way may bring a record from an older data key to this one', async () => {
    const scene = stage()
    const first = async () => {
      const controller = new AbortController()
      const run = rotateKeys(scene.vault(), { signal: controller.signal })
      for await (const _ of run) controller.abort()
      return (await scene.keyring()).keys.at(-2)!.id
    }
    await scene.vault().create({ tag: 'a', value: 'one' })
    const creator = stalled(scene, 2)
    const created = creator.vault.create({ tag: 'r', value: 'the only copy' })
    await creator.isReached
    await first() // ended after a, so that r is created under the oldest data key
    const writer = stalled(scene, 1)
    await writer.vault.resolve('<< secrets.a >>') // knows the second data key as the active one
    const second = await first()
    creator.resume()
    await created
    const updated = writer.vault.update('r', { description: 'sealed under the second data key' })
    await writer.isReached
    const destroying = Promise.resolve(destroyKey(scene.vault(), second, { confirm: second }))
    expect((await failure(destroying)).code).toBe('ERR_KEY_IN_USE')
    writer.resume()
    await updated
    await rotateKeys(scene.vault())
    await destroyKey(scene.vault(), second, { confirm: second })
    expect((await scene.vault().resolve('<< secrets.r >>')).expose()).toBe('the only copy')
  })
})

/** A vault of a process that is stopped right before its write of this number to the record `r`. */
function stalled({ storage }: Stage, number: number) {
  let [reach, resume] = [() => {}, () => {}]
  const isReached = new Promise<void>((resolve) => (reach = resolve))
  const gate = new Promise<void>((resolve) => (resume = resolve))
  let writes = 0
  const slow: VaultStorage = {
    ...storage,
    async put(record, options) {
      if (record.tag === 'r' && ++writes === number) {
        reach()
        await gate
      }
      return storage.put(record, options)
    },
  }
  return { vault: createVault({ storage: slow, keys: OLD }), isReached, resume }
}
