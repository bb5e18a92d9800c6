/** How a value is written at its place, so that the real parser of that place gives it back; or why it cannot be. */

import { jsonStringBody } from '../encode/quote.ts'
import type { Scalar } from '../secret-value.ts'
import { envError, headerError, urlError } from './faults.ts'
import { percent } from './filters.ts'
import type { Part, TextNode } from './plan.ts'

const HOST = /^[A-Za-z0-9._-]+$/
const HOST_AND_PORT = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const PORT = /^[0-9]{1,5}$/
const ADDRESS = /^[0-9A-Fa-f:.]+$/
// control characters and spaces: the URL parser drops some of them and cuts others off
const WEB_URL = /^https?:\/\/[^\0-\x20\x7f]+$/i
const WEB_URL_START = /^https?:\/\/[^\0-\x20\x7f?#]+$/i

const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/
const OVER_LATIN_1 = /[^\0-\xff]/
const EDGE_RULE = 'begins or ends with white space, which is cut off; `| trim` removes it from a value'

const TAB = 9
const SPACE = 32
const NO_BREAK_SPACE = 160

/** The value as it is written at its place. */
export function encode(part: Part, value: Scalar): string {
  switch (part.encode) {
    case 'none':
    case 'segment':
      return String(value)
    case 'percent':
    case 'path':
      return percent(String(value), part.reference)
    case 'user':
      return percent(requireUser(part, String(value)), part.reference)
    case 'json-string':
      return jsonStringBody(String(value))
    case 'json-literal':
      return JSON.stringify(value)
    case 'host':
      return requireMatch(part, value, HOST, 'is no part of a host name: letters, digits, ".", "-" and "_"')
    case 'host-port':
      return requireMatch(part, value, HOST_AND_PORT, 'is no host name, with or without a port')
    case 'port':
      return requireMatch(part, value, PORT, 'is no port number')
    case 'address':
      return requireMatch(part, value, ADDRESS, 'is no IPv6 address')
    case 'base':
      return requireMatch(
        part,
        value,
        WEB_URL_START,
        'is no absolute http(s) URL without query; `| trim` removes white space around it',
      )
    case 'whole':
      return requireMatch(part, value, WEB_URL, 'is no absolute http(s) URL; `| trim` removes white space around it')
  }
}

function requireMatch({ tag, reference }: Part, value: Scalar, pattern: RegExp, rule: string): string {
  const text = String(value)
  if (!pattern.test(text)) throw urlError(tag, reference.path, rule)
  return text
}

function requireUser({ tag, reference }: Part, text: string): string {
  if (!text.includes(':')) return text
  throw headerError(tag, reference.path, 'would have a colon in its user name, which RFC 7617 forbids')
}

/** @throws ERR_UNSAFE_HEADER_VALUE for a user name with a colon, which would move into the password (RFC 7617 §2) */
export function requireUsername({ parts }: TextNode, text: string): void {
  requireUser(parts[0]!, text)
}

/** @throws ERR_UNSAFE_ENV_VALUE for a value that an environment would cut off */
export function requireEnv({ parts, path }: TextNode, text: string): void {
  if (text.includes('\0')) throw envError(parts[0]!.tag, path)
}

/**
 * Holds a value within a header to what HTTP and its clients send unchanged (RFC 9110 §5.5).
 *
 * @throws ERR_UNSAFE_HEADER_VALUE
 */
export function requireHeaderText(part: Part, text: string): void {
  if (UNSAFE.test(text)) throw headerError(part.tag, part.reference.path, unsafeRule(text))
}

/** Whether nothing is cut off a header for this value, wherever in it the value stands. */
export function hasFirmEdges(text: string): boolean {
  const { length } = text
  return length > 0 && !isEdgeSpace(text.charCodeAt(0)) && !isEdgeSpace(text.charCodeAt(length - 1))
}

/** @throws ERR_UNSAFE_HEADER_VALUE for white space that a client or server would cut off */
export function requireHeaderEdges({ parts, path }: TextNode, text: string): void {
  if (text.length === 0) return
  if (isEdgeSpace(text.charCodeAt(0))) throw headerError(parts[0]!.tag, path, EDGE_RULE)
  if (isEdgeSpace(text.charCodeAt(text.length - 1))) throw headerError(parts.at(-1)!.tag, path, EDGE_RULE)
}

/** What is wrong with the author's own text within a header that holds references, if anything. */
export function headerRule(literals: readonly string[]): string | undefined {
  const unsafe = literals.find((literal) => UNSAFE.test(literal))
  if (unsafe !== undefined) return unsafeRule(unsafe)
  const last = literals.at(-1)!
  const isCut = isEdgeSpace(literals[0]!.charCodeAt(0)) || isEdgeSpace(last.charCodeAt(last.length - 1))
  return isCut ? EDGE_RULE : undefined
}

function unsafeRule(text: string): string {
  return OVER_LATIN_1.test(text)
    ? 'has a character over U+00FF, which no header carries; use base64 or urlencode'
    : 'has a line break or other control character; `| trim` removes them around a value'
}

function isEdgeSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === NO_BREAK_SPACE
}
