/**
 * Rotation stopped at each of its awaits with others writing beside it, and others stopped at each of theirs with a whole
 * rotation between: no acknowledged write is lost, the command is run again to its end, and destroying the old data keys
 * afterwards loses nothing.
 */

import { describe, expect, it } from 'vitest'
import { destroyKey, retireKey, rewrapKeys, rotateKeys } from '../../src/admin.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { hooked, type Stop, stopAt } from './interrupted.ts'
import { NEXT, OLD, OLD_ID, type Stage, sealedUnder, stage } from './stage.ts'

const BOTH = [NEXT, OLD]
/** More calls than any of these commands makes. */
const MOST_CALLS = 400

/** What was acknowledged, by tag. */
type Acknowledged = Map<string, string>

async function filled(count: number): Promise<{ scene: Stage; acknowledged: Acknowledged }> {
  const scene = stage()
  const acknowledged: Acknowledged = new Map()
  const vault = scene.vault()
  for (let n = 0; n < count; n++) {
    await vault.create({ tag: `t${n}`, value: `first ${n}` })
    acknowledged.set(`t${n}`, `first ${n}`)
  }
  await vault.create({ tag: 'deleted', value: 'x' })
  await vault.delete('deleted', { confirm: 'deleted' })
  return { scene, acknowledged }
}

/** Writes beside a rotation: one with its keyring long in memory, one that has just started; updates and creates. */
function writers(scene: Stage, acknowledged: Acknowledged, count: number) {
  const old = scene.vault({ keys: BOTH })
  let turn = 0
  return async (call: number): Promise<void> => {
    const vault = call % 3 === 0 ? scene.vault({ keys: BOTH }) : old
    turn++
    const tag = call % 2 === 0 ? `t${turn % count}` : `made${turn}`
    const value = `value ${turn}`
    await (call % 2 === 0 ? vault.update(tag, { value }) : vault.create({ tag, value }))
    acknowledged.set(tag, value)
  }
}

async function requireAll(vault: Vault, acknowledged: Acknowledged): Promise<void> {
  const tags = [...acknowledged.keys()]
  const template = Object.fromEntries(tags.map((tag) => [tag, `<< secrets.${tag} >>`]))
  expect((await vault.resolve(template)).expose()).toEqual(Object.fromEntries(acknowledged))
}

/** Runs a rotation to its end, destroys what it retired, and finds everything under one data key. */
async function finish(scene: Stage, keys: readonly string[], acknowledged: Acknowledged): Promise<void> {
  const vault = scene.vault({ keys })
  const report = await rotateKeys(vault)
  expect(report).toMatchObject({ isComplete: true, failed: [] })
  await requireAll(scene.vault({ keys }), acknowledged)
  for (const id of report.workspaces[0]!.retired) await destroyKey(vault, id, { confirm: id })
  await requireAll(scene.vault({ keys }), acknowledged)
  const { keys: stored } = await scene.keyring()
  const active = stored.find(({ state }) => state === 'active')!.id
  expect(stored.filter(({ state }) => state === 'retired')).toEqual([])
  expect(new Set(Object.values(sealedUnder(await scene.dump())))).toEqual(new Set([active]))
}

