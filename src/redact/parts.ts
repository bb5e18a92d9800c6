/** Parts: what else is a secret because a value is one: its lines, leaves, and the password within it. */

import { MAX_PARSED, MAX_PARTS, PIECE } from './limits.ts'
import type { Form } from './needle.ts'

/** In which encodings a part is searched for, each with those before it: Base64, all of bytes, and Base64 of those. */
export type Encodings = 'text' | 'base64' | 'bytes' | 'nested'

/** A text that is a secret because a value is one. */
export interface Part {
  readonly text: string
  readonly form: Form
  readonly encodings: Encodings
}

/** The end of a line. */
export const LINE_END = /\r\n?|\n/
const PEM_ARMOR = /^-----(?:BEGIN|END) [A-Z\d ]+-----$/
/** The credentials of a header. */
const CREDENTIALS = /^(?:basic|bearer|token|apikey)\s+(\S+)$/gi
/** These, and the password of a URL, of a sensitive parameter, and of `user:password`. */
const PASSWORDS = [
  CREDENTIALS,
  /:\/\/[^\s:@/]*:([^\s@/]+)@/g,
  /(?:pass|pwd|secret|token|key|sig|auth|cred)[^=&;?\s]{0,64}=([^&;\s]+)/gi,
  /^[^\s:/@]+:([^\s/]\S*)$/g,
]
const ESCAPES = [/\\(.)/gs, /\^(.)/gs]

/** The parts of the value, the value itself first; `isSearchable` says which may be searched for on their own. */
export function partsOf(value: string, isSearchable: (text: string) => boolean): Iterable<Part> {
  const parts = new Map<string, Part>()
  const put = (text: string, form: Form, encodings: Encodings = 'text'): void => {
    if (parts.size < MAX_PARTS && !parts.has(text) && isSearchable(text)) parts.set(text, { text, form, encodings })
  }
  /** A text of several lines: joined, and line by line. */
  const putLines = (text: string): void => {
    const shown = text
      .split(LINE_END)
      .map((line) => line.trim())
      .filter((line) => line !== '')
    if (shown.length < 2) return
    const secret = shown.filter((line) => !PEM_ARMOR.test(line))
    // the body of a PEM, wrapped elsewhere or not at all
    if (secret.length < shown.length) put(secret.join(''), 'part', 'base64')
    for (const line of secret) put(line, 'line')
  }

  const trimmed = value.trim()
  put(value, 'raw', 'nested')
  put(trimmed, 'raw', 'bytes')
  // most values have no syntax
  if (/^[\w.-]*$/.test(trimmed)) return parts.values()
  for (const form of ['NFC', 'NFD']) put(value.normalize(form), 'raw')
  putLines(value)
  for (const escaped of ESCAPES) put(value.replace(escaped, '$1'), 'escape')
  if (value.length > MAX_PARSED) return parts.values()
  // basic credentials are a pair in base64
  for (const text of [trimmed, decoded(trimmed.replace(CREDENTIALS, '$1'), atob)]) {
    for (const password of PASSWORDS) {
      for (const [, found] of text.matchAll(password)) {
        put(found!, 'part', 'nested')
        put(decoded(found!, decodeURIComponent), 'part', 'nested')
      }
    }
  }
  // braces alone make no JSON; the list grows as it is read, so that depth costs no stack
  const items: unknown[] = /^[[{]/.test(trimmed) ? [decoded(value, JSON.parse)] : []
  for (const item of items) {
    if (item instanceof Object) items.push(...Object.values(item))
    else {
      const leaf = String(item)
      put(leaf, 'leaf', leaf.length <= PIECE ? 'nested' : 'bytes')
      putLines(leaf)
    }
  }
  return parts.values()
}

function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text)
  } catch {
    return ''
  }
}
