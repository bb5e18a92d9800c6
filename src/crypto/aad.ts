/**
 * What a ciphertext is bound to, as bytes: fixed order, a u32 length before each part, no JSON, no sorting.
 *
 * Two different contexts never give the same bytes, so a record opens only where, and under the rule, it was sealed.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { u64 } from '../bytes.ts'
import { FORMAT_HEADER } from './envelope.ts'
import { lengthPrefixed, type PrefixedPart } from './length-prefixed.ts'

/** One part of rule and state: its name, and its values in their order. An empty list differs from an absent part. */
export interface DigestPart {
  readonly name: string
  readonly values: readonly string[]
}

/** Where a record lives and what it is; every part is authenticated. */
export interface RecordContext {
  readonly workspace: string
  readonly environment: string
  readonly tag: string
  readonly type: string
  readonly visibility: string
  /** The version of the stored record, a non-negative safe integer. */
  readonly version: number
  /** From {@link stateDigest}. */
  readonly digest: Uint8Array
}

/**
 * SHA-256 of the present parts in the order given, which the caller keeps fixed.
 *
 * @throws ERR_INVALID_INPUT when a name or value holds a lone surrogate
 */
export function stateDigest(parts: readonly DigestPart[]): Uint8Array {
  const listed: PrefixedPart[] = []
  for (const { name, values } of parts) listed.push(name, values.length, ...values)
  return sha256(lengthPrefixed(...listed))
}

/**
 * The AAD of a record.
 *
 * @throws ERR_INVALID_INPUT when a text holds a lone surrogate or the version is not a non-negative safe integer
 */
export function recordAad({
  workspace,
  environment,
  tag,
  type,
  visibility,
  version,
  digest,
}: RecordContext): Uint8Array {
  return lengthPrefixed(FORMAT_HEADER, workspace, environment, tag, type, visibility, u64(version), digest)
}

/** The AAD of a wrapped data key: it unwraps in its own workspace, under its own id, by its own provider. */
export function wrapAad(workspace: string, keyId: Uint8Array, providerId: string): Uint8Array {
  return lengthPrefixed(workspace, keyId, providerId)
}
