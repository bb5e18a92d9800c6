/** What fetch was given as one request config, and the first request with the secrets of each of its parts. */

import { utf8 } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { isPlainObject, ownValue, withoutUndefined } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import type { UsedSecret } from '../vault/resolved.ts'
import type { Outgoing } from './hop.ts'

/** A request config as it was given, its headers in the shape in which they were. */
export interface RequestTemplate extends RequestInit {
  readonly url: string | URL
  readonly method: string
}

/** The members of a request that fetch sends. */
const SENT = /^(?:url|headers|body)(?:$|[.[])/
const IN_BODY = /^body(?:$|[.[])/
const REDIRECT_MODES = ['follow', 'manual', 'error']

/** What fetch was given, as one request config; a Request's URL as a URL, since its references are percent-encoded. */
export function templateOf(input: string | URL | Request, init: RequestInit = {}): RequestTemplate {
  const request = typeof input === 'object' && !(input instanceof URL) ? input : undefined
  const inherited = request === undefined ? {} : requestMembers(request)
  const members = { ...inherited, ...withoutUndefined({ ...init }) } as RequestInit
  return {
    ...members,
    url: request === undefined ? (input as string | URL) : new URL(request.url),
    method: Object.hasOwn(members, 'method') ? String(members.method).toUpperCase() : 'GET',
  }
}

function requestMembers(request: Request): RequestInit {
  const { method, headers, body, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive } = request
  const members = { method, headers, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive }
  // the platform refuses a streamed body without a word about its direction
  return body === null ? members : ({ ...members, body, duplex: 'half' } as RequestInit)
}

/**
 * A secret elsewhere would not be sent, or, as a referrer, on every hop.
 *
 * @throws ERR_LOCATION_DENIED
 */
export function requireSentMembers(references: readonly Reference[]): void {
  const stray = references.find(({ path }) => !SENT.test(path))
  if (stray === undefined) return
  const { tag, path, location } = stray
  throw new GuillemetError(
    'ERR_LOCATION_DENIED',
    `The reference to "${tag}" at ${path} is in a member that fetch does not send; put it into the url, the headers or the body.`,
    { tag, path, location },
  )
}

/**
 * How redirects are to be treated. Only the three words themselves count: the platform makes a text of anything else,
 * and would follow redirects on its own.
 *
 * @throws ERR_INVALID_INPUT
 */
export function redirectMode(exposed: RequestTemplate): 'follow' | 'manual' | 'error' {
  const redirect: unknown = ownValue(exposed, 'redirect') ?? 'follow'
  if (REDIRECT_MODES.includes(redirect as string)) return redirect as 'follow'
  throw new GuillemetError('ERR_INVALID_INPUT', "The option redirect must be 'follow', 'manual' or 'error'.")
}

/**
 * The first request.
 *
 * @throws ERR_INVALID_INPUT when the URL with its values is not absolute, or the headers are in a shape that fetch does
 *   not take
 */
export function firstRequest(exposed: RequestTemplate, used: readonly UsedSecret[]): Outgoing {
  const url = absoluteUrl(exposed.url)
  const headers = headersWithSecrets(ownValue(exposed, 'headers'), used)
  const { username, password } = url
  const isNamed = headers.some(([name]) => name === 'authorization')
  if ((username !== '' || password !== '') && !isNamed) {
    const auth = used.filter(({ location }) => location === 'auth')
    headers.push([
      'authorization',
      `Basic ${base64(utf8(`${percentDecoded(username)}:${percentDecoded(password)}`))}`,
      auth,
    ])
  }
  // fetch refuses a URL with userinfo, and quotes it in its error
  url.username = ''
  url.password = ''
  return {
    url,
    method: exposed.method,
    headers,
    body: Object.hasOwn(exposed, 'body') ? exposed.body : undefined,
    bodySecrets: used.filter(({ path }) => IN_BODY.test(path)),
  }
}

/** Each header with the secrets in it, told by the path of its value in the shape that was given. */
function headersWithSecrets(headers: unknown, used: readonly UsedSecret[]): [string, string, readonly UsedSecret[]][] {
  if (headers === undefined || headers === null) return []
  const at = (...keys: (string | number)[]) => {
    const path = pathOf(['headers', ...keys])
    return used.filter((secret) => secret.path === path)
  }
  const sent = headerPairs(headers).map(([name, value, keys]): [string, string, readonly UsedSecret[]] => {
    // a list or another object would be written by the platform, and nobody could say what of it is a secret
    if (typeof name !== 'string' || (typeof value !== 'string' && typeof value !== 'number')) throw unsupportedHeaders()
    return [name.toLowerCase(), String(value), at(...keys)]
  })
  const found = sent.reduce((count, [, , secrets]) => count + secrets.length, 0)
  if (found < used.filter(({ path }) => path.startsWith('headers')).length) throw unsupportedHeaders()
  return sent
}

function headerPairs(
  headers: unknown,
): readonly (readonly [name: unknown, value: unknown, keys: (string | number)[]])[] {
  if (Array.isArray(headers)) {
    return headers.map((pair: unknown, index) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw unsupportedHeaders()
      return [pair[0], pair[1], [index, 1]]
    })
  }
  if (isPlainObject(headers)) return Object.entries(headers).map(([name, value]) => [name, value, [name]])
  if (!(headers instanceof Headers)) throw unsupportedHeaders()
  return [...headers.entries()].map(([name, value]) => [name, value, [name]])
}

function unsupportedHeaders(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The headers are in a shape that fetch does not take; give an object of texts, pairs of texts, or Headers.',
  )
}

/** The URL with its values in it; the platform's own error would repeat it. */
function absoluteUrl(url: string | URL): URL {
  try {
    return new URL(url)
  } catch {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The URL is not valid or not absolute; start it with https://.')
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign of the author's that begins no escape
  }
}
