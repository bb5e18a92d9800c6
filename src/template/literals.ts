/**
 * Literal credentials in the text of a template, where a reference belongs. A guess, as every such search: names that say so, URLs
 * with a password, and keys that are known by their beginning.
 */

import { isKeyLike } from '../looks/key-looks.ts'
import { isExample, type KEY_PATTERNS, knownKey, PRIVATE_KEY, WEBHOOK } from '../looks/key-shapes.ts'
import { kindOfName, type NameKind } from '../looks/secret-names.ts'
import { type NamedValue, namedEntriesIn } from './literal-entries.ts'
import { isMixed, namedValuesIn } from './literal-names.ts'
import { isOrdinary, isStandIn } from './ordinary-values.ts'

/** One of them. */
export interface Literal {
  /** Where the credential begins. */
  readonly index: number
  /** The name of the member, variable or header, where it says that a secret stands there; shown. */
  readonly name: string | undefined
  /** A tag for it. */
  readonly tag: string
}

/** At most that many of one text are listed. */
const MAX_LITERALS = 100
/** A longer text under one name is a document or a certificate, not a credential. */
const LONGEST = 4_096
const LONGEST_NAME = 64

type TagOfEach<Patterns extends readonly string[]> = { readonly [Index in keyof Patterns]: string }

