/** Parts: what else is a secret because a value is one: its variants, lines, leaves, and the password within it. */

import type { Form } from './spans.ts'

/** A text that is searched for in its dialects, and where `isWhole` in all other writings too. */
export interface Part {
  readonly text: string
  readonly form: Form
  readonly isWhole: boolean
}

/** More parts of one value are left out: a file of this many lines is found by its lines all the same. */
export const MAX_PARTS = 256
/** Longer values are not taken apart by their syntax. */
const MAX_PARSED = 65_536
const NEWLINE = /\r\n|\r|\n/
const PEM_ARMOR = /^-----(?:BEGIN|END) [A-Z0-9 ]{1,64}-----$/
const SENSITIVE_NAME = /pass|pwd|secret|token|key|sig|auth|cred/i
const URL_PASSWORD = /^[a-z][a-z0-9+.-]{0,31}:\/\/[^\s:@/]*:([^\s@/]+)@/i
const PARAMETER = /(?:^|[?&;])\s{0,8}([^=&;?\s]{1,128})=([^&;\s]+)/g
const USER_PASSWORD = /^[^\s:/@]{1,256}:([^\s/]\S*)$/
const SCHEME = /^(basic|bearer|token|apikey)[ \t]{1,8}(\S+)$/i
const C_ESCAPE = /\\(?:([abtnvfr0])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\s\S]))/g
const C_LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  0: '\0',
}

/** The parts of the value, the value itself first; `isSearchable` says which may be searched for on their own. */
export function partsOf(value: string, isSearchable: (text: string) => boolean): readonly Part[] {
  const parts = new Map<string, Part>()
  const put = (text: string, form: Form, isWhole: boolean): void => {
    if (parts.size < MAX_PARTS && !parts.has(text) && isSearchable(text)) parts.set(text, { text, form, isWhole })
  }
  put(value, 'raw', true)
  put(value.trim(), 'raw', true)
  for (const form of ['NFC', 'NFD']) put(value.normalize(form), 'raw', false)
  if (NEWLINE.test(value)) putLines(value, 'line', put)
  if (value.includes('\\')) {
    put(value.replace(/\\([\s\S])/g, '$1'), 'escape', false)
    put(value.replace(C_ESCAPE, unescapeC), 'escape', false)
  }
  if (value.includes('^')) put(value.replace(/\^([\s\S])/g, '$1'), 'escape', false)
  if (value.length > MAX_PARSED) return [...parts.values()]
  for (const text of passwordsOf(value.trim())) put(text, 'part', true)
  for (const leaf of leavesOf(value)) {
    put(leaf, 'leaf', true)
    if (NEWLINE.test(leaf)) putLines(leaf, 'leaf', put)
  }
  return [...parts.values()]
}

type PutPart = (text: string, form: Form, isWhole: boolean) => void

/** The lines of a text with more than one, without their indentation. */
export function linesOf(text: string): readonly string[] {
  return text
    .split(NEWLINE)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** A value of several lines: with other line ends, flattened, joined, and line by line. */
function putLines(value: string, form: Form, put: PutPart): void {
  const lines = linesOf(value)
  const secret = lines.filter((line) => !PEM_ARMOR.test(line))
  put(value.split(NEWLINE).join('\r\n'), form === 'line' ? 'raw' : form, true)
  put(value.split(NEWLINE).join('\n'), form === 'line' ? 'raw' : form, true)
  put(lines.join(' '), form, false)
  put(lines.join(''), form, false)
  // the body of a PEM, wrapped elsewhere or not at all
  if (secret.length < lines.length) put(secret.join(''), 'part', true)
  for (const line of secret) put(line, form, false)
}

function unescapeC(_: string, letter?: string, byte?: string, unit?: string, other?: string): string {
  if (letter !== undefined) return C_LETTERS[letter]!
  const code = byte ?? unit
  return code === undefined ? other! : String.fromCharCode(Number.parseInt(code, 16))
}

/** Passwords in a connection string, a header value or a `user:password` pair, as written and decoded. */
function passwordsOf(value: string): readonly string[] {
  const found: string[] = []
  const scheme = SCHEME.exec(value)
  const credentials = scheme?.[2] ?? value
  if (scheme !== null) found.push(credentials)
  const pair = scheme?.[1]?.toLowerCase() === 'basic' ? decodeBase64(credentials) : credentials
  const password = URL_PASSWORD.exec(value)?.[1] ?? USER_PASSWORD.exec(pair)?.[1]
  if (password !== undefined) found.push(password)
  for (const [, name, text] of value.matchAll(PARAMETER)) if (SENSITIVE_NAME.test(name!)) found.push(text!)
  return [...found, ...found.map(decodePercent)]
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The texts and numbers in a value that is a JSON object or array. */
function leavesOf(value: string): readonly string[] {
  if (!/^\s*[[{]/.test(value)) return []
  const leaves: string[] = []
  let pending: unknown[]
  try {
    pending = [JSON.parse(value)]
  } catch {
    return []
  }
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item === 'string' || typeof item === 'number') leaves.push(String(item))
    else if (typeof item === 'object' && item !== null) pending.push(...Object.values(item))
  }
  return leaves
}
