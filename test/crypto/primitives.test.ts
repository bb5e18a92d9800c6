/** Project Wycheproof's vectors against the primitives, called as the rooms of `src/crypto` call them. */

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import hkdf from '../cases/vectors/hkdf_sha256_test.json' with { type: 'json' }
import xchacha from '../cases/vectors/xchacha20_poly1305_test.json' with { type: 'json' }

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('XChaCha20-Poly1305', () => {
  const tests = xchacha.testGroups.flatMap((group) => group.tests)

  it('has all vectors of the file', () => {
    expect(tests.length).toBe(xchacha.numberOfTests)
  })

  it.each(tests.filter(({ result }) => result === 'valid'))('vector $tcId seals and opens', (vector) => {
    const [key, nonce, aad] = [unhex(vector.key), unhex(vector.iv), unhex(vector.aad)]
    expect(hex(xchacha20poly1305(key, nonce, aad).encrypt(unhex(vector.msg)))).toBe(vector.ct + vector.tag)
    expect(hex(xchacha20poly1305(key, nonce, aad).decrypt(unhex(vector.ct + vector.tag)))).toBe(vector.msg)
    // this is how a box calls it: without AAD, which must be the same as an empty one
    if (vector.aad === '') {
      expect(hex(xchacha20poly1305(key, nonce).decrypt(unhex(vector.ct + vector.tag)))).toBe(vector.msg)
    }
  })

  it.each(tests.filter(({ result }) => result !== 'valid'))('vector $tcId is refused: $flags', (vector) => {
    const attempt = () =>
      xchacha20poly1305(unhex(vector.key), unhex(vector.iv), unhex(vector.aad)).decrypt(unhex(vector.ct + vector.tag))
    expect(attempt).toThrow()
  })
})

describe('HKDF-SHA256', () => {
  const tests = hkdf.testGroups.flatMap((group) => group.tests)

  it('has all vectors of the file', () => {
    expect(tests.length).toBe(hkdf.numberOfTests)
  })

  it.each(tests)('vector $tcId is $result', (vector) => {
    const key = extract(sha256, unhex(vector.ikm), unhex(vector.salt))
    const derive = () => hex(expand(sha256, key, unhex(vector.info), vector.size))
    if (vector.result === 'valid') expect(derive()).toBe(vector.okm)
    else expect(derive).toThrow()
  })
})
