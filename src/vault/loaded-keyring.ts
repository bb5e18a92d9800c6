/** A keyring as it is held in memory, and the wait for one that is being opened. */

import type { Keyring } from '../crypto/keyring.ts'
import { untilAborted, within } from '../waiting.ts'
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
  /** By the monotonic clock, in milliseconds. */
  readonly begunAt: number
  readonly done: Promise<LoadedKeyring>
}

/**
 * What key providers are asked for, as long as the caller waits; it has no limit of its own, since each call of a key has
 * one, and it goes on when a caller gives up: others may wait for the same.
 */
export function waitedFor<T>(
  asked: Promise<T>,
  signal: AbortSignal | undefined,
  who: string = 'a key provider',
): Promise<T> {
  return untilAborted(asked, signal, () => abortedBefore(who))
}

/**
 * How long one caller waits for the opening that another has begun, in milliseconds. That may never end: a platform that
 * gives up a request, as Workers do, drops without a word what it was waiting for.
 */
const OPENING_WAIT_MS = 5_000

/** Whether others wait for it still. */
export function isJoinable({ begunAt }: KeyringOpening): boolean {
  return performance.now() - begunAt < OPENING_WAIT_MS
}

/** The keyring that another caller has begun to open; undefined where that takes too long. */
export function joinedTo<T>(
  { begunAt, done }: { readonly begunAt: number; readonly done: Promise<T> },
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  return within(waitedFor(done, signal), begunAt + OPENING_WAIT_MS - performance.now())
}

/** Whether the keyring was read from this very row. */
export function isSameRow(known: LoadedKeyring, { version, body }: Row): boolean {
  return known.version === version && known.body === body
}
