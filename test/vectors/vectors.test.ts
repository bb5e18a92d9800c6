/** What any released version sealed opens for ever, and two readers of the format agree on every byte of it. */

import { describe, expect, it, vi } from 'vitest'
import { recordAad, stateDigest } from '../../src/crypto/aad.ts'
import { dataKey } from '../../src/crypto/data-key.ts'
import { type Keyring, openKeyring } from '../../src/crypto/keyring.ts'
import { localKey } from '../../src/crypto/local-key.ts'
import { passphraseKey } from '../../src/crypto/passphrase-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { digestParts } from '../../src/secrets/allow.ts'
import { readBody } from '../../src/secrets/body.ts'
import { decodeValue } from '../../src/secrets/payload.ts'
import { keyIdOf, open } from '../crypto/opening.ts'
import { type KeyringVector, keyringVectors, type RecordVector, recordVectors } from './frozen.ts'
import { decodeKeyring, decodeRecord, type GivenKeys } from './second-decoder.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

const ringOf = (name: string): KeyringVector => keyringVectors.find((vector) => vector.name === name)!

const providersOf = ({ localKeys = [], passphrase }: GivenKeys) => [
  ...localKeys.map(localKey),
  ...(passphrase === undefined ? [] : [passphraseKey(passphrase.text, { id: passphrase.id })]),
]

describe('a frozen keyring', () => {
  // scrypt at its real cost, twice
  it.each(keyringVectors)('with $name opens, and both readers find the same data keys', async (vector) => {
    const { workspace, body, opened } = vector
    const keyring = await openKeyring(body, workspace, providersOf(vector))
    expect(keyring.sequence).toBe(opened.sequence)
    expect(keyring.active.id).toBe(opened.active)
    const found = keyring.ids.map((id) => [id, hex(keyring.key(id)!.bytes)])
    expect(Object.fromEntries(found)).toEqual(opened.keys)

    const second = decodeKeyring(workspace, body, vector)
    expect(second.sequence).toBe(opened.sequence)
    expect(second.active).toBe(opened.active)
    expect(Object.fromEntries([...second.keys].map(([id, key]) => [id, hex(key)]))).toEqual(opened.keys)
  })
})

describe('a frozen record', () => {
  // from the data keys themselves: that the keyrings open is tested above
  const bytesOf = ({ keyring, opened }: RecordVector): Uint8Array => unhex(ringOf(keyring).opened.keys[opened.keyId]!)
  const keyringOf = (vector: RecordVector): Pick<Keyring, 'key'> => {
    const key = dataKey(bytesOf(vector))
    return { key: (id) => (id === key.id ? key : undefined) }
  }
  const contextOf = ({ workspace, environment, tag, version, body }: RecordVector) => {
    const stored = readBody(body)
    if (stored.state !== 'live') throw new Error('not a live record')
    const { type, visibility } = stored.info
    const digest = stateDigest(digestParts(stored.info))
    return { stored, digest, aad: recordAad({ workspace, environment, tag, type, visibility, version, digest }) }
  }

  it.each(recordVectors)('of $name opens', (vector) => {
    const { stored, digest, aad } = contextOf(vector)
    expect(hex(digest)).toBe(vector.opened.digest)
    expect(hex(aad)).toBe(vector.opened.aad)
    expect(keyIdOf(stored.sealed)).toBe(vector.opened.keyId)
    const payload = open(stored.sealed, (id) => keyringOf(vector).key(id), aad)
    expect(hex(payload)).toBe(vector.opened.payload)
    const value = decodeValue(payload)!
    expect(typeof value === 'string' ? value : Object.entries(value)).toEqual(vector.opened.value)
  })

  it.each(recordVectors)('of $name gives the second reader the same', (vector) => {
    const key = Buffer.from(bytesOf(vector))
    const { keyId, digest, aad, payload, value } = decodeRecord(vector, new Map([[vector.opened.keyId, key]]))
    expect({ keyId, digest: hex(digest), aad: hex(aad), payload: hex(payload), value }).toEqual(vector.opened)
  })

  it.each(recordVectors)('of $name is sealed to the same text again, from the same nonce', (vector) => {
    const { stored, aad } = contextOf(vector)
    const nonce = Buffer.from(stored.sealed.slice(4), 'base64url').subarray(10, 34)
    const random = vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
      ;(array as unknown as Uint8Array).set(nonce)
      return array
    })
    expect(seal(unhex(vector.opened.payload), dataKey(bytesOf(vector)), aad)).toBe(stored.sealed)
    expect(random).toHaveBeenCalledOnce()
  })
})

describe('the second reader', () => {
  const [vector] = recordVectors as readonly [RecordVector, ...RecordVector[]]
  const ring = ringOf(vector.keyring)
  const keys = new Map(Object.entries(ring.opened.keys).map(([id, key]) => [id, Buffer.from(key, 'hex')]))

  it('refuses what it should, so that its agreement means something', () => {
    expect(() => decodeRecord(vector, keys)).not.toThrow()
    expect(() => decodeRecord({ ...vector, tag: 'other' }, keys)).toThrow('another key or AAD')
    expect(() => decodeRecord({ ...vector, version: vector.version + 1 }, keys)).toThrow('another key or AAD')
    const rule = vector.body.replace('"enabled":true', '"enabled":false')
    expect(() => decodeRecord({ ...vector, body: rule }, keys)).toThrow('another key or AAD')
    expect(() => decodeKeyring('other', ring.body, ring)).toThrow('another key or AAD')
    expect(() => decodeKeyring(ring.workspace, ring.body.replace('"sequence":1', '"sequence":2'), ring)).toThrow('mac')
  })
})
