/** Keys: the other writings of a value that is itself hexadecimal or Base64, and the bytes that it stands for. */

import { isKeyLike } from '../looks/key-looks.ts'
import { urlSafe } from './base64.ts'
import { LONG } from './limits.ts'

/** Fewer digits are a number or a short hash. */
const HEX = /^(?:[\da-f]{2}){8,}$/i
const SEPARATED = /^(?:[\da-f]{2}([: -]))(?:[\da-f]{2}\1)*[\da-f]{2}$|^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const BASE64_KEY = /^([\w+/-]{16,}?)(={0,2})$/
/** Sizes of keys in bytes are multiples of this. */
const KEY_UNIT_BYTES = 8

/** The digits of a value that is hexadecimal or a UUID; undefined where it is neither. */
export function hexDigits(text: string): string | undefined {
  if (text.length > LONG) return undefined
  const digits = SEPARATED.test(text) ? text.replace(/[: -]/g, '') : text.replace(/^0x/i, '')
  return HEX.test(digits) ? digits.toLowerCase() : undefined
}

/** The digits in pairs, with a sign between them. */
export function paired(digits: string, separator: string): string {
  return digits.replace(/..(?!$)/g, `$&${separator}`)
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

/** Not compared; at the ends of a text it would keep a stream waiting. */
const EDGES = /^[\0-\x20"$%'+\\^`\x7f]+|[\0-\x20"$%'+\\^`\x7f]+$/g

/** Bytes without what is not compared at their ends. */
export function comparedBytes(bytes: string): string {
  return bytes.replace(EDGES, '')
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
