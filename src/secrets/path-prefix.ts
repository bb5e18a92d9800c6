/**
 * The path of a host rule, `api.acme.dev/v2`: brought into one form, then held against the path of a URL as its parser
 * gives it (WHATWG URL §4.4, dot segments removed, a backslash read as a slash).
 *
 * Whole segments are compared, as they are written and with their case. A path with anything in it that some server reads
 * as a step upwards is under no prefix: what one server takes for a name, `..%2f`, is to another the way out.
 */

import { lateRegExp } from '../late-regexp.ts'

/** What a segment of a rule may be: characters that no server decodes, splits at or folds. */
const RULE_SEGMENT = /^[A-Za-z0-9._~!$&'()+,=:@-]+$/
/** How often servers, and the proxies before them, decode a path; what is encoded deeper is refused. */
const MOST_DECODINGS = 4
const PERCENT_ESCAPES = /(?:%[0-9a-f]{2})+/gi
const PERCENT_ESCAPE = /%[0-9a-f]{2}/i
/** Not of the standard; IIS decodes it. */
const WIDE_ESCAPE = /%u[0-9a-f]{4}/i
/** A slash, and what a server that reads another character set takes for one. */
const SEGMENT_SEPARATOR = /[/\\\u2044\u2215\u29f5\u29f8]/
/**
 * A parameter ends the name of a segment (RFC 3986 §3.3); so does, to a server that decodes before it parses, what begins
 * a query or a fragment, and a zero byte where texts end with one. Spaces and control characters around dots are dropped
 * by some.
 */
const PATH_PARAMETER = /[;?#\0].*$/s
const ignored = /* @__PURE__ */ lateRegExp('[\\s\\p{C}]', 'gu')
const ONLY_DOTS = /^\.+$/

/** `/v2/x/` as `/v2/x`, and `/` as nothing; undefined where it is not a path that a rule may have. */
export function normalisePathPrefix(path: string): string | undefined {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path
  if (trimmed === '') return ''
  const segments = trimmed.slice(1).split('/')
  const isPlain = segments.every((segment) => RULE_SEGMENT.test(segment) && !ONLY_DOTS.test(segment))
  return isPlain ? trimmed : undefined
}

/**
 * Whether a path is at or under a prefix in the form that `normalisePathPrefix` gives, as it is written; `mayClimb` says
 * whether a server could read it as another.
 */
export function isUnderPrefix(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** Whether a server could read a step upwards in a path, however it decodes it. */
export function mayClimb(path: string): boolean {
  let text = path
  for (let round = 0; round <= MOST_DECODINGS; round++) {
    if (WIDE_ESCAPE.test(text) || hasDotSegment(text)) return true
    if (!PERCENT_ESCAPE.test(text)) return false
    const decoded = decodeOnce(text)
    // a server that does not read UTF-8 strictly makes dots and slashes of overlong forms
    if (decoded === undefined) return true
    text = decoded
  }
  return true
}

function hasDotSegment(text: string): boolean {
  // full-width and other look-alike dots and slashes become plain ones, as they do where characters are folded
  return text
    .normalize('NFKC')
    .split(SEGMENT_SEPARATOR)
    .some((segment) => ONLY_DOTS.test(segment.replace(PATH_PARAMETER, '').replace(ignored(), '')))
}

function decodeOnce(text: string): string | undefined {
  try {
    return text.replace(PERCENT_ESCAPES, decodeURIComponent)
  } catch {
    return undefined
  }
}
