/** The table, which is made by one statement and names its own version, so that no migration can stop half-way. */

import type { GuillemetError } from '../../errors.ts'
import { unavailable } from '../failures.ts'

/** What the comment of the table begins with, and the version that this release writes. */
const COMMENT = 'guillemet records, schema '
const SCHEMA = 1

/**
 * Columns of bytes, not of text: compared exactly, in the order of their bytes, without the padding of spaces that a
 * collation may bring, and whatever the character set of a connection. 129 is `$` and a name.
 */
const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['workspace', 'varbinary(129)'],
  ['environment', 'varbinary(129)'],
  ['tag', 'varbinary(129)'],
  ['version', 'bigint unsigned'],
  ['body', 'longblob'],
]

/** Makes the table where it is not there: one statement, which the server carries out as a whole or not at all. */
export function createStatement(table: string): string {
  const columns = COLUMNS.map(([name, type]) => `${name} ${type} NOT NULL`).join(', ')
  return (
    `CREATE TABLE IF NOT EXISTS ${table} (${columns}, PRIMARY KEY (workspace, environment, tag)) ` +
    `ENGINE=InnoDB COMMENT='${COMMENT}${SCHEMA}'`
  )
}

/** Asks for what {@link faultOf} looks at, and what else must be known before the first use; one row. */
export function lookStatement(name: string): string {
  const here = `table_schema = DATABASE() AND table_name = '${name}'`
  return (
    `SELECT @@max_allowed_packet, @@version, ` +
    `(SELECT engine FROM information_schema.tables WHERE ${here}), ` +
    `(SELECT table_comment FROM information_schema.tables WHERE ${here}), ` +
    `(SELECT GROUP_CONCAT(column_name, ' ', column_type ORDER BY ordinal_position SEPARATOR ', ') ` +
    `FROM information_schema.columns WHERE ${here}), ` +
    `(SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', ') ` +
    `FROM information_schema.statistics WHERE ${here} AND index_name = 'PRIMARY')`
  )
}

/** What {@link lookStatement} found. */
export interface Look {
  /** Bytes that one statement may have. */
  readonly maxPacket: number
  /** As the server names itself. */
  readonly server: string
  readonly engine: string
  /** Empty where there is no table. */
  readonly comment: string
  readonly columns: string
  readonly primaryKey: string
}

/** Why this table cannot be used, or undefined. */
export function faultOf(look: Look): GuillemetError | undefined {
  const { engine, comment, columns, primaryKey } = look
  if (columns === '') {
    return unavailable(
      'The table is not there',
      'call migrate() of the mysqlStorage once, or choose its database and table',
    )
  }
  const version = comment.startsWith(COMMENT) ? Number(comment.slice(COMMENT.length)) : Number.NaN
  if (version > SCHEMA) {
    return unavailable('The table was made by a newer release of guillemet', 'update guillemet, here too')
  }
  const wanted = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')
  // before MySQL 8.0.19, and in MariaDB, a whole number has a width for showing it
  const isSame = columns.toLowerCase().replaceAll(/bigint\(\d+\)/g, 'bigint') === wanted
  if (version !== SCHEMA || !isSame || primaryKey.toLowerCase() !== 'workspace, environment, tag') {
    return unavailable('The table is not as migrate() makes it', 'let migrate() make one of another name')
  }
  // another engine may keep no promise about a crash, or write more than one row at a time as it likes
  if (engine.toLowerCase() !== 'innodb') return unavailable('The table is not an InnoDB table', 'change its engine')
  return undefined
}
