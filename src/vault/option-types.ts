/**
 * The options that a caller gives a vault, its views and its calls. Types only.
 *
 * `undefined` is as good as left out, but for tenants, actors, policies and `authored`: one that is undefined by mistake would
 * mean everybody, or everything.
 */

import type { Delimiters, Kind, Reference } from '../location.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { VaultStorage } from '../ports/storage.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { VaultEvent } from './events.ts'
import type { Actor, Policy } from './policy.ts'

/** A key string of `generateKey()`, or a provider. */
export type Key = string | KeyProvider

/**
 * One key, or several: any with a slot in the keyring unwraps. All of them get a slot in a keyring that is made, and a new
 * data key is wrapped by those that had the one before. In an existing keyring the first gets its slot with the next create,
 * update or delete, the others with `rewrapKeys`, which is also for where only reads happen: the event `key-pending` names
 * each that has none.
 */
export type KeySource = Key | readonly Key[]

/** Options of `createVault`. */
export interface VaultOptions {
  /** Where sealed records live; closed together with the vault. */
  readonly storage: VaultStorage
  /**
   * How long one call of the storage may take, in milliseconds, 1 to 600,000. A read that takes longer is
   * ERR_STORAGE_UNAVAILABLE. A write that takes longer is read back and offered again, for as long once more, and is
   * ERR_OUTCOME_UNKNOWN if that does not tell.
   *
   * @default 10000
   */
  readonly storageTimeout?: number | undefined
  /**
   * What opens and seals: a string of `generateKey()`, a provider such as `passphraseKey(…)`, or up to 8 of them. `null`
   * is a vault without keys, for a server that only saves configs: it opens and seals nothing.
   */
  readonly keys: KeySource | null | undefined
  /** Whose secrets these are; once given, no view leads to another workspace. @default 'default' */
  readonly workspace?: string
  /** Which of the workspace's environments is looked at; once given, it stays for all views. @default 'default' */
  readonly environment?: string
  /** Where an environment looks further, in order, for a secret that is absent in it; at most 16 names each. */
  readonly fallback?: Readonly<Record<string, readonly string[]>> | undefined
  /** Who acts, for policy and events; once given, it stays for all views. */
  readonly actor?: Actor
  /** Why secrets are used, for policy and events; free text of at most 1,024 characters. */
  readonly purpose?: string | undefined
  /** Who may do what. @default everything is allowed (a single-user app) */
  readonly policy?: Policy
  /** What stands around a reference. @default both `<< >>` and `{{ }}` */
  readonly delimiters?: readonly Delimiters[] | undefined
  /**
   * What the name of a reference begins with, so that an engine keeps `{{ secrets.x }}` for itself: 1 to 8 texts of 2 to 64
   * letters, digits and `_ $ @ . : -`. One that ends with `.` takes a field: `vault.` reads `<< vault.tag.field >>`.
   *
   * @default ['secrets.', 'RUNPOD_SECRET_']
   */
  readonly prefixes?: readonly string[] | undefined
  /**
   * `1`: one secret in each field of a template. A second reference in a field is ERR_INVALID_INPUT with its path, and a
   * finding of `check`.
   *
   * @default any number
   */
  readonly perField?: 1 | undefined
  /** Learns from every view: for process logs only, never for text that goes back to a tenant. */
  readonly redactor?: Redactor | undefined
  /**
   * Told of every create, update, delete, reveal and use, and waited for where it returns a promise; only `resolve` of a
   * snapshot does not wait. One that throws or rejects breaks nothing, unless `audit` says so.
   */
  readonly onEvent?: ((event: VaultEvent) => void | Promise<void>) | undefined
  /** Told what `onEvent` threw or rejected with. What it throws itself is dropped. */
  readonly onEventError?: ((error: unknown) => void) | undefined
  /**
   * `required`: a reveal or a use whose event fails gives nothing back (`ERR_PERMISSION_DENIED`). A write that is done
   * stays done. A snapshot cannot wait: its resolve fails where the listener returns a promise.
   *
   * @default a failing listener is reported to `onEventError` only
   */
  readonly audit?: 'required' | undefined
  /** The clock, in milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined
}

/** Where a request goes, with its method, for secrets whose rule asks for it. */
export interface DestinationWithMethod {
  /** Absolute; only scheme, host and port count. */
  readonly url: string | URL
  /** Such as `GET`, in any case. */
  readonly method: string
}

/** Where a request goes: its URL, with the method where a rule asks for it. */
export type DestinationOption = string | URL | DestinationWithMethod

/** Options of a call that waits for the storage. */
export interface WaitOptions {
  /**
   * Ends the waiting for the storage. Aborted before anything was handed to it to be written, the call is
   * ERR_STORAGE_UNAVAILABLE and nothing is written; while a write is under way, ERR_OUTCOME_UNKNOWN: it may be done or not.
   * The signal's reason is in neither. A call that needs the storage no more is not ended.
   */
  readonly signal?: AbortSignal | undefined
}

/** Options of an update. */
export interface UpdateOptions extends WaitOptions {
  /** Only over this version, as `describe` gives it. @default whichever is stored */
  readonly ifVersion?: number | undefined
}

/** Options of a deletion. */
export interface DeleteOptions extends UpdateOptions {
  /** The tag, typed again. */
  readonly confirm: string
}

/** Options of one resolve. */
export interface ResolveOptions extends WaitOptions {
  /** What the template is. @default 'value' */
  readonly as?: Kind | undefined
  /** Where the result goes, for secrets whose rule names hosts or methods. */
  readonly destination?: DestinationOption | undefined
  /** `keep` leaves a missing reference as it is, for a later pass. @default 'error' */
  readonly onMissing?: 'error' | 'keep' | undefined
  /** The references of the config as its author stored it; any other is refused. */
  readonly authored?: readonly Reference[]
  /**
   * Asks the storage past every cache: for the one repetition after a secret was refused, since it may have been rotated
   * by another process. A snapshot has no such option.
   *
   * @default false
   */
  readonly fresh?: boolean | undefined
}

/** Options of a resolve whose name says the kind. */
export type NamedOptions = Omit<ResolveOptions, 'as'>

/** Another way to look at the same vault. What is left out stays as it is. */
export interface ViewOptions {
  /** Once set, it stays: no further view leads to another workspace. */
  readonly workspace?: string
  /** Once set, it stays. */
  readonly environment?: string
  /** Once set, it stays. */
  readonly actor?: Actor
  /** Why secrets are used, for policy and events; free text of at most 1,024 characters. */
  readonly purpose?: string | undefined
  /**
   * Learns what this view uses, and cleans its results of all that it knows. Results are else cleaned of what their own
   * use has opened, so that no mask confirms a guess.
   */
  readonly redactor?: Redactor
}
