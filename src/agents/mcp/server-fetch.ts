/**
 * The fetch of one MCP server: its headers go to its own origin, whatever the client asks for.
 *
 * The client gives one fetch, and often the same headers, to all its requests. Some of them go where the server says: on a
 * 401 to `resource_metadata`, then to `authorization_servers`, and from there to a token endpoint.
 */

import { lowerCaseName } from '../../header-name.ts'
import { basicText } from '../../http/basic-auth.ts'
import { vaultFetch } from '../../http/fetch.ts'
import type { FetchLike } from '../../http/fetch-options.ts'
import { parseJson } from '../../json.ts'
import type { Reference } from '../../location.ts'
import { isPlainObject, ownValue } from '../../plain-object.ts'
import type { Vault } from '../../vault/api.ts'
import { clientAccessOf } from '../../vault/client.ts'
import type { HttpConfig } from './server-config.ts'

type Pair = readonly [name: string, value: string]

/** Headers in which the client gives back what a server has told it: text, whatever it looks like. */
const ECHOED: readonly string[] = ['mcp-session-id', 'last-event-id', 'mcp-protocol-version', 'authorization']

/**
 * A fetch that resolves the config's headers in requests to the server's origin, and leaves them out of all others.
 *
 * @param below where requests go out
 * @throws ERR_INVALID_INPUT for a vault of another copy of the package
 */
export function serverFetch(vault: Vault, server: HttpConfig, below: FetchLike): typeof globalThis.fetch {
  const { origin } = server.url
  const authored = headerReferences(vault, server)
  const options = { authored, fetch: withoutLiterals(server, authored, below) }
  const toServer = vaultFetch(vault, options)
  // tokens and client secrets must come back as they were sent
  const toTokens = vaultFetch(vault, { ...options, redactResponse: false })
  const access = clientAccessOf(vault)!
  const isText = (name: string, value: string): boolean =>
    ECHOED.includes(name) && access.scan(basicText(name, value) ?? value).length > 0
  const own = new Headers(server.headers)
  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input)
    const given = [...new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))]
    const isOwn = ([name, value]: Pair): boolean => own.get(name) === value
    if (url.origin !== origin) {
      const left = authored.filter(({ path }) => given.some((pair) => isOwn(pair) && isAt(path, pair[0])))
      if (left.length > 0) access.tellSkipped(left, url.origin)
      return below(input, { ...init, headers: given.filter((pair) => !isOwn(pair)) }) as Promise<Response>
    }
    const isOAuth = isOAuthRequest(init)
    const texts = given.filter((pair) => !isOwn(pair) && isText(...pair))
    // a path names a header of `Headers`, and a place in a list
    const call: RequestInit = { ...init, headers: new Headers(given.filter((pair) => !texts.includes(pair))) }
    if (texts.length === 0) return (isOAuth ? toTokens : toServer)(input, call)
    const withTexts = addingTexts(origin, texts, options.fetch)
    return vaultFetch(vault, { authored, fetch: withTexts, redactResponse: !isOAuth })(input, call)
  }
  return send as typeof globalThis.fetch
}

/** The references of a server's headers, as its author wrote them. */
function headerReferences(vault: Vault, { url, headers }: HttpConfig): readonly Reference[] {
  return vault.references({ url: url.href, headers }, { as: 'request' })
}

/** Headers without a secret belong to the origin as well; a redirect to another one goes on without them. */
function withoutLiterals({ url, headers }: HttpConfig, authored: readonly Reference[], below: FetchLike): FetchLike {
  const literals = Object.keys(headers).filter((name) => !authored.some(({ path }) => isAt(path, name)))
  const names = literals.map(lowerCaseName)
  return (target, init) => {
    if (isWithin(url.origin, target)) return below(target, init)
    const kept = [...new Headers(init?.headers)].filter(([name]) => !names.includes(name))
    return below(target, { ...init, headers: kept })
  }
}

/** Adds headers below what looks for references. They are the client's own, so a redirect takes them nowhere. */
function addingTexts(origin: string, texts: readonly Pair[], below: FetchLike): FetchLike {
  return (target, init) =>
    below(target, isWithin(origin, target) ? { ...init, headers: [...new Headers(init?.headers), ...texts] } : init)
}

function isWithin(origin: string, target: string | URL | Request): boolean {
  return new URL(target instanceof Request ? target.url : target).origin === origin
}

/** Whether the path of a reference names that header. */
function isAt(path: string, name: string): boolean {
  const [lower, header] = [lowerCaseName(path), lowerCaseName(name)]
  return lower === `headers.${header}` || lower === `headers[${JSON.stringify(header)}]`
}

/** A request for a token (RFC 6749 §4) is a form; one to register a client (RFC 7591 §3.1) is JSON that is not JSON-RPC. */
function isOAuthRequest({ method, body }: RequestInit): boolean {
  if (method?.toUpperCase() !== 'POST') return false
  if (body instanceof URLSearchParams) return true
  const message = typeof body === 'string' ? parseJson(body) : undefined
  return (
    isPlainObject(message) &&
    ownValue(message, 'redirect_uris') !== undefined &&
    ownValue(message, 'jsonrpc') === undefined
  )
}
