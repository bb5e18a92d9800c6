/** A small part of what `oracle.thorough.test.ts` holds against the oracle. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { differencesInPieces, disagreements } from './oracle-laws.ts'
import { samples } from './random-texts.ts'

const FEW = { numRuns: 40 }

it('engine and oracle mask the same of a few random texts', () => {
  fc.assert(
    fc.property(samples, (sample) => expect(disagreements(sample)).toEqual([])),
    FEW,
  )
})

it('a few random texts leave a stream as they leave at once', () => {
  fc.assert(
    fc.property(samples, (sample) => expect(differencesInPieces(sample)).toEqual([])),
    FEW,
  )
})
