/** What fetch was given, read once, the way the platform reads it. */

import { GuillemetError } from '../../errors.ts'
import { lowerCaseName } from '../../header-name.ts'
import { isPlainObject, ownValue, withoutPrototype, withoutUndefined } from '../../plain-object.ts'
import { pathOf } from '../../template/context.ts'
import { hrefOf, membersOf } from '../../template/shapes.ts'
import { FETCH_DIVERSIONS, isSetMember } from '../diversion.ts'
import type { CallHeader, HttpCall } from '../http-call.ts'
import { requireTextualHeader } from '../refusals.ts'

const REDIRECT_MODES = ['follow', 'manual', 'error']

/** One call of fetch. */
export interface FetchCall extends HttpCall {
  /** Signal, redirect and whatever else the platform or its dispatcher reads. */
  readonly rest: RequestInit
  /** Whether the caller undoes the coding of the answer. */
  readonly keepsCoding: boolean
}

/** The members that ask for an answer in the coding that it was sent in: of Workers, of node-fetch, of Bun. */
const KEEPS_CODING: readonly (readonly [name: string, value: unknown])[] = [
  ['encodeResponseBody', 'manual'],
  ['compress', false],
  ['decompress', false],
]

/**
 * Reads a call of fetch; changes and consumes nothing.
 *
 * @throws the platform's TypeError for headers that it does not take; they hold no secret yet
 */
export function readFetchCall(input: string | URL | Request, init: RequestInit | undefined): FetchCall {
  const request = isRequest(input) ? input : undefined
  // the platform reads what is inherited, too: a class of options, or another Request
  const given = withoutUndefined(
    init === undefined || isPlainObject(init) ? { ...init } : membersOf(init),
  ) as RequestInit
  const members = { ...(request && requestMembers(request)), ...given }
  const { headers, method = 'GET', body, ...rest } = withoutPrototype(members)
  const hasOwnBody = Object.hasOwn(given, 'body') && given.body !== null
  return {
    url: request === undefined ? inputUrl(input as string | URL) : request.url,
    method: String(method).toUpperCase(),
    headers: readHeaders(headers),
    body,
    bodyOf: request !== undefined && !hasOwnBody && request.body !== null ? request : undefined,
    diversions: FETCH_DIVERSIONS.filter((name) => isSetMember(ownValue(rest as Record<string, unknown>, name))),
    signal: ownValue(rest as Record<string, unknown>, 'signal') as AbortSignal | null | undefined,
    rest: withoutPrototype(rest),
    keepsCoding: KEEPS_CODING.some(([name, value]) => ownValue(rest as Record<string, unknown>, name) === value),
  }
}

function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && !(input instanceof URL) && classOf(input) !== 'URL'
}

function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** A `URL` is read by the getter of its class, as the vault reads it: its own methods could answer differently each time. */
function inputUrl(input: string | URL): string {
  if (typeof input === 'string') return input
  return classOf(input) === 'URL' ? hrefOf(input) : String(input)
}

function requestMembers(request: Request): RequestInit {
  const { method, headers, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive } = request
  return { method, headers, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive }
}

/** The platform's own reading decides what is sent, whatever the shape; the names are looked up in what was given. */
function readHeaders(given: HeadersInit | undefined): readonly CallHeader[] {
  if (given === undefined) return []
  const places = placesIn(given)
  if (!(Symbol.iterator in given)) {
    for (const [name, value] of Object.entries(given)) requireTextualHeader(value, pathOf(['headers', name]))
  }
  // what is `Headers` already is not copied: of those of a Request with a body, msw and nock lose most in a copy
  const read = given instanceof Headers ? given : new Headers(given)
  return [...read].map(([written, value]) => {
    const name = lowerCaseName(written) // `Headers` of a simulated browser give names as they were written
    return { name, value, keys: ['headers', ...(places(name) ?? [name])] }
  })
}

/** Where a header of a lower-case name is in what was given. */
function placesIn(given: HeadersInit): (name: string) => readonly (string | number)[] | undefined {
  if (Array.isArray(given)) {
    return (name) => {
      const index = given.findIndex((pair: unknown) => Array.isArray(pair) && lowerCaseName(String(pair[0])) === name)
      return index < 0 ? undefined : [index, 1]
    }
  }
  if (classOf(given) !== 'Object') return () => undefined
  return (name) => {
    const key = Object.keys(given).find((each) => lowerCaseName(each) === name)
    return key === undefined ? undefined : [key]
  }
}

/** How redirects are to be treated. */
export type RedirectMode = 'follow' | 'manual' | 'error'

/**
 * How redirects are to be treated. Only the three words themselves count: the platform makes a text of anything else,
 * and would follow redirects on its own.
 *
 * @throws ERR_INVALID_INPUT
 */
export function redirectMode({ rest }: FetchCall): RedirectMode {
  const redirect: unknown = ownValue(rest, 'redirect') ?? 'follow'
  if (REDIRECT_MODES.includes(redirect as string)) return redirect as RedirectMode
  throw new GuillemetError('ERR_INVALID_INPUT', "The option redirect must be 'follow', 'manual' or 'error'.")
}
