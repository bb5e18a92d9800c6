/** Derived keys do not outlive the call that derived them. */

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createDataKey, dataKey } from '../../src/crypto/data-key.ts'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { open } from './opening.ts'

const seen = vi.hoisted(() => ({
  derived: [] as Uint8Array[],
  cipherKeys: [] as Uint8Array[],
  plaintexts: [] as Uint8Array[],
  states: [] as KeyedState[],
}))

/** What a hash keeps of a key, as noble-hashes has it. */
interface KeyedState {
  readonly get: () => readonly number[]
  readonly buffer: Uint8Array
}

vi.mock('@noble/hashes/hkdf.js', async (original) => {
  const real = await original<typeof import('@noble/hashes/hkdf.js')>()
  const expand: typeof real.expand = (...args) => {
    const derived = real.expand(...args)
    // ids and checksums are stored or shown, so they are no secrets
    if (derived.length >= 32) seen.derived.push(derived)
    return derived
  }
  return { ...real, expand }
})

vi.mock('@noble/ciphers/chacha.js', async (original) => {
  const real = await original<typeof import('@noble/ciphers/chacha.js')>()
  return {
    ...real,
    xchacha20poly1305(key: Uint8Array, nonce: Uint8Array) {
      seen.cipherKeys.push(key)
      const cipher = real.xchacha20poly1305(key, nonce)
      return {
        encrypt(plaintext: Uint8Array) {
          seen.plaintexts.push(plaintext)
          return cipher.encrypt(plaintext)
        },
        decrypt: (ciphertext: Uint8Array) => cipher.decrypt(ciphertext),
      }
    },
  }
})

vi.mock('../../src/crypto/hashing.ts', async (original) => {
  const real = await original<typeof import('../../src/crypto/hashing.ts')>()
  const expandTwoBlocks: typeof real.expandTwoBlocks = (key, info, out) => {
    real.expandTwoBlocks(key, info, out)
    expect(out).not.toEqual(new Uint8Array(out.length))
    seen.derived.push(out)
  }
  return { ...real, expandTwoBlocks }
})

vi.mock('@noble/hashes/hmac.js', async (original) => {
  const real = await original<typeof import('@noble/hashes/hmac.js')>()
  const create = (...args: Parameters<typeof real.hmac.create>) => {
    const made = real.hmac.create(...args)
    seen.states.push(made.iHash, made.oHash)
    return made
  }
  return { ...real, hmac: Object.assign(real.hmac.bind(undefined), { create }) }
})

const KEY = createDataKey()
const AAD = Uint8Array.of(1)
const VALUE = Uint8Array.of(1, 2, 3)
const get = () => KEY
const zeros = (arrays: readonly Uint8Array[]) => arrays.map((array) => new Uint8Array(array.length))

beforeEach(() => {
  Object.assign(seen, { derived: [], cipherKeys: [], plaintexts: [], states: [] })
})

describe('after', () => {
  it('sealing, the derived keys and the padded value are zeros', () => {
    seal(VALUE, KEY, AAD)
    expect([seen.derived.length, seen.cipherKeys.length, seen.plaintexts.length]).toEqual([1, 1, 1])
    expect(seen.derived).toEqual(zeros(seen.derived))
    expect(seen.cipherKeys).toEqual(zeros(seen.cipherKeys))
    expect(seen.plaintexts).toEqual(zeros(seen.plaintexts))
  })

  it('opening, or failing to, the derived keys are zeros', () => {
    const sealed = seal(VALUE, KEY, AAD)
    const cut = Buffer.from(sealed.slice(4), 'base64url')
    cut[cut.length - 1]! ^= 1
    const attempts = [
      () => open(sealed, get, AAD),
      () => open(sealed, get, new Uint8Array()),
      () => open(`gm1.${cut.toString('base64url')}`, get, AAD),
    ]
    for (const attempt of attempts) {
      seen.derived = []
      try {
        attempt()
      } catch {}
      expect(seen.derived.length).toBe(1)
      expect(seen.derived).toEqual(zeros(seen.derived))
    }
    expect(seen.cipherKeys.length).toBe(3) // sealed, opened, failed; with another AAD the cipher never ran
    expect(seen.cipherKeys).toEqual(zeros(seen.cipherKeys))
  })

  it('a data key was wiped, neither its bytes nor what HMAC made of them are left, and it opens nothing', () => {
    const bytes = new Uint8Array(32).fill(7)
    const key = dataKey(bytes)
    const sealed = seal(VALUE, key, AAD)
    expect(open(sealed, () => key, AAD)).toEqual(VALUE)
    expect(seen.states.length).toBe(2) // made once, for sealing and opening
    expect(seen.states.every((state) => state.get().every((word) => word !== 0))).toBe(true)
    key.wipe()
    expect(bytes).toEqual(new Uint8Array(32))
    for (const state of seen.states) {
      expect([...state.get()]).toEqual(Array(8).fill(0))
      expect(state.buffer).toEqual(new Uint8Array(64))
    }
    expect(() => open(sealed, () => key, AAD)).toThrow(expect.objectContaining({ reason: 'key-corrupt' }))
  })

  it('a keyring was made and opened, wrapping and HMAC keys are zeros', async () => {
    const provider = localKey(generateKey())
    const { body } = await createKeyring('w', [provider])
    await openKeyring(body, 'w', [provider])
    expect(seen.derived.length).toBe(5) // wrapping is proven by unwrapping
    expect(seen.derived).toEqual(zeros(seen.derived))
    expect(seen.cipherKeys).toEqual(zeros(seen.cipherKeys))
    expect(seen.plaintexts).toEqual(zeros(seen.plaintexts))
  })
})
