/**
 * Literal credentials in the text of a template, where a reference belongs. A guess, as every such search: names that say so, URLs
 * with a password, and keys that are known by their beginning.
 */

import { isKeyLike, isPublished } from '../key-looks.ts'
import { isExample, type KEY_PATTERNS, knownKey, PRIVATE_KEY, SLACK_WEBHOOK } from '../key-shapes.ts'
import { kindOfName } from '../secret-names.ts'
import { entriesIn } from './literal-entries.ts'

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
/** A query parameter; another `?` ends its value here, so that no text is read as the value of many. Badges show theirs. */
const PARAMETER = /(?:(?<!\.svg)\?|&)([A-Za-z][\w.-]{1,63})=(?=([^\s?&#"'<>]{8,512}))/g
/** A member of JSON. */
const JSON_MEMBER = /"([A-Za-z][\w.-]{1,63})"\s{0,8}:\s{0,8}"(?=([^"\n]{1,4096}))/g
/** A member of Python, JavaScript or a flow of YAML. */
const QUOTED_MEMBER = /'([A-Za-z][\w.-]{1,63})'\s{0,8}:\s{0,8}'(?=([^'\n]{1,4096}))/g
/**
 * A line of YAML, JSON, TOML, .env or HTTP with a name and a value; quotes are cut off later. It begins where `[^\n]` ends: `^` would
 * also match after CR and U+2028, and each of those would read the same value again.
 */
