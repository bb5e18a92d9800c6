/** The options of a cache, and what is made of them. */

import { GuillemetError } from '../../errors.ts'
import type { RecordKey } from '../../ports/storage.ts'
import { readOptions } from '../../read-options.ts'

/** What `onStale` is told. */
export interface StaleRead {
  /** Whose records these are. */
  readonly workspace: string
  /** The records that were served although the storage could not be asked. */
  readonly keys: readonly RecordKey[]
  /** Milliseconds since the oldest of them was read. */
  readonly age: number
}

/**
 * Tells of changes that other processes make: is called once, with a function to be called with the workspace of each change, or
 * with nothing when anything may have changed (after every connection and reconnection). What it gives back, or
 * resolves to, stops it.
 */
export type ChangeSource = (
  onChange: (workspace?: string) => void,
  // biome-ignore lint/suspicious/noConfusingVoidType: what a source gives back that needs no stopping
) => StopListening | void | Promise<StopListening | void>

/** Stops a {@link ChangeSource}. */
export type StopListening = () => void | Promise<void>

/** Options of `cachedStorage`. */
export interface CachedStorageOptions {
  /**
   * Milliseconds for which a record is served without asking again, 1 to 86,400,000: for so long another process's change
   * may go unseen. Counted by a monotonic clock from the moment the read was begun.
   */
  readonly ttl: number
  /** How many records are kept at most; the least recently used go first. @default 10000 */
  readonly maxRecords?: number | undefined
  /**
   * Milliseconds beyond `ttl` for which the last known record is served while the storage is unavailable, up to
   * 604,800,000; needs `onStale`. Never for fresh reads. @default 0
   */
  readonly staleFor?: number | undefined
  /** Told each time records older than `ttl` are served. What it throws, or rejects with, is dropped. */
  onStale?(read: StaleRead): void
  /** Tells of changes that other processes make. Without it, and while it is silent, `ttl` is in force all the same. */
  readonly changes?: ChangeSource | undefined
}

/** The options, each with its default. */
export type ReadCacheOptions = {
  readonly [K in keyof Required<CachedStorageOptions>]: K extends 'onStale' | 'changes'
    ? CachedStorageOptions[K] | undefined
    : NonNullable<CachedStorageOptions[K]>
}

const LONGEST_TTL_MS = 24 * 60 * 60 * 1000
const LONGEST_STALE_MS = 7 * LONGEST_TTL_MS
const MOST_RECORDS = 1_000_000
const DEFAULT_RECORDS = 10_000

/** @throws ERR_INVALID_INPUT when an option is not as it must be */
export function readCacheOptions(given: CachedStorageOptions | undefined): ReadCacheOptions {
  const known = ['ttl', 'maxRecords', 'staleFor', 'onStale', 'changes'] as const
  const {
    ttl,
    maxRecords = DEFAULT_RECORDS,
    staleFor = 0,
    onStale,
    changes,
  } = readOptions(given, 'options of cachedStorage', known)
  if (ttl === undefined) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option ttl is missing, and has no default: say for how many milliseconds a record may be served, such as { ttl: 30_000 }.',
    )
  }
  requireWholeNumber(ttl, 'ttl', 1, LONGEST_TTL_MS)
  requireWholeNumber(maxRecords, 'maxRecords', 1, MOST_RECORDS)
  requireWholeNumber(staleFor, 'staleFor', 0, LONGEST_STALE_MS)
  requireFunction(onStale, 'onStale')
  requireFunction(changes, 'changes')
  if (staleFor > 0 && onStale === undefined) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option staleFor needs onStale: somebody must be told when old records are served.',
    )
  }
  // each by own key, with or without a value: none must be found on a polluted prototype
  return { ttl, maxRecords, staleFor, onStale, changes }
}

function requireWholeNumber(value: unknown, name: string, least: number, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return
  throw new GuillemetError('ERR_INVALID_INPUT', `The option ${name} must be a whole number from ${least} to ${most}.`)
}

function requireFunction(value: unknown, name: string): void {
  if (value === undefined || typeof value === 'function') return
  throw new GuillemetError('ERR_INVALID_INPUT', `The option ${name} must be a function.`)
}