describe('a rotation that is killed', () => {
  const COUNT = 3

  /** Kills a rotation there; false where it has ended before. */
  async function killed(stop: Stop, restart: readonly string[], isBusy: boolean): Promise<boolean> {
    const { scene, acknowledged } = await filled(COUNT)
    const write = writers(scene, acknowledged, COUNT)
    const { hooks, isReached } = stopAt(stop, isBusy && stop.call % 2 === 0 ? write : undefined)
    const victim = hooked(scene.storage, BOTH, hooks)
    const run = Promise.resolve(rotateKeys(createVault(victim)))
    // a killed process neither ends nor fails; what it holds is never looked at again
    const isEnded = await Promise.race([isReached.then(() => false), run.then(() => true)])
    await requireAll(scene.vault({ keys: BOTH }), acknowledged)
    // the key that comes may have no slot yet: then nobody has lost anything, and the old one goes on
    const opens = await scene
      .vault({ keys: restart })
      .resolve('<< secrets.t0 >>')
      .then(
        () => true,
        () => false,
      )
    await finish(scene, opens ? restart : [OLD], acknowledged)
    return !isEnded
  }

  it.each([
    ['the old key', 'before', [OLD]],
    ['the new key', 'after', [NEXT]],
    ['both keys', 'before', BOTH],
    ['both keys', 'after', BOTH],
  ] as const)('at each await goes on under %s, stopped %s the call', async (_, when, restart) => {
    let call = 1
    while (call < MOST_CALLS && (await killed({ call, when }, restart, true))) call++
    // the keyring read, wrapped, proved, stored and read back; a page and a put for each record, and the last, empty page
    expect(call).toBeGreaterThan(15)
    expect(call).toBeLessThan(MOST_CALLS)
  })
})

describe('a whole rotation, and the old data key destroyed, while somebody else is stopped in', () => {
  const calls: readonly [string, (vault: Vault) => Promise<[tag: string, value: string | undefined]>][] = [
    ['a create', async (vault) => ['new', await vault.create({ tag: 'new', value: 'v' }).then(() => 'v')]],
    [
      'a create over a tombstone',
      async (vault) => {
        await vault.create({ tag: 'deleted', value: 'v' })
        return ['deleted', 'v']
      },
    ],
    ['a set that creates', async (vault) => ['set', await vault.set({ tag: 'set', value: 'v' }).then(() => 'v')]],
    ['an update', async (vault) => ['t0', await vault.update('t0', { value: 'v' }).then(() => 'v')]],
    ['a set that updates', async (vault) => ['t1', await vault.set({ tag: 't1', value: 'v' }).then(() => 'v')]],
    ['a deletion', async (vault) => ['t2', await vault.delete('t2', { confirm: 't2' }).then(() => undefined)]],
  ]

  it.each([
    ['a resolve', async (vault: Vault) => (await vault.resolve('<< secrets.t0 >>')).expose()],
    ['a snapshot', async (vault: Vault) => (await vault.snapshot(['t0'])).resolve('<< secrets.t0 >>').expose()],
  ])('%s, at each of its awaits', async (_, work) => {
    const read = async (vault: Vault): Promise<[string, string]> => ['t0', await work(vault)]
    for (const when of ['before', 'after'] as const) {
      for (const isWarm of [false, true]) {
        for (let call = 1; await stoppedIn(read, { call, when }, isWarm); call++) expect(call).toBeLessThan(MOST_CALLS)
      }
    }
  })

  it.each(calls)('%s, at each of its awaits', async (_, work) => {
    for (const isWarm of [false, true]) {
      for (const when of ['before', 'after'] as const) {
        let call = 1
        for (; call < MOST_CALLS; call++) if (!(await stoppedIn(work, { call, when }, isWarm))) break
        expect(call).toBeGreaterThan(2)
      }
    }
  })

  async function stoppedIn(
    work: (vault: Vault) => Promise<[string, string | undefined]>,
    stop: Stop,
    isWarm: boolean,
  ): Promise<boolean> {
    const { scene, acknowledged } = await filled(3)
    let isOn = false
    const { hooks, isReached, resume } = stopAt({ ...stop, call: 1 })
    let calls = 0
    const victim = hooked(scene.storage, [OLD], {
      async before() {
        if (isOn && ++calls === stop.call && stop.when === 'before') await hooks.before(1)
      },
      async after() {
        if (isOn && calls === stop.call && stop.when === 'after') await hooks.after(1)
      },
    })
    const vault = createVault(victim)
    // with the keyring in memory, as a program that has run for long
    if (isWarm) await vault.resolve('<< secrets.t0 >>')
    isOn = true
    const writing = work(vault)
    const isStopped = await Promise.race([isReached.then(() => true), writing.then(() => false)])
    if (isStopped) await rotateAndDestroy(scene)
    resume()
    const [tag, value] = await writing
    if (value === undefined) acknowledged.delete(tag)
    else acknowledged.set(tag, value)
    await requireAll(scene.vault(), acknowledged)
    await finish(scene, [OLD], acknowledged)
    return isStopped
  }

  async function rotateAndDestroy(scene: Stage): Promise<void> {
    const vault = scene.vault()
    const { workspaces } = await rotateKeys(vault)
    for (const id of workspaces[0]!.retired) await destroyKey(vault, id, { confirm: id })
  }
})

