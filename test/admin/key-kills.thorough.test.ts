/** rewrapKeys, retireKey, destroyKey and purgeWorkspace stopped at each of their awaits, and run again. */

import { describe, expect, it } from 'vitest'
import { destroyKey, purgeWorkspace, retireKey, rewrapKeys, rotateKeys } from '../../src/admin.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { hooked, type Stop, stopAt } from './interrupted.ts'
import { NEXT, NEXT_ID, OLD, OLD_ID, type Stage, stage } from './stage.ts'

const BOTH = [NEXT, OLD]
const MOST_CALLS = 400
const WORKSPACES = ['v', 'w']

async function filled(): Promise<Stage> {
  const scene = stage()
  for (const workspace of WORKSPACES) {
    const vault = scene.vault().with({ workspace })
    for (const tag of ['a', 'b']) await vault.create({ tag, value: `${workspace} ${tag}` })
  }
  await rotateKeys(scene.vault())
  await scene.vault().with({ workspace: 'v' }).create({ tag: 'c', value: 'v c' })
  return scene
}

async function opens(scene: Stage, keys: readonly string[], workspace: string): Promise<boolean> {
  return scene
    .vault({ keys })
    .with({ workspace })
    .resolve('<< secrets.a >> << secrets.b >>')
    .then(
      (resolved) => resolved.expose() === `${workspace} a ${workspace} b`,
      () => false,
    )
}

/** Stops the command at each of its awaits on a scene of its own; `after` looks at what it has left and runs it again. */
async function atEachAwait(
  prepare: () => Promise<Stage>,
  keys: readonly string[],
  command: (vault: Vault, scene: Stage) => PromiseLike<unknown>,
  after: (scene: Stage) => Promise<void>,
): Promise<void> {
  for (const when of ['before', 'after'] as const) {
    let call = 1
    for (; call < MOST_CALLS; call++) {
      const scene = await prepare()
      const stop: Stop = { call, when }
      const { hooks, isReached } = stopAt(stop)
      const run = Promise.resolve(command(createVault(hooked(scene.storage, keys, hooks)), scene))
      const isStopped = await Promise.race([isReached.then(() => true), run.then(() => false)])
      await after(scene)
      if (!isStopped) break
    }
    expect(call).toBeGreaterThan(5)
  }
}

describe('stopped at each of its awaits', () => {
  it('rewrapKeys leaves the old key able to open everything, and is run again to its end', () =>
    atEachAwait(
      filled,
      BOTH,
      (vault) => rewrapKeys(vault),
      async (scene) => {
        for (const workspace of WORKSPACES) expect(await opens(scene, [OLD], workspace)).toBe(true)
        expect(await rewrapKeys(scene.vault({ keys: BOTH }))).toMatchObject({ done: 2, isComplete: true })
        for (const workspace of WORKSPACES) {
          for (const key of BOTH) expect(await opens(scene, [key], workspace)).toBe(true)
        }
      },
    ))

  it('retireKey leaves the new key able to open everything, and is run again to its end', () =>
    atEachAwait(
      async () => {
        const scene = await filled()
        await rewrapKeys(scene.vault({ keys: BOTH }))
        return scene
      },
      [NEXT],
      (vault) => retireKey(vault, OLD_ID),
      async (scene) => {
        for (const workspace of WORKSPACES) expect(await opens(scene, [NEXT], workspace)).toBe(true)
        expect(await retireKey(scene.vault({ keys: NEXT }), OLD_ID)).toEqual({ done: 2, isComplete: true })
        for (const workspace of WORKSPACES) {
          expect(await opens(scene, [NEXT], workspace)).toBe(true)
          expect(await opens(scene, [OLD], workspace)).toBe(false)
          const { keys, withdrawn } = await scene.keyring(workspace)
          expect(withdrawn).toEqual([OLD_ID])
          for (const { slots } of keys) expect(slots.map(({ provider }) => provider)).toEqual([NEXT_ID])
        }
      },
    ))

  it('destroyKey loses no record, and is run again to its end', async () => {
    const retiredIn = async (scene: Stage) => (await scene.keyring('v')).keys.find(({ state }) => state === 'retired')
    await atEachAwait(
      filled,
      [OLD],
      async (vault, scene) => {
        const { id } = (await retiredIn(scene))!
        return destroyKey(vault, id, { confirm: id })
      },
      async (scene) => {
        const left = await retiredIn(scene)
        if (left !== undefined) await destroyKey(scene.vault(), left.id, { confirm: left.id })
        expect(await retiredIn(scene)).toBeUndefined()
        for (const workspace of WORKSPACES) expect(await opens(scene, [OLD], workspace)).toBe(true)
      },
    )
  })

  it('purgeWorkspace touches no other workspace, and is run again to its end', () =>
    atEachAwait(
      filled,
      [OLD],
      (vault) => purgeWorkspace(vault, 'v', { confirm: 'v' }),
      async (scene) => {
        expect(await opens(scene, [OLD], 'w')).toBe(true)
        expect(await purgeWorkspace(scene.vault(), 'v', { confirm: 'v' })).toMatchObject({ isComplete: true })
        expect((await scene.keyring('v')).keys.filter(({ state }) => state !== 'destroyed').length).toBe(1)
        const states = (await scene.dump('v')).map(({ body }) => (JSON.parse(body) as { state?: string }).state)
        expect(states.filter((state) => state !== undefined)).toEqual(['deleted', 'deleted', 'deleted'])
      },
    ))
})
