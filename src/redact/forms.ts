/** Forms: the ways in which one value may be written in a text. */

import { utf8Lossy } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { jsonStringBody } from '../encode/quote.ts'
import type { Form } from './spans.ts'

/** One text to search for. */
export interface Pattern {
  readonly text: string
  readonly form: Form
}

/** Every pattern of a value, each text once. */
export function formsOf(value: string): Pattern[] {
  const patterns = new Map<string, Pattern>()
  const put = (text: string, form: Form): void => {
    if (text.trim() !== '' && !patterns.has(text)) patterns.set(text, { text, form })
  }
  put(value, 'raw')
  put(value.trim(), 'raw')
  put(jsonStringBody(value), 'json')
  put(jsonStringBody(jsonStringBody(value)), 'json')
  const bytes = utf8Lossy(value)
  let strict = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    strict += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  put(strict, 'percent')
  put(
    strict.replace(/%(21|27|28|29|2A)/g, (encoded) => decodeURIComponent(encoded)),
    'percent',
  )
  put(strict.replace(/%20/g, '+'), 'percent')
  for (const offset of [0, 1, 2]) {
    const shifted = new Uint8Array(offset + bytes.length)
    shifted.set(bytes, offset)
    const text = base64(shifted).replace(/=+$/, '')
    const core = text.slice(offset === 0 ? 0 : offset + 1, Math.floor((shifted.length * 8) / 6))
    put(core, 'base64')
    put(core.replace(/\+/g, '-').replace(/\//g, '_'), 'base64')
  }
  return [...patterns.values()]
}
