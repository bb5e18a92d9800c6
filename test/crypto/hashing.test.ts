/** The hashes of a box beside those of noble-hashes and of Node, which were made by others. */

import { createHash, createHmac } from 'node:crypto'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expandTwoBlocks, keyedHmac, writeDigest } from '../../src/crypto/hashing.ts'

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 })
const anyBytes = fc.uint8Array({ maxLength: 300 })

it('two blocks are what HKDF-Expand gives, however often and in whatever order the keys take turns', () => {
  fc.assert(
    fc.property(anyKey, anyKey, fc.array(fc.tuple(fc.boolean(), anyBytes), { maxLength: 6 }), (one, other, calls) => {
      const keyed = [keyedHmac(one), keyedHmac(other)] as const
      for (const [isOther, info] of calls) {
        const key = isOther ? other : one
        const expanded = new Uint8Array(64)
        expandTwoBlocks(keyed[isOther ? 1 : 0], info, expanded)
        const first = createHmac('sha256', key).update(info).update(Uint8Array.of(1)).digest()
        const second = createHmac('sha256', key).update(first).update(info).update(Uint8Array.of(2)).digest()
        expect(expanded).toEqual(expand(sha256, key, info, 64))
        expect(Buffer.concat([first, second]).equals(expanded)).toBe(true)
      }
    }),
  )
})

it('a digest is that of SHA-256, in the 32 bytes it is written to and nowhere else', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const whole = new Uint8Array(48).fill(9)
      writeDigest(bytes, whole.subarray(8, 40))
      expect(createHash('sha256').update(bytes).digest().equals(whole.subarray(8, 40))).toBe(true)
      expect([...whole.subarray(0, 8), ...whole.subarray(40)]).toEqual(Array(16).fill(9))
    }),
  )
})
