/** Places where a value is written by the rules of the text around it, while it stands in another text within that one. */

import type { Placeholder, Position, TextNode } from './compiled.ts'
import type { Context } from './context.ts'

const WARNINGS = {
  WARN_RAW_IN_URL:
    'The value is written as it is into a URL, where "@", "/", "&" or "#" would end it; write "| urlencode", or resolve the URL as one.',
  WARN_NESTED_JSON:
    'The value is not escaped for the JSON around it, where a quote would end it; write the reference without quotes around it, and with "| json".',
  WARN_UNQUOTED:
    'In YAML this is a map and no text, so that the reference is lost; put it in quotes, or write it with "<<" and ">>".',
  WARN_BASIC_IN_CLEAR:
    'What stands after "Basic" is sent as it stands, and is not Base64; write "Basic << secrets.tag | basic >>" of a secret with user name and password.',
} as const

type Code = keyof typeof WARNINGS

/** UTF-16 code units on each side of a reference that are looked at. */
const MAX_AROUND = 300
/** In place of another reference. */
const OTHER = 'x'

const BEFORE_CREDENTIAL = /:\/\/[^\s/?#@"']*$/
const AFTER_CREDENTIAL = /^[^\s/?#"']*@/
/** A parameter of a URL of a database, a broker: those of the web are mostly resolved as URLs, and hold keys without signs. */
const BEFORE_PARAMETER = /([a-z][a-z0-9+.-]*):\/\/[^\s?#"']*\?(?:[^\s#"']*&)?[^\s=&#"']+=[^\s&#"']*$/i
const WEB = /^(?:https?|wss?)$/i
/** Between quotes of JSON: plain ones, those of a JSON string, or percent-encoded. */
const BEFORE_PLAIN = /[:,[{]\s*"[^"\\]*$/
const AFTER_PLAIN = /^[^"\\]*"\s*[,}\]]/
const BEFORE_ESCAPED = /[:,[{(]\s*\\+"[^"\\]*$/
const AFTER_ESCAPED = /^[^"\\]*\\+"\s*[,}\])]/
const BEFORE_ENCODED = /(?:[:,[{]|%3A|%2C|%5B|%7B)(?:\s|\+|%20){0,8}(?:"|%22)[^"&=]*$/i
const AFTER_ENCODED = /^[^"&]*?(?:"|%22)/i
const JSON_START = /^\s*[[{]/
/** A line of a file with a name, or an item of a list, up to its value. */
const BEFORE_YAML_VALUE = /(?:^|\n)[ \t]*(?:- +|(?:- +)?[A-Za-z_][\w.-]{0,127}:[ \t]+)$/
/** After these a value has nothing that ends a string, or is escaped for JSON. */
const QUOTE_SAFE = ['base64', 'base64url', 'hex', 'urlencode', 'basic', 'oauthBasic', 'json']
/** After one of these a value has nothing that means something in a URL. */
const SAFE_IN_URLS = ['urlencode', 'hex', 'base64url']
const AUTHORIZATION = ['authorization', 'proxy-authorization']

/** Tells what the author of a text with references may not have thought of. */
export function warnOfPlaces(context: Context, node: TextNode, position: Position): void {
  const { literals, placeholders, path } = node
  const given = new Set<Code>()
  for (const [index, placeholder] of placeholders.entries()) {
    const around = { before: textBefore(literals, index), after: textAfter(literals, index + 1) }
    const code = warningOf(context, node, position, { ...around, placeholder, isFirst: index === 0 })
    // one of each is enough: what helps is the same
    if (code === undefined || given.has(code)) continue
    given.add(code)
    context.handler.warn?.({ code, message: WARNINGS[code] }, path, placeholder.reference.index)
  }
}

/** One reference, and what stands around it. */
interface ReferencePlace {
  readonly placeholder: Placeholder
  readonly before: string
  readonly after: string
  readonly isFirst: boolean
}

function warningOf(context: Context, node: TextNode, position: Position, place: ReferencePlace): Code | undefined {
  if (isRawInUrl(position, place)) return 'WARN_RAW_IN_URL'
  if (isInNestedJson(context, node, position, place)) return 'WARN_NESTED_JSON'
  if (context.keys.length === 0 && context.as === 'value' && isUnquoted(place)) return 'WARN_UNQUOTED'
  return place.isFirst && isBasicInClear(node, position) ? 'WARN_BASIC_IN_CLEAR' : undefined
}

function isRawInUrl({ syntax, encoding }: Position, { placeholder, before, after }: ReferencePlace): boolean {
  if (syntax === 'url' || syntax === 'url-path' || encoding === 'percent') return false
  if (!before.includes('://') || SAFE_IN_URLS.includes(placeholder.filters.at(-1) ?? '')) return false
  if (BEFORE_CREDENTIAL.test(before) && AFTER_CREDENTIAL.test(after)) return true
  const scheme = BEFORE_PARAMETER.exec(before)?.[1]
  return scheme !== undefined && !WEB.test(scheme)
}

function isInNestedJson({ keys }: Context, node: TextNode, position: Position, place: ReferencePlace): boolean {
  const { placeholder, before, after } = place
  if (placeholder.filters.some((filter) => QUOTE_SAFE.includes(filter))) return false
  const { syntax, encoding } = position
  if (syntax === 'json' || syntax === 'json-lines') return BEFORE_ESCAPED.test(before) && AFTER_ESCAPED.test(after)
  if (syntax === 'url' || encoding === 'percent') return BEFORE_ENCODED.test(before) && AFTER_ENCODED.test(after)
  // a text alone is a file, whose writer knows what it is
  const isText = (syntax === 'raw' || syntax === 'env') && keys.length > 0 && JSON_START.test(node.literals[0]!)
  return isText && BEFORE_PLAIN.test(before) && AFTER_PLAIN.test(after)
}

/** Whether a reference in braces is the beginning of a value in a line of a file. */
function isUnquoted({ placeholder: { source }, before }: ReferencePlace): boolean {
  return source.startsWith('{') && BEFORE_YAML_VALUE.test(before)
}

/** Whether a text after `Basic` cannot be Base64, since it has a colon or a blank. */
function isBasicInClear({ literals }: TextNode, { under }: Position): boolean {
  if (under === undefined || !AUTHORIZATION.includes(under.name)) return false
  const [first = '', ...rest] = literals
  const scheme = /^\s*basic\s+/i.exec(first)?.[0]
  return scheme !== undefined && /[:\s]/.test([first.slice(scheme.length), ...rest].join(OTHER).trim())
}

function textBefore(literals: readonly string[], index: number): string {
  let text = ''
  for (let at = index; at >= 0 && text.length < MAX_AROUND; at--)
    text = literals[at]! + (at < index ? OTHER : '') + text
  return text.slice(-MAX_AROUND)
}

function textAfter(literals: readonly string[], index: number): string {
  let text = ''
  for (let at = index; at < literals.length && text.length < MAX_AROUND; at++)
    text += (at > index ? OTHER : '') + literals[at]!
  return text.slice(0, MAX_AROUND)
}
