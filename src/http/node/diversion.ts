/** What could lead a request of `node:http` elsewhere: its own members, and changes to the agent that all requests share. */

import https from 'node:https'
import process from 'node:process'
import { parseUrl } from '../../url.ts'
import { isSetMember } from '../diversion.ts'
import type { NodeMembers } from './members.ts'

/** They decide what the request connects to, or who confirms that it is the right server. */
const LEADING = [
  'agent',
  '_defaultAgent',
  'socketPath',
  'lookup',
  'createConnection',
  'defaultPort',
  'checkServerIdentity',
  'secureContext',
] as const
/** Those that only do so with one value. */
const WEAKENING: Readonly<Record<string, unknown>> = {
  rejectUnauthorized: false,
  insecureHTTPParser: true,
}
/** Without one of them no `Host` is sent; node makes a boolean of anything. */
const HOST_SETTING = ['setHost', 'setDefaultHeaders']

/**
 * What could lead the request elsewhere or weaken its transport, by name.
 *
 * `family`, `hints`, `localAddress`, `ca`, `ciphers` and the like choose among ways to the same name: anyone who writes them
 * is trusted with that.
 */
export function diversionsOf(given: NodeMembers, url: string): readonly string[] {
  const members = given as Readonly<Record<string, unknown>>
  const leading = LEADING.filter((name) => isSet(members[name]))
  const weakening = Object.keys(WEAKENING).filter((name) => members[name] === WEAKENING[name])
  const hostless = HOST_SETTING.filter((name) => members[name] !== undefined && !members[name])
  const servername =
    isSet(members['servername']) && members['servername'] !== parseUrl(url)?.hostname ? ['servername'] : []
  return [
    ...leading,
    ...weakening,
    ...hostless,
    ...servername,
    ...(isSet(members['agent']) ? [] : diversionsOfGlobalAgent(url)),
  ]
}

function isSet(member: unknown): boolean {
  return isSetMember(member) && member !== ''
}

/** Changes to the agent that all https requests of the process share. */
function diversionsOfGlobalAgent(url: string): readonly string[] {
  if (!url.toLowerCase().startsWith('https:')) return []
  const { globalAgent } = https
  const options = globalAgent.options as Readonly<Record<string, unknown>> | undefined
  // addRequest, createSocket, createConnection or any other method that replaces that of its class
  const hasMethod = Object.values(globalAgent).some((member) => typeof member === 'function')
  const isOwn = Object.getPrototypeOf(globalAgent) === https.Agent.prototype && !hasMethod
  const names = isOwn && options !== undefined ? diversionsIn(options) : ['https.globalAgent']
  return process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? [...names, 'NODE_TLS_REJECT_UNAUTHORIZED'] : names
}

function diversionsIn(options: Readonly<Record<string, unknown>>): readonly string[] {
  const names = [...LEADING.filter((name) => name !== 'defaultPort'), 'servername', 'host', 'hostname']
  const isDiverting =
    names.some((name) => Object.hasOwn(options, name) && isSet(options[name])) ||
    Object.keys(WEAKENING).some((name) => Object.hasOwn(options, name) && options[name] === WEAKENING[name])
  return isDiverting ? ['https.globalAgent'] : []
}
