/** One event for each create, update, delete, reveal and use, and for each change of keys: what an audit log is made of. */

import type { GuillemetErrorCode } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import type { Actor } from './policy.ts'

/** A secret that an event is about. */
export interface EventSecret {
  /** The tag that was asked for. */
  readonly tag: string
  /** Where it was found, which may be a fallback; where it was looked for, when it was not found. */
  readonly environment: string
  /** Absent where no record was read. */
  readonly version?: number
}

/** What happened, to which secrets, by whom and for what purpose. */
export interface VaultEvent {
  /**
   * A `set` is the create or the update that it was; taking a snapshot is a use; each redirect hop that carries a secret
   * is a use of its own. `skipped`: what looks like a reference was sent as the text that it is, or left out of a
   * request to a server that it is not for, and nothing was opened.
   *
   * Of keys: `key-added` (a write has given the first key of `keys` its place in the keyring), `key-pending` (one of `keys`
   * has none and opens nothing, so that rewrapKeys is still to be run; told once for each key and workspace; with a code
   * where it cannot get one), `key-failed` (one of `keys` did not unwrap, with the code, and another one did; told each time
   * a keyring is opened so), and the commands of `guillemet/admin` by their names.
   */
  readonly action:
    | 'create'
    | 'update'
    | 'delete'
    | 'reveal'
    | 'use'
    | 'skipped'
    | 'key-added'
    | 'key-pending'
    | 'key-failed'
    | 'rotate-keys'
    | 'rewrap-keys'
    | 'retire-key'
    | 'destroy-key'
    | 'purge-workspace'
    | 'copy-vault'
    | 'export-backup'
    | 'import-backup'
  /** `ok`, or the code of the error that the caller got. */
  readonly outcome: 'ok' | GuillemetErrorCode
  /** When the event was sent, by the clock of the vault. */
  readonly time: Date
  /** The workspace of the view. */
  readonly workspace: string
  /** The environment of the view. */
  readonly environment: string
  /** The actor of the view; absent where it has none. */
  readonly actor?: Actor
  /** The purpose of the view; absent where it has none. */
  readonly purpose?: string
  /** Each secret once, in document order; with `skipped`, the tags that the text names, at most 100. */
  readonly secrets: readonly EventSecret[]
  /** With events of keys: the id of the provider, or of the data key. */
  readonly key?: string
  /** With `use` and `skipped`: the origin that the request goes to; absent where unknown, or where a secret is in the host. */
  readonly destination?: string
  /** With `use` and `skipped`: where the references are. */
  readonly locations?: readonly ReferenceLocation[]
}
