/** How a value is written at its place, so that the real parser of that place gives it back; or why it cannot be. */

import { jsonStringBody, xmlText } from '../encode/quote.ts'
import type { Scalar } from '../secret-value.ts'
import type { Encoding, Placeholder, TextNode } from './compiled.ts'
import { envError, urlError, userNameError, valueError } from './errors.ts'
import { percent } from './filters.ts'
import { type Lookup, valueFor } from './values.ts'

const TRIM = '`| trim` removes white space around it'

/** What a value must look like where it is not encoded, since it is a part of a URL with a syntax of its own. */
const URL_PART_RULES: ReadonlyMap<Encoding, readonly [pattern: RegExp, rule: string]> = new Map([
  ['host', [/^[A-Za-z0-9._-]+$/, 'cannot be part of a host name; use letters, digits, ".", "-" and "_" only']],
  [
    'host-port',
    [
      /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/,
      'is not a host name, with or without a port; store one such as "api.acme.dev:8443"',
    ],
  ],
  ['port', [/^[0-9]{1,5}$/, 'is not a port number; store 1 to 5 digits']],
  ['address', [/^[0-9A-Fa-f:.]+$/, 'is not an IPv6 address; store one such as "::1"']],
  // without control characters and spaces: the URL parser drops some of them and cuts others off
  ['base', [/^(?:https?|wss?):\/\/[^\0-\x20\x7f?#]+$/i, `is not an absolute http(s) URL without a query; ${TRIM}`]],
  ['whole', [/^(?:https?|wss?):\/\/[^\0-\x20\x7f]+$/i, `is not an absolute http(s) URL; ${TRIM}`]],
  ['any-base', [/^[a-z][a-z0-9+.-]*:\/\/[^\0-\x20\x7f?#]+$/i, `is not an absolute URL without a query; ${TRIM}`]],
  // what these schemes make of a URL without slashes nobody sees
  [
    'any-whole',
    [
      /^(?!(?:https?|wss?|ftp|file):(?!\/\/[^/\\]))[a-z][a-z0-9+.-]*:[^\0-\x20\x7f]+$/i,
      `is not an absolute URL; ${TRIM}`,
    ],
  ],
])

/** The value as it is written at its place. */
export function encode(placeholder: Placeholder, value: Scalar): string {
  const { encoding, reference } = placeholder
  const text = String(value)
  switch (encoding) {
    case 'none':
    case 'segment':
      return text
    case 'percent':
    case 'path':
      return percent(text, reference)
    case 'user':
      requireUsername(placeholder, text)
      return percent(text, reference)
    case 'username':
      requireUsername(placeholder, text)
      return text
    case 'json-string':
      return jsonStringBody(text)
    case 'json-literal':
      return JSON.stringify(value)
    case 'json-comment':
      return jsonStringBody(text).replaceAll('/', '\\/')
    case 'xml':
      return xmlText(text)
    case 'cdata':
      if (!text.includes(']]>')) return text
      throw valueError(
        placeholder.tag,
        reference.path,
        'would end the CDATA section that it stands in; use "| xml" outside of one',
      )
    default: {
      const [pattern, rule] = URL_PART_RULES.get(encoding)!
      if (pattern.test(text)) return text
      throw urlError(placeholder.tag, reference.path, rule)
    }
  }
}

/** The value as it is written at its place; undefined where it is not known. @throws ERR_FIELD_REQUIRED */
export function encodeKnown(placeholder: Placeholder, lookup: Lookup): string | undefined {
  const value = valueFor(placeholder, { references: [placeholder.reference], lookup, onMissing: 'keep' })
  return value === undefined ? undefined : encode(placeholder, value)
}

/** @throws ERR_UNSAFE_HEADER_VALUE for a user name with a colon, which would move into the password (RFC 7617 §2) */
export function requireUsername({ tag, reference }: Placeholder, text: string): void {
  if (text.includes(':')) throw userNameError(tag, reference.path)
}

/** @throws ERR_UNSAFE_ENV_VALUE for a value that an environment would cut off */
export function requireEnv({ placeholders, path }: TextNode, text: string): void {
  if (text.includes('\0')) throw envError(placeholders[0]!.tag, path)
}
