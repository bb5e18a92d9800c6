/**
 * What the http adapter of axios sends requests through. With `NODE_DEBUG=http` Node prints the options of a request, so
 * headers are set on the request once it is made, and are not among them.
 */

import { withoutPrototype } from '../../plain-object.ts'
import type { NodeStream } from '../body-streams.ts'

/** As much of a request of Node as is used here. */
interface NodeRequest {
  setHeader(name: string, value: unknown): unknown
  setTimeout(milliseconds: number, callback?: () => void): unknown
  once(event: string, listener: () => void): unknown
  destroy(): unknown
}

interface RequestOptions {
  readonly protocol: string
  readonly headers: Readonly<Record<string, unknown>>
}

interface NodeModules {
  'node:http': {
    request(options: object, onResponse: unknown): NodeRequest
    readonly Agent: new (options: object) => object
  }
  'node:https': { request(options: object, onResponse: unknown): NodeRequest }
  'node:stream': { Readable: { from(source: AsyncIterable<unknown>, options: object): NodeStream } }
}

/** A built-in module of Node; undefined where the runtime has none. */
export function nodeModule<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: N): NodeModules[N] } }
  try {
    return process?.getBuiltinModule?.(name)
  } catch {
    return undefined // the edge runtime of Next has it by name only: it throws
  }
}

let ownAgent: object | undefined

/**
 * An agent that nobody can lead to a proxy, by `NODE_USE_ENV_PROXY` or in place of the global one; its sockets are kept as
 * those of the global agent are. Undefined where the runtime is not Node.
 */
export function agentWithoutProxy(): object | undefined {
  const http = nodeModule('node:http')
  ownAgent ??= http && new http.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 })
  return ownAgent
}

/** The option `transport` of the http adapter. */
export const headersApart = { request: sendHeadersApart }

function sendHeadersApart({ headers, ...options }: RequestOptions, onResponse: unknown): NodeRequest {
  const { request } = nodeModule(options.protocol === 'https:' ? 'node:https' : 'node:http')!
  const made = request(withoutPrototype(options), onResponse)
  try {
    for (const [name, value] of Object.entries(headers)) made.setHeader(name, value)
  } catch (error) {
    // nobody listens to it yet
    made.once('error', () => undefined)
    made.destroy()
    throw error
  }
  const setTimer = made.setTimeout.bind(made)
  // that of Node begins when the socket is connected; that of axios, when the request is made
  made.setTimeout = (milliseconds, callback) => {
    if (milliseconds > 0 && callback !== undefined) {
      const timer = setTimeout(callback, milliseconds)
      for (const event of ['response', 'close']) made.once(event, () => clearTimeout(timer))
    }
    return setTimer(milliseconds, callback)
  }
  return made
}
