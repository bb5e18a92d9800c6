/**
 * Records in Redis, Valkey or a Redis Cluster, for any number of machines.
 *
 * @module guillemet/storage/redis
 */

import { ownValue } from '../plain-object.ts'
import type { CallOptions, ListPage, RecordKey, StoredRecord, VaultStorage, WorkspacePage } from '../ports/storage.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { conflict, corrupt, unavailable } from './failures.ts'
import {
  boundCalls,
  copyPage,
  copyPlaces,
  copyWorkspacePage,
  requireNames,
  requireOrder,
  requireRecord,
} from './records.ts'
import { Connection, type RedisClient } from './redis/connection.ts'
import { unanswered } from './redis/failures.ts'
import {
  boundsOf,
  changesChannel,
  memberOf,
  placeOfMember,
  requirePrefix,
  workspaceKeys,
  workspacesKey,
} from './redis/keys.ts'
import { readMany, readRecord, replyText } from './redis/replies.ts'
import { EVICTION, GET, HAS_RECORDS, LIST, PUT, REGISTER, WORKSPACES } from './redis/scripts.ts'

export { type RedisChangesOptions, type RedisSubscriber, redisChanges } from './redis/changes.ts'
export type { IoredisClient, NodeRedisClient, RedisClient } from './redis/connection.ts'

/** Options of {@link redisStorage}. */
export interface RedisStorageOptions {
  /** A client of ioredis or node-redis that you connect and close, or one of their cluster clients. */
  readonly client: RedisClient
  /**
   * What the names of all keys begin with: up to 64 characters of `A–Z a–z 0–9 _ . : / -`. It is part of the address of the
   * data, as is a `keyPrefix` of the client.
   *
   * @default 'guillemet:'
   */
  readonly prefix?: string | undefined
  /**
   * Also store records on a server that evicts keys when its memory is full, where any of them can be gone at any time.
   *
   * @default false
   */
  readonly allowEviction?: boolean | undefined
  /**
   * Tells each put to whoever listens by {@link redisChanges}, within the script that writes: the workspace, no tag.
   *
   * @default false
   */
  readonly notify?: boolean | undefined
}

/** Workspaces that are remembered as registered. */
const MAX_REGISTERED = 10_000

/** How long: a failover that no connection of this process has felt may have lost the name. Milliseconds. */
const REGISTERED_MS = 5 * 60_000

/** When a workspace was registered. */
interface Registration {
  /** By a monotonic clock. */
  readonly at: number
  /** How many connections had been lost by then. */
  readonly losses: number
}

