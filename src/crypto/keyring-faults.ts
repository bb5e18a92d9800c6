/** What can be wrong with a keyring or with those who open it, in words. */

import { GuillemetError, type UnreadableReason } from '../errors.ts'

/** The error for keys that are missing, doubled, refused or break the port of a provider. */
export function invalidProvider(message: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', message)
}

const KEYRING_FAULTS = {
  'key-corrupt': 'holds a data key that does not match its id; check that the key provider works, or restore a backup.',
  moved:
    'holds a slot that does not unwrap; it was edited, or belongs to another workspace, data key or provider. Restore it from a backup.',
  tampered: 'was edited: its HMAC does not match. Restore it from a backup.',
} satisfies Partial<Record<UnreadableReason, string>>

/** The error for a keyring that does not open, and the provider at which it ended. */
export function unreadableKeyring(reason: keyof typeof KEYRING_FAULTS, provider?: string): GuillemetError {
  const by = provider === undefined ? '' : ` (key provider "${provider}")`
  return new GuillemetError('ERR_RECORD_UNREADABLE', `The keyring${by} ${KEYRING_FAULTS[reason]}`, { reason })
}

/** The error for keys of which none has a slot: which ones the keyring knows, and which were given. */
export function unknownKeys(
  wanted: readonly string[],
  given: readonly string[],
  withdrawn: readonly string[],
): GuillemetError {
  const list = (ids: readonly string[]) => ids.map((id) => `"${id}"`).join(', ')
  const gone = given.filter((id) => withdrawn.includes(id))
  const advice =
    gone.length > 0
      ? `${list(gone)} was withdrawn (retireKey) and stays so.`
      : 'Give one of those keys; a new key goes together with an old one until rewrapKeys was run for this workspace. Where all are lost: docs/KEYS.md.'
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The keyring was sealed with another key: it opens with ${list(wanted)}, and this vault has ${list(given)}. ${advice} Nothing was written.`,
    { reason: 'key-unknown' },
  )
}
