/** Every change of a sealed value is refused, for the reason that docs/FORMAT.md gives for its region. */

import { describe, expect, it } from 'vitest'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { open } from './opening.ts'

const KEY = createDataKey()
const AAD = new TextEncoder().encode('where it belongs')
const SEALED = seal(new TextEncoder().encode('value '.repeat(20)), KEY, AAD)
const BYTES = Buffer.from(SEALED.slice(4), 'base64url')

const textOf = (bytes: Uint8Array): string => `gm1.${Buffer.from(bytes).toString('base64url')}`

/** What the reader says: a code, a reason, or that it opened. */
function diagnosis(sealed: string): string {
  try {
    open(sealed, (id) => (id === KEY.id ? KEY : undefined), AAD)
    return 'opened'
  } catch (error) {
    const { code, reason } = error as { code: string; reason?: string }
    return code === 'ERR_RECORD_UNREADABLE' ? reason! : code
  }
}

/** The regions of docs/FORMAT.md, "A sealed value". */
function reasonAt(offset: number): string {
  if (offset < 2) return 'ERR_RECORD_CORRUPT'
  if (offset < 10) return 'key-unknown'
  return offset < 66 ? 'moved' : 'tampered'
}

/** What docs/FORMAT.md says of a text other than the one that was sealed. */
function expected(text: string): string {
  const bytes = Buffer.from(text.slice(4), 'base64url')
  const isCanonical = text === textOf(bytes)
  if (!isCanonical || bytes.length < 146 || (bytes.length - 82) % 64 !== 0) return 'ERR_RECORD_CORRUPT'
  const first = bytes.findIndex((byte, index) => byte !== BYTES[index])
  return first === -1 ? 'tampered' : reasonAt(first)
}

describe('a sealed value', () => {
  it('opens as it was sealed', () => {
    expect(diagnosis(SEALED)).toBe('opened')
    expect(BYTES.length).toBe(66 + 128 + 16)
  })

  it('is refused with any one bit of its bytes flipped, with the reason of the region', () => {
    for (let offset = 0; offset < BYTES.length; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(BYTES)
        changed[offset]! ^= 1 << bit
        expect([offset, bit, diagnosis(textOf(changed))]).toEqual([offset, bit, reasonAt(offset)])
      }
    }
  })

  it('is refused with any one bit of its text flipped', () => {
    for (let index = 0; index < SEALED.length; index++) {
      for (let bit = 0; bit < 16; bit++) {
        const character = String.fromCharCode(SEALED.charCodeAt(index) ^ (1 << bit))
        const changed = SEALED.slice(0, index) + character + SEALED.slice(index + 1)
        expect([index, bit, diagnosis(changed)]).toEqual([index, bit, expected(changed)])
      }
    }
  })

  it('is refused when its text is cut anywhere, at the end or at the beginning', () => {
    for (let length = 0; length < SEALED.length; length++) {
      expect([length, diagnosis(SEALED.slice(0, length))]).toEqual([length, expected(SEALED.slice(0, length))])
      expect(diagnosis(SEALED.slice(SEALED.length - length))).toBe('ERR_RECORD_CORRUPT')
    }
  })

  it('is refused when its bytes are cut: tampered by whole blocks, a format error otherwise', () => {
    for (let length = 0; length < BYTES.length; length++) {
      const answer = length === BYTES.length - 64 ? 'tampered' : 'ERR_RECORD_CORRUPT'
      expect([length, diagnosis(textOf(BYTES.subarray(0, length)))]).toEqual([length, answer])
    }
  })

  it('is refused with anything behind it: tampered by whole blocks, a format error otherwise', () => {
    for (let added = 1; added <= 192; added++) {
      const answer = added % 64 === 0 ? 'tampered' : 'ERR_RECORD_CORRUPT'
      expect([added, diagnosis(textOf(Buffer.concat([BYTES, Buffer.alloc(added)])))]).toEqual([added, answer])
    }
    for (const suffix of ['A', '=', '.', ' ', '\n', '\0', SEALED]) {
      expect(diagnosis(SEALED + suffix)).toBe('ERR_RECORD_CORRUPT')
    }
  })

  it('is refused when a part of another value of the same key and place is put into it', () => {
    const other = Buffer.from(seal(new TextEncoder().encode('other '.repeat(20)), KEY, AAD).slice(4), 'base64url')
    for (const [from, to, answer] of [
      [10, 34, 'moved'],
      [34, 66, 'moved'],
      // nonce and commitment of one box fit each other, so that only the ciphertext tells
      [10, 66, 'tampered'],
      [66, 194, 'tampered'],
      [194, 210, 'tampered'],
      [66, 210, 'tampered'],
    ] as const) {
      const mixed = Buffer.from(BYTES)
      other.copy(mixed, from, from, to)
      expect(diagnosis(textOf(mixed))).toBe(answer)
    }
  })
})