const NAMED_LINE =
  /(?<![^\n])[^\S\n]{0,256}(?:[-*#>][^\S\n]{1,8}){0,2}(?:export[^\S\n]{1,8})?["'`]?([A-Za-z][\w.-]{0,63})["'`]?[^\S\n]{0,16}(?::|=>?)[^\S\n]{0,16}(?=([^\n]{0,4096}))/g
/** The value that another tool uses where a variable is not set: `${DB_PASSWORD:-value}`. */
const DEFAULT_VALUE = /\$\{(?:secrets?\.)?([A-Za-z_][\w.]{1,63}):?[-=](?=([^\s{}"'`]{8,512})\})/g
/** An option of a command, a variable before one, and a variable of a Dockerfile; what has no digits is mostly a word there. */
const OPTION = /(?<![\w-])--([A-Za-z][\w-]{1,63})=["']?(?=([^\s"'`]{8,512}))/g
const VARIABLE = /(?<![\w$&?.-])([A-Z][A-Z0-9_]{2,63})=["']?(?=([^\s"'`]{8,512}))/g
const DOCKER_VARIABLE = /(?<![^\n])ENV[^\S\n]{1,8}([A-Za-z]\w{1,63})[^\S\n]{1,8}["']?(?=([^\s"'`]{8,512}))/g
/** A user and a password for `curl`. */
const USER_OPTION = /(?<!\S)(?:-u|--user)[ =]["']?[\w.@-]{1,64}:(?=([^\s"'`]{8,256}))/g
const CREDENTIAL_SCHEME = /^["'`]?(?:Bearer|Basic|Token|ApiKey|Bot|Key)\s{1,8}/i
const NAME_IN_CAPITALS = /^[A-Z][A-Z0-9_]{0,63}$/
const MEMBER_PATTERNS = [JSON_MEMBER, QUOTED_MEMBER, PARAMETER]
const AMONG_WORDS = [DEFAULT_VALUE, OPTION, VARIABLE, DOCKER_VARIABLE]
const OUTER_QUOTES = /^["'`]|["'`]?[\s,;]{0,8}$/g
/** What another engine or this one puts in, what is encrypted already, and what stands for a value that is not there. */
const FILLED_IN_LATER =
  /\{\{|<<|\$\{|\$\(|<%|\{%|%[A-Z_]+%|^\$[A-Za-z_]\w*$|^env[.(:]|process\.env|\*{3}|•{3}|…|\.{3}|\[secret|^secrets?[.:]|^(?:op|vault|ref|arn|sops):|^ENC\[|^@Microsoft\.KeyVault\(|^!/
const STAND_IN =
  /^(?:x{3,}|\*+|-+|_+|\d{1,5}|todo|tbd|n\/a|redacted|masked|hidden|required|optional|string|changeme|change[-_ ]me|replace[-_ ]?me|dummy|foo|bar|base64:|pass(?:word|wd)?|(?:your|my|the|some|an?|replace|generate|insert|enter)[-_ ].{0,64}|.{0,64}[-_ ]here|<.{0,64}>|\[.{0,64}\]|.{0,32}example.{0,32}|(?:~|\.{1,2})?\/[^+=]{0,256}\.\w{2,5})$/i
/** Words that settings take, where the name of the setting is one of a secret: permissions of a workflow, modes of `fetch`. */
const SETTING =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|enabled|disabled|always|never|auto|default|read|write|inherit|include|omit|same-origin|latest|next|warn|error)$/i
/** A version or a range of them, or another source of a package: many packages have such names. */
const VERSION =
  /^(?:[~^=v]|[<>]=?|==|~=)?\d{1,6}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+][\w.+-]{1,64})?$|^(?:workspace|npm|file|link|portal|catalog|patch|github):/
/** What a program writes in place of a value: `config.apiKey`, `var.password`, `file("…")`, an alias of YAML. */
const EXPRESSION =
  /^(?:[A-Za-z_$]+\d{0,2}(?:\??\.[A-Za-z_$]+\d{0,2}){1,8}|[A-Za-z_$][\w$.]{0,64}\((?:.*[)({[])?|[*&][A-Za-z_-]{1,64}\d{0,2})$/

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
  if (name !== undefined && text.length <= LONGEST) addNamed(name, text, 0, add)
  addUnderNames(text, isDocument, add)
  for (const entry of entriesIn(text, isSecretName)) addNamed(entry.name, entry.value, entry.index, add)
  addPasswords(text, add)
  addKeys(text, add)
  return withoutNested(
    [...found.values()].sort((a, b) => a.index - b.index),
    text,
  )
}

type Add = (index: number, tag: string, name?: string) => void

/** Adds what stands under names within the text. */
function addUnderNames(text: string, isDocument: boolean, add: Add): void {
  for (const pattern of isDocument ? [NAMED_LINE, ...MEMBER_PATTERNS] : MEMBER_PATTERNS) {
    for (const match of text.matchAll(pattern)) addNamed(match[1]!, match[2]!, endOf(match), add)
  }
  for (const pattern of AMONG_WORDS) {
    for (const match of text.matchAll(pattern)) {
      if (isMixed(match[2]!)) addNamed(match[1]!, match[2]!, endOf(match), add)
    }
  }
}

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
  for (const match of text.matchAll(SLACK_WEBHOOK)) add(endOf(match), 'slack_webhook')
}

function isSecretName(name: string): boolean {
  const kind = kindOfName(name)
  return kind === 'secret' || kind === 'likely'
}

/** Adds what stands under a name that says that it is a secret. */
function addNamed(name: string, given: string, start: number, add: Add): void {
  if (!isSecretName(name)) return
  const kind = kindOfName(name)
  const scheme = CREDENTIAL_SCHEME.exec(given)?.[0] ?? ''
  const value = given.slice(scheme.length).replace(OUTER_QUOTES, '')
  // of these names many hold no secret: a key of a map, the name of a cookie
  const isCredential = kind === 'secret' ? value.length > 3 : scheme !== '' || isKeyLike(value)
  if (!isCredential || isOrdinary(name, value)) return
  add(start + given.indexOf(value, scheme.length), name, name.length <= LONGEST_NAME ? name : undefined)
}

/** Whether a value is not a credential, whatever the name over it says. */
function isOrdinary(name: string, value: string): boolean {
  if (value === '' || /\s/.test(value) || isStandIn(value) || EXPRESSION.test(value) || isPublished(value)) return true
  // a limit of a language model
  if (/tokens$/i.test(name) && /^\d+$/.test(value)) return true
  return value.toLowerCase() === name.toLowerCase() || /^[a-z][\w+.-]*:\/\//i.test(value)
}

function isStandIn(value: string): boolean {
  return FILLED_IN_LATER.test(value) || STAND_IN.test(value) || SETTING.test(value) || VERSION.test(value)
}

/** Letters and digits: where words are common, as in a command or a default for development. */
function isMixed(value: string): boolean {
  return value.length >= 8 && /[A-Za-z]/.test(value) && /\d/.test(value)
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
  if (NAME_IN_CAPITALS.test(name)) return name
  const tag = name
    .replace(/([a-z\d])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_NAME)
  return tag.replace(/^_|_$/g, '') || 'secret'
}
