/** Laws of `redactor.value` over any structure; those of its size are in `test/redact/value-size.thorough.test.ts`. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectClean, looks, S, value } from '../redact/looks.ts'
import { runs } from '../tooling/runs.ts'

const RUNS = runs(300)

describe('any structure', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string().map((text) => text + S),
  )
  const leaves = [
    texts,
    fc.double(),
    fc.constantFrom<unknown>(S, Buffer.from(S), Symbol(S), new Error(S), new URL(`https://h/${S}`), () => S),
  ]
  const kinds = {
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
  }
  const options = { ...kinds, withSparseArray: true, withTypedArray: true }
  const key = fc.oneof(
    { weight: 9, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom(S, `a${S}`, '__proto__') },
  )

  it('shows no value wherever one stands', () => {
    fc.assert(
      fc.property(fc.anything({ ...options, key, values: leaves, withBoxedValues: true }), (source) => {
        const before = looks(source)
        expectClean(value(source))
        expect(looks(source)).toBe(before)
      }),
      { numRuns: RUNS },
    )
  })

  it('is as it was before', () => {
    fc.assert(
      fc.property(fc.anything({ ...options, key, values: [texts] }), (source) => {
        const before = structuredClone(source)
        value(source)
        expect(source).toEqual(before)
      }),
      { numRuns: RUNS },
    )
  })

  it('is copied as it is where nothing is known', () => {
    fc.assert(
      fc.property(fc.anything(options), (source) => {
        expect(value(source)).toStrictEqual(source)
      }),
      { numRuns: RUNS },
    )
  })
})
