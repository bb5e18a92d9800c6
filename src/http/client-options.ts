/** The options that all HTTP clients share; unknown ones are refused, with the name that was perhaps meant. */

import { GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { isName } from '../tag.ts'
import type { Snapshot } from '../vault/api.ts'
import { type ClientAccess, requireAccess } from '../vault/client.ts'
import { CREDENTIAL_HEADERS } from './credential-headers.ts'

/** Options of every HTTP client; by default references are resolved in credential headers only. */
export interface ClientOptions {
  /** Further headers in which references are resolved, in any case, such as `['x-acme-key']`. @default none */
  readonly headers?: readonly string[] | undefined
  /**
   * Further places in which references are resolved: `header` (every header), `host`, `path`, `query`, `auth` (the URL's
   * user and password), `body`. Text of anybody else in such a place can name a secret. @default none
   */
  readonly in?: readonly ReferenceLocation[] | undefined
  /** The only tags that are resolved. @default every tag that the vault's view may use */
  readonly tags?: readonly string[] | undefined
  /**
   * The references of the request as its author stored it (`vault.references(request, { as: 'request' })`): these are
   * resolved wherever they are, and no other. A path such as `body.tools[0].token` also finds its place in JSON text.
   */
  readonly authored?: readonly Reference[]
  /**
   * Whether the secrets of a request are masked in its response. Turn it off where a response must come back as it was
   * sent: token endpoints, signed responses, downloads that are resumed. @default true
   */
  readonly redactResponse?: boolean | undefined
  /**
   * Whether a secret that is bound to hosts is sent although something other than the URL could lead the request elsewhere: a
   * proxy, an agent or dispatcher, a socket path, a look-up of names, certificates that are not checked, another `Host`,
   * hop-by-hop or method-override headers, a backslash or white space in the URL's authority. For transports that are your
   * own. @default false
   */
  readonly unsafeTransport?: boolean | undefined
  /**
   * A snapshot that this vault or view has taken: requests are resolved with its secrets, without reading the storage.
   * Each is held to the secrets' rules, `enabled` and expiry as ever; the policy was asked when the snapshot was taken,
   * and is asked again about redirects, and where a server has led to. A request with references fails once it is closed. @default none
   */
  readonly snapshot?: Snapshot | undefined
  /**
   * Whether a request that is answered with 401 or 403 is sent once more with the newest secrets, read past every cache: only
   * where one of its secrets has another version by now, and its body can be sent again. `true` for idempotent methods
   * (GET, HEAD, OPTIONS, TRACE, PUT, DELETE), a list for those methods alone. @default false
   */
  readonly retryUnauthorized?: boolean | readonly string[] | undefined
}

/** The options as they are used. */
export interface ClientSettings {
  /** The function whose options they are, for messages: `vaultFetch`. */
  readonly client: string
  /** Whether a reference in a header of that lower-case name is resolved without being authored. */
  isOpenHeader(name: string): boolean
  readonly locations: ReadonlySet<ReferenceLocation>
  readonly tags: ReadonlySet<string> | undefined
  readonly authored: readonly Reference[] | undefined
  readonly redactsResponses: boolean
  readonly allowsUnsafeTransport: boolean
  readonly snapshot: Snapshot | undefined
  /** Whether a request of that method, in capitals, is sent again with the newest secrets. */
  retriesUnauthorized(method: string): boolean
}

const CLIENT_OPTIONS = [
  'headers',
  'in',
  'tags',
  'authored',
  'redactResponse',
  'unsafeTransport',
  'snapshot',
  'retryUnauthorized',
] as const
/** RFC 9110 §9.2.2. */
const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']
const CLIENT_LOCATIONS: readonly ReferenceLocation[] = ['header', 'host', 'path', 'query', 'auth', 'body']
/** A token of RFC 9110 §5.6.2. */
const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/

/**
 * The vault as a client sees it. Asked before the options are read: anyone who takes `vaultFetch` for a fetch gives it a URL and
 * an init, whose members would be refused as options.
 *
 * @throws ERR_INVALID_INPUT for anything but a vault, and for one of another copy of the package
 */
export function requireVault(vault: unknown, client: string): ClientAccess {
  const isAddress = typeof vault === 'string' || vault instanceof URL || vault instanceof Request
  if (!isAddress) return requireAccess(vault, `The first argument of ${client}`)
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The first argument of ${client} is the vault, and what it gives is the client: const send = ${client}(vault).`,
  )
}

/**
 * The options, checked.
 *
 * @param client the function that takes them
 * @param own names of options that only this client has; they are read by the client
 * @throws ERR_INVALID_INPUT
 */
export function readClientOptions<O extends ClientOptions>(
  given: O | undefined,
  client: string,
  own: readonly (keyof O & string)[] = [],
): { readonly options: Partial<O>; readonly settings: ClientSettings } {
  const options = readOptions<ClientOptions>(
    given,
    `options of ${client}`,
    [...CLIENT_OPTIONS, ...(own as [])],
    suggest,
  )
  const refuse = (option: string, rule: string): never => refuseOption(client, option, rule)
  const { redactResponse = true, unsafeTransport = false, retryUnauthorized = false, authored, snapshot } = options
  for (const [option, value] of Object.entries({ redactResponse, unsafeTransport })) {
    if (typeof value !== 'boolean') refuse(option, 'must be true or false')
  }
  const list = (option: 'headers' | 'in' | 'tags', isValid: (item: string) => boolean, what: string) =>
    isListOf(options[option], isValid) ? options[option] : refuse(option, `must be a list of ${what}`)
  const names = list('headers', (name) => HTTP_TOKEN.test(name), 'names of headers')
  const tags = list('tags', isName, 'tags')
  const places = list('in', isLocation, CLIENT_LOCATIONS.join(', '))
  const retried = retryUnauthorized === true ? IDEMPOTENT : retryUnauthorized === false ? [] : retryUnauthorized
  if (!isListOf(retried, (method) => HTTP_TOKEN.test(method))) {
    refuse('retryUnauthorized', 'must be true, false or a list of methods')
  }
  if (snapshot !== undefined && retried.length > 0) {
    refuse('retryUnauthorized', 'reads the storage, which a snapshot is not to do; leave one of them out')
  }
  const methods = new Set(retried.map((method) => method.toUpperCase()))
  if (authored !== undefined && !Array.isArray(authored)) refuse('authored', 'must be a list of references')
  const locations = new Set((places ?? []) as readonly ReferenceLocation[])
  const open = new Set([...CREDENTIAL_HEADERS, ...(names ?? []).map((name) => name.toLowerCase())])
  const settings = {
    client,
    isOpenHeader: (name: string) => locations.has('header') || open.has(name),
    locations,
    tags: tags && new Set(tags),
    authored,
    redactsResponses: redactResponse,
    allowsUnsafeTransport: unsafeTransport,
    snapshot,
    retriesUnauthorized: (method: string) => methods.has(method),
  }
  return { options: options as Partial<O>, settings }
}

function isListOf(given: unknown, isValid: (item: string) => boolean): boolean {
  if (given === undefined) return true
  return Array.isArray(given) && given.every((item: unknown) => typeof item === 'string' && isValid(item))
}

function isLocation(text: string): boolean {
  return (CLIENT_LOCATIONS as readonly string[]).includes(text)
}

/** @throws ERR_INVALID_INPUT with the option as path */
export function refuseOption(client: string, option: string, rule: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', `The option ${option} of ${client} ${rule}.`, { path: option })
}