it('of 1,000 records with one corrupt, one of a later format, a claim and a tombstone, all others are rotated', async () => {
  const scene = stage()
  const vault = scene.vault()
  for (let n = 0; n < 1_000; n++) await vault.create({ tag: `t${n}`, value: `value ${n}` })
  await vault.delete('t500', { confirm: 't500' })
  const rows = await scene.dump()
  const of = (tag: string) => rows.find((row) => row.tag === tag)!
  await scene.overwrite({ ...of('t1'), body: of('t1').body.replace('gm1.A', 'gm1.B') })
  await scene.overwrite({ ...of('t2'), body: of('t2').body.replace('"format":1', '"format":2') })
  const claim = JSON.stringify({ format: 1, state: 'claim', before: 'absent', at: '2026-01-01T00:00:00.000Z' })
  await scene.storage.put({ workspace: 'default', environment: 'default', tag: 'u', version: 1, body: claim })
  const [done] = (await rotateKeys(scene.vault())).workspaces
  expect(done).toMatchObject({ records: 1_001, rotated: 997, bumped: 2, current: 0, unreadableCount: 2 })
  const [id] = done!.retired
  await expect(Promise.resolve(destroyKey(scene.vault(), id!, { confirm: id! }))).rejects.toMatchObject({
    code: 'ERR_KEY_IN_USE',
  })
})

it('seventy rotations in a row, each destroyed, beside a program that runs on: nothing is lost', async () => {
  const { scene, acknowledged } = await filled(3)
  const kept = scene.vault()
  for (let turn = 0; turn < 70; turn++) {
    const { workspaces } = await rotateKeys(scene.vault())
    for (const id of workspaces[0]!.retired) await destroyKey(scene.vault(), id, { confirm: id })
    await kept.update('t0', { value: `turn ${turn}` })
    acknowledged.set('t0', `turn ${turn}`)
  }
  await requireAll(kept, acknowledged)
  await requireAll(scene.vault(), acknowledged)
  expect((await scene.keyring()).keys.length).toBe(64)
})

it('a key withdrawn at any await of a rotation that runs with it: every record is accounted for, and none is lost', async () => {
  let withdrawn = 0
  let call = 1
  for (let isReached = true; isReached; call++) {
    const { scene, acknowledged } = await filled(3)
    await rewrapKeys(scene.vault({ keys: BOTH }))
    isReached = false
    const retire = async (current: number): Promise<void> => {
      if (current !== call) return
      isReached = true
      const retiring = retireKey(scene.vault({ keys: NEXT }), OLD_ID)
      await retiring.then(
        () => withdrawn++,
        // the rotation was faster: its data key opens with the old key alone, which nobody may take away then
        (error: unknown) => expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' }),
      )
    }
    const run = rotateKeys(createVault(hooked(scene.storage, [OLD], { before: retire, after: async () => undefined })))
    for (const done of (await run).workspaces) {
      expect(done.rotated + done.bumped + done.current + done.unreadableCount).toBe(done.records)
    }
    // without the old key once it was withdrawn, with it where it could not be
    await finish(scene, (await scene.keyring()).withdrawn.length > 0 ? [NEXT] : [OLD], acknowledged)
  }
  expect(withdrawn).toBeGreaterThan(2)
  expect(call).toBeGreaterThan(15)
})
