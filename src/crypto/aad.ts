/**
 * What a ciphertext is bound to, as bytes: fixed order, a u32 length before each part, no JSON, no sorting.
 *
 * Two different contexts never give the same bytes, so a record opens only where, and under the rule, it was sealed.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { u64, utf8 } from '../bytes.ts'
import { FORMAT_HEADER } from './envelope.ts'

const U32_BYTES = 4
const MAX_UTF8_PER_UNIT = 3

// filled anew and copied from within one synchronous call; nothing secret is ever written here, and every record that is
// opened passes through
const scratch = /* @__PURE__ */ new Uint8Array(2_048)

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

/** A text or bytes, written after their length; or a bare number. */
export type PrefixedPart = string | Uint8Array | number

/**
 * The parts as bytes: a text or bytes after their length, a number as a bare u32 such as the count of what follows.
 *
 * @throws ERR_INVALID_INPUT when a text holds a lone surrogate
 */
export function lengthPrefixed(...parts: readonly PrefixedPart[]): Uint8Array {
  let most = 0
  for (const part of parts) {
    most += U32_BYTES
    if (typeof part !== 'number') most += typeof part === 'string' ? part.length * MAX_UTF8_PER_UNIT : part.length
  }
  const bytes = most > scratch.length ? new Uint8Array(most) : scratch
  let end = 0
  for (const part of parts) {
    const start = end
    end += U32_BYTES
    if (typeof part === 'string') end += writeText(part, bytes, end)
    else if (typeof part !== 'number') {
      bytes.set(part, end)
      end += part.length
    }
    const value = typeof part === 'number' ? part : end - start - U32_BYTES
    bytes[start] = value >>> 24
    bytes[start + 1] = value >>> 16
    bytes[start + 2] = value >>> 8
    bytes[start + 3] = value
  }
  return bytes.slice(0, end)
}

/** Writes UTF-8, most often ASCII; how many bytes it took. */
function writeText(text: string, bytes: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) {
      const encoded = utf8(text)
      bytes.set(encoded, start)
      return encoded.length
    }
    bytes[start + index] = code
  }
  return text.length
}
