/** A dispatched request, read as undici reads it, and put together again with its secrets. */

import { escape as percentEncoded } from 'node:querystring'
import { isPlainObject, nullRecord, withoutPrototype } from '../../plain-object.ts'
import { membersOf } from '../../template/shapes.ts'
import type { ClientAccess } from '../../vault/client.ts'
import type { Outgoing } from '../hop.ts'
import type { HttpCall } from '../http-call.ts'
import type { DispatchOptions } from './dispatch.ts'
import { readHeaders } from './headers.ts'

/** One dispatched request. */
export interface DispatchCall extends HttpCall {
  /** The origin as it was given; undefined where neither the request nor the interceptor's options name one. */
  readonly origin: string | undefined
  readonly writtenNames: ReadonlyMap<string, string>
  /** Whether reading the headers has used up what was given. */
  readonly isUsedUp: boolean
}

/** In place of the origin of a dispatcher that is not known: no request goes there (RFC 6761 §6.4). */
const UNKNOWN_ORIGIN = 'http://unknown.invalid'

/**
 * Reads a request; undefined for one that undici refuses.
 *
 * @param known the origin of the dispatcher, where the options of the interceptor name it
 */
export function readDispatch(
  options: DispatchOptions,
  known: string | undefined,
  scan: ClientAccess['scan'],
): DispatchCall | undefined {
  const { origin: given, path, method, query, headers, body, servername, signal } = membersAsRead(options)
  if (typeof path !== 'string' || typeof method !== 'string') return undefined
  const read = readHeaders(headers)
  const pathAndQuery = method === 'CONNECT' ? '/' : withQuery(path, query, scan)
  if (read === undefined || pathAndQuery === undefined) return undefined
  const origin = originText(given) ?? known
  const { writtenNames, isUsedUp } = read
  return {
    url: `${origin ?? UNKNOWN_ORIGIN}${pathAndQuery}`,
    method: method.toUpperCase(),
    headers: read.headers,
    body: (isForeignForm(body) ? platformForm(body) : body) as BodyInit | null | undefined,
    bodyOf: undefined,
    diversions: servername === undefined ? [] : ['servername'],
    signal: signal as AbortSignal | null | undefined,
    origin,
    writtenNames,
    isUsedUp,
  }
}

/** The members as undici reads them, those of a class of options too, but not those of a polluted prototype. */
function membersAsRead(options: DispatchOptions): DispatchOptions {
  return withoutPrototype(isPlainObject(options) ? { ...options } : (membersOf(options) as unknown as DispatchOptions))
}

function originText(given: unknown): string | undefined {
  if (typeof given === 'string' && given !== '') return given.replace(/\/$/, '')
  return given instanceof URL ? given.origin : undefined
}

/** Path and query as one text, in which references of a query are still references. */
function withQuery(path: string, query: unknown, scan: ClientAccess['scan']): string | undefined {
  // an absolute URL is what a proxy is asked for; anything else would become part of the host
  if (!path.startsWith('/')) return undefined
  if (query === undefined || query === null) return path
  if (typeof query !== 'object' || /[?#]/.test(path)) return undefined
  const members = query as Readonly<Record<string, unknown>>
  const pairs = Object.keys(members).flatMap((name) => {
    const values: readonly unknown[] = Array.isArray(members[name]) ? members[name] : [members[name]]
    return values.map((value) => `${percentEncoded(name)}=${encodedAround(primitiveText(value), scan)}`)
  })
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

/** As `querystring` writes what is not a text. */
function primitiveText(value: unknown): string {
  if (typeof value === 'string') return value
  const isPrinted = typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)
  return isPrinted ? String(value) : ''
}

/** The text percent-encoded, but for references, which the vault encodes itself. */
function encodedAround(text: string, scan: ClientAccess['scan']): string {
  let encoded = ''
  let copied = 0
  for (const { start, index, end, content } of scan(text)) {
    encoded += percentEncoded(text.slice(copied, start))
    copied = start
    // from one that does not parse, or is silenced, the vault has to see the rest as it was written
    if (content === undefined || content.code !== undefined || start !== index) {
      return encoded + text.slice(start).replace(/[&#+%]/g, percentEncoded)
    }
    encoded += text.slice(index, end)
    copied = end
  }
  return encoded + percentEncoded(text.slice(copied))
}

/** The form of the npm package is another class than the platform's. */
function isForeignForm(body: unknown): body is FormData {
  if (typeof body !== 'object' || body === null || body instanceof FormData) return false
  return Object.prototype.toString.call(body) === '[object FormData]' && 'append' in body && 'entries' in body
}

function platformForm(form: FormData): FormData {
  return filled(new FormData(), form)
}

function filled(target: FormData, source: FormData): FormData {
  for (const [name, value] of source.entries()) {
    if (typeof value === 'string') target.append(name, value)
    else target.append(name, value, value.name)
  }
  return target
}

/** What is dispatched where nothing is resolved: what was given, but for headers that reading has used up. */
export function plainOptions(options: DispatchOptions, call: DispatchCall): DispatchOptions {
  if (!call.isUsedUp) return options
  const headers = call.headers.map(({ name, value }) => [call.writtenNames.get(name) ?? name, value] as const)
  return { ...membersAsRead(options), headers: nullRecord(headers) }
}

/**
 * What is dispatched in place of the request: the same with its secrets in it.
 *
 * @param isMasked whether secrets are to be found in the answer
 */
export function dispatchOptions(
  options: DispatchOptions,
  call: DispatchCall,
  sent: Outgoing,
  isMasked: boolean,
): DispatchOptions {
  const { url, headers, body } = sent
  const isSameBody = body === call.body
  const names = (name: string): string => call.writtenNames.get(name) ?? name
  const entries = headers.map(([name, value]): [string, string] => {
    // undici hands compressed bytes on, in which no secret can be found; fetch asks for them of its own accord
    const isCoding = isMasked && name === 'accept-encoding' && call.method !== 'HEAD'
    return [names(name), isCoding ? 'identity' : value]
  })
  const length = call.headers.find(({ name }) => name === 'content-length')
  // what it was counted on goes out as it was; a stream without it would be sent in chunks
  if (isSameBody && length !== undefined) entries.push([names(length.name), length.value])
  const members = membersAsRead(options)
  const { origin, path, body: given } = members
  return Object.assign(members, {
    origin: origin === undefined ? undefined : url.origin,
    // as the rules were asked about it: undici would send `/a/../b` as it is
    path: call.method === 'CONNECT' ? path : `${url.pathname}${url.search}`,
    query: null,
    headers: nullRecord(entries),
    body: isSameBody ? given : bodyLike(given, body),
  })
}

function bodyLike(given: unknown, body: BodyInit | null | undefined): unknown {
  if (!isForeignForm(given) || !(body instanceof FormData)) return body
  return filled(new (given.constructor as typeof FormData)(), body)
}
