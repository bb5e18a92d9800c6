/** A keyring as it is held in memory, and the wait for one that is being opened. */

import type { Keyring } from '../crypto/keyring.ts'
import { untilAborted } from '../waiting.ts'
import { abortedBefore } from './storage-errors.ts'
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

/**
 * What key providers are asked for, as long as the caller waits; it has no limit of its own, since each call of a key has
 * one, and it goes on when a caller gives up: others may wait for the same.
 */
export function waitedFor<T>(asked: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return untilAborted(asked, signal, () => abortedBefore('a key provider'))
}

/** Whether the keyring was read from this very row. */
export function isSameRow(known: LoadedKeyring, { version, body }: Row): boolean {
  return known.version === version && known.body === body
}
