/** Changes as they happen, by SUBSCRIBE: a hint that something is to be read again, never the only bound. */

import { GuillemetError } from '../../errors.ts'
import { readOptions } from '../../read-options.ts'
import { changesChannel, requirePrefix } from './keys.ts'

type Listener = (...details: string[]) => void

/** What is used of a client of ioredis. */
export interface IoredisSubscriber {
  /** Tells ioredis from node-redis. */
  readonly status: string
  /** Adds a listener. */
  on(event: string, listener: Listener): unknown
  /** Takes a listener away. */
  off(event: string, listener: Listener): unknown
  /** Begins to listen to a channel. */
  subscribe(channel: string): Promise<unknown>
  /** Ends it. */
  unsubscribe(channel: string): Promise<unknown>
}

/** What is used of a client of node-redis. */
export interface NodeRedisSubscriber {
  /** Tells node-redis from ioredis. */
  readonly isOpen: boolean
  /** Adds a listener. */
  on(event: string, listener: Listener): unknown
  /** Takes a listener away. */
  off(event: string, listener: Listener): unknown
  /** Begins to listen to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Ends it. */
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
}

/** A client that does nothing but listen. */
export type RedisSubscriber = IoredisSubscriber | NodeRedisSubscriber

/** What is listened to, and through what. */
export interface RedisChangesOptions {
  /** A connected client of its own, since one that listens can do nothing else: `client.duplicate()`. It stays yours to close. */
  readonly client: RedisSubscriber
  /** As that of the storage. @default 'guillemet:' */
  readonly prefix?: string | undefined
}

const ignore = (): void => {}

/**
 * Tells of changes that other processes make through storages with `notify: true`, for the option `changes` of a cache.
 *
 * It only wakes: what has changed is read again, and the cache's `ttl` stays in force. Redis forgets what it told while nobody
 * listened, so everything counts as changed whenever the client has connected. A connection that dies without a word is noticed by
 * the driver alone: give it `pingInterval` (node-redis) or `keepAlive` and `socketTimeout` (ioredis).
 *
 * @returns begins to listen when it is called; what that resolves to stops it
 * @throws ERR_INVALID_INPUT when an option is not valid
 * @example
 * const storage = cachedStorage(redisStorage({ client, notify: true }), {
 *   ttl: 60_000,
 *   changes: redisChanges({ client: client.duplicate() }),
 * })
 */
export function redisChanges(
  options: RedisChangesOptions,
): (onChange: (workspace?: string) => void) => Promise<() => Promise<void>> {
  const { client, prefix = 'guillemet:' } = readOptions(options, 'options of redisChanges', ['client', 'prefix'])
  requirePrefix(prefix)
  if (typeof (client as Partial<RedisSubscriber> | undefined)?.subscribe !== 'function') {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'redisChanges needs a client of ioredis or node-redis as `client`, of its own.',
    )
  }
  const channel = changesChannel(prefix)
  return (onChange) =>
    'isOpen' in client ? byNodeRedis(client, channel, onChange) : byIoredis(client, channel, onChange)
}

async function byIoredis(client: IoredisSubscriber, channel: string, onChange: (workspace?: string) => void) {
  const onMessage = (of: string, workspace: string): void => {
    if (of === channel) onChange(workspace)
  }
  // the driver says that it is ready before the server has its subscriptions again: nothing is missed after this one
  const listen = (): Promise<void> => client.subscribe(channel).then(() => onChange(), ignore)
  const onReady = (): void => void listen()
  client.on('error', ignore)
  client.on('message', onMessage)
  client.on('ready', onReady)
  await listen()
  return async () => {
    client.off('ready', onReady)
    client.off('message', onMessage)
    await client.unsubscribe(channel).catch(ignore)
  }
}

async function byNodeRedis(client: NodeRedisSubscriber, channel: string, onChange: (workspace?: string) => void) {
  const onMessage = (workspace: string): void => onChange(workspace)
  // the driver is ready after it has subscribed again
  const onReady = (): void => onChange()
  client.on('error', ignore)
  client.on('ready', onReady)
  await client.subscribe(channel, onMessage).then(onReady, ignore)
  return async () => {
    client.off('ready', onReady)
    await client.unsubscribe(channel, onMessage).catch(ignore)
  }
}
