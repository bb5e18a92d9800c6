/** Rating: how well text search can protect a value, by its text alone. */

import { readsAsWord } from '../looks/words.ts'
import type { Verdict } from './needle.ts'

const COMMON = /^(?:true|false|null|undefined|none|yes|no|on|off|\d{1,3})$/i

/** Says how well text search can protect a value; `maskTexts` are texts that every mask shows, which searching would find in every mask. */
export function rateValue(value: string, minLength: number, maskTexts: readonly string[]): Verdict {
  const trimmed = value.trim()
  if (trimmed === '') return 'empty'
  if (COMMON.test(trimmed) || maskTexts.some((text) => text.includes(trimmed))) return 'common'
  return trimmed.length < minLength || readsAsWord(trimmed) ? 'short' : 'ok'
}