/** What each of the known keys is called, in their order. */
const KEY_TAGS: TagOfEach<typeof KEY_PATTERNS> = [
  'anthropic_api_key',
  'openai_api_key',
  'stripe_key',
  'webhook_secret',
  'github_token',
  'gitlab_token',
  'slack_token',
  'aws_access_key_id',
  'google_api_key',
  'google_token',
  'sendgrid_key',
  'npm_token',
  'pypi_token',
  'hugging_face_token',
  'api_key',
  'docker_token',
  'digitalocean_token',
  'shopify_token',
  'tailscale_key',
  'jwt',
  'telegram_token',
  'guillemet_key',
]
/** The password of a URL, or the user name that is alone and long (RFC 3986 §3.2.1). */
const URL_PASSWORD = /(?<![\w+.-])([a-z][a-z0-9+.-]{1,31}):\/\/([^\s/?#@:"'<>{}]{0,256}):(?=([^\s/?#@"'<>]{1,512})@)/gi
/** A user and a password for `curl`. */
const USER_OPTION = /(?<!\S)(?:-u|--user)[ =]["']?[\w.@-]{1,64}:(?=([^\s"'`]{8,256}))/g
/** An anchor or a tag of YAML in front of a value. */
const YAML_PROPERTIES = /^(?:(?:&[\w-]{1,64}|!!\w{1,32})[^\S\n]{1,8}){1,2}/
const CREDENTIAL_SCHEME = /^["'`]?(?:Bearer|Basic|Token|ApiKey|Bot|Key)\s{1,8}/i
const OPENING_QUOTE = /^["'`]/
const OUTER_QUOTES = /^["'`]|["'`]?[\s,;]{0,8}$/g
/** What may stand after a text in quotes, up to the end of its line. */
const AFTER_QUOTES = /^[\s,;)\]}]*(?:(?:#|\/\/).*)?$/
const COMMENT = /\s(?:#|\/\/)/
/** A user and a password in Base64, as Docker and npm keep them. */
const BASE64_TEXT = /^[A-Za-z0-9+/]{8,1024}={0,2}$/
const USER_AND_PASSWORD = /^[\x20-\x7e]{1,256}:[\x20-\x7e]{4,512}$/
const CAPITALS_ONLY = /^[A-Z][A-Z0-9_]{0,63}$/

/**
 * The literal credentials of one text, in order.
 *
 * @param name the header, variable or member that the text stands under
 * @param isDocument whether the text is a file or another text of lines, each with a name of its own
 */
export function literalsIn(text: string, name: string | undefined, isDocument: boolean): readonly Literal[] {
  const found = new Map<number, Literal>()
  const add: Add = (index, tag, named) => {
    if (found.size < MAX_LITERALS && !found.has(index)) found.set(index, { index, name: named, tag: tagFrom(tag) })
  }
  const kinds = new Map<string, NameKind>()
  const kindOf = (named: string): NameKind => {
    const kind = kinds.get(named) ?? kindOfName(named)
    kinds.set(named, kind)
    return kind
  }
  const isSecret = (named: string): boolean => kindOf(named) === 'secret' || kindOf(named) === 'likely'
  const take = (each: NamedValue): void => addNamed(each, kindOf(each.name) === 'secret', add)
  if (name !== undefined && text.length <= LONGEST && isSecret(name)) take({ name, value: text, index: 0 })
  namedValuesIn(text, isDocument, isSecret, take)
  for (const entry of namedEntriesIn(text, isSecret)) take(entry)
  addPasswords(text, add)
  addKeys(text, add)
  return withoutNested(
    [...found.values()].sort((a, b) => a.index - b.index),
    text,
  )
}

type Add = (index: number, tag: string, name?: string) => void

/** Adds passwords of URLs and of `curl`. */
function addPasswords(text: string, add: Add): void {
  for (const match of text.matchAll(USER_OPTION)) {
    if (isMixed(match[1]!) && !isStandIn(match[1]!)) add(endOf(match), 'password')
  }
  for (const match of text.matchAll(URL_PASSWORD)) {
    const [, , user, password] = match
    // a default of a development server
    const isDefault = password === user || password === 'password'
    if (!isDefault && !isStandIn(password!))
      add(endOf(match), `${match[1]!.startsWith('http') ? 'url' : match[1]}_password`)
  }
}

/** Adds keys that are known by how they look. */
function addKeys(text: string, add: Add): void {
  for (const match of text.matchAll(knownKey())) {
    const shape = match.slice(1).findIndex((group) => group !== undefined)
    if (!isExample(match[0])) add(match.index, KEY_TAGS[shape]!)
  }
  for (const match of text.matchAll(PRIVATE_KEY)) add(match.index, 'private_key')
  for (const match of text.matchAll(WEBHOOK)) {
    add(endOf(match), match[0].startsWith('hooks.slack') ? 'slack_webhook' : 'discord_webhook')
  }
}

/** Adds what stands under a name of a secret, where it is one. @param isSure whether the name says so by itself */
function addNamed({ name, value: given, index }: NamedValue, isSure: boolean, add: Add): void {
  const lead = YAML_PROPERTIES.exec(given)?.[0] ?? ''
  const scheme = CREDENTIAL_SCHEME.exec(given.slice(lead.length))?.[0] ?? ''
  const start = lead.length + scheme.length
  const value = valueAlone(given.slice(start))
  // `Token` begins many sentences
  if (scheme !== '' && /^[a-z]+[.!?]?$/i.test(value)) return
  // of these names many hold no secret: a key of a map, the name of a cookie
  const isCredential = isSure ? value.length > 3 : scheme !== '' || isKeyLike(value) || isBasicPair(value)
  if (!isCredential || isOrdinary(name, value)) return
  add(index + given.indexOf(value, start), name, name.length <= LONGEST_NAME ? name : undefined)
}

/** A value without its quotes and the comment after it. */
function valueAlone(written: string): string {
  const [quote] = OPENING_QUOTE.exec(written) ?? []
  const end = quote === undefined ? -1 : written.indexOf(quote, 1)
  if (end > 0 && AFTER_QUOTES.test(written.slice(end + 1))) return written.slice(1, end)
  const comment = written.search(COMMENT)
  return (comment < 0 ? written : written.slice(0, comment)).replace(OUTER_QUOTES, '')
}

/** Whether it is `user:password` in Base64. */
function isBasicPair(value: string): boolean {
  if (!BASE64_TEXT.test(value) || value.length % 4 !== 0) return false
  return USER_AND_PASSWORD.test(atob(value))
}

/** One finding for each credential: what begins within another is part of it. */
function withoutNested(sorted: readonly Literal[], text: string): readonly Literal[] {
  let end = -1
  return sorted.filter(({ index }) => {
    if (index < end) return false
    const rest = /^[^\s"'`,;&<>@/?]{0,4096}/.exec(text.slice(index, index + LONGEST))
    end = index + rest![0].length
    return true
  })
}

function endOf(match: RegExpMatchArray): number {
  return match.index! + match[0].length
}

/** A name as a tag: `X-API-Key` is `x_api_key`; that of a variable stays as it is, as `import` stores it. */
function tagFrom(name: string): string {
  if (CAPITALS_ONLY.test(name)) return name
  const tag = name
    .replace(/([a-z\d])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_NAME)
  return tag.replace(/^_|_$/g, '') || 'secret'
}
