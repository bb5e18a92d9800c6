/** One statement on a connection of the pool, which goes back only where it is good for the next one. */

import { GuillemetError } from '../../errors.ts'
import { untilAborted } from '../../waiting.ts'
import {
  givenUp,
  givenUpWriting,
  isWrongServer,
  notFree,
  refused,
  serverNumber,
  unanswered,
  unreachable,
} from './failures.ts'
import { isFree, isFreeByRow, readRows } from './rows.ts'
import { ASK_STATEMENT, withStatus } from './statements.ts'

/** What is asked of a statement: rows as lists, as the wire has them, whatever the options of the pool say. */
export interface MysqlQuery {
  /** The whole statement; nothing is filled in. */
  readonly sql: string
  /** Rows are lists. */
  readonly rowsAsArray: true
  /** Columns are not grouped by table. */
  readonly nestTables: false
  /** Takes the value as the driver reads it by itself. */
  readonly typeCast: (field: unknown, next: () => unknown) => unknown
}

/** What is used of a connection of mysql2/promise. */
export interface MysqlConnection {
  /** Sends a text; the first of what it gives is rows, or what was changed and the `serverStatus` after it. */
  query(options: MysqlQuery): Promise<readonly [result: unknown, ...more: unknown[]]>
  /** Hands the connection back to the pool. */
  release(): void
  /** Closes it at once. */
  destroy(): void
}

/** What is used of a pool of mysql2/promise. It stays the application's: nothing closes it. */
export interface MysqlPool {
  /** A connection that nobody else uses meanwhile. */
  getConnection(): Promise<MysqlConnection>
}

/** A refusal by the server, by number, for those who can make something of it. */
export class Refusal {
  readonly number: number
  constructor(number: number) {
    this.number = number
  }
}

type Query = (sql: string) => Promise<unknown>

/** How many connections one call takes from the pool until it has one that is in no transaction. */
const MAX_CONNECTIONS = 16

const typeCast = (_field: unknown, next: () => unknown): unknown => next()

/** Sends one statement that changes nothing; every failure is ERR_STORAGE_UNAVAILABLE. */
export async function runRead(pool: MysqlPool, sql: string, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await withConnection(pool, signal, { givenUp, lost: unreachable }, (query) => query(sql))
  } catch (error) {
    throw error instanceof Refusal ? refused(error.number) : error
  }
}

/** The same in one round trip, where the server can say within the answer whether that is as of now; gives the rows. */
export async function readAtOnce(
  pool: MysqlPool,
  select: string,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly unknown[])[]> {
  try {
    const { connection, answer } = await firstFree(pool, signal, withStatus(select), isFreeByRow)
    connection.release()
    return readRows(answer).slice(1)
  } catch (error) {
    throw error instanceof Refusal ? refused(error.number) : error
  }
}

/**
 * Sends statements that write, on one connection, and each of which is committed when it is answered.
 *
 * @throws a {@link Refusal} where the server refused one, ERR_STORAGE_UNAVAILABLE where none was sent, ERR_OUTCOME_UNKNOWN
 *   where one was and nobody knows
 */
export async function runWrite<T>(
  pool: MysqlPool,
  signal: AbortSignal | undefined,
  act: (query: Query) => Promise<T>,
): Promise<T> {
  return withConnection(pool, signal, { givenUp: givenUpWriting, lost: unanswered }, (query) =>
    act(async (sql) => {
      const answer = await query(sql)
      // in a transaction it is carried out and not committed: closing the connection undoes it, sooner or later
      if (!isFree(answer)) throw unanswered()
      return answer
    }),
  )
}

/** What is said when a statement that was sent has no answer. */
interface Doubts {
  readonly givenUp: () => GuillemetError
  readonly lost: () => GuillemetError
}

async function withConnection<T>(
  pool: MysqlPool,
  signal: AbortSignal | undefined,
  doubts: Doubts,
  act: (query: Query) => Promise<T>,
): Promise<T> {
  const { connection } = await firstFree(pool, signal, ASK_STATEMENT, isFree)
  let isSound = false
  try {
    const result = await act((sql) => send(connection, sql, signal, doubts))
    isSound = true
    return result
  } catch (error) {
    // what failed here was not the connection
    isSound = (error instanceof Refusal && !isWrongServer(error.number)) || isOfRecord(error)
    throw error
  } finally {
    // on one that was left behind the answer to an old statement may still arrive
    if (isSound) connection.release()
    else connection.destroy()
  }
}

async function send(
  connection: MysqlConnection,
  sql: string,
  signal: AbortSignal | undefined,
  doubts: Doubts,
): Promise<unknown> {
  try {
    const sent = connection.query({ sql, rowsAsArray: true, nestTables: false, typeCast })
    const [answer] = await untilAborted(sent, signal, doubts.givenUp)
    return answer
  } catch (error) {
    throw statementFailure(error, doubts)
  }
}

/**
 * A connection that is in no transaction, as its answer to this statement tells. A pool hands one on as it was released, and where somebody has forgotten to end
 * his transaction a put would be undone with it, and a read would see what was stored when it began.
 */
async function firstFree(
  pool: MysqlPool,
  signal: AbortSignal | undefined,
  sql: string,
  isFreeAfter: (answer: unknown) => boolean,
): Promise<{ readonly connection: MysqlConnection; readonly answer: unknown }> {
  for (let taken = 0; taken < MAX_CONNECTIONS; taken++) {
    const connection = await connect(pool, signal)
    let isKept = false
    try {
      const answer = await send(connection, sql, signal, { givenUp, lost: unreachable })
      isKept = isFreeAfter(answer)
      if (isKept) return { connection, answer }
    } finally {
      // the server undoes what it was left with
      if (!isKept) connection.destroy()
    }
  }
  throw notFree()
}

function isOfRecord(error: unknown): boolean {
  return error instanceof GuillemetError && (error.code === 'ERR_CONFLICT' || error.code === 'ERR_RECORD_CORRUPT')
}

function statementFailure(error: unknown, { lost }: Doubts): unknown {
  if (error instanceof GuillemetError) return error
  const number = serverNumber(error)
  if (number !== undefined) return new Refusal(number)
  // the driver's words for a connection that it had lost before anything was sent
  const isUnsent = error instanceof Error && error.message.includes('in closed state')
  return isUnsent ? unreachable() : lost()
}

/** A connection; one that comes when nobody waits any longer goes back. */
async function connect(pool: MysqlPool, signal: AbortSignal | undefined): Promise<MysqlConnection> {
  if (signal?.aborted) throw givenUp()
  let isLate = false
  const connecting = pool.getConnection().then((connection) => {
    if (isLate) connection.release()
    return connection
  })
  try {
    return await untilAborted(connecting, signal, givenUp)
  } catch (error) {
    isLate = true
    if (error instanceof GuillemetError) throw error
    const number = serverNumber(error)
    throw number === undefined ? unreachable() : refused(number)
  }
}
