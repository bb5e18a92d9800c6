/** Keys: the other writings of a value that is itself hexadecimal or Base64, and the bytes that it stands for. */

import { isKeyLike } from '../looks/key-looks.ts'
import { urlSafe } from './base64.ts'
import { DECODED, isLineEnd, KEPT, SPACE } from './characters.ts'
import { LONG } from './limits.ts'

/** Fewer digits are a number or a short hash. */
const HEX = /^(?:[\da-f]{2}){8,}$/i
const SEPARATED = /^(?:[\da-f]{2}([: -]))(?:[\da-f]{2}\1)*[\da-f]{2}$|^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const UUID_DIGITS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/
const BASE64_KEY = /^([\w+/-]{16,}?)(={0,2})$/
/** Sizes of keys in bytes are multiples of this. */
const KEY_UNIT_BYTES = 8
/** Fewer bytes between the first and the last that is compared may be an ordinary word: all of them must be there then. */
const FEWEST_BYTES = 6

/** The digits of a value that is hexadecimal or a UUID; undefined where it is neither. */
export function hexDigits(text: string): string | undefined {
  if (text.length > LONG) return undefined
  const digits = SEPARATED.test(text) ? text.replace(/[: -]/g, '') : text.replace(/^0x/i, '')
  return HEX.test(digits) ? digits.toLowerCase() : undefined
}

/** The digits in pairs and in fours, with a sign between them, and laid out as a UUID. */
export function groupedDigits(digits: string): readonly string[] {
  const groups = [/..(?!$)/g, /.{4}(?!$)/g].flatMap((group) =>
    [':', '-'].map((sign) => digits.replace(group, `$&${sign}`)),
  )
  return UUID_DIGITS.test(digits) ? [...groups, digits.replace(UUID_DIGITS, '$1-$2-$3-$4-$5')] : groups
}

/** A value in Base64 without its padding, and in the other alphabet. */
export function otherBase64(text: string): readonly string[] {
  const [, body, padding] = BASE64_KEY.exec(text) ?? []
  if (body === undefined) return []
  const texts = padding === '' ? [] : [body]
  if (/[+/]/.test(body)) texts.push(urlSafe(body))
  else if (/[_-]/.test(body) && keyBytes(text) !== undefined) texts.push(standard(body))
  return texts
}

/** The bytes of which the value is the Base64, as text, where it looks like a key; of a token that no one decodes, none. */
export function keyBytes(text: string): string | undefined {
  const [, body, padding] = BASE64_KEY.exec(text) ?? []
  if (body === undefined || body.length % 4 === 1 || text.length > LONG) return undefined
  const isSized = Math.floor((body.length * 3) / 4) % KEY_UNIT_BYTES === 0
  if (padding === '' && !((isSized || /[+/]/.test(body)) && isKeyLike(text))) return undefined
  return atob(standard(body))
}

/**
 * The bytes of a key as they are searched for: without what makes a stream wait, which is a line end among those that are
 * not compared at an end, with all beyond it, and before the first that is compared a blank or a sign.
 *
 * @returns undefined where none would be compared: zeros and blanks stand in any file
 */
export function comparedBytes(bytes: string): string | undefined {
  const first = firstKept(bytes, 0, 1)
  if (first === bytes.length) return undefined
  const last = firstKept(bytes, bytes.length - 1, -1)
  let start = first
  while (start > 0 && !isLineEnd(bytes.charCodeAt(start - 1))) start--
  while (start < first && isPrinted(bytes.charCodeAt(start))) start++
  let end = last + 1
  while (end < bytes.length && !isLineEnd(bytes.charCodeAt(end))) end++
  return last - first < FEWEST_BYTES ? bytes : bytes.slice(start, end)
}

/** The index of the first byte that is compared, in that direction; that of an end where there is none. */
function firstKept(bytes: string, from: number, step: 1 | -1): number {
  let at = from
  while (at >= 0 && at < bytes.length && DECODED[bytes.charCodeAt(at)] !== KEPT) at += step
  return at
}

function isPrinted(code: number): boolean {
  return code >= SPACE && code < 127
}

/** The bytes of hexadecimal digits, as text. */
export function hexBytes(digits: string): string {
  return String.fromCharCode(...(digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)))
}

/** What form-encoding makes of a user or a password before they become `Basic` credentials, RFC 6749 section 2.3.1. */
export function formEncodings(text: string): readonly string[] {
  const strict = encodeURIComponent(text)
  const plus = strict.replaceAll('%20', '+')
  const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  const texts = new Set([strict, plus, plus.replace(/[!'()~]/g, percent), plus.replace(/[!'()~*._-]/g, percent)])
  texts.delete(text)
  return [...texts]
}

function standard(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/')
}
