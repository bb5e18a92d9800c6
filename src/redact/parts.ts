/** Parts: what else is a secret because a value is one: its variants, lines, leaves, and the password within it. */

import { MAX_PARSED, MAX_PARTS } from './limits.ts'
import type { Form } from './needle.ts'

/** How much of a part is searched for: the text, what becomes of its bytes too, and what becomes of that. */
export type Depth = 0 | 1 | 2

/** A text that is a secret because a value is one. */
export interface Part {
  readonly text: string
  readonly form: Form
  readonly depth: Depth
}

const NEWLINE = /\r\n|\r|\n/
const PEM_ARMOR = /^-----(?:BEGIN|END) [A-Z0-9 ]{1,64}-----$/
const SCHEME = /^(?:basic|bearer|token|apikey)[ \t]{1,8}(\S+)$/i
/** The password of a URL, of a sensitive parameter, and of `user:password`. */
const PASSWORDS = [
  /^[a-z][a-z0-9+.-]{0,31}:\/\/[^\s:@/]*:([^\s@/]+)@/gi,
  /(?:^|[?&;])\s{0,8}[^=&;?\s]{0,64}(?:pass|pwd|secret|token|key|sig|auth|cred)[^=&;?\s]{0,64}=([^&;\s]+)/gi,
  /^[^\s:/@]{1,256}:([^\s/]\S*)$/g,
]
const C_ESCAPE = /\\(?:x([\da-f]{2})|u([\da-f]{4})|(.))/gis

/** The parts of the value, the value itself first; `isSearchable` says which may be searched for on their own. */
export function partsOf(value: string, isSearchable: (text: string) => boolean): readonly Part[] {
  const parts = new Map<string, Part>()
  const put = (text: string, form: Form, depth: Depth = 0): void => {
    if (parts.size < MAX_PARTS && !parts.has(text) && isSearchable(text)) parts.set(text, { text, form, depth })
  }
  /** A text of several lines: with other line ends, flattened, joined, and line by line. */
  const putLines = (text: string, form: Form): void => {
    const lines = linesOf(text)
    if (lines.length < 2) return
    for (const end of ['\n', '\r\n']) put(text.split(NEWLINE).join(end), form, 1)
    const secret = lines.filter((line) => !PEM_ARMOR.test(line))
    // the body of a PEM, wrapped elsewhere or not at all
    if (secret.length < lines.length) put(secret.join(''), 'part', 1)
    for (const line of secret) put(line, 'line')
  }
  put(value, 'raw', 2)
  if (/^[\w.-]*$/.test(value)) return [...parts.values()]
  put(value.trim(), 'raw', 1)
  for (const form of ['NFC', 'NFD']) put(value.normalize(form), 'raw')
  putLines(value, 'raw')
  for (const escaped of [/\\(.)/gs, /\^(.)/gs]) put(value.replace(escaped, '$1'), 'escape')
  put(value.replace(C_ESCAPE, unescapeC), 'escape')
  if (value.length > MAX_PARSED) return [...parts.values()]
  for (const password of passwordsOf(value.trim())) put(password, 'part', 2)
  for (const leaf of leavesOf(value)) {
    put(leaf, 'leaf', 2)
    putLines(leaf, 'leaf')
  }
  return [...parts.values()]
}

/** The lines of a text without their indentation and without empty ones. */
function linesOf(text: string): readonly string[] {
  return text
    .split(NEWLINE)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function unescapeC(_: string, byte: string | undefined, unit: string | undefined, letter: string): string {
  const code = byte ?? unit
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  return '\x07\b\t\n\v\f\r\0'['abtnvfr0'.indexOf(letter)] ?? letter
}

/** Passwords in a connection string, a header value or a `user:password` pair, as written and decoded. */
function passwordsOf(value: string): readonly string[] {
  const credentials = SCHEME.exec(value)?.[1]
  const found = credentials === undefined ? [] : [credentials]
  // basic credentials are a pair in base64
  for (const text of [value, ...found.map((text) => decoded(text, atob))]) {
    for (const password of PASSWORDS) for (const [, secret] of text.matchAll(password)) found.push(secret!)
  }
  return found.flatMap((text) => [text, decoded(text, decodeURIComponent)])
}

function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text)
  } catch {
    return ''
  }
}

/** The texts and numbers in a value that is a JSON object or array. */
function leavesOf(value: string): readonly string[] {
  const leaves: string[] = []
  const pending: unknown[] = []
  try {
    if (/^\s*[[{]/.test(value)) pending.push(JSON.parse(value))
  } catch {
    // braces alone make no JSON
  }
  while (pending.length > 0) {
    const item = pending.pop()
    if (typeof item === 'string' || typeof item === 'number') leaves.push(String(item))
    else if (typeof item === 'object' && item !== null) pending.push(...Object.values(item))
  }
  return leaves
}
