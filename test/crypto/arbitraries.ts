/** What the laws of sealing are held against. */

import fc from 'fast-check'
import type { DigestPart, RecordContext } from '../../src/crypto/aad.ts'

/** Well-formed text of any script, short enough to collide often. */
export const anyText = fc.string({ unit: 'grapheme', maxLength: 6 })

/** Lists of named values, empty lists included. */
export const anyParts: fc.Arbitrary<DigestPart[]> = fc.array(
  fc.record({ name: anyText, values: fc.array(anyText, { maxLength: 3 }) }),
  { maxLength: 3 },
)

/** Contexts of a record. */
export const anyContext: fc.Arbitrary<RecordContext> = fc.record({
  workspace: anyText,
  environment: anyText,
  tag: anyText,
  type: anyText,
  visibility: anyText,
  version: fc.oneof(fc.nat(5), fc.maxSafeNat()),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

/** Values of zero to a few blocks. */
export const anyValue = fc.uint8Array({ maxLength: 200 })
