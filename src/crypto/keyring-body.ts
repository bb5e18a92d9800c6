/**
 * The text of a keyring, and the bytes that its HMAC covers. Keeps no key and knows no provider.
 *
 * The text is canonical: reading writes it once more and refuses what differs, so that an unknown or repeated member,
 * white space or another order can carry nothing past the HMAC, which covers the meaning and not the text.
 */

import { expand } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { u64 } from '../bytes.ts'
import { base64url, fromBase64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { ownValue } from '../plain-object.ts'
import { lengthPrefixed, type PrefixedPart } from './aad.ts'
import { KEY_BYTES } from './box.ts'
import { type DataKey, keyIdBytes } from './data-key.ts'
import { FORMAT_HEADER } from './envelope.ts'
import { KEYRING_LABEL } from './labels.ts'
import { isKeyVersion, isProviderId } from './provider-id.ts'

const KEYRING_FORMAT = 1
const MAC_BYTES = 32
/** The most data keys of a keyring, destroyed ones included. */
export const MAX_KEYS = 64
/** The most providers that may hold one data key. */
export const MAX_SLOTS = 8
/** The most providers that a keyring remembers as withdrawn. */
export const MAX_WITHDRAWN = 256
/** The longest wrapped data key, in bytes. */
export const MAX_WRAPPED_BYTES = 4096
const MAX_KEYRING_LENGTH = 4 * 1024 * 1024

/** Active: seals and opens. Retired: opens only. Destroyed: does neither, and has no slot any more. */
export type KeyState = 'active' | 'retired' | 'destroyed'

const STATES: readonly KeyState[] = ['active', 'retired', 'destroyed']

/** One data key as one provider wrapped it. */
export interface KeySlot {
  readonly provider: string
  /** Which version of its key the provider has used, where it says so: 1 to 256 characters of printable ASCII. */
  readonly keyVersion: string | undefined
  /** 1 to 4,096 bytes. */
  readonly wrapped: Uint8Array
}

/** One data key: its id, its state, and at most 8 slots, one a provider. */
export interface KeyEntry {
  readonly id: string
  readonly state: KeyState
  readonly slots: readonly KeySlot[]
}

/** What a keyring says: at most 64 data keys, exactly one of them active. */
export interface KeyringContent {
  /** 1 for the first, and one more with every change. */
  readonly sequence: number
  readonly keys: readonly KeyEntry[]
  /** The ids of providers whose slots were taken away and that never get one again. */
  readonly withdrawn: readonly string[]
}

/** A keyring as it is stored. */
export interface KeyringBody extends KeyringContent {
  /** From {@link keyringMac}. */
  readonly mac: Uint8Array
}

/** HMAC-SHA256 over everything the keyring says, under a key derived from its active data key. */
export function keyringMac(
  workspace: string,
  { sequence, keys, withdrawn }: KeyringContent,
  active: DataKey,
): Uint8Array {
  const parts: PrefixedPart[] = [FORMAT_HEADER, workspace, u64(sequence), keys.length]
  for (const { id, state, slots } of keys) {
    parts.push(keyIdBytes(id)!, state, slots.length)
    // a version is never empty, so an absent one is told from any other
    for (const { provider, keyVersion, wrapped } of slots) parts.push(provider, keyVersion ?? '', wrapped)
  }
  parts.push(withdrawn.length, ...withdrawn)
  const macKey = expand(sha256, active.bytes, KEYRING_LABEL, KEY_BYTES)
  const mac = hmac(sha256, macKey, lengthPrefixed(...parts))
  macKey.fill(0)
  return mac
}

/** The one text of a keyring. */
export function writeKeyringBody({ sequence, keys, withdrawn, mac }: KeyringBody): string {
  return JSON.stringify({
    format: KEYRING_FORMAT,
    sequence,
    keys: keys.map(({ id, state, slots }) => ({
      id,
      state,
      // an undefined member is not written
      slots: slots.map(({ provider, keyVersion, wrapped }) => ({ provider, keyVersion, wrapped: base64url(wrapped) })),
    })),
    withdrawn,
    mac: base64url(mac),
  })
}

/**
 * The keyring of a text. Its HMAC is not verified here.
 *
 * @throws ERR_RECORD_CORRUPT when the text is anything but what {@link writeKeyringBody} writes, or is beyond a limit;
 *   ERR_NEWER_FORMAT when its format is one that this release does not know
 */
export function readKeyringBody(text: string): KeyringBody {
  const parsed = typeof text === 'string' && text.length <= MAX_KEYRING_LENGTH ? parseJson(text) : undefined
  const body = keyringFrom(parsed)
  if (body !== undefined && writeKeyringBody(body) === text) return body
  const format = member(parsed, 'format')
  if (Number.isSafeInteger(format) && (format as number) > KEYRING_FORMAT) {
    throw new GuillemetError(
      'ERR_NEWER_FORMAT',
      `The keyring is in format ${format}, which a newer release of this package has made; update the package. Nothing was written.`,
    )
  }
  throw new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The keyring is not in a format of this package; restore it from a backup.',
  )
}

function keyringFrom(value: unknown): KeyringBody | undefined {
  const sequence = member(value, 'sequence')
  const keys = readElements(member(value, 'keys'), MAX_KEYS, readEntry)
  const withdrawn = readElements(member(value, 'withdrawn'), MAX_WITHDRAWN, (id) => (isProviderId(id) ? id : undefined))
  const mac = bytes(member(value, 'mac'))
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined
  if (keys === undefined || withdrawn === undefined || mac?.length !== MAC_BYTES) return undefined
  if (keys.filter(({ state }) => state === 'active').length !== 1 || !areDistinct(keys.map(({ id }) => id))) {
    return undefined
  }
  const isKept = keys.some(({ slots }) => slots.some(({ provider }) => withdrawn.includes(provider)))
  if (isKept || !areDistinct(withdrawn)) return undefined
  return { sequence: sequence as number, keys, withdrawn, mac }
}

function readEntry(value: unknown): KeyEntry | undefined {
  const id = member(value, 'id')
  const state = STATES.find((known) => known === member(value, 'state'))
  const slots = readElements(member(value, 'slots'), MAX_SLOTS, readSlot)
  if (typeof id !== 'string' || keyIdBytes(id) === undefined || state === undefined || slots === undefined) {
    return undefined
  }
  if ((state === 'destroyed') !== (slots.length === 0)) return undefined
  return areDistinct(slots.map(({ provider }) => provider)) ? { id, state, slots } : undefined
}

function readSlot(value: unknown): KeySlot | undefined {
  const provider = member(value, 'provider')
  const keyVersion = member(value, 'keyVersion')
  const wrapped = bytes(member(value, 'wrapped'))
  if (!isProviderId(provider) || wrapped === undefined) return undefined
  if (wrapped.length === 0 || wrapped.length > MAX_WRAPPED_BYTES) return undefined
  return keyVersion === undefined || isKeyVersion(keyVersion) ? { provider, keyVersion, wrapped } : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' ? ownValue(value, name) : undefined
}

function bytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromBase64url(value) : undefined
}

/** Every element read, or undefined where it is not a list, is too long, or holds one that cannot be read. */
function readElements<T>(value: unknown, limit: number, read: (element: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > limit) return undefined
  const elements: T[] = []
  for (const element of value) {
    const one = read(element)
    if (one === undefined) return undefined
    elements.push(one)
  }
  return elements
}

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length
}
