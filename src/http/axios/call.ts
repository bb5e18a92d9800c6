/** What an adapter of axios was given, read once, the way the adapters of axios read it. */

import { utf8 } from '../../bytes.ts'
import { base64 } from '../../encode/base64.ts'
import { lowerCaseName } from '../../header-name.ts'
import { nullRecord, ownValue } from '../../plain-object.ts'
import { parseUrl } from '../../url.ts'
import { FETCH_DIVERSIONS, isSetMember } from '../diversion.ts'
import type { CallHeader, CallParams, HttpCall } from '../http-call.ts'
import type { AxiosLimits } from './limits.ts'
import type { AxiosConfig, AxiosHeaderMap, AxiosLike } from './types.ts'

/** One request of axios. */
export interface AxiosCall extends HttpCall {
  /** As axios gave it: what errors and responses show, and what a retry sends again. */
  readonly config: AxiosConfig
  readonly limits: AxiosLimits
}

/** Members that lead elsewhere, or weaken the transport, where they are anything but false. */
const AXIOS_DIVERSIONS = [
  'proxy',
  'socketPath',
  'httpAgent',
  'httpsAgent',
  'lookup',
  'transport',
  'insecureHTTPParser',
  'http2Options',
]
const INNER_DIVERSIONS: readonly (readonly [member: string, names: readonly string[]])[] = [
  ['fetchOptions', FETCH_DIVERSIONS],
  ['env', ['fetch', 'Request']],
]
const UNSENT = ['proxy', 'body', 'json', 'form', 'query', 'searchParams']
const FORM_CONTENT_TYPE = /^application\/x-www-form-urlencoded(?:\s*;|$)/i
/** What axios and `URLSearchParams` make of a form: no reference is left in it unencoded. */
const ENCODED_FORM = /^[\w.*+%&=:$,[\]!'()~-]*$/

/**
 * Reads the config of a request; changes and consumes nothing.
 *
 * @throws the error of axios for a URL or for parameters that it does not take; they hold no secret yet
 */
export function readAxiosCall(config: AxiosConfig, axios: AxiosLike, limits: AxiosLimits): AxiosCall {
  const method = ownValue(config, 'method')
  const headers = readHeaders(new axios.AxiosHeaders(ownValue(config, 'headers')))
  const url = urlWith(config, axios, undefined)
  const params = readParams(config, axios, url)
  const fullUrl = params === undefined ? url : params.write(url, params.value)
  const type = headers.find(({ name }) => name === 'content-type')?.value
  return {
    config,
    url: fullUrl,
    ...(params !== undefined && { params }),
    method: typeof method === 'string' ? method.toUpperCase() : 'GET',
    headers: withCredentials(headers, ownValue(config, 'auth'), fullUrl),
    body: bodyOf(ownValue(config, 'data'), type),
    bodyOf: undefined,
    diversions: diversionsOf(config),
    signal: limits.signal,
    limits,
  }
}

/** What may hold no reference: members of other clients, which axios does not send, and credentials of a proxy. */
export function membersNotSent({ config }: AxiosCall): object {
  return nullRecord(UNSENT.map((name) => [name, ownValue(config, name)] as const))
}

/** The URL as axios computes it, with `params` in place of those of the config. */
function urlWith(config: AxiosConfig, axios: AxiosLike, params: unknown): string {
  const member = (name: string): unknown => ownValue(config, name)
  const parts = {
    baseURL: member('baseURL'),
    url: member('url'),
    allowAbsoluteUrls: member('allowAbsoluteUrls'),
    paramsSerializer: member('paramsSerializer'),
    params,
  }
  try {
    return String(new axios.Axios({}).getUri(parts) ?? '')
  } catch (error) {
    // made by axios for the parts alone
    if (typeof error === 'object' && error !== null && Object.hasOwn(error, 'config')) Object.assign(error, { config })
    throw error
  }
}

function readParams(config: AxiosConfig, axios: AxiosLike, url: string): CallParams | undefined {
  const value = ownValue(config, 'params')
  if (typeof value !== 'object' || value === null) return undefined
  const { Axios } = axios
  const paramsSerializer = ownValue(config, 'paramsSerializer')
  const write = (to: string, params: unknown): string =>
    String(new Axios({}).getUri({ url: to, params, paramsSerializer }))
  return { url, value, key: 'params', write }
}

function readHeaders(given: AxiosHeaderMap): readonly CallHeader[] {
  return [...given].map(([key, value]) => {
    const name = lowerCaseName(key)
    const text = Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : String(value)
    return { name, value: text, keys: ['headers', key] }
  })
}

/** `auth` takes the place of the header, and so do user and password of the URL. */
function withCredentials(headers: readonly CallHeader[], auth: unknown, url: string): readonly CallHeader[] {
  const others = headers.filter(({ name }) => name !== 'authorization')
  if (typeof auth === 'object' && auth !== null) {
    const part = (name: string): string => String(ownValue(auth, name) ?? '')
    const pair = base64(utf8(`${part('username')}:${part('password')}`))
    return [...others, { name: 'authorization', value: `Basic ${pair}`, keys: ['auth'] }]
  }
  return hasUserInfo(url) ? others : headers
}

/** False for a URL that is relative to a page, or the adapter's to refuse. */
function hasUserInfo(url: string): boolean {
  const { username = '', password = '' } = parseUrl(url) ?? {}
  return username !== '' || password !== ''
}

/** A form is looked into as a form: axios has encoded it before the adapter gets it. */
function bodyOf(data: unknown, type: string | undefined): BodyInit | null | undefined {
  const isForm = typeof data === 'string' && FORM_CONTENT_TYPE.test(type ?? '') && ENCODED_FORM.test(data)
  return (isForm ? new URLSearchParams(data) : data) as BodyInit | null | undefined
}

function diversionsOf(config: AxiosConfig): readonly string[] {
  const inner = INNER_DIVERSIONS.flatMap(([member, names]) => {
    const options = ownValue(config, member)
    if (typeof options !== 'object' || options === null) return []
    return names.filter((name) => isSetMember(ownValue(options, name))).map((name) => `${member}.${name}`)
  })
  return [...AXIOS_DIVERSIONS.filter((name) => isSetMember(ownValue(config, name))), ...inner]
}
