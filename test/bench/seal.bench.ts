/** Sealing and opening one record, beside its bare primitives and beside other libraries that seal texts. */

import { createCipheriv, createDecipheriv, randomBytes as randomBuffer } from 'node:crypto'
import { decryptString, encryptString, generateKey, parseKey } from '@47ng/cloak'
import iron from '@hapi/iron'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { recordAad, stateDigest } from '../../src/crypto/aad.ts'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import { open } from '../crypto/opening.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Sealing'

const BLOCK_BYTES = 64
const INFO_BYTES = 64

export async function run(): Promise<readonly Row[]> {
  return [...(await rowsFor(64, '64 B')), ...(await rowsFor(1024, '1 KiB'))]
}

async function rowsFor(length: number, size: string): Promise<readonly Row[]> {
  const own = ownWorks(length)
  const bare = bareWorks(length)
  const aes = aesWorks(length)
  const cloak = await cloakWorks(length)
  const hapi = await ironWorks(length)
  // asynchronous peers are measured apart, each beside a promise of the same work done here
  const now = await byTurns({
    open: own.open,
    seal: own.seal,
    bareOpen: bare.open,
    bareSeal: bare.seal,
    aesOpen: aes.open,
    aesSeal: aes.seal,
  })
  const later = await byTurns({
    open: async () => own.open(),
    seal: async () => own.seal(),
    cloakOpen: cloak.open,
    cloakSeal: cloak.seal,
    ironOpen: hapi.open,
    ironSeal: hapi.seal,
  })
  return [
    slower(`open ${size}, beside its primitives`, now.open, now.bareOpen, 1.3),
    slower(`seal ${size}, beside its primitives`, now.seal, now.bareSeal),
    slower(`open ${size}, beside node:crypto aes-256-gcm`, now.open, now.aesOpen),
    slower(`seal ${size}, beside node:crypto aes-256-gcm`, now.seal, now.aesSeal),
    slower(`open ${size}, beside @47ng/cloak`, later.open, later.cloakOpen),
    slower(`seal ${size}, beside @47ng/cloak`, later.seal, later.cloakSeal),
    slower(`open ${size}, beside @hapi/iron`, later.open, later.ironOpen),
    slower(`seal ${size}, beside @hapi/iron`, later.seal, later.ironSeal),
  ]
}

function slower(work: string, own: readonly number[], peer: readonly number[], atMost?: number): Row {
  const ratio = timesAsLong(own, peer)
  const budget = atMost === undefined ? {} : { budget: `at most ${atMost} × the time`, met: ratio <= atMost }
  return { work, ratio: `${ratio.toFixed(2)} × the time`, figure: `${shown(own)} against ${shown(peer)}`, ...budget }
}

interface Works<R> {
  readonly open: () => R
  readonly seal: () => R
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 33 + ((index * 31) % 94))
}

function ownWorks(length: number): Works<unknown> {
  const key = createDataKey()
  const value = bytesOf(length)
  const digest = stateDigest([{ name: 'enabled', values: ['true'] }])
  const aad = recordAad({
    workspace: 'default',
    environment: 'production',
    tag: 'zendesk',
    type: 'token',
    visibility: 'restricted',
    version: 7,
    digest,
  })
  const sealed = seal(value, key, aad)
  return { open: () => open(sealed, () => key, aad), seal: () => seal(value, key, aad) }
}

/** What the construction cannot do without: one HKDF-Expand of 64 bytes, one AEAD over the padded value. */
function bareWorks(length: number): Works<unknown> {
  const key = bytesOf(32)
  const info = bytesOf(INFO_BYTES)
  const nonce = bytesOf(24)
  const padded = bytesOf(length + BLOCK_BYTES - (length % BLOCK_BYTES))
  const sealPadded = () => xchacha20poly1305(expand(sha256, key, info, 64).subarray(0, 32), nonce).encrypt(padded)
  const sealed = sealPadded()
  return {
    open: () => xchacha20poly1305(expand(sha256, key, info, 64).subarray(0, 32), nonce).decrypt(sealed),
    seal: sealPadded,
  }
}

/** The platform's native cipher over bytes, without derivation, commitment, padding or a text form. */
function aesWorks(length: number): Works<unknown> {
  const key = randomBuffer(32)
  const value = bytesOf(length)
  const encrypt = () => {
    const nonce = randomBuffer(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return { nonce, body: Buffer.concat([cipher.update(value), cipher.final()]), tag: cipher.getAuthTag() }
  }
  const { nonce, body, tag } = encrypt()
  return {
    open: () => {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      decipher.setAuthTag(tag)
      return Buffer.concat([decipher.update(body), decipher.final()])
    },
    seal: encrypt,
  }
}

async function cloakWorks(length: number): Promise<Works<Promise<unknown>>> {
  const key = await parseKey(generateKey())
  const text = new TextDecoder().decode(bytesOf(length))
  const sealed = await encryptString(text, key)
  return { open: () => decryptString(sealed, key), seal: () => encryptString(text, key) }
}

async function ironWorks(length: number): Promise<Works<Promise<unknown>>> {
  const password = 'an-unusually-long-password-for-a-benchmark'
  const text = new TextDecoder().decode(bytesOf(length))
  const sealed = await iron.seal(text, password, iron.defaults)
  return {
    open: () => iron.unseal(sealed, password, iron.defaults),
    seal: () => iron.seal(text, password, iron.defaults),
  }
}
