/** The names of keys, and of records within them. */

import { GuillemetError } from '../../errors.ts'
import type { ListPage, RecordKey } from '../../ports/storage.ts'
import { corrupt } from '../failures.ts'

/** Below every character of a name, so that members sort by environment and then tag. */
const MEMBER_SEPARATOR = '!'
const AFTER_SEPARATOR = '"'

/** No brace, which would change the slot. */
const REDIS_PREFIX = /^[\w.:/-]{0,64}$/

/** @throws ERR_INVALID_INPUT when keys cannot begin with it */
export function requirePrefix(prefix: string): void {
  if (typeof prefix !== 'string' || !REDIS_PREFIX.test(prefix)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The option prefix must be up to 64 letters, digits or _ . : / -.')
  }
}

/** The two keys of a workspace. The braces put both, and all else of it, into one slot of a cluster. */
export function workspaceKeys(prefix: string, workspace: string): [records: string, index: string] {
  return [`${prefix}{${workspace}}:records`, `${prefix}{${workspace}}:index`]
}

/** The key that lists the workspaces. */
export function workspacesKey(prefix: string): string {
  return `${prefix}workspaces`
}

/** The channel on which changes are told. */
export function changesChannel(prefix: string): string {
  return `${prefix}changes`
}

/** A record's name within its workspace. */
export function memberOf({ environment, tag }: RecordKey): string {
  return environment + MEMBER_SEPARATOR + tag
}

/** The place that a member names. */
export function placeOfMember(member: string): RecordKey {
  const [environment, tag, more] = member.split(MEMBER_SEPARATOR)
  if (!environment || !tag || more !== undefined) throw corrupt('The index in Redis holds a name that is not one')
  return { environment, tag }
}

/** The bounds of a page, as ZRANGEBYLEX takes them. */
export function boundsOf({ environment, after }: ListPage): [min: string, max: string] {
  const start = environment === undefined ? '' : environment + MEMBER_SEPARATOR
  const cursor = after === undefined ? '' : memberOf(after)
  const min = cursor > start ? `(${cursor}` : start === '' ? '-' : `[${start}`
  return [min, environment === undefined ? '+' : `(${environment}${AFTER_SEPARATOR}`]
}
