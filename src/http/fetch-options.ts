/** The options of `vaultFetch`, each of its type; unknown ones are refused, with the name that was perhaps meant. */

import { GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { isName } from '../tag.ts'
import { CREDENTIAL_HEADERS } from './credential-headers.ts'

/** What `vaultFetch` reads of a response: any fetch of the platform, of undici or of node-fetch gives it. */
export interface ResponseLike {
  /** The HTTP status; 0 where the runtime hides it. */
  readonly status: number
  /** As `Headers` has it. */
  readonly headers: Pick<Headers, 'get'>
}

/**
 * A fetch that requests go out by: the platform's, `undici.fetch`, or one that wraps them. It is given a URL as a text,
 * or, for a request without references, what the caller gave.
 */
// biome-ignore lint/suspicious/noExplicitAny: Request and RequestInit of undici and of the platform have no type in common
export type FetchLike = (input: any, init?: any) => Promise<ResponseLike>

/** Options of `vaultFetch`; by default references are resolved in credential headers only. */
export interface VaultFetchOptions {
  /**
   * Where requests go out. It must leave redirects alone where it is told to.
   *
   * @default globalThis.fetch, as it is when a request is made
   */
  readonly fetch?: FetchLike
  /** Further headers in which references are resolved, in any case, such as `['x-acme-key']`. @default none */
  readonly headers?: readonly string[]
  /**
   * Further places in which references are resolved: `header` (every header), `host`, `path`, `query`, `auth` (the URL's
   * user and password), `body`. Text of anybody else in such a place can name a secret. @default none
   */
  readonly in?: readonly ReferenceLocation[]
  /** The only tags that are resolved. @default every tag that the vault's view may use */
  readonly tags?: readonly string[]
  /**
   * The references of the request as its author stored it (`vault.references(request, { as: 'request' })`): these are
   * resolved wherever they are, and no other. A path such as `body.tools[0].token` also finds its place in JSON text.
   */
  readonly authored?: readonly Reference[]
  /**
   * Whether the secrets of a request are masked in its response. Turn it off where a response must come back as it was
   * sent: token endpoints, signed responses, downloads that are resumed. @default true
   */
  readonly redactResponse?: boolean
}

/** The options as they are used. */
export interface FetchSettings {
  readonly fetch: FetchLike
  /** Whether a reference in a header of that lower-case name is resolved without being authored. */
  isOpenHeader(name: string): boolean
  readonly locations: ReadonlySet<ReferenceLocation>
  readonly tags: ReadonlySet<string> | undefined
  readonly authored: readonly Reference[] | undefined
  readonly redactsResponses: boolean
}

const KNOWN = ['fetch', 'headers', 'in', 'tags', 'authored', 'redactResponse'] as const
const LOCATIONS: readonly ReferenceLocation[] = ['header', 'host', 'path', 'query', 'auth', 'body']
/** A token of RFC 9110 §5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/

/**
 * The options, checked.
 *
 * @throws ERR_INVALID_INPUT
 */
export function readFetchOptions(given: VaultFetchOptions | undefined): FetchSettings {
  if (typeof given === 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'vaultFetch takes options; give the function as { fetch }.')
  }
  const options = readOptions(given, 'options of vaultFetch', KNOWN, suggest)
  const { fetch, redactResponse = true, authored } = options
  if (fetch !== undefined && typeof fetch !== 'function') refuse('fetch', 'must be a function such as undici.fetch')
  if (typeof redactResponse !== 'boolean') refuse('redactResponse', 'must be true or false')
  const names = readList(options.headers, 'headers', (name) => HEADER_NAME.test(name), 'names of headers')
  const tags = readList(options.tags, 'tags', isName, 'tags')
  const places = readList(options.in, 'in', isLocation, `of ${LOCATIONS.join(', ')}`)
  if (authored !== undefined && !Array.isArray(authored)) refuse('authored', 'must be a list of references')
  const locations = new Set((places ?? []) as readonly ReferenceLocation[])
  const open = new Set([...CREDENTIAL_HEADERS, ...(names ?? []).map((name) => name.toLowerCase())])
  return {
    // looked up late, so that a fetch that is put in its place later is used
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
    isOpenHeader: (name) => locations.has('header') || open.has(name),
    locations,
    tags: tags && new Set(tags),
    authored,
    redactsResponses: redactResponse,
  }
}

function readList(
  given: readonly string[] | undefined,
  option: string,
  isValid: (item: string) => boolean,
  what: string,
): readonly string[] | undefined {
  if (given === undefined) return undefined
  const isList = Array.isArray(given) && given.every((item: unknown) => typeof item === 'string' && isValid(item))
  return isList ? [...given] : refuse(option, `must be a list ${what.startsWith('of ') ? what : `of ${what}`}`)
}

function isLocation(text: string): boolean {
  return (LOCATIONS as readonly string[]).includes(text)
}

function refuse(option: string, rule: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', `The option ${option} of vaultFetch ${rule}.`, { path: option })
}
