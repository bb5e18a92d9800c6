/** Vaults that race over a storage with faults: what each did and saw, as a history that can be inspected. */

import { codeOf } from '../../src/errors.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type ChooseFault, faultyStorage, inspectHistories, type Operation, STORAGE_FAULTS } from '../../src/testing.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { KEY } from './fixture.ts'

const TAGS = ['a', 'b'] as const
/** Short, since a call that is never answered has to be waited for. */
const TIMEOUT = 20
/** Longer than any put that is delayed or lands late. */
const SETTLED = 50

/** A small generator, so that a race that fails can be run again by its seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Some calls go wrong, in any way. */
export function randomFaults(seed: number, rate: number): ChooseFault {
  const random = randomFrom(seed)
  return () => (random() < rate ? STORAGE_FAULTS[Math.floor(random() * STORAGE_FAULTS.length)] : undefined)
}

/** What is wrong with what the vaults were told; and how often each outcome was. */
export async function raceVaults(
  storage: VaultStorage,
  { vaults, rounds, seed, rate }: { vaults: number; rounds: number; seed: number; rate: number },
): Promise<{ readonly problems: readonly string[]; readonly outcomes: Readonly<Record<string, number>> }> {
  const sound = createVault({ storage, keys: KEY })
  const first: Operation[] = []
  for (const tag of TAGS) {
    const { version } = await sound.create({ tag, value: `the first of ${tag}` })
    // the claim is version 1
    for (let each = 1; each <= version; each++) {
      const body = each === version ? `the first of ${tag}` : `claim of ${tag}`
      first.push({ by: 'first', kind: 'put', key: tag, version: each, body, outcome: 'done', start: -2, end: -1 })
    }
  }
  const histories = Array.from({ length: vaults }, async (_, index) => {
    const faulty = faultyStorage(storage, randomFaults(seed + index, rate))
    const vault = createVault({ storage: faulty, keys: KEY, storageTimeout: TIMEOUT })
    return race(vault, `v${index + 1}`, rounds, randomFrom(seed * 31 + index))
  })
  const all = [first, ...(await Promise.all(histories))]
  await new Promise((resolve) => setTimeout(resolve, SETTLED))
  const after: Operation[] = []
  for (const tag of TAGS) await read(sound, 'after', tag, after)
  const outcomes: Record<string, number> = {}
  for (const { outcome, kind } of all.flat()) if (kind === 'put') outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  return { problems: inspectHistories([...all, after]), outcomes }
}

/** An update of the version that was read, and of no other, is a compare-and-set. */
async function race(vault: Vault, by: string, rounds: number, random: () => number): Promise<readonly Operation[]> {
  const seen: Operation[] = []
  for (let round = 0; round < rounds; round++) {
    const tag = TAGS[Math.floor(random() * TAGS.length)]!
    const version = await read(vault, by, tag, seen)
    if (version === undefined) continue
    const value = `${by} in round ${round} of ${tag}`
    const start = performance.now()
    const outcome = await vault.update(tag, { value }, { ifVersion: version }).then(() => 'done' as const, outcomeOf)
    const end = performance.now()
    seen.push({ by, kind: 'put', key: tag, version: version + 1, body: value, outcome, start, end })
  }
  return seen
}

/** The version that was read; undefined where the storage did not answer. */
async function read(vault: Vault, by: string, tag: string, seen: Operation[]): Promise<number | undefined> {
  const start = performance.now()
  try {
    const resolved = await vault.resolve(`<< secrets.${tag} >>`)
    const [{ version } = { version: 0 }] = resolved.references
    const end = performance.now()
    seen.push({ by, kind: 'read', key: tag, version, body: resolved.expose(), outcome: 'done', start, end })
    return version
  } catch (error) {
    if (codeOf(error) === 'ERR_STORAGE_UNAVAILABLE') return undefined
    throw error
  }
}

function outcomeOf(error: unknown): Operation['outcome'] {
  const code = codeOf(error)
  if (code === 'ERR_CONFLICT') return 'conflict'
  if (code === 'ERR_STORAGE_UNAVAILABLE') return 'failed'
  if (code === 'ERR_OUTCOME_UNKNOWN') return 'unknown'
  throw error
}
