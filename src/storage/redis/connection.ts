/** One way to run a script on either driver, which says of every failure whether something can have been written. */

import { GuillemetError } from '../../errors.ts'
import { untilAborted } from '../../waiting.ts'
import { unavailable } from '../failures.ts'
import { givenUp, refused, replyCode, unanswered, unreachable } from './failures.ts'

/** What both drivers have. */
interface Emitter {
  /** Listens to what happens to the connection. */
  on(event: string, listener: () => void): unknown
}

/** What is used of ioredis: `new Redis()` or `new Cluster()`. */
export interface IoredisClient extends Emitter {
  /** Tells ioredis from node-redis. */
  readonly status: string
  /** Runs a script. */
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** What is used of node-redis: `createClient()`, `createCluster()`, `createSentinel()` or `createClientPool()`. */
export interface NodeRedisClient extends Emitter {
  /** Whether `connect` was called. */
  readonly isOpen: boolean
  /** Runs a script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A client that the caller made, connected, and will close. */
export type RedisClient = IoredisClient | NodeRedisClient

/** A script, the keys it touches, and what it is told. */
export interface Call {
  readonly script: string
  readonly keys: readonly string[]
  readonly values: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** What has happened to the connections of a client since it was first used. */
interface History {
  /** Times that a connection was lost: what was on its way then may have been sent again by the driver. */
  losses: number
}

/** By either driver and its cluster. */
const LOSSES = ['close', 'end', 'error', 'reconnecting', '-node', 'node error', 'node-error', 'node-disconnect']

/** One for each client, however many storages use it: listeners of its own for each would never be let go. */
const histories = new WeakMap<RedisClient, History>()

/**
 * Begins to listen. Since `error` is among what is listened to, a lost connection does not end the process, as it
 * would with node-redis when nobody listens.
 */
function historyOf(client: RedisClient): History {
  const known = histories.get(client)
  if (known !== undefined) return known
  const history: History = { losses: 0 }
  for (const event of LOSSES) {
    client.on(event, () => {
      history.losses++
    })
  }
  histories.set(client, history)
  return history
}

/** Runs scripts on the client that was handed in. */
export class Connection {
  readonly #client: RedisClient
  readonly #history: History

  /** @throws ERR_INVALID_INPUT when it is not a client of ioredis or node-redis */
  constructor(client: unknown) {
    if (!isClient(client)) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'redisStorage needs a client of ioredis or node-redis as `client`, or one of their cluster clients.',
      )
    }
    this.#client = client
    this.#history = historyOf(client)
  }

  /** How often a connection was lost so far: what was done before may be gone by a failover. */
  get losses(): number {
    return this.#history.losses
  }

  /** The answer of a script that changes nothing, or nothing that matters when nobody hears of it. */
  async read(call: Call): Promise<unknown> {
    requireWanted(call.signal)
    try {
      return await untilAborted(this.#run(call), call.signal, () => givenUp(false))
    } catch (error) {
      if (error instanceof GuillemetError) throw error
      const code = replyCode(error)
      throw code === undefined ? unreachable() : refused(code)
    }
  }

  /**
   * The answer of a script that writes. That the client was not connected does not say that nothing was sent: node-redis
   * sends all that waits together with its greeting, before it calls itself ready.
   */
  async write(call: Call): Promise<unknown> {
    requireWanted(call.signal)
    const before = this.losses
    try {
      return await untilAborted(this.#run(call), call.signal, () => givenUp(true))
    } catch (error) {
      if (error instanceof GuillemetError) throw error
      const code = replyCode(error)
      // after a loss it may be the answer to a second sending, of which the first was carried out
      throw code === undefined || this.losses !== before ? unanswered() : refused(code)
    }
  }

  async #run({ script, keys, values }: Call): Promise<unknown> {
    if (isIoredis(this.#client)) return this.#client.eval(script, keys.length, ...keys, ...values)
    return this.#client.eval(script, { keys: [...keys], arguments: [...values] })
  }
}

function isClient(client: unknown): client is RedisClient {
  const { eval: run, on } = (client ?? {}) as Partial<RedisClient>
  return typeof run === 'function' && typeof on === 'function'
}

function isIoredis(client: RedisClient): client is IoredisClient {
  return typeof (client as IoredisClient).status === 'string'
}

function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw unavailable('The call was given up before anything was sent', 'try again')
}
