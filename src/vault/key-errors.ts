/** What can be wrong with the keys of a vault in one of its workspaces. */

import { GuillemetError } from '../errors.ts'

/** The error for a key that was taken away and is still given. */
export function withdrawnKey(provider: string): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_KEY',
    `The key "${provider}" was withdrawn (retireKey) and gets no slot again; take it out of keys.`,
  )
}

/** Whether the error says that none of the keys has a slot. */
export function isKeyUnknown(error: unknown): boolean {
  return error instanceof GuillemetError && error.reason === 'key-unknown'
}
