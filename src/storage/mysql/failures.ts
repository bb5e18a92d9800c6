/** What the numbers of MySQL and MariaDB mean for a record; nothing that the server said is repeated. */

import { GuillemetError } from '../../errors.ts'
import { outcomeUnknown, unavailable } from '../failures.ts'

const READ_ONLY = ['The database server is read-only', 'connect to the primary and try again']
const NO_RIGHT = ['The database refuses this user', 'give it the rights that docs/STORAGE.md lists']
const FULL = ['The disk of the database server is full', 'free some space and try again']

const NUMBERS: ReadonlyMap<number, readonly string[]> = new Map([
  [1290, READ_ONLY],
  [1792, READ_ONLY],
  [1836, READ_ONLY],
  [1040, ['The database server has too many connections', 'give the pool fewer, or the server more']],
  [1044, NO_RIGHT],
  [1045, NO_RIGHT],
  [1142, NO_RIGHT],
  [1143, NO_RIGHT],
  [1046, ['The connection has no database', 'name one in the options of the pool']],
  [1049, ['The database is not there', 'name another one in the options of the pool']],
  [1146, ['The table is not there', 'call migrate() of the mysqlStorage once']],
  [1021, FULL],
  [1114, FULL],
  [1153, ['The record is too large for this server', 'raise its max_allowed_packet']],
  [1301, ['The record is too large for this server', 'raise its max_allowed_packet']],
  [1047, ['This node of the cluster does not take part in it now', 'connect to another one']],
])

/** A key that is there already. */
const DUPLICATE = 1062
/** Another transaction was preferred, or held the row for too long: certainly not written, since somebody else is writing it. */
const LOCKED: readonly number[] = [1205, 1213]
/** The server broke off, perhaps while it committed. */
const BROKEN_OFF: readonly number[] = [1053, 1080, 1152, 1158, 1159, 1160, 1161, 1180, 1927, 3100, 3101]

/**
 * The number of an error that the server itself gave; undefined for what the driver says of the connection, and for what a
 * proxy says of its own: a client's numbers (from 2000) where it lost the server behind it, or numbers that no server has.
 */
export function serverNumber(error: unknown): number | undefined {
  const { errno, sqlState } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  if (typeof errno !== 'number' || typeof sqlState !== 'string') return undefined
  const isOfServer = (errno >= 1000 && errno < 2000) || (errno >= 3000 && errno < 6000)
  return isOfServer && !BROKEN_OFF.includes(errno) ? errno : undefined
}

/** Whether the number says that the stored version is another one, or that somebody is writing it. */
export function isConflict(number: number): boolean {
  return number === DUPLICATE || LOCKED.includes(number)
}

/** Whether the connection leads to a server where no write can succeed, so that the pool must not keep it. */
export function isWrongServer(number: number): boolean {
  return NUMBERS.get(number) === READ_ONLY || number === 1047
}

/** A statement that the server refused: certainly not carried out. */
export function refused(number: number): GuillemetError {
  const [happened, advice] = NUMBERS.get(number) ?? [
    `The database refused the statement (error ${number})`,
    "look at the table and at the server's log",
  ]
  return unavailable(happened!, advice!)
}

/** No connection could be had, or it broke under a statement that changes nothing. */
export function unreachable(): GuillemetError {
  return unavailable('The database could not be reached', 'check that it runs and that the pool connects to it')
}

/** The statement was sent, and nobody can say what became of it. */
export function unanswered(): GuillemetError {
  return outcomeUnknown('The connection to the database was lost before it answered')
}

/** Nobody waits any longer; nothing was sent, or nothing that writes. */
export function givenUp(): GuillemetError {
  return unavailable('The call was given up before the database answered', 'try again')
}

/** Nobody waits any longer; the statement is on its way and may still be carried out. */
export function givenUpWriting(): GuillemetError {
  return outcomeUnknown('The call was given up before the database answered')
}

/** A statement larger than the server takes. */
export function tooLarge(): GuillemetError {
  return refused(1153)
}

/** Each statement must be a transaction of its own. */
export function notFree(): GuillemetError {
  return unavailable(
    'Connections of the pool are in a transaction, or do not commit by themselves',
    'end each transaction before its connection is released, and let the connections have autocommit=1',
  )
}

/** @throws ERR_INVALID_INPUT when it is not a pool */
export function requirePool(client: unknown): void {
  const { getConnection } = (typeof client === 'object' && client !== null ? client : {}) as Record<string, unknown>
  if (typeof getConnection !== 'function') {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'mysqlStorage needs a pool of mysql2/promise as `client`: createPool(…) of that package.',
    )
  }
}
