/** What `vaultRequest` was given, read once, as `http.request` reads it. */

import type { RequestOptions } from 'node:https'
import { Readable } from 'node:stream'
import { utf8 } from '../../bytes.ts'
import { base64 } from '../../encode/base64.ts'
import { lowerCaseName } from '../../header-name.ts'
import { withoutPrototype } from '../../plain-object.ts'
import { pathOf } from '../../template/context.ts'
import { isNodeStream } from '../body-streams.ts'
import type { CallHeader, HttpCall } from '../http-call.ts'
import { requireTextualHeader } from '../refusals.ts'
import { diversionsOf } from './diversion.ts'
import { invalidMember, type NodeMembers } from './members.ts'
import { readTarget } from './target.ts'

/** One call of `vaultRequest`. */
export interface NodeCall extends HttpCall {
  /** A request target that is not a path, as node takes one. */
  readonly oddTarget: string | undefined
  /** The names of its headers as they were written, by their lower-case ones. */
  readonly headerNames: ReadonlyMap<string, string>
  /** Agent, timeout, signal and whatever else node reads. */
  readonly rest: RequestOptions
}

/** They are computed anew, or are what a parsed URL has besides. */
const READ_HERE = ['protocol', 'hostname', 'host', 'port', 'path', 'method', 'headers', 'auth', 'body', 'defaultPort']
const OF_A_URL = ['href', 'pathname', 'search', 'hash', 'query', 'slashes', 'origin']
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * Reads a call; changes and consumes nothing.
 *
 * @throws ERR_INVALID_INPUT with the member as path
 */
export function readNodeCall(first: unknown, second: unknown): NodeCall {
  const input = typeof first === 'string' || isUrlInstance(first) ? first : undefined
  // own members alone, as node takes them
  const given: NodeMembers = withoutPrototype({ ...((input === undefined ? first : second) as NodeMembers) })
  const { url, oddTarget, contradictions } = readTarget(input, given)
  const headers = readHeaders(given)
  const rest = Object.entries(given).filter(([name]) => !READ_HERE.includes(name) && !OF_A_URL.includes(name))
  return {
    url,
    oddTarget,
    method: readMethod(given.method),
    headers: headers.map(({ header }) => header),
    headerNames: new Map(headers.map(({ header, written }) => [header.name, written])),
    body: readNodeBody(given.body),
    bodyOf: undefined,
    diversions: [...diversionsOf(given, url), ...contradictions],
    rest: withoutPrototype(Object.fromEntries(rest)) as RequestOptions,
  }
}

/** As node tells a `URL` from options. */
function isUrlInstance(input: unknown): input is URL {
  return Object.prototype.toString.call(input) === '[object URL]'
}

function readMethod(method: unknown): string {
  if (method === undefined || method === null || method === '') return 'GET'
  const name = typeof method === 'string' && METHOD.test(method) ? method.toUpperCase() : ''
  if (name !== '' && name !== 'CONNECT') return name
  throw invalidMember('The method must be a name such as POST, and not CONNECT', 'method')
}

/** Shared by HttpCall, which knows the bodies of fetch: a stream of Node is passed by reference like one of those. */
function readNodeBody(body: unknown): HttpCall['body'] {
  if (body === undefined || body === null) return undefined
  if (isAsyncIterable(body) && !isReadable(body)) return Readable.from(body) as unknown as HttpCall['body']
  const isKnown =
    typeof body === 'string' || ArrayBuffer.isView(body) || body instanceof URLSearchParams || isReadable(body)
  if (isKnown) return body as HttpCall['body']
  throw invalidMember(
    'The body must be a text, bytes, URLSearchParams, a readable stream or another async iterable',
    'body',
  )
}

function isAsyncIterable(body: unknown): body is AsyncIterable<unknown> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

/** Whether the body is a stream of Node, which can be sent once. */
export function isReadable(body: unknown): body is Readable {
  return isNodeStream(body)
}

interface NamedHeader {
  readonly header: CallHeader
  readonly written: string
}

type Line = readonly [name: unknown, value: unknown, keys: CallHeader['keys']]

/** Values of one name are joined as a server joins them (RFC 9110 §5.3), and `auth` becomes a header. */
function readHeaders({ headers, auth }: NodeMembers): readonly NamedHeader[] {
  const found = new Map<string, { written: string; values: string[]; keys: CallHeader['keys'] }>()
  for (const [written, given, keys] of linesOf(headers)) {
    const name = lowerCaseName(String(written))
    for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
      if (value === undefined) throw invalidMember('A header has no value', pathOf(keys))
      requireTextualHeader(value, pathOf(keys))
      const known = found.get(name)
      if (known === undefined) found.set(name, { written: String(written), values: [String(value)], keys })
      else known.values.push(String(value))
    }
  }
  if (typeof auth === 'string' && auth !== '' && !found.has('authorization')) {
    found.set('authorization', { written: 'Authorization', values: [`Basic ${base64(utf8(auth))}`], keys: ['auth'] })
  }
  return [...found].map(([name, { written, values, keys }]) => ({
    written,
    header: { name, value: values.join(name === 'cookie' ? '; ' : ', '), keys },
  }))
}

/** An object, pairs, a flat list of names and values, or anything that gives pairs. */
function linesOf(headers: unknown): readonly Line[] {
  if (typeof headers !== 'object' || headers === null) return []
  const isList = typeof (headers as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  if (!isList) return Object.entries(headers).map(([name, value]): Line => [name, value, ['headers', name]])
  const items = [...(headers as Iterable<unknown>)]
  if (items.length === 0 || Array.isArray(items[0])) {
    return items.map((pair, index): Line => {
      const [name, value] = pair as readonly unknown[]
      return [name, value, ['headers', index, 1]]
    })
  }
  if (items.length % 2 === 1) throw invalidMember('The list of headers has a name without a value', 'headers')
  return items.flatMap((name, index): Line[] =>
    index % 2 === 0 ? [[name, items[index + 1], ['headers', index + 1]]] : [],
  )
}
