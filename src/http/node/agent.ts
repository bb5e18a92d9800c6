/** The agent that sends a request of `node:http`. */

import http from 'node:http'

let directAgent: http.Agent | undefined

/**
 * The agent of a request with secrets for which the caller names none.
 *
 * A plain http request that goes by a proxy is read there whole, and newer Nodes take the proxy from the environment
 * (`NODE_USE_ENV_PROXY`), other packages by replacing the global agent: so it goes by an agent that knows of neither.
 * One of https only has the proxy connect to the server.
 */
export function agentFor(protocol: string): http.Agent | undefined {
  if (protocol === 'https:') return undefined
  directAgent ??= new http.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 })
  return directAgent
}
