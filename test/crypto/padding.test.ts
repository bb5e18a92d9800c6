import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, pad, unpad } from '../../src/crypto/box.ts'

describe('padding', () => {
  it('gives back every value, from whole blocks with at least one byte added', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
        const padded = pad(value)
        expect(padded.length % BLOCK_BYTES).toBe(0)
        expect(padded.length - value.length).toBeGreaterThanOrEqual(1)
        expect(padded.length - value.length).toBeLessThanOrEqual(BLOCK_BYTES)
        expect(unpad(padded)).toEqual(value)
      }),
    )
  })

  it('keeps a value that itself ends like padding', () => {
    for (const value of [
      Uint8Array.of(0x80),
      Uint8Array.of(0x80, 0, 0),
      new Uint8Array(64),
      new Uint8Array(63).fill(0x80),
    ]) {
      expect(unpad(pad(value))).toEqual(value)
    }
  })

  it('is refused without its mark in the last block', () => {
    expect(unpad(new Uint8Array(64))).toBeUndefined()
    expect(unpad(new Uint8Array(64).fill(1))).toBeUndefined()
    expect(unpad(pad(Uint8Array.of(1)).fill(7, 63))).toBeUndefined()
    const markTooEarly = new Uint8Array(128)
    markTooEarly[63] = 0x80
    expect(unpad(markTooEarly)).toBeUndefined()
  })

  it('may fill a whole block', () => {
    const padded = new Uint8Array(128)
    padded[64] = 0x80
    expect(unpad(padded)).toEqual(new Uint8Array(64))
  })
})
