/** Whether a response's body is read for secrets, and what of its headers then no longer fits. */

import type { BodyMasks } from './body-masks.ts'
import { eventMasks } from './event-masks.ts'
import { type HttpCall, headerOf } from './http-call.ts'
import { jsonMasks } from './json-masks.ts'
import { answerKind, type TextKind } from './media-type.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** The request that was answered, as far as it says whether there is a body to read. */
export interface Asked {
  readonly method: string
  /** Whether a part of a resource was asked for. */
  readonly isRange: boolean
}

/** What was asked for. @param method of the request that was answered, which a redirect may have changed */
export function askedBy(call: Pick<HttpCall, 'method' | 'headers'>, method = call.method): Asked {
  return { method, isRange: headerOf(call, 'range') !== undefined }
}

/** They belong to the bytes that were sent, so a body with masks has none of them. */
export const BYTE_HEADERS: readonly string[] = [
  'content-length',
  'content-encoding',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'etag',
  'accept-ranges',
  'content-range',
]

/** Without a body, or with a part of one that must match other parts (RFC 9110 §15). */
const UNTOUCHED_STATUSES: readonly number[] = [101, 103, 204, 205, 206, 304]
const MASKS: Readonly<Record<NonNullable<TextKind>, (masks: DataMasks) => BodyMasks>> = {
  json: jsonMasks,
  events: eventMasks,
  text: textMasks,
}

/** Makes what masks a response's body; undefined for a body that is given on as it is. */
export function bodyMasksFor(
  { method, isRange }: Asked,
  status: number,
  contentType: string | null | undefined,
): ((masks: DataMasks) => BodyMasks) | undefined {
  const isUntouched = method === 'HEAD' || isRange || UNTOUCHED_STATUSES.includes(status)
  const kind = isUntouched ? undefined : answerKind(contentType)
  return kind && MASKS[kind]
}
