/**
 * The fetch of one MCP server: its headers go to its own origin, whatever the client asks for.
 *
 * The client gives one fetch, and often the same headers, to all its requests. Some of them go where the server says: on a
 * 401 to `resource_metadata`, then to `authorization_servers`, and from there to a token endpoint.
 */

import { basicText } from '../../http/basic-auth.ts'
import { vaultFetch } from '../../http/fetch.ts'
import type { FetchLike } from '../../http/fetch-options.ts'
import { parseJson } from '../../json.ts'
import type { Reference } from '../../location.ts'
import { isPlainObject, ownValue } from '../../plain-object.ts'
import type { Vault } from '../../vault/api.ts'
import { clientAccessOf } from '../../vault/client.ts'
import type { HttpConfig } from './server-config.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

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
    const given: Pairs = [...new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))]
    const isOwn = ([name, value]: Pairs[number]): boolean => own.get(name) === value
    if (url.origin !== origin) {
      const left = authored.filter(({ path }) => given.some((pair) => isOwn(pair) && isAt(path, pair[0])))
      if (left.length > 0) access.tellSkipped(left, url.origin)
      return below(input, { ...init, headers: plainPairs(given.filter((pair) => !isOwn(pair))) }) as Promise<Response>
    }
    const isOAuth = isOAuthRequest(init)
    const texts = given.filter((pair) => !isOwn(pair) && isText(...pair))
    const headers = plainPairs(given.filter((pair) => !texts.includes(pair)))
    if (texts.length === 0) return (isOAuth ? toTokens : toServer)(input, { ...init, headers })
    const withTexts: FetchLike = (target, more) =>
      options.fetch(
        target,
        new URL(target).origin === origin ? { ...more, headers: [...more.headers, ...texts] } : more,
      )
    return vaultFetch(vault, { authored, fetch: withTexts, redactResponse: !isOAuth })(input, { ...init, headers })
  }
  return send as typeof globalThis.fetch
}

/** The references of a server's headers, as its author wrote them. */
export function headerReferences(vault: Vault, { url, headers }: HttpConfig): readonly Reference[] {
  return vault.references({ url: url.href, headers }, { as: 'request' })
}

/** Headers without a secret belong to the origin as well; a redirect to another one goes on without them. */
function withoutLiterals({ url, headers }: HttpConfig, authored: readonly Reference[], below: FetchLike): FetchLike {
  const literals = Object.keys(headers).filter((name) => !authored.some(({ path }) => isAt(path, name)))
  return (target, init) => {
    if (new URL(target).origin === url.origin) return below(target, init)
    const names = literals.map((name) => name.toLowerCase())
    return below(target, {
      ...init,
      headers: plainPairs([...new Headers(init?.headers)].filter(([name]) => !names.includes(name))),
    })
  }
}

/** Whether the path of a reference names that header. */
function isAt(path: string, name: string): boolean {
  const lower = path.toLowerCase()
  return lower === `headers.${name.toLowerCase()}` || lower === `headers[${JSON.stringify(name.toLowerCase())}]`
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

function plainPairs(pairs: Pairs): [string, string][] {
  return pairs.map(([name, value]) => [name, value])
}
