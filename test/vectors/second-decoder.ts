/**
 * A second reader of the format, written from docs/FORMAT.md with the primitives of node:crypto alone.
 *
 * It shares no code with the library: where the two disagree, the page or one of them is wrong.
 */

import { createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto'

/** What the reader is given to unwrap data keys with. */
export interface GivenKeys {
  readonly localKeys?: readonly string[]
  readonly passphrase?: { readonly id: string; readonly text: string }
}

export interface DecodedKeyring {
  readonly sequence: number
  readonly active: string
  readonly keys: ReadonlyMap<string, Buffer>
}

export interface StoredRow {
  readonly workspace: string
  readonly environment: string
  readonly tag: string
  readonly version: number
  readonly body: string
}

type Value = string | [name: string, value: unknown][]

// ---- Notation

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export const part = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([u32(bytes.length), bytes])
}

export function fromBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new Error('not canonical base64url')
  return bytes
}

/** Objects without a prototype, so that an absent member is absent also where Object.prototype was attacked. */
export function parseBody(text: string): unknown {
  return JSON.parse(text, (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.assign(Object.create(null), value)
      : value,
  )
}

function expand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
  let block = Buffer.alloc(0)
  const blocks: Buffer[] = []
  for (let counter = 1; blocks.length * 32 < length; counter++) {
    block = createHmac('sha256', key).update(block).update(info).update(Uint8Array.of(counter)).digest()
    blocks.push(block)
  }
  return Buffer.concat(blocks).subarray(0, length)
}

// ---- The box

/** HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2). */
function hChaCha20(key: Buffer, nonce: Buffer): Buffer {
  const state = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]
  for (let word = 0; word < 8; word++) state.push(key.readUInt32LE(word * 4))
  for (let word = 0; word < 4; word++) state.push(nonce.readUInt32LE(word * 4))
  const mix = (into: number, add: number, turn: number, bits: number): void => {
    state[into] = (state[into]! + state[add]!) >>> 0
    const mixed = (state[turn]! ^ state[into]!) >>> 0
    state[turn] = ((mixed << bits) | (mixed >>> (32 - bits))) >>> 0
  }
  const quarterRound = (a: number, b: number, c: number, d: number): void => {
    mix(a, b, d, 16)
    mix(c, d, b, 12)
    mix(a, b, d, 8)
    mix(c, d, b, 7)
  }
  for (let round = 0; round < 10; round++) {
    for (let column = 0; column < 4; column++) quarterRound(column, 4 + column, 8 + column, 12 + column)
    for (let shift = 0; shift < 4; shift++) {
      quarterRound(shift, 4 + ((shift + 1) % 4), 8 + ((shift + 2) % 4), 12 + ((shift + 3) % 4))
    }
  }
  return Buffer.concat([...state.slice(0, 4), ...state.slice(12)].map((word) => u32(word).reverse()))
}

function openAead(key: Buffer, nonce: Buffer, ciphertext: Buffer, tag: Buffer): Buffer {
  const shortNonce = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)])
  const subkey = hChaCha20(key, nonce.subarray(0, 16))
  const cipher = createDecipheriv('chacha20-poly1305', subkey, shortNonce, { authTagLength: 16 })
  cipher.setAuthTag(tag)
  return Buffer.concat([cipher.update(ciphertext), cipher.final()])
}

/** `box`: nonce 24 ‖ commitment 32 ‖ ciphertext ‖ tag 16. */
export function openBox(box: Buffer, key: Buffer, label: string, aad: Buffer): Buffer {
  const nonce = box.subarray(0, 24)
  const commitment = box.subarray(24, 56)
  const ciphertext = box.subarray(56, -16)
  if (ciphertext.length === 0 || ciphertext.length % 64 !== 0) throw new Error('not whole blocks')
  const digest = createHash('sha256').update(aad).digest()
  const derived = expand(key, Buffer.concat([Buffer.from(label), nonce, digest]), 64)
  if (!derived.subarray(32).equals(commitment)) throw new Error('another key or AAD')
  const padded = openAead(derived.subarray(0, 32), nonce, ciphertext, box.subarray(-16))
  const mark = padded.lastIndexOf(0x80)
  if (mark < padded.length - 64 || padded.subarray(mark + 1).some((byte) => byte !== 0)) throw new Error('bad padding')
  return padded.subarray(0, mark)
}

// ---- Keys

function unwrap(wrapped: Buffer, provider: string, aad: Buffer, given: GivenKeys): Buffer | undefined {
  for (const text of given.localKeys ?? []) {
    const bytes = fromBase64url(text.slice('gmk1_'.length))
    const key = bytes.subarray(0, 32)
    if (!expand(key, Buffer.from('gm1:lsum'), 4).equals(bytes.subarray(32))) throw new Error('bad checksum')
    if (provider !== `local:${expand(key, Buffer.from('gm1:lkid'), 8).toString('base64url')}`) continue
    if (wrapped[0] !== 1 || wrapped.length !== 137) throw new Error('not wrapped by a local key')
    return openBox(wrapped.subarray(1), key, 'gm1:wrap', aad)
  }
  if (given.passphrase?.id !== provider) return undefined
  const [kind, log2n, r, p] = wrapped
  if (kind !== 2 || wrapped.length !== 156) throw new Error('not wrapped by a passphrase')
  if (log2n! < 17 || log2n! > 19 || r !== 8 || p !== 1) throw new Error('parameters out of bounds')
  const password = Buffer.from(given.passphrase.text.normalize('NFC'))
  const key = scryptSync(password, wrapped.subarray(4, 20), 32, { N: 2 ** log2n!, r, p, maxmem: 2 ** 30 })
  return openBox(wrapped.subarray(20), key, 'gm1:wrap', aad)
}

