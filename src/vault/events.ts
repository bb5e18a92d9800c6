/** One event for each create, update, delete, reveal and use: what an audit log is made of. Never holds a value. */

import type { GuillemetErrorCode } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import type { Actor } from './policy.ts'

/** A secret that an event speaks of. */
export interface EventSecret {
  readonly tag: string
  /** Where it was found, which may be a fallback; where it was looked for, when it was not found. */
  readonly environment: string
  /** Absent where no record was read. */
  readonly version?: number
}

/** What happened, to which secrets, by whom and to what end. */
export interface VaultEvent {
  readonly action: 'create' | 'update' | 'delete' | 'reveal' | 'use'
  /** `ok`, or the code of the error that the caller got. */
  readonly outcome: 'ok' | GuillemetErrorCode
  readonly time: Date
  readonly workspace: string
  readonly environment: string
  readonly actor?: Actor
  readonly purpose?: string
  readonly secrets: readonly EventSecret[]
  /** With `use`: the origin that the request goes to; absent where unknown, or where a secret stands in the host. */
  readonly destination?: string
  /** With `use`: where the references stand. */
  readonly locations?: readonly ReferenceLocation[]
}

/** What one action adds to an event. */
export type EventPart = Pick<VaultEvent, 'action' | 'secrets' | 'destination' | 'locations'>
