/** The same at length: over memory by many seeds, over files, and with a storage that tells something untrue. */

import { expect, it } from 'vitest'
import type { GuillemetError } from '../../src/errors.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { scratch } from '../storage/scratch.ts'
import { raceVaults } from './faulty-races.ts'

const SEEDS = 60
const place = scratch()

it('vaults over memory, by many seeds', async () => {
  const total: Record<string, number> = {}
  for (let seed = 1; seed <= SEEDS; seed++) {
    const rate = seed % 2 ? 0.15 : 0.4
    const { problems, outcomes } = await raceVaults(memoryStorage(), { vaults: 4, rounds: 8, seed, rate })
    expect(problems, `seed ${seed}`).toEqual([])
    for (const [outcome, count] of Object.entries(outcomes)) total[outcome] = (total[outcome] ?? 0) + count
  }
  // what never happened was not proved
  for (const outcome of ['done', 'conflict', 'unknown']) expect(total[outcome], outcome).toBeGreaterThan(10)
  console.log(`outcomes of ${SEEDS} races: ${JSON.stringify(total)}`)
})

it('vaults over files', async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { problems } = await raceVaults(fileStorage(place()), { vaults: 3, rounds: 6, seed, rate: 0.2 })
    expect(problems, `seed ${seed}`).toEqual([])
  }
})

it('a storage that acknowledges what it then loses is found out', async () => {
  const sound = memoryStorage()
  let puts = 0
  const losing: VaultStorage = { ...sound, put: async (record) => (++puts % 7 === 0 ? undefined : sound.put(record)) }
  const found = await raceVaults(losing, { vaults: 2, rounds: 20, seed: 1, rate: 0 }).then(
    ({ problems }) => problems,
    (error: GuillemetError) => [error.reason], // by a vault, which had seen what it wrote
  )
  expect(found).not.toEqual([])
})