// ---- The keyring

interface Entry {
  readonly id: string
  readonly state: string
  readonly slots: readonly { readonly provider: string; readonly keyVersion?: string; readonly wrapped: string }[]
}

/** Opens the body of the record `$keyring`, or throws. */
export function decodeKeyring(workspace: string, body: string, given: GivenKeys): DecodedKeyring {
  const { format, sequence, keys, withdrawn, mac } = parseBody(body) as {
    format: number
    sequence: number
    keys: Entry[]
    withdrawn: string[]
    mac: string
  }
  if (format !== 1 || JSON.stringify({ format, sequence, keys, withdrawn, mac }) !== body)
    throw new Error('not canonical')
  const active = keys.find(({ state }) => state === 'active')!.id
  const opened = new Map<string, Buffer>()
  const parts = [part(Uint8Array.of(1, 1)), part(workspace), part(u64(sequence)), u32(keys.length)]
  for (const { id, state, slots } of keys) {
    if ((state === 'destroyed') !== (slots.length === 0)) throw new Error('slots do not fit the state')
    parts.push(part(fromBase64url(id)), part(state), u32(slots.length))
    for (const slot of slots) {
      const wrapped = fromBase64url(slot.wrapped)
      parts.push(part(slot.provider), part(slot.keyVersion ?? ''), part(wrapped))
      const aad = Buffer.concat([part(workspace), part(fromBase64url(id)), part(slot.provider)])
      const key = unwrap(wrapped, slot.provider, aad, given)
      if (key === undefined) continue
      if (expand(key, Buffer.from('gm1:dkid'), 8).toString('base64url') !== id) throw new Error('not this data key')
      opened.set(id, key)
    }
  }
  parts.push(u32(withdrawn.length), ...withdrawn.map(part))
  const macKey = expand(opened.get(active)!, Buffer.from('gm1:ring'), 32)
  const expected = createHmac('sha256', macKey).update(Buffer.concat(parts)).digest('base64url')
  if (expected !== mac) throw new Error('the mac does not match')
  return { sequence, active, keys: opened }
}

// ---- Records

interface LiveBody {
  readonly format: 1
  readonly state: 'live'
  readonly type: string
  readonly visibility: string
  readonly fields: readonly string[] | null
  readonly allow?: Readonly<Partial<Record<'hosts' | 'in' | 'methods', readonly string[]> & { maxUses: number }>>
  readonly enabled: boolean
  readonly expiresAt?: string
  readonly publicFields?: readonly string[]
  readonly createdBy?: string
  readonly updatedBy?: string
  readonly sealed: string
}

/** The digest of rule and state. */
export function digestOf(body: Omit<LiveBody, 'sealed' | 'format' | 'state'>): Buffer {
  const { allow, enabled, expiresAt, publicFields, createdBy, updatedBy } = body
  const hash = createHash('sha256')
  const add = (name: string, values: readonly string[]): void => {
    hash.update(part(name)).update(u32(values.length))
    for (const value of values) hash.update(part(value))
  }
  if (allow !== undefined) {
    add('allow', [])
    if (allow.hosts !== undefined) add('hosts', allow.hosts)
    if (allow.in !== undefined) add('in', allow.in)
    if (allow.methods !== undefined) add('methods', allow.methods)
    if (allow.maxUses !== undefined) add('maxUses', [allow.maxUses.toString(10)])
  }
  add('enabled', [enabled ? 'true' : 'false'])
  if (expiresAt !== undefined) add('expiresAt', [expiresAt])
  if (publicFields !== undefined) add('publicFields', publicFields)
  if (createdBy !== undefined) add('createdBy', [createdBy])
  if (updatedBy !== undefined) add('updatedBy', [updatedBy])
  return hash.digest()
}

function aadOf(row: StoredRow, body: LiveBody): Buffer {
  return Buffer.concat([
    part(Uint8Array.of(1, 1)),
    part(row.workspace),
    part(row.environment),
    part(row.tag),
    part(body.type),
    part(body.visibility),
    part(u64(row.version)),
    part(digestOf(body)),
  ])
}

function readPayload(payload: Buffer): Value {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload.subarray(1))
  if (payload[0] === 0) return text
  if (payload[0] !== 1) throw new Error('not a payload')
  return JSON.parse(text) as [string, unknown][]
}

/** Opens a live record, or throws. */
export function decodeRecord(
  row: StoredRow,
  keys: ReadonlyMap<string, Buffer>,
): { keyId: string; digest: Buffer; aad: Buffer; payload: Buffer; value: Value } {
  const body = parseBody(row.body) as LiveBody
  if (body.format !== 1 || body.state !== 'live') throw new Error('not a live record')
  if (!body.sealed.startsWith('gm1.')) throw new Error('not gm1')
  const bytes = fromBase64url(body.sealed.slice(4))
  if (bytes[0] !== 1 || bytes[1] !== 1) throw new Error('unknown version or suite')
  const keyId = bytes.subarray(2, 10).toString('base64url')
  const aad = aadOf(row, body)
  const payload = openBox(bytes.subarray(10), keys.get(keyId)!, 'gm1:seal', aad)
  const value = readPayload(payload)
  const names = typeof value === 'string' ? null : value.map(([name]) => name)
  if (JSON.stringify(names) !== JSON.stringify(body.fields)) throw new Error('other fields')
  return { keyId, digest: digestOf(body), aad, payload, value }
}
