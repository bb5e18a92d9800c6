import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { concat } from '../../src/bytes.ts'
import { type RecordContext, recordAad } from '../../src/crypto/aad.ts'
import { createDataKey, dataKey } from '../../src/crypto/data-key.ts'
import { encodeEnvelope, MAX_SEALED_BYTES } from '../../src/crypto/envelope.ts'
import { type DataKey, seal } from '../../src/crypto/seal.ts'
import { anyContext, anyValue } from './arbitraries.ts'
import { keyIdOf, open, under } from './opening.ts'

const KEY = createDataKey()
const AAD = Uint8Array.of(1, 2, 3)
const VALUE = new TextEncoder().encode('a value')
const only = (key: DataKey) => (id: string) => (id === key.id ? key : undefined)
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

describe('sealing', () => {
  it('and opening give back every value', () => {
    fc.assert(
      fc.property(anyValue, anyContext, (value, context) => {
        const aad = recordAad(context)
        expect(open(seal(value, KEY, aad), only(KEY), aad)).toEqual(value)
      }),
    )
  })

  it('and opening give back the longest value, and refuse a longer one', () => {
    const longest = new Uint8Array(MAX_SEALED_BYTES)
    longest[MAX_SEALED_BYTES - 1] = 9
    const opened = open(seal(longest, KEY, AAD), only(KEY), AAD)
    expect(Buffer.compare(opened, longest)).toBe(0)
    expect(() => seal(new Uint8Array(MAX_SEALED_BYTES + 1), KEY, AAD)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  })

  it('never gives the same text twice', () => {
    const texts = Array.from({ length: 50 }, () => seal(VALUE, KEY, AAD))
    expect(new Set(texts).size).toBe(50)
    expect(new Set(texts.map((text) => text.slice(16, 48))).size).toBe(50)
  })

  it('takes its nonce, and nothing else, from the platform', () => {
    const random = vi.spyOn(globalThis.crypto, 'getRandomValues')
    seal(VALUE, KEY, AAD)
    expect(random.mock.calls.map(([array]) => (array as Uint8Array).length)).toEqual([24])
  })

  it('names the data key', () => {
    expect(keyIdOf(seal(VALUE, KEY, AAD))).toBe(KEY.id)
    expect(() => keyIdOf('gm1.AQE')).toThrow(expect.objectContaining({ code: 'ERR_RECORD_CORRUPT' }))
  })

  it('hides the length of a value within its block', () => {
    const lengths = [0, 1, 40, 63].map((length) => seal(new Uint8Array(length), KEY, AAD).length)
    expect(new Set(lengths).size).toBe(1)
    expect(seal(new Uint8Array(64), KEY, AAD).length).toBeGreaterThan(lengths[0]!)
  })

  it('leaves value and AAD as they were, and keeps neither', () => {
    const [value, aad] = [VALUE.slice(), AAD.slice()]
    const sealed = seal(value, KEY, aad)
    expect([value, aad]).toEqual([VALUE, AAD])
    value.fill(0)
    aad.fill(0)
    expect(open(sealed, only(KEY), AAD)).toEqual(VALUE)
  })

  it('is refused under a key that was wiped, mixed up or cut', () => {
    const wiped = createDataKey()
    wiped.wipe()
    for (const key of [wiped, under(KEY.id, createDataKey()), { ...under(KEY.id, KEY), bytes: KEY.bytes.slice(1) }]) {
      expect(() => seal(VALUE, key, AAD)).toThrow(unreadable('key-corrupt'))
    }
  })
})

describe('opening', () => {
  it('needs every part of the context: another one is moved', () => {
    const parts = ['workspace', 'environment', 'tag', 'type', 'visibility', 'version', 'digest'] as const
    fc.assert(
      fc.property(anyContext, anyContext, fc.constantFrom(...parts), (context, other, part) => {
        const changed: RecordContext = { ...context, [part]: other[part] }
        fc.pre(String(changed[part]) !== String(context[part]))
        const sealed = seal(VALUE, KEY, recordAad(context))
        expect(() => open(sealed, only(KEY), recordAad(changed))).toThrow(unreadable('moved'))
      }),
    )
  })

  it('without the data key is key-unknown', () => {
    expect(() => open(seal(VALUE, KEY, AAD), only(createDataKey()), AAD)).toThrow(unreadable('key-unknown'))
  })

  it('with another data key under the same id is moved, unless that key does not even match the id', () => {
    const sealed = seal(VALUE, KEY, AAD)
    expect(() => open(sealed, createDataKey, AAD)).toThrow(unreadable('moved'))
    expect(() => open(sealed, () => under(KEY.id, createDataKey()), AAD)).toThrow(unreadable('key-corrupt'))
  })

  it('with a wiped data key is key-corrupt, so that nobody deletes a good record for it', () => {
    const key = createDataKey()
    const sealed = seal(VALUE, key, AAD)
    key.wipe()
    expect(() => open(sealed, () => key, AAD)).toThrow(unreadable('key-corrupt'))
  })

  it('of a box with malformed padding is tampered', () => {
    const nonce = new Uint8Array(24).fill(5)
    const info = concat(new TextEncoder().encode('gm1:seal'), nonce, sha256(AAD))
    const derived = expand(sha256, KEY.bytes, info, 64)
    const box = (padded: Uint8Array): string =>
      encodeEnvelope({
        keyId: KEY.id,
        nonce,
        commitment: derived.slice(32),
        ciphertext: xchacha20poly1305(derived.slice(0, 32), nonce).encrypt(padded),
      })
    const good = new Uint8Array(64)
    good[3] = 0x80
    expect(open(box(good), only(KEY), AAD)).toEqual(new Uint8Array(3))
    expect(() => open(box(new Uint8Array(64)), only(KEY), AAD)).toThrow(unreadable('tampered'))
    const bad = good.slice()
    bad[63] = 1
    expect(() => open(box(bad), only(KEY), AAD)).toThrow(unreadable('tampered'))
  })

  it('compares the commitment before it opens the AEAD', () => {
    // both are wrong: the first one found is told
    const bytes = Buffer.from(seal(VALUE, KEY, AAD).slice(4), 'base64url')
    bytes[40]! ^= 1
    bytes[bytes.length - 1]! ^= 1
    expect(() => open(`gm1.${bytes.toString('base64url')}`, only(KEY), AAD)).toThrow(unreadable('moved'))
  })
})

describe('a data key', () => {
  it('has an id that depends on all of its bytes', () => {
    const ids = new Set([KEY.id])
    for (let index = 0; index < 32; index++) {
      const bytes = KEY.bytes.slice()
      bytes[index]! ^= 1
      ids.add(dataKey(bytes).id)
    }
    expect(ids.size).toBe(33)
  })
})
