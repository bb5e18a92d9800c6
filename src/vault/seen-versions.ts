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
  /** Remembers that this version was opened or written. */
  saw(place: RecordPlace, version: number): void
  /** Whether the stored version (0 for none) is older than what was seen. */
  isRollback(place: RecordPlace, version: number): boolean
}

/** Nothing seen yet. */
export function createSeenVersions(): SeenVersions {
  const newest = new Map<string, number>()
  // names hold no slash, so no two places share a key
  const keyOf = ({ workspace, environment, tag }: RecordPlace) => `${workspace}/${environment}/${tag}`
  return {
    saw(place, version) {
      const key = keyOf(place)
      if (version > (newest.get(key) ?? 0)) newest.set(key, version)
    },
    isRollback: (place, version) => version < (newest.get(keyOf(place)) ?? 0),
  }
}

/** The diagnosis for a record that is older than one that was seen, also after a fresh read. */
export function rolledBack({ tag }: RecordPlace): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The stored record of "${tag}" is older than a version that was already seen (rolled-back); find out who put it back.`,
    { tag, reason: 'rolled-back' },
  )
}
