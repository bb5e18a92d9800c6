/** Changes of a table as they happen, by LISTEN: a hint that something is to be read again, never the only bound. */

import { GuillemetError } from '../../errors.ts'
import { readOptions } from '../../read-options.ts'
import { CHANNEL, payloadPrefix, requireTable } from './table.ts'

/** A connection that listens: a `Client` of pg. */
export interface PostgresListener {
  /** Sends one statement. */
  query(text: string): Promise<unknown>
  /** Adds a listener for messages. */
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  /** Adds a listener for errors, or for the end of the connection. */
  on(event: 'error' | 'end', listener: () => void): unknown
  /** Closes it. */
  end(): Promise<unknown>
}

/** What is listened to, and through what. */
export interface PostgresChangesOptions {
  /**
   * Opens a connection of its own, each time one is needed: straight to the server, since a transaction pooler would not
   * deliver anything.
   */
  connect(): Promise<PostgresListener>
  /** As that of the storage. @default 'public' */
  readonly schema?: string | undefined
  /** As that of the storage. @default 'guillemet_records' */
  readonly table?: string | undefined
  /**
   * Milliseconds between messages that the connection sends to itself, 100 to 3,600,000; one that has not come back after as
   * long again counts as lost. @default 10000
   */
  readonly heartbeat?: number | undefined
}

const HEARTBEAT_MS = 10_000
const SHORTEST_MS = 100
const LONGEST_MS = 60 * 60 * 1000
/** The first pause before another connection is opened; each may be twice as long as the one before, up to the heartbeat. */
const RECONNECT_PAUSE_MS = 100

/**
 * Tells of changes that other processes make through storages with `notify: true`, for the option `changes` of a cache.
 *
 * It only wakes: what has changed is read from the table, and the cache's `ttl` stays in force. Everything counts as changed
 * whenever a connection is made, since nobody knows what was missed before. A connection that has died without a
 * word is noticed by its heartbeat and replaced, for as long as it is not stopped.
 *
 * @returns begins to listen when it is called; what that gives back stops it
 * @throws ERR_INVALID_INPUT when an option is not valid
 * @example
 * const changes = postgresChanges({
 *   async connect() {
 *     const client = new pg.Client(process.env.DATABASE_URL)
 *     await client.connect()
 *     return client
 *   },
 * })
 */
export function postgresChanges(
  options: PostgresChangesOptions,
): (onChange: (workspace?: string) => void) => () => Promise<void> {
  const known = ['connect', 'schema', 'table', 'heartbeat'] as const
  const { connect, schema, table, heartbeat = HEARTBEAT_MS } = readOptions(options, 'options of postgresChanges', known)
  const prefix = payloadPrefix(requireTable(schema, table))
  if (typeof connect !== 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The option "connect" must be a function that opens a connection.')
  }
  if (!Number.isSafeInteger(heartbeat) || heartbeat < SHORTEST_MS || heartbeat > LONGEST_MS) {
    const range = `${SHORTEST_MS} to ${LONGEST_MS}`
    throw new GuillemetError('ERR_INVALID_INPUT', `The option "heartbeat" must be whole milliseconds, ${range}.`)
  }
  return (onChange) => {
    const watch = new Watch(connect, heartbeat, (payload) => {
      if (payload === undefined) onChange()
      else if (payload.startsWith(prefix)) onChange(payload.slice(prefix.length))
    })
    const ended = watch.run()
    return () => {
      watch.stop()
      return ended
    }
  }
}

/** Keeps one connection listening until it is stopped. */
class Watch {
  readonly #connect: () => Promise<PostgresListener>
  readonly #heartbeat: number
  /** Told each payload, and undefined when there is a connection from which on nothing is missed. */
  readonly #onMessage: (payload: string | undefined) => void
  #isStopped = false
  /** Whoever waits looks again; there is one at most, so that nothing piles up on a promise that lives for ever. */
  #wake = (): void => undefined

  constructor(
    connect: () => Promise<PostgresListener>,
    heartbeat: number,
    onMessage: (payload: string | undefined) => void,
  ) {
    this.#connect = connect
    this.#heartbeat = heartbeat
    this.#onMessage = onMessage
  }

  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  async run(): Promise<void> {
    let pause = RECONNECT_PAUSE_MS
    while (!this.#isStopped) {
      const hasWorked = await this.#listenOnce()
      pause = hasWorked ? RECONNECT_PAUSE_MS : Math.min(pause * 2, this.#heartbeat)
      await this.#until(() => false, pause)
    }
  }

  /** Listens on one connection until it is lost; whether it ever worked. */
  async #listenOnce(): Promise<boolean> {
    let connection: PostgresListener | undefined
    let isOver = false
    const connecting = Promise.resolve().then(this.#connect)
    connecting
      .then((opened) => {
        if (isOver)
          close(opened) // it came too late
        else connection = opened
      })
      .catch(() => {
        isOver = true
      })
      .finally(() => this.#wake())
    await this.#until(() => isOver || connection !== undefined, this.#heartbeat)
    isOver = true
    if (connection === undefined) return false
    try {
      return await this.#follow(connection)
    } catch {
      return false // a driver that throws at once, as some do when they are closed
    } finally {
      close(connection)
    }
  }

  async #follow(connection: PostgresListener): Promise<boolean> {
    // a channel that only this connection knows: what comes back on it was delivered, which an answered query does not say
    const own = `${CHANNEL}_${crypto.randomUUID().replaceAll('-', '')}`
    let isLost = false
    let hasBeat = false
    const lose = (): void => {
      isLost = true
      this.#wake()
    }
    connection.on('error', lose)
    connection.on('end', lose)
    connection.on('notification', ({ channel, payload }) => {
      if (channel === CHANNEL && !this.#isStopped) this.#onMessage(payload ?? '')
      if (channel !== own) return
      hasBeat = true
      this.#wake()
    })
    for (let hasWorked = false; ; hasWorked = true) {
      hasBeat = false
      const text = hasWorked ? `NOTIFY ${own}` : `LISTEN ${CHANNEL}; LISTEN ${own}; NOTIFY ${own}`
      Promise.resolve()
        .then(() => connection.query(text)) // it may throw at once
        .catch(lose)
      await this.#until(() => hasBeat || isLost, this.#heartbeat)
      if (!hasBeat || this.#isStopped) return hasWorked
      // only now: what is written from here on is told
      if (!hasWorked) this.#onMessage(undefined)
      await this.#until(() => isLost, this.#heartbeat)
      if (isLost || this.#isStopped) return true
    }
  }

  /** Waits until this is so, until it is stopped, or for this many milliseconds. */
  async #until(isSo: () => boolean, ms: number): Promise<void> {
    if (this.#isStopped || isSo()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        if (!this.#isStopped && !isSo()) return
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function close(connection: PostgresListener): void {
  Promise.resolve()
    .then(() => connection.end())
    .catch(() => undefined)
}
