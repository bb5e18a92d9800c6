/** Whatever goes wrong on the way to a storage, no acknowledged write is lost and nobody is told anything untrue. */

import { expect, it } from 'vitest'
import { memoryStorage } from '../../src/storage/memory.ts'
import { raceVaults } from './faulty-races.ts'

it.each([1, 2, 3])('three vaults over a storage that loses, delays and doubles calls (seed %i)', async (seed) => {
  const { problems, outcomes } = await raceVaults(memoryStorage(), { vaults: 3, rounds: 8, seed, rate: 0.25 })
  expect(problems).toEqual([])
  expect(outcomes['done']).toBeGreaterThan(0)
})
