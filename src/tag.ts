/** The grammar of names: tags, fields, workspaces and environments share it. */

import { GuillemetError } from './errors.ts'

const WHOLE_NAME = /^[A-Za-z0-9_-]{1,128}$/
const STORED_NAME = /^(?:\$?[A-Za-z0-9_-]{1,128}|\$)$/

/** The grammar as a piece of a larger expression. */
export const NAME_PATTERN = '[A-Za-z0-9_-]{1,128}'

/** Whether the value is a name: 1 to 128 characters of `A–Z a–z 0–9 _ -`. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && WHOLE_NAME.test(value)
}

/** Whether the value is a name as storages keep them: one of a user, or one of the library's own, which begin with `$`. */
export function isStoredName(value: unknown): value is string {
  return typeof value === 'string' && STORED_NAME.test(value)
}

/**
 * The name itself.
 *
 * @throws ERR_INVALID_INPUT when the value is not a name; the message does not repeat it, and the `path` is what it should have been
 */
export function requireName(value: unknown, what: string): string {
  if (isName(value)) return value
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The ${what} must be 1 to 128 characters of A-Z, a-z, 0-9, "_" and "-".`,
    { path: what },
  )
}
