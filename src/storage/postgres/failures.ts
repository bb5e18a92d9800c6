/** What the codes of Postgres mean for a record: certainly not written, or nobody knows. */

import type { GuillemetError } from '../../errors.ts'
import { outcomeUnknown, unavailable } from '../failures.ts'
import { ABORTED, FOREIGN_TRANSACTION, type StatementFailure } from './client.ts'

/**
 * Codes that a server gives when it has rolled the statement back. All of a class, where that is so whatever the
 * class will ever hold: data (22), constraints (23), transaction states (25), authorisation (28), names (3D, 3F, 42),
 * rollback (40, but for 40003, which says that nobody knows), resources (53), limits (54), states (55).
 *
 * Not among them: 08 (connection; but for 08001 and 08004, which refuse one), 57 (operator; but for 57014, a statement that
 * was cancelled, and 57P03 and 57P04, which refuse a connection), 58 and XX, since poolers give these for a server that
 * they have lost.
 */
const NOT_WRITTEN =
  /^(?:0[AB]|2[1-8B]|3[489DF]|42|44|53|54|55|P0)...$|^40(?!003)...$|^08001$|^08004$|^57014$|^57P0[34]$/

/** Answers after which a connection can be used for the next statement. */
const SOUND = /^(?:0[AB]|2[123467B]|3[489DF]|42|44|54|55|P0)...$|^40(?!003)...$|^57014$/

/** The statement failed because of another one: trying it again is the remedy. */
const TRY_AGAIN = /^40(?:001|P01)$/

interface Advice {
  readonly codes: RegExp
  readonly happened: string
  readonly advice: string
}

/** The first that fits says what to do. */
const ADVICE: readonly Advice[] = [
  {
    codes: /^25006$/,
    happened: 'The database is read-only, as a former primary is after a failover',
    advice: 'let the client connect to the primary and try again',
  },
  {
    codes: /^42P01$|^3F000$/,
    happened: 'The table of the storage is not there',
    advice: 'call migrate() of the postgresStorage once, or give the schema and table that it was called with',
  },
  {
    codes: /^42501$|^28...$|^3D000$/,
    happened: 'The database does not permit it',
    advice: 'grant the role SELECT, INSERT and UPDATE on the table, and check role, password and database',
  },
  {
    codes: /^53[34]00$|^57P03$/,
    happened: 'The database takes no more connections at the moment',
    advice: 'use smaller pools, or a pooler, and try again',
  },
  { codes: /^53...$/, happened: 'The database has no room left', advice: 'look at its disk and memory' },
  {
    codes: /^57014$|^55P03$/,
    happened: 'The database cancelled the statement, which took too long or waited for a lock',
    advice: 'look who holds a lock on the table (pg_locks) and try again',
  },
  {
    codes: /^25P02$|^FOREIGN_TRANSACTION$/,
    happened: 'The connection is inside a transaction that the application has begun, which could take the write back',
    advice: 'give the storage a pool, or a client that nothing else uses',
  },
  {
    codes: /^42...$|^22P0[25]$|^22021$/,
    happened: 'The table is not as the storage made it, or the database is not in UTF-8',
    advice: 'call migrate() of the storage, which says what is wrong',
  },
  { codes: /^ABORTED$/, happened: 'The call was given up before anything was sent', advice: 'try again' },
]

/** Whether the server has certainly done nothing. */
function isNotWritten({ wasSent, code }: StatementFailure): boolean {
  return !wasSent || (code !== undefined && NOT_WRITTEN.test(code))
}

/** Whether the connection can be used again. */
export function leavesConnectionSound({ code, wasSent }: StatementFailure): boolean {
  if (code === undefined || code === FOREIGN_TRANSACTION) return false
  return code === ABORTED ? !wasSent : SOUND.test(code)
}

/** Whether the same statement may be sent again: nothing was done, and the next try meets another state. */
export function isWorthAnotherTry({ code }: StatementFailure): boolean {
  return code !== undefined && TRY_AGAIN.test(code)
}

/** The failure of a read, or of a write that certainly was not done. */
export function statementUnavailable({ code }: StatementFailure): GuillemetError {
  const known = code === undefined ? undefined : ADVICE.find(({ codes }) => codes.test(code))
  const name = code === undefined || code === ABORTED || code === FOREIGN_TRANSACTION ? '' : ` (${code})`
  if (known !== undefined) return unavailable(`${known.happened}${name}`, known.advice)
  return unavailable(`The database did not answer${name}`, 'check that it can be reached and try again')
}

/** The failure of a write. */
export function writeFailure(failure: StatementFailure): GuillemetError {
  if (isNotWritten(failure)) return statementUnavailable(failure)
  if (failure.code === ABORTED) return outcomeUnknown('The call was given up while the database worked on it')
  const name = failure.code === undefined ? '' : ` (${failure.code})`
  return outcomeUnknown(`The connection to the database was lost${name}`)
}
