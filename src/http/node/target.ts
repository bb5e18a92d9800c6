/** Where a request of `node:http` goes, computed as node does it: members of the options win over those of the URL. */

import { hrefOf } from '../../template/shapes.ts'
import { parseUrl } from '../../url.ts'
import { invalidMember, type NodeMembers } from './members.ts'

/** Where one request goes. */
export interface NodeTarget {
  /** As a text that may hold references. */
  readonly url: string
  /** A request target that is not a path (`*`, `host:port`, a whole URL): no secret is sent with one. */
  readonly oddTarget: string | undefined
  /** Members that contradict where the request goes, although node ignores them. */
  readonly contradictions: readonly string[]
}

/** Members that replace what the URL says. */
const PLACES = ['protocol', 'hostname', 'port', 'path'] as const
/** The text of a URL: user and password, then what follows host and port. */
const URL_PIECES = /^[a-z][a-z0-9+.-]*:[\\/]*(?:([^\\/?#]*)@)?[^\\/?#]*(.*)$/is
/** What would end a host, or the text before it. */
const NOT_IN_HOST = /[\\/?#@\t\r\n]/
const PORT = /^[0-9]{1,5}$/

/** @throws ERR_INVALID_INPUT for members that make no URL */
export function readTarget(input: string | URL | undefined, given: NodeMembers): NodeTarget {
  const text = input === undefined || typeof input === 'string' ? input : hrefOf(input)
  const contradictions = contradictionsIn(text, given)
  if (text !== undefined && !PLACES.some((name) => Object.hasOwn(given, name))) {
    return { url: text, oddTarget: undefined, contradictions }
  }
  const parts = text === undefined ? {} : urlMembersOf(text)
  const { protocol, hostname, host, port, path } = { ...parts, ...given }
  const scheme = readScheme(protocol || protocolOfAgent(given) || 'https:')
  const where = readHost(hostname || host || 'localhost')
  const portText = isGiven(port) ? `:${readPort(port)}` : ''
  const userInfo = parts.userInfo === undefined ? '' : `${parts.userInfo}@`
  const origin = `${scheme}//${userInfo}${where}${portText}`
  const target = isGiven(path) ? String(path) : '/'
  // anything but a path would end the host later, or be read by a server as another host
  const isPath = target.startsWith('/')
  return { url: isPath ? origin + target : `${origin}/`, oddTarget: isPath ? undefined : target, contradictions }
}

function isGiven(member: unknown): boolean {
  return member !== undefined && member !== null && member !== ''
}

interface UrlMembers {
  readonly protocol?: string
  readonly hostname?: string
  readonly port?: string
  readonly path?: string
  readonly userInfo?: string | undefined
}

/** The parts; user and path as they were written, since a parser would encode the references in them. */
function urlMembersOf(text: string): UrlMembers {
  const match = URL_PIECES.exec(text.trim())
  const url = parseUrl(text)
  if (match === null || url === undefined) throw invalidMember('The URL is not valid or not absolute', 'url')
  const { protocol, hostname, port } = url
  const [, userInfo, rest] = match
  const path = rest!.replace(/#.*$/s, '').replace(/^\\/, '/')
  return { protocol, hostname, ...(port !== '' && { port }), path: path.startsWith('?') ? `/${path}` : path, userInfo }
}

/** Node takes `hostname` and forgets `host`; anyone who wrote both and meant the other must hear of it. */
function contradictionsIn(text: string | undefined, { hostname, host }: NodeMembers): readonly string[] {
  if (typeof host !== 'string' || host === '') return []
  const taken = hostname || (text === undefined ? undefined : urlMembersOf(text).hostname)
  if (typeof taken !== 'string') return []
  const bare = (name: string): string => name.toLowerCase().replace(/^\[|\]$/g, '')
  const isSame = bare(host) === bare(taken) || bare(host.replace(/:[0-9]+$/, '')) === bare(taken)
  return isSame ? [] : ['host']
}

function readScheme(protocol: unknown): 'http:' | 'https:' {
  if (protocol === 'http:' || protocol === 'https:') return protocol
  throw invalidMember("The protocol must be 'http:' or 'https:'", 'protocol')
}

/** An agent decides where no protocol is named, as it does for `http.request`. */
function protocolOfAgent({ agent }: NodeMembers): unknown {
  return typeof agent === 'object' && agent !== null ? (agent as { readonly protocol?: unknown }).protocol : undefined
}

function readHost(host: unknown): string {
  if (typeof host !== 'string' || NOT_IN_HOST.test(host)) {
    throw invalidMember('The host must be a name or an address alone', 'hostname')
  }
  // an IPv6 address, which node takes without its brackets
  return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host) ? `[${host}]` : host
}

function readPort(port: unknown): string {
  const text = String(port)
  if (PORT.test(text)) return text
  throw invalidMember('The port must be a number', 'port')
}
