/**
 * References inside a header of basic auth (RFC 7617): clients encode user and password before fetch sees them.
 *
 * The literal bytes are kept as they are; each reference is resolved by itself and put in its place as UTF-8.
 */

import { concat, utf8 } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { textBytes } from '../redact/byte-text.ts'
import { userNameError } from '../template/errors.ts'
import { requireBasicText } from '../template/filters.ts'
import type { Cut } from '../template/scan.ts'

/** A decoded header with references in it. */
export interface BasicTemplate {
  /** The bytes between the references; one more than there are references. */
  readonly literals: readonly Uint8Array[]
  /** Each reference as it was written. */
  readonly references: readonly string[]
  /** How many of them are in the user name. */
  readonly inUserName: number
  /** The scheme and the space after it, as they were written. */
  readonly scheme: string
}

const BASIC = /^(basic +)([A-Za-z0-9+/_-]+={0,2})$/i
const HEADERS = ['authorization', 'proxy-authorization']

/** User and password, one character for each byte; undefined for anything that is not a header of basic auth. */
export function basicText(name: string, value: string): string | undefined {
  const match = HEADERS.includes(name) ? BASIC.exec(value) : null
  if (match === null) return undefined
  try {
    return atob(match[2]!.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined // not base64: the server's business
  }
}

/** The parts of a decoded header. @param cuts what the grammar found in `text` */
export function basicTemplate(value: string, text: string, cuts: readonly Cut[]): BasicTemplate {
  const literals: string[] = []
  const references: string[] = []
  let literal = ''
  let rest = 0
  let inUserName = 0
  for (const { start, end, index, content } of cuts) {
    literal += text.slice(rest, start)
    // a broken one is taken with all that follows: nothing of it resolves, and the error says where it begins
    rest = content?.code === undefined ? end : text.length
    if (content === undefined) continue
    literals.push(literal)
    references.push(text.slice(index, rest))
    if (!literals.some((each) => each.includes(':'))) inUserName++
    literal = ''
    if (rest === text.length) break
  }
  literals.push(literal + text.slice(rest))
  return { literals: literals.map(textBytes), references, inUserName, scheme: BASIC.exec(value)![1]! }
}

/**
 * The header with its values.
 *
 * @throws ERR_UNSAFE_HEADER_VALUE for a colon that a value brings into the user name, where it would end it, and for a
 *   control character
 */
export function basicHeader(
  template: BasicTemplate,
  values: readonly string[],
  tags: readonly string[],
  path: string,
): string {
  const { literals, inUserName, scheme } = template
  for (const [index, value] of values.entries()) {
    const tag = tags[index]!
    if (index < inUserName && value.includes(':')) throw userNameError(tag, path)
    requireBasicText(value, { tag, path }, 'trim')
  }
  const bytes = literals.flatMap((literal, index) => (index === 0 ? [literal] : [utf8(values[index - 1]!), literal]))
  return scheme + base64(concat(...bytes))
}
