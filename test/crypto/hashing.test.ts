/** The hashes of a box beside those of noble-hashes and of Node, which were made by others. */

import { createHash, createHmac } from 'node:crypto'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
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

it('what they were made with is wiped before they are given', () => {
  interface State {
    readonly buffer: Uint8Array
    get(): readonly number[]
    digestInto(out: Uint8Array): void
  }
  const hashes: State = Object.getPrototypeOf(sha256.create())
  const { digestInto } = hashes
  const states = new Set<State>()
  const written = new Set<Uint8Array>()
  vi.spyOn(hashes, 'digestInto').mockImplementation(function (this: State, out) {
    states.add(this)
    written.add(out)
    Reflect.apply(digestInto, this, [out])
    expect(this.get()).not.toEqual(Array(8).fill(0))
  })
  const isWiped = (numbers: Iterable<number>) => [...numbers].every((each) => each === 0)
  const bytes = new Uint8Array(100).fill(7)
  writeDigest(bytes, new Uint8Array(32))
  expect([...states].map((state) => isWiped([...state.get(), ...state.buffer]))).toEqual([true])
  states.clear()
  written.clear()
  expandTwoBlocks(keyedHmac(bytes.subarray(0, 32)), bytes, new Uint8Array(64))
  expect([...states].map((state) => isWiped([...state.get(), ...state.buffer]))).toEqual([true])
  expect([...written].map(isWiped)).toEqual([true])
})
