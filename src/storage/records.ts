/** What every adapter for a database checks: a record before it is written, a row after it was read. */

import { utf8 } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import {
  compareKeys,
  type ListPage,
  type RecordKey,
  type StoredRecord,
  type VaultStorage,
  type WorkspacePage,
} from '../ports/storage.ts'
import { isStoredName } from '../tag.ts'
import { corrupt } from './failures.ts'

/** Longest body in bytes of UTF-8. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * Checks what is to be written.
 *
 * @throws ERR_INVALID_INPUT when the version is not a whole number from 1, or the body not well-formed text without NUL
 *   of at most 16 MiB
 */
export function requireRecord({ version, body }: StoredRecord): void {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The version of a record must be a whole number from 1.')
  }
  if (typeof body !== 'string' || body.includes('\0')) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The body of a record must be a text without NUL.')
  }
  if (utf8(body).length > MAX_BODY_BYTES) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The body of a record must have at most ${MAX_BODY_BYTES} bytes.`)
  }
}

/**
 * Checks the names of a place before they become part of a key or a statement: none can end a key, a quotation or a pattern
 * of a database.
 *
 * @throws ERR_INVALID_INPUT when one is not a name of 1 to 128 characters of `A–Z a–z 0–9 _ -`, `$`, or `$` and such a name
 */
export function requireNames(...names: readonly string[]): void {
  for (const name of names) {
    if (!isStoredName(name)) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'A workspace, environment or tag must be 1 to 128 letters, digits, hyphens or underscores.',
      )
    }
  }
}

/**
 * A copy of the places that a get asks for, so that nobody changes them while it waits; without those there is nothing to
 * ask.
 *
 * @throws ERR_INVALID_INPUT as `requireNames`
 */
export function copyPlaces(workspace: string, keys: readonly RecordKey[]): readonly RecordKey[] {
  const places = keys.map(({ environment, tag }) => ({ environment, tag }))
  for (const { environment, tag } of places) requireNames(workspace, environment, tag)
  return places
}

/**
 * A copy of what a listing asks for, by own keys, without a prototype.
 *
 * @throws ERR_INVALID_INPUT when a name is not one, or the limit not a whole number from 1
 */
export function copyPage(page: ListPage): ListPage {
  const environment = ownValue(page, 'environment')
  const after = ownValue(page, 'after')
  const limit = ownValue(page, 'limit')!
  if (environment !== undefined) requireNames(environment)
  if (after !== undefined) requireNames(after.environment, after.tag)
  requireLimit(limit)
  return withoutPrototype({
    limit,
    ...(environment !== undefined && { environment }),
    ...(after !== undefined && { after: { environment: after.environment, tag: after.tag } }),
  })
}

/** The same for the workspaces. */
export function copyWorkspacePage(page: WorkspacePage): WorkspacePage {
  const after = ownValue(page, 'after')
  const limit = ownValue(page, 'limit')!
  if (after !== undefined) requireNames(after)
  requireLimit(limit)
  return withoutPrototype({ limit, ...(after !== undefined && { after }) })
}

/** @throws ERR_INVALID_INPUT when it is not a whole number from 1 */
export function requireLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The limit of a page must be a whole number from 1.')
  }
}

/** What the port asks of a storage that can also list its workspaces. */
type StorageCalls = Required<Pick<VaultStorage, 'where' | 'get' | 'put' | 'list' | 'workspaces'>>

/** These calls alone, bound: nobody reaches what else the object holds. */
export function boundCalls(records: StorageCalls): StorageCalls {
  return {
    where: records.where,
    get: (workspace, keys, call) => records.get(workspace, keys, call),
    put: (record, call) => records.put(record, call),
    list: (workspace, page, call) => records.list(workspace, page, call),
    workspaces: (page, call) => records.workspaces(page, call),
  }
}

/** A version as databases give it: a number, a bigint, or decimal digits. */
export function versionFromDatabase(value: unknown): number {
  const isDigits = typeof value === 'bigint' || (typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value))
  const version = isDigits ? Number(value) : value
  if (!Number.isSafeInteger(version) || (version as number) < 1) {
    throw corrupt('The storage returned a version that is not a whole number from 1')
  }
  return version as number
}

/** A body as databases give it. */
export function bodyFromDatabase(value: unknown): string {
  if (typeof value !== 'string') throw corrupt('The storage returned a body that is not text')
  return value
}

/**
 * Checks that a listing is what was asked for: no more than the limit, each after the one before and after the cursor,
 * bytewise. An order that follows a language would have a scan skip records and believe that it saw all.
 */
export function requireOrder(records: readonly StoredRecord[], { environment, after, limit }: ListPage): void {
  let before: RecordKey | undefined = after
  for (const record of records) {
    if (before !== undefined && compareKeys(before, record) >= 0) {
      throw corrupt('The storage listed its records in another order than bytewise, or one of them twice')
    }
    if (environment !== undefined && record.environment !== environment) {
      throw corrupt('The storage listed a record of another environment')
    }
    before = record
  }
  if (records.length > limit) throw corrupt('The storage listed more records than it was asked for')
}
