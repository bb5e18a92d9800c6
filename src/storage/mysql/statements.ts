/**
 * The SQL texts. What is written into them needs no escaping whatever the mode of the server or the options of the driver:
 * names are letters, digits, `_`, `-`, `$` (checked), numbers are digits, bodies are hexadecimal. So there is nothing to
 * prepare, and no parameter whose type the driver would choose.
 */

import { fromUtf8, utf8 } from '../../bytes.ts'
import type { ListPage, RecordKey, StoredRecord, WorkspacePage } from '../../ports/storage.ts'

/** Does nothing, and has the server say of the connection whether it is in a transaction. */
export const ASK_STATEMENT = 'DO 0'

const DIGITS = /* @__PURE__ */ utf8('0123456789abcdef')

/**
 * A read that first says of its connection whether it is in no transaction, in a row like those of records: MariaDB knows
 * that in SQL, MySQL does not.
 */
export function withStatus(select: string): string {
  return `SELECT '', '', @@autocommit AND NOT @@in_transaction, '' UNION ALL (${select})`
}

/** The bytes of a text as a literal that is a string of bytes in any connection. */
function bytesLiteral(text: string): string {
  const bytes = utf8(text)
  const digits = new Uint8Array(bytes.length * 2)
  for (let index = 0; index < bytes.length; index++) {
    digits[index * 2] = DIGITS[bytes[index]! >> 4]!
    digits[index * 2 + 1] = DIGITS[bytes[index]! & 15]!
  }
  return `X'${fromUtf8(digits)}'`
}

/** A checked name as a literal. */
function nameLiteral(name: string): string {
  return `'${name}'`
}

function whereKey({ workspace, environment, tag }: RecordKey & { readonly workspace: string }): string {
  const [inWorkspace, inEnvironment, isTag] = [workspace, environment, tag].map(nameLiteral)
  return `workspace = ${inWorkspace} AND environment = ${inEnvironment} AND tag = ${isTag}`
}

/** The first version: one that is there already fails on the primary key. */
export function insertStatement(table: string, { workspace, environment, tag, body }: StoredRecord): string {
  const values = [...[workspace, environment, tag].map(nameLiteral), '1', bytesLiteral(body)]
  return `INSERT INTO ${table} (workspace, environment, tag, version, body) VALUES (${values.join(', ')})`
}

/** A later version: one row where the version before is stored, none otherwise. It changes every row that it finds. */
export function updateStatement(table: string, record: StoredRecord): string {
  const { version, body } = record
  return (
    `UPDATE ${table} SET version = ${version}, body = ${bytesLiteral(body)} ` +
    `WHERE ${whereKey(record)} AND version = ${version - 1}`
  )
}

/** The columns that {@link getStatement} and {@link listStatement} give, in this order. */
const SELECTED_COLUMNS = 'environment, tag, version, body'

/** Records by key, in any order. */
export function getStatement(table: string, workspace: string, keys: readonly RecordKey[]): string {
  const tags = new Map<string, Set<string>>()
  for (const { environment, tag } of keys) {
    const known = tags.get(environment)
    if (known === undefined) tags.set(environment, new Set([tag]))
    else known.add(tag)
  }
  // by environment, since a list of pairs is not looked up in the index by every server
  const places = [...tags].map(
    ([environment, names]) =>
      `(environment = ${nameLiteral(environment)} AND tag IN (${[...names].map(nameLiteral).join(', ')}))`,
  )
  return `SELECT ${SELECTED_COLUMNS} FROM ${table} WHERE workspace = ${nameLiteral(workspace)} AND (${places.join(' OR ')})`
}

/** A page of records; columns of bytes are compared and ordered bytewise. */
export function listStatement(table: string, workspace: string, { environment, after, limit }: ListPage): string {
  const conditions = [`workspace = ${nameLiteral(workspace)}`]
  if (environment !== undefined) conditions.push(`environment = ${nameLiteral(environment)}`)
  if (after !== undefined) {
    const [from, beyond] = [after.environment, after.tag].map(nameLiteral)
    conditions.push(`environment >= ${from} AND (environment > ${from} OR tag > ${beyond})`)
  }
  return `SELECT ${SELECTED_COLUMNS} FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY environment, tag LIMIT ${limit}`
}

/** A page of workspaces. */
export function workspacesStatement(table: string, { after, limit }: WorkspacePage): string {
  const beyond = after === undefined ? '' : `WHERE workspace > ${nameLiteral(after)} `
  return `SELECT DISTINCT workspace FROM ${table} ${beyond}ORDER BY workspace LIMIT ${limit}`
}
