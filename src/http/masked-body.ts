/** Whether a response's body is read for secrets, and what of its headers then no longer fits. */

import { fromUtf8, utf8 } from '../bytes.ts'
import { type BodyMasks, inOnePiece } from './body-masks.ts'
import { eventMasks, maskEvents } from './event-masks.ts'
import { jsonMasks, maskJsonBody } from './json-masks.ts'
import { answerKind, type TextKind } from './media-type.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/**
 * They belong to the bytes that were sent. `Content-Range` is not among them: with a status whose body is masked it says nothing of
 * bytes (RFC 9110 §14.4), and servers count their rows by it.
 */
const BYTE_HEADERS: readonly string[] = [
  'content-length',
  'content-encoding',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'etag',
  'accept-ranges',
]
const NO_HEADERS: readonly string[] = []

/** Without a body, or with a part of one that must match other parts (RFC 9110 §15). */
const UNTOUCHED_STATUSES: readonly number[] = [101, 103, 204, 205, 206, 304]

/** How the secrets are taken out of a body of one kind. */
export interface BodyKind {
  /** Of bytes that arrive in pieces. */
  inPieces(masks: DataMasks): BodyMasks
  /** Of a text that is there as a whole; the same text where it holds none. */
  whole(text: string, masks: DataMasks): string
}

const KINDS: Readonly<Record<NonNullable<TextKind>, BodyKind>> = {
  json: { inPieces: jsonMasks, whole: maskJsonBody },
  events: { inPieces: eventMasks, whole: maskEvents },
  text: { inPieces: textMasks, whole: (text, masks) => masks.text(text) },
}

/** Bytes that are there as a whole, with masks; the same array where they hold no secret. */
export function maskedBytes(bytes: Uint8Array, kind: BodyKind, masks: DataMasks): Uint8Array {
  const text = fromUtf8(bytes)
  if (text === undefined) return inOnePiece(kind.inPieces(masks), bytes)
  const masked = kind.whole(text, masks)
  return masked === text ? bytes : utf8(masked)
}

/**
 * The lower-case names of headers that a body with masks cannot have. One that is said to be empty keeps them all: clients ask
 * its length whether there is JSON to read.
 */
export function byteHeaders(contentLength: unknown): readonly string[] {
  return String(contentLength) === '0' ? NO_HEADERS : BYTE_HEADERS
}

/**
 * How a response's body is masked; undefined for a body that is given on as it is.
 *
 * Whether a part was asked for decides nothing: a server that sends all of it instead may repeat a secret in it.
 *
 * @param method of the request that was answered, which a redirect may have changed
 */
export function bodyKindOf(
  method: string,
  status: number,
  contentType: string | null | undefined,
): BodyKind | undefined {
  const isUntouched = method === 'HEAD' || UNTOUCHED_STATUSES.includes(status)
  const kind = isUntouched ? undefined : answerKind(contentType)
  return kind && KINDS[kind]
}
