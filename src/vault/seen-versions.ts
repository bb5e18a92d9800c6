/** The newest version of each record that this vault and its views have opened or written: what is older was put back. */

import { GuillemetError } from '../errors.ts'

/** Where a record lives. */
export interface Place {
  readonly workspace: string
  readonly environment: string
  readonly tag: string
}

/** The high-water marks of one vault; one number a record, for as long as the vault lives. */
export interface Marks {
  /** Remembers that this version was opened or written. */
  raise(place: Place, version: number): void
  /** Whether the stored version (0 for none) is older than what was seen. */
  isOlder(place: Place, version: number): boolean
}

/** No marks yet. */
export function createMarks(): Marks {
  const seen = new Map<string, number>()
  // names hold no slash, so no two places share a key
  const keyOf = (place: Place) => `${place.workspace}/${place.environment}/${place.tag}`
  return {
    raise(place, version) {
      const key = keyOf(place)
      if (version > (seen.get(key) ?? 0)) seen.set(key, version)
    },
    isOlder: (place, version) => version < (seen.get(keyOf(place)) ?? 0),
  }
}

/** The diagnosis for a record that is older than its mark, also after a fresh read. */
export function rolledBack(place: Place): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The stored record of "${place.tag}" is older than one that was already seen (rolled-back); find out who put it back.`,
    { tag: place.tag, reason: 'rolled-back' },
  )
}
