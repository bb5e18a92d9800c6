/** No acknowledged write is lost: two vaults on one storage, every interleaving, against a map with versions. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { createVault } from '../../src/vault/vault.ts'
import { runs } from '../tooling/runs.ts'
import { KEY } from '../vault/fixture.ts'

const RUNS = runs(100)
const TAGS = ['a', 'b'] as const

/** What a change asks for; `mark` is in each value once. */
type Change =
  | { readonly kind: 'create' | 'set' | 'value'; readonly tag: string; readonly mark: number }
  | { readonly kind: 'name'; readonly tag: string; readonly mark: number }
  | { readonly kind: 'unname' | 'delete' | 'stale'; readonly tag: string; readonly mark: number }

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('create', 'set', 'value', 'name', 'unname', 'delete', 'stale'),
  tag: fc.constantFrom(...TAGS),
  mark: fc.nat(),
})

/** A state of one tag. */
interface State {
  readonly value: string
  readonly name: string | undefined
}

/** A write that was acknowledged. */
interface Acknowledged {
  readonly version: number
  readonly action: VaultEvent['action']
  readonly change: Change
}

const valueFor = (mark: number): string => `value-${mark}`

function perform(vault: Vault, { kind, tag, mark }: Change): Promise<unknown> {
  switch (kind) {
    case 'create':
      return vault.create({ tag, value: valueFor(mark) })
    case 'set':
      return vault.set({ tag, value: valueFor(mark), allow: null })
    case 'value':
      return vault.update(tag, { value: valueFor(mark) })
    case 'name':
      return vault.update(tag, { name: `name-${mark}` })
    case 'unname':
      return vault.update(tag, { name: null, description: `no name, ${mark}` })
    case 'delete':
      return vault.delete(tag, { confirm: tag })
    case 'stale':
      return vault.update(tag, { value: 'never there' }, { ifVersion: 1 })
  }
}

/** The state that the acknowledged writes lead to, one after the other by version. */
function replay(writes: readonly Acknowledged[]): State | undefined {
  let state: State | undefined
  for (const { action, change } of [...writes].sort((one, other) => one.version - other.version)) {
    const { kind, mark } = change
    if (action === 'delete') state = undefined
    else if (action === 'create') state = { value: valueFor(mark), name: undefined }
    else if (kind === 'name') state = { ...state!, name: `name-${mark}` }
    else if (kind === 'unname') state = { ...state!, name: undefined }
    else state = { ...state!, value: valueFor(mark) }
  }
  return state
}

/** Makes the changes one after the other; gives those that were acknowledged, with what the listener was told. */
async function work(storage: VaultStorage, changes: readonly Change[]): Promise<readonly Acknowledged[]> {
  const told: VaultEvent[] = []
  const vault = createVault({ storage, keys: KEY, onEvent: (event) => void told.push(event) })
  const acknowledged: Acknowledged[] = []
  for (const one of changes) {
    told.length = 0
    const isDone = await perform(vault, one).then(
      () => true,
      () => false,
    )
    expect(told).toHaveLength(1)
    const [{ action, outcome, secrets }] = told as [VaultEvent]
    expect(outcome === 'ok').toBe(isDone)
    if (isDone) acknowledged.push({ version: secrets[0]!.version!, action, change: one })
    else expect(['ERR_SECRET_EXISTS', 'ERR_SECRET_NOT_FOUND', 'ERR_CONFLICT']).toContain(outcome)
  }
  return acknowledged
}

async function stateOf(storage: VaultStorage, tag: string): Promise<State | undefined> {
  const vault = createVault({ storage, keys: KEY })
  const info = await vault.describe(tag)
  if (info === undefined) return undefined
  const value = (await vault.resolve(`<< secrets.${tag} >>`)).expose()
  return { value, name: Object.hasOwn(info, 'name') ? info.name : undefined }
}

it('by two vaults at once, in any order of what their storage does', async () => {
  const changes = fc.array(change, { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), changes, changes, async (scheduler, one, two) => {
      const inner = memoryStorage()
      const storage: VaultStorage = {
        get: (...of) => scheduler.schedule(Promise.resolve(), 'get').then(() => inner.get(...of)),
        put: (...of) => scheduler.schedule(Promise.resolve(), 'put').then(() => inner.put(...of)),
        list: (...of) => scheduler.schedule(Promise.resolve(), 'list').then(() => inner.list(...of)),
      }
      // each mark is used once
      const marked = [one, two].map((list, vault) =>
        list.map((each, index) => ({ ...each, mark: vault * 100 + index })),
      )
      const writes = (await scheduler.waitFor(Promise.all(marked.map((list) => work(storage, list))))).flat()
      for (const tag of TAGS) {
        const its = writes.filter((write) => write.change.tag === tag)
        const versions = its.map(({ version }) => version)
        expect(new Set(versions).size).toBe(versions.length)
        expect(await stateOf(inner, tag)).toEqual(replay(its))
        const [row] = await inner.get('default', [{ environment: 'default', tag }])
        expect(row?.version ?? 0).toBeGreaterThanOrEqual(Math.max(0, ...versions))
      }
    }),
    { numRuns: RUNS },
  )
})

it('by one vault alone, as a map would have it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 16 }), async (given) => {
      const storage = memoryStorage()
      const changes = given.map((each, mark) => ({ ...each, mark }))
      const writes = await work(storage, changes)
      const model = new Map<string, State>()
      const expected: Change[] = []
      for (const one of changes) {
        const { kind, tag, mark } = one
        const state = model.get(tag)
        if (kind === 'stale' || ((kind === 'create') !== (state === undefined) && kind !== 'set')) continue
        expected.push(one)
        if (kind === 'delete') model.delete(tag)
        else if (kind === 'name') model.set(tag, { ...state!, name: `name-${mark}` })
        else if (kind === 'unname') model.set(tag, { ...state!, name: undefined })
        else model.set(tag, { name: state?.name, value: valueFor(mark) })
      }
      expect(writes.map((write) => write.change)).toEqual(expected)
      for (const tag of TAGS) {
        expect(await stateOf(storage, tag)).toEqual(model.get(tag))
        const versions = writes.filter((write) => write.change.tag === tag).map(({ version }) => version)
        expect(versions).toEqual([...versions].sort((a, b) => a - b))
      }
    }),
    { numRuns: RUNS },
  )
})
