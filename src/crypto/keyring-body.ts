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
import { isProviderId } from './provider-id.ts'

const KEYRING_FORMAT = 1
const MAC_BYTES = 32
const MAX_KEYS = 64
const MAX_SLOTS = 8
/** The longest wrapped data key, in bytes. */
export const MAX_WRAPPED_BYTES = 4096
const MAX_KEYRING_LENGTH = 4 * 1024 * 1024

/** Active: seals and opens. Retired: opens only. Destroyed: does neither, and has no slot any more. */
export type KeyState = 'active' | 'retired' | 'destroyed'

const STATES: readonly KeyState[] = ['active', 'retired', 'destroyed']

/** One data key as one provider wrapped it. */
export interface KeySlot {
  readonly provider: string
  /** 1 to 4,096 bytes. */
  readonly wrapped: Uint8Array
}

/** One data key: its id, its state, and at most 8 slots, one a provider. */
export interface KeyEntry {
  readonly id: string
  readonly state: KeyState
  readonly slots: readonly KeySlot[]
}

/** A keyring as it is stored: at most 64 data keys, exactly one of them active. */
export interface KeyringBody {
  /** 1 for the first, and one more with every change. */
  readonly sequence: number
  readonly keys: readonly KeyEntry[]
  /** From {@link keyringMac}. */
  readonly mac: Uint8Array
}

/** HMAC-SHA256 over everything the keyring says, under a key derived from its active data key. */
export function keyringMac(
  workspace: string,
  sequence: number,
  keys: readonly KeyEntry[],
  active: DataKey,
): Uint8Array {
  const parts: PrefixedPart[] = [FORMAT_HEADER, workspace, u64(sequence), keys.length]
  for (const { id, state, slots } of keys) {
    parts.push(keyIdBytes(id)!, state, slots.length)
    for (const { provider, wrapped } of slots) parts.push(provider, wrapped)
  }
  const macKey = expand(sha256, active.bytes, KEYRING_LABEL, KEY_BYTES)
  const mac = hmac(sha256, macKey, lengthPrefixed(...parts))
  macKey.fill(0)
  return mac
}

/** The one text of a keyring. */
export function writeKeyringBody({ sequence, keys, mac }: KeyringBody): string {
  return JSON.stringify({
    format: KEYRING_FORMAT,
    sequence,
    keys: keys.map(({ id, state, slots }) => ({
      id,
      state,
      slots: slots.map(({ provider, wrapped }) => ({ provider, wrapped: base64url(wrapped) })),
    })),
    mac: base64url(mac),
  })
}

/**
 * The keyring of a text. Its HMAC is not verified here.
 *
 * @throws ERR_RECORD_CORRUPT when the text is anything but what {@link writeKeyringBody} writes, or is beyond a limit
 */
export function readKeyringBody(text: string): KeyringBody {
  const body = typeof text === 'string' && text.length <= MAX_KEYRING_LENGTH ? keyringFrom(parseJson(text)) : undefined
  if (body === undefined || writeKeyringBody(body) !== text) {
    throw new GuillemetError(
      'ERR_RECORD_CORRUPT',
      'The keyring is not in format 1; restore it from a backup, or update this package if a newer one wrote it.',
    )
  }
  return body
}

function keyringFrom(value: unknown): KeyringBody | undefined {
  const sequence = member(value, 'sequence')
  const keys = readAll(member(value, 'keys'), MAX_KEYS, readEntry)
  const mac = bytes(member(value, 'mac'))
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined
  if (keys === undefined || mac?.length !== MAC_BYTES) return undefined
  if (keys.filter(({ state }) => state === 'active').length !== 1 || !areDistinct(keys.map(({ id }) => id))) {
    return undefined
  }
  return { sequence: sequence as number, keys, mac }
}

function readEntry(value: unknown): KeyEntry | undefined {
  const id = member(value, 'id')
  const state = STATES.find((known) => known === member(value, 'state'))
  const slots = readAll(member(value, 'slots'), MAX_SLOTS, readSlot)
  if (typeof id !== 'string' || keyIdBytes(id) === undefined || state === undefined || slots === undefined) {
    return undefined
  }
  if ((state === 'destroyed') !== (slots.length === 0)) return undefined
  return areDistinct(slots.map(({ provider }) => provider)) ? { id, state, slots } : undefined
}

function readSlot(value: unknown): KeySlot | undefined {
  const provider = member(value, 'provider')
  const wrapped = bytes(member(value, 'wrapped'))
  if (!isProviderId(provider) || wrapped === undefined) return undefined
  return wrapped.length > 0 && wrapped.length <= MAX_WRAPPED_BYTES ? { provider, wrapped } : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' ? ownValue(value, name) : undefined
}

function bytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromBase64url(value) : undefined
}

/** Every element read, or undefined where it is not a list, is too long, or holds one that cannot be read. */
function readAll<T>(value: unknown, limit: number, read: (element: unknown) => T | undefined): T[] | undefined {
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
