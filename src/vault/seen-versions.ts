/** The newest version of each record that this vault and its views have opened or written: an older one was put back. */

import { GuillemetError } from '../errors.ts'
import { MAX_RECENT_WORKSPACES, Recent } from './recent.ts'

/** Where a record is stored. */
export interface RecordPlace {
  readonly workspace: string
  readonly environment: string
  readonly tag: string
}

/** What was seen of one record. */
export interface Seen {
  readonly version: number
  /** Tells the value of that version from any other; undefined where it has none. */
  readonly mark: string | undefined
  readonly wasLive: boolean
}

/** What one vault has seen: one number for each record, of the workspaces that were used last. */
export interface SeenVersions {
  /** What was seen of a record until now. An answer is judged by what was seen before it was asked for. */
  readonly of: (place: RecordPlace) => Seen | undefined
  /**
   * Remembers that this version was opened or written.
   *
   * @param sealed the sealed value; undefined where it has none
   * @throws ERR_RECORD_UNREADABLE `rolled-back` where another value of the same version was seen: one of the two has lost when it
   *   was written, so that somebody has kept it
   */
  saw(place: RecordPlace, version: number, sealed: string | undefined): void
}

/**
 * Whether what is stored (version 0 for nothing) is older than what was seen. A place that was seen live can be deleted,
 * never absent again: no honest writer makes a claim over it that says so.
 */
export function isOlder(seen: Seen | undefined, version: number, isAbsent: boolean): boolean {
  return seen !== undefined && (version < seen.version || (isAbsent && seen.wasLive))
}

/**
 * Nothing seen yet.
 *
 * @param limit how many workspaces are remembered. @default MAX_RECENT_WORKSPACES
 */
export function createSeenVersions(limit = MAX_RECENT_WORKSPACES): SeenVersions {
  const workspaces = new Recent<Map<string, Seen>>(limit)
  // names hold no slash, so no two places share a key
  const keyOf = ({ environment, tag }: RecordPlace) => `${environment}/${tag}`
  const of = (place: RecordPlace) => workspaces.get(place.workspace)?.get(keyOf(place))
  return {
    of,
    saw(place, version, sealed) {
      const key = keyOf(place)
      const newest = workspaces.get(place.workspace) ?? new Map<string, Seen>()
      const known = newest.get(key)
      // a part of the nonce, so short that the engine copies it and does not keep the whole text for it
      const mark = sealed?.slice(18, 30)
      if (known?.version === version && mark !== undefined && known.mark !== mark) throw rolledBack(place)
      const wasLive = mark !== undefined || known?.wasLive === true
      const isOld = known !== undefined && known.version >= version
      if (isOld && known.wasLive === wasLive) return
      newest.set(key, isOld ? { ...known, wasLive } : { version, mark, wasLive })
      if (newest.size === 1) workspaces.set(place.workspace, newest)
    },
  }
}

/** The diagnosis for a record that is older than one that was seen, or gone, also after a fresh read. */
export function rolledBack({ tag }: RecordPlace): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The stored record of "${tag}" is gone, or older or another than what was seen before (rolled-back): a replica lags, or a backup was restored. Then restart this process; else find out who put it back.`,
    { tag, reason: 'rolled-back' },
  )
}