/**
 * A storage in Redis: one script for each call, so each is atomic and one round trip. All keys of a workspace are in one slot.
 *
 * Reads see every put that has returned, as long as the same server is the primary. How long a put outlives a crash
 * or a failover is the server's to say: `appendfsync everysec` may lose a second, a failover what was not yet copied, a server without
 * append-only file everything since its last dump. A vault that has seen the newer version then says `rolled-back`.
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or not valid. Calls fail with the codes of {@link VaultStorage};
 *   also with ERR_STORAGE_UNAVAILABLE on a server that evicts keys, unless `allowEviction` is true
 * @example
 * const storage = redisStorage({ client: new Redis('redis://localhost') })
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function redisStorage(options: RedisStorageOptions): VaultStorage {
  return boundCalls(new RedisRecords(options))
}

class RedisRecords {
  readonly #connection: Connection
  readonly #prefix: string
  readonly #channel: string
  readonly #registered = new Map<string, Registration>()
  #isSafe: boolean

  constructor(options: RedisStorageOptions) {
    const known = ['client', 'prefix', 'allowEviction', 'notify'] as const
    const {
      client,
      prefix = 'guillemet:',
      allowEviction,
      notify,
    } = readOptions(options, 'options of redisStorage', known)
    requirePrefix(prefix)
    this.#connection = new Connection(client)
    this.#prefix = prefix
    this.#channel = requireBoolean(notify, 'notify') ? changesChannel(prefix) : ''
    this.#isSafe = requireBoolean(allowEviction, 'allowEviction')
  }

  get where(): string {
    return `Redis, keys that begin with "${this.#prefix}"`
  }

  async get(
    workspace: string,
    keys: readonly RecordKey[],
    options?: CallOptions,
  ): Promise<readonly (StoredRecord | undefined)[]> {
    const places = copyPlaces(workspace, keys)
    if (places.length === 0) return []
    const signal = ownValue(options, 'signal')
    await this.#requireSafe(workspace, signal)
    const reply = await this.#connection.read({
      script: GET,
      keys: workspaceKeys(this.#prefix, workspace),
      values: places.map(memberOf),
      signal,
    })
    const values = readMany(reply, places.length)
    return places.map((place, index) => readRecord(workspace, place, values[index]))
  }

  async put(record: StoredRecord, options?: CallOptions): Promise<void> {
    const { workspace, environment, tag, version, body } = record
    requireNames(workspace, environment, tag)
    requireRecord(record)
    const signal = ownValue(options, 'signal')
    await this.#requireSafe(workspace, signal)
    await this.#register(workspace, signal)
    const reply = await this.#connection.write({
      script: PUT,
      keys: workspaceKeys(this.#prefix, workspace),
      values: [memberOf({ environment, tag }), String(version - 1), String(version), body, this.#channel, workspace],
      signal,
    })
    const verdict = reply instanceof Uint8Array || typeof reply === 'string' ? replyText(reply) : ''
    if (verdict === 'written') return
    if (verdict === 'conflict') throw conflict(tag)
    if (verdict !== 'damaged') throw unanswered()
    throw unavailable(
      'Records of this workspace are gone from Redis, evicted or deleted by hand',
      'restore them from a backup',
    )
  }

  async list(workspace: string, page: ListPage, options?: CallOptions): Promise<readonly StoredRecord[]> {
    const asked = copyPage(page)
    requireNames(workspace)
    const signal = ownValue(options, 'signal')
    await this.#requireSafe(workspace, signal)
    const reply = await this.#connection.read({
      script: LIST,
      keys: workspaceKeys(this.#prefix, workspace),
      values: [...boundsOf(asked), String(asked.limit)],
      signal,
    })
    const [members, found] = readMany(reply)
    const places = readMany(members).map((member) => placeOfMember(replyText(member)))
    const values = readMany(found, places.length)
    const records = places.map((place, index) => {
      const record = readRecord(workspace, place, values[index])
      if (record === undefined) throw corrupt('The index in Redis names a record that is not there')
      return record
    })
    requireOrder(records, asked)
    return records
  }

  /** A workspace is registered before its first record is put, so some may hold none: those are left out. */
  async workspaces(page: WorkspacePage, options?: CallOptions): Promise<readonly string[]> {
    const { after, limit } = copyWorkspacePage(page)
    const signal = ownValue(options, 'signal')
    const found: string[] = []
    for (let cursor = after; found.length < limit; ) {
      const reply = await this.#connection.read({
        script: WORKSPACES,
        keys: [workspacesKey(this.#prefix)],
        values: [cursor === undefined ? '-' : `(${cursor}`, String(limit - found.length)],
        signal,
      })
      const names = readMany(reply).map(replyText)
      if (names.length === 0) break
      cursor = names.at(-1)
      const holds = await Promise.all(names.map((name) => this.#hasRecords(name, signal)))
      found.push(...names.filter((_, index) => holds[index]))
    }
    return found
  }

  async #hasRecords(workspace: string, signal: AbortSignal | undefined): Promise<boolean> {
    const [records] = workspaceKeys(this.#prefix, workspace)
    const reply = await this.#connection.read({ script: HAS_RECORDS, keys: [records], values: [], signal })
    return String(reply) === '1'
  }

  /**
   * In a cluster the list of workspaces is in a slot of its own, so it is written before, and by each process. It is written
   * again after a lost connection and after a while: its node may have failed over and have lost a name, but not the records.
   *
   * That is also what tells a put of a client without a connection that nothing was written: this one fails before it.
   */
  async #register(workspace: string, signal: AbortSignal | undefined): Promise<void> {
    const now: Registration = { at: performance.now(), losses: this.#connection.losses }
    const last = this.#registered.get(workspace)
    if (last !== undefined && last.losses === now.losses && now.at - last.at < REGISTERED_MS) return
    await this.#connection.read({
      script: REGISTER,
      keys: [workspacesKey(this.#prefix)],
      values: [workspace],
      signal,
    })
    if (this.#registered.size >= MAX_REGISTERED) this.#registered.clear()
    this.#registered.set(workspace, now)
  }

  /** Asked once, on the server of the first workspace. A server that does not tell is trusted. */
  async #requireSafe(workspace: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#isSafe) return
    const keys = workspaceKeys(this.#prefix, workspace)
    const policy = replyText(await this.#connection.read({ script: EVICTION, keys, values: [], signal }))
    if (policy !== '') {
      throw unavailable(
        'This Redis server evicts keys when its memory is full, secrets too',
        'set its maxmemory-policy to noeviction, or use another server',
      )
    }
    this.#isSafe = true
  }
}
