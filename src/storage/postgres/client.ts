/** What is asked of a Postgres client, and one statement sent through it, with the answer or what went wrong. */

import { GuillemetError, printableCodeOf } from '../../errors.ts'
import { untilAborted } from '../../waiting.ts'

/** What a client answers. */
export interface PostgresAnswer {
  /** One object for each row, by column name. */
  readonly rows: readonly unknown[]
}

/** What may be an event emitter: a listener for `error` is added to it, so that a lost connection ends no process. */
export interface PostgresEmitter {
  /** Adds a listener. */
  on?(event: 'error', listener: () => void): unknown
  /** The listeners that it has. */
  listeners?(event: 'error'): readonly unknown[]
}

/**
 * One connection, or what behaves as one: a connected `Client` of pg, a `PGlite`, a shim around another driver. Statements
 * are given to it one after the other.
 */
export interface PostgresSession extends PostgresEmitter {
  /** Sends one statement, with `$1`, `$2` … for the values, never as a named prepared statement. */
  query(text: string, values?: unknown[]): Promise<PostgresAnswer>
  /** `I` outside of a transaction, null before the first answer; a connection inside of one is never written through. */
  getTransactionStatus?(): string | null
}

/** A session out of a pool. */
export interface PostgresPoolSession extends PostgresSession {
  /** Gives it back; with an error, the pool must close the connection instead of using it again. */
  release(error?: Error | boolean): void
}

/** A pool of connections: the `Pool` of pg, or anything with this one method. */
export interface PostgresPool extends PostgresEmitter {
  /** A session that nobody else uses until it is released. */
  connect(): Promise<PostgresPoolSession>
}

/** One statement: its text is constant, so that a server or a pooler sees few different ones. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Why there is no answer. */
export interface StatementFailure {
  readonly rows?: undefined
  /** Whether the statement may have reached the server. */
  readonly wasSent: boolean
  /** The SQLSTATE, or a system's code such as `ECONNRESET`; undefined where the driver gave none. */
  readonly code: string | undefined
}

/** Sends statements. */
export interface Sender {
  /** Never rejects. */
  send(statement: Statement, signal?: AbortSignal): Promise<PostgresAnswer | StatementFailure>
}

/** Code of a failure that is ours: the connection is inside a transaction that somebody else has begun. */
export const FOREIGN_TRANSACTION = 'FOREIGN_TRANSACTION'
/** Code of a failure that is ours: nobody waits any longer. */
export const ABORTED = 'ABORTED'

/**
 * Sends through what the application gave.
 *
 * @throws ERR_INVALID_INPUT when it is neither a pool nor a session
 */
export function senderOf(
  client: PostgresPool | PostgresSession,
  isSound: (failure: StatementFailure) => boolean,
): Sender {
  const { connect, query, totalCount } = (client ?? {}) as unknown as Record<string, unknown>
  // a `Client` of pg has both methods too, but nothing that it counts
  if (typeof connect === 'function' && (typeof query !== 'function' || totalCount !== undefined)) {
    return poolSender(client as PostgresPool, isSound)
  }
  if (typeof query === 'function') return sessionSender(client as PostgresSession)
  const message = 'The option "client" must be a pool with a method connect(), or a connection with a method query().'
  throw new GuillemetError('ERR_INVALID_INPUT', message)
}

/** Sends through the pool, each statement on a session of its own. */
function poolSender(pool: PostgresPool, isSound: (failure: StatementFailure) => boolean): Sender {
  return {
    async send(statement, signal) {
      let session: PostgresPoolSession
      let connecting: Promise<PostgresPoolSession> | undefined
      try {
        outliveErrors(pool)
        connecting = pool.connect()
        session = await untilAborted(connecting, signal, aborted)
      } catch (error) {
        // whoever gets it late has no use for it
        connecting?.then((late) => late.release()).catch(() => undefined)
        return { wasSent: false, code: printableCodeOf(error) }
      }
      const answer = await sendThrough(session, statement, signal)
      giveBack(session, answer.rows !== undefined || isSound(answer))
      return answer
    },
  }
}

/** Sends through one session, each statement when the one before is over. */
function sessionSender(session: PostgresSession): Sender {
  let before: Promise<unknown> = Promise.resolve()
  return {
    async send(statement, signal) {
      const turn = before
      let finish = (): void => undefined
      const running = new Promise<void>((resolve) => {
        finish = resolve
      })
      before = turn.then(() => running)
      try {
        await untilAborted(turn, signal, aborted)
      } catch {
        // the next one still waits for the one before, so that no two statements meet
        finish()
        return { wasSent: false, code: ABORTED }
      }
      return sendThrough(session, statement, signal, finish)
    },
  }
}

async function sendThrough(
  session: PostgresSession,
  { text, values }: Statement,
  signal: AbortSignal | undefined,
  onOver?: () => void,
): Promise<PostgresAnswer | StatementFailure> {
  let wasSent = false
  let running: Promise<unknown> | undefined
  try {
    outliveErrors(session)
    const status = session.getTransactionStatus?.() ?? 'I'
    if (status !== 'I') return { wasSent, code: FOREIGN_TRANSACTION }
    if (signal?.aborted) return { wasSent, code: ABORTED }
    wasSent = true
    const answer = session.query(text, [...values])
    running = answer
    const { rows } = await untilAborted(answer, signal, aborted)
    return Array.isArray(rows) ? { rows } : { wasSent, code: undefined }
  } catch (error) {
    return { wasSent, code: printableCodeOf(error) }
  } finally {
    if (onOver !== undefined) Promise.resolve(running).then(onOver, onOver)
  }
}

/** A connection on which an answer may still arrive, or that leads to the wrong server, must not be used again. */
function giveBack(session: PostgresPoolSession, isSound: boolean): void {
  try {
    if (isSound) session.release()
    else session.release(new Error('the connection is not to be used again'))
  } catch {
    // given back already
  }
}

/** Node ends the process when an emitter has an error that nobody listens to; every failure is told by a call anyway. */
function outliveErrors(emitter: PostgresEmitter): void {
  if (typeof emitter.on !== 'function') return
  if (emitter.listeners?.('error').includes(ignore) !== true) emitter.on('error', ignore)
}

function ignore(): void {}

/** For this room alone, which knows it by its code. */
function aborted(): Error {
  return Object.assign(new Error('nobody waits any longer'), { code: ABORTED })
}
