/** The newest version of each record that this vault and its views have opened or written: an older one was put back. */

import { GuillemetError } from '../errors.ts'

/** Where a record is stored. */
export interface RecordPlace {
  readonly workspace: string
  readonly environment: string
  readonly tag: string
}

/** What one vault has seen; one number for each record, for as long as the vault lives. */
export interface SeenVersions {
  /** Remembers that this version was opened or written; `isLive` where it has a value. */
  saw(place: RecordPlace, version: number, isLive: boolean): void
  /**
   * Whether what is stored (version 0 for nothing) is older than what was seen. A place that was seen live can be deleted,
   * never absent again: no honest writer makes a claim over it that says so.
   */
  isRollback(place: RecordPlace, version: number, isAbsent: boolean): boolean
}

/** Nothing seen yet. */
export function createSeenVersions(): SeenVersions {
  const newest = new Map<string, { readonly version: number; readonly wasLive: boolean }>()
  // names hold no slash, so no two places share a key
  const keyOf = ({ workspace, environment, tag }: RecordPlace) => `${workspace}/${environment}/${tag}`
  return {
    saw(place, version, isLive) {
      const key = keyOf(place)
      const known = newest.get(key)
      if (known !== undefined && known.version >= version && (known.wasLive || !isLive)) return
      newest.set(key, {
        version: Math.max(version, known?.version ?? 0),
        wasLive: isLive || (known?.wasLive ?? false),
      })
    },
    isRollback(place, version, isAbsent) {
      const known = newest.get(keyOf(place))
      return known !== undefined && (version < known.version || (isAbsent && known.wasLive))
    },
  }
}

/** The diagnosis for a record that is older than one that was seen, or gone, also after a fresh read. */
export function rolledBack({ tag }: RecordPlace): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The stored record of "${tag}" is gone, or older than a version that was already seen (rolled-back); find out who put it back.`,
    { tag, reason: 'rolled-back' },
  )
}
