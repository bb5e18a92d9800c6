/** A keyring as it is held in memory, and the wait for one that is being opened. */

import type { Keyring } from '../crypto/keyring.ts'
import { LONGEST_TIMER_MS } from '../waiting.ts'
import { answerOf, NotAnswered } from './deadline.ts'
import { storageUnavailable } from './storage-errors.ts'
import type { Row } from './store.ts'

/** A keyring with the record that it was read from. */
export interface LoadedKeyring {
  readonly version: number
  readonly body: string
  readonly keyring: Keyring
}

/** The opening of one text, which all who want that text wait for. */
export interface KeyringOpening {
  readonly body: string
  readonly done: Promise<LoadedKeyring>
}

/** The keys go on being opened for the others when one caller gives up. */
export async function waitedFor(
  opening: Promise<LoadedKeyring>,
  signal: AbortSignal | undefined,
): Promise<LoadedKeyring> {
  if (signal === undefined) return opening
  try {
    // no limit of its own, since each call of a key has one
    return await answerOf(() => opening, { timeout: LONGEST_TIMER_MS, signal })
  } catch (error) {
    throw error instanceof NotAnswered ? storageUnavailable(error, 'read') : error
  }
}

/** Whether the keyring was read from this very row. */
export function isSameRow(known: LoadedKeyring, { version, body }: Row): boolean {
  return known.version === version && known.body === body
}
