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
  /** By the monotonic clock, in milliseconds. */
  readonly begunAt: number
  readonly done: Promise<LoadedKeyring>
}

/**
 * How long one caller waits for the opening that another has begun, in milliseconds. That may never end: a platform that
 * gives up a request, as Workers do, drops without a word what it was waiting for.
 */
const JOINED_FOR_MS = 5_000

/** Whether others wait for it still. */
export function isJoinable({ begunAt }: KeyringOpening): boolean {
  return performance.now() - begunAt < JOINED_FOR_MS
}

/**
 * The keyring that is being opened; the keys go on being opened for the others when one caller gives up.
 *
 * @param isJoined whether another caller has begun it: then undefined when it takes too long
 */
export async function waitedFor(
  { begunAt, done }: KeyringOpening,
  signal: AbortSignal | undefined,
  isJoined: boolean,
): Promise<LoadedKeyring | undefined> {
  if (!isJoined && signal === undefined) return done
  // no limit of its own for who has begun it, since each call of a key has one
  const timeout = isJoined ? Math.max(1, begunAt + JOINED_FOR_MS - performance.now()) : LONGEST_TIMER_MS
  try {
    return await answerOf(() => done, { timeout, signal })
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error
    if (error.why === 'late') return undefined
    throw storageUnavailable(error, 'read')
  }
}

/** Whether the keyring was read from this very row. */
export function isSameRow(known: LoadedKeyring, { version, body }: Row): boolean {
  return known.version === version && known.body === body
}
