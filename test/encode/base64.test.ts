import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64, base64url, fromBase64url } from '../../src/encode/base64.ts'

// lengths on both sides of the short path, and one that no table fits
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 1000, maxLength: 1100 }))

/** What RFC 4648 §3.5 calls canonical, by the platform's own codec. */
const isCanonical = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text

describe('base64', () => {
  it('is what the platform writes, in both alphabets', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('gives back every array it wrote', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromBase64url(base64url(bytes))).toEqual(bytes)
      }),
    )
  })

  it('reads a view without its surroundings', () => {
    const surrounded = Uint8Array.of(1, 2, 3, 4, 5)
    expect(base64url(surrounded.subarray(1, 3))).toBe(base64url(Uint8Array.of(2, 3)))
  })
})

describe('reading base64url', () => {
  it('accepts exactly the canonical texts', () => {
    const digits = fc.constantFrom(...'ABCDEQgwxyz019-_')
    const intruders = fc.constantFrom('+', '/', '=', '.', ' ', '\n', '\u0000', '\u0080', 'é', 'Ａ', '🗝', '\ud800')
    const text = fc
      .array(fc.oneof({ weight: 20, arbitrary: digits }, { weight: 1, arbitrary: intruders }), { maxLength: 24 })
      .map((characters) => characters.join(''))
    fc.assert(
      fc.property(text, (candidate) => {
        expect(fromBase64url(candidate) !== undefined).toBe(isCanonical(candidate))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses an intruder at every place', () => {
    const text = base64url(new Uint8Array(47).fill(170))
    for (let index = 0; index < text.length; index++) {
      for (const intruder of ['=', '+', '/', '.', ' ', '\u007f', 'Ā', '中']) {
        expect(fromBase64url(text.slice(0, index) + intruder + text.slice(index + 1))).toBeUndefined()
      }
    }
  })

  it('refuses one character more than whole bytes, and bits beyond the last byte', () => {
    expect(fromBase64url('AAAAA')).toBeUndefined()
    expect(fromBase64url('AB')).toBeUndefined()
    expect(fromBase64url('AAB')).toBeUndefined()
    expect(fromBase64url('AA')).toEqual(Uint8Array.of(0))
    expect(fromBase64url('')).toEqual(new Uint8Array())
  })
})
