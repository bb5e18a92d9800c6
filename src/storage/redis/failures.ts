/** What Redis answers when it does not do what it was asked, in words of this library. */

import type { GuillemetError } from '../../errors.ts'
import { corrupt, outcomeUnknown, unavailable } from '../failures.ts'

const NO_CLUSTER_NODE = ['The Redis Cluster does not serve this workspace now', 'use a cluster client and try again']
const NO_RIGHT = ['Redis refuses this user', 'give it the commands that docs/STORAGE.md lists']

/** The first word of an error reply: what happened, and what to do. */
const REPLIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['READONLY', ['This Redis server is a read-only replica', 'connect to the primary and try again']],
  ['MASTERDOWN', ['This Redis replica has lost its primary', 'connect to the primary and try again']],
  ['LOADING', ['Redis is still loading its data', 'try again in a moment']],
  ['BUSY', ['Redis is busy with a script', 'try again in a moment']],
  ['OOM', ['Redis has no memory left', 'raise its maxmemory']],
  ['MISCONF', ['Redis cannot save to its disk and takes no writes', "look at the server's log"]],
  ['NOREPLICAS', ['Redis has fewer replicas than it is told to wait for', 'bring them back']],
  ['CLUSTERDOWN', NO_CLUSTER_NODE],
  ['MOVED', NO_CLUSTER_NODE],
  ['ASK', NO_CLUSTER_NODE],
  ['TRYAGAIN', NO_CLUSTER_NODE],
  ['CROSSSLOT', NO_CLUSTER_NODE],
  ['NOPERM', NO_RIGHT],
  ['NOAUTH', NO_RIGHT],
  ['WRONGPASS', NO_RIGHT],
  ['WRONGTYPE', ['A key of this storage holds something else in Redis', 'choose another prefix']],
  ['ERR', ['Redis refused the command', "look at the server's log"]],
])

/** Before Redis 7, what stopped a script stands within the message. */
const WITHIN = /-(READONLY|OOM|MISCONF|NOREPLICAS|MASTERDOWN)\b/

/** What a script is told whose user lacks the right to one of its commands: since Redis 7.2, and before. */
const NO_RIGHT_WITHIN = /^ERR (?:ACL failure in script|The user executing the script can't)/

/** The code of an error that the server itself gave; undefined for what a driver says of the connection. */
export function replyCode(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  const [, first = ''] = /^([A-Z]+) /.exec(message) ?? []
  if (!REPLIES.has(first)) return undefined
  if (NO_RIGHT_WITHIN.test(message)) return 'NOPERM'
  return first === 'ERR' ? (WITHIN.exec(message)?.[1] ?? first) : first
}

/** What an error reply means: the script was refused, or stopped before its first write. */
export function refused(code: string): GuillemetError {
  const [happened = '', advice = ''] = REPLIES.get(code) ?? []
  return unavailable(happened, advice)
}

/** A failure without an answer of the server. */
export function unreachable(): GuillemetError {
  return unavailable('Redis could not be reached', 'check that it runs and that the client connects to it')
}

/** The command was sent, perhaps more than once, and nobody can say what became of it. */
export function unanswered(): GuillemetError {
  return outcomeUnknown('The connection to Redis was lost before it answered')
}

/** Nobody waits any longer; the command is on its way and may still be carried out. */
export function givenUp(isWrite: boolean): GuillemetError {
  return isWrite
    ? outcomeUnknown('The call was given up before Redis answered')
    : unavailable('The call was given up before Redis answered', 'try again')
}

/** The two keys of a workspace do not belong together any more. */
export function recordsGone(): GuillemetError {
  return corrupt('Records of this workspace are gone from Redis, evicted or deleted by hand')
}
