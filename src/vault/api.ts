/** What a caller sees of a vault: its options, its members and what they give back. Types only. */

import type { Delimiters, Kind, Reference, ReferenceLocation } from '../location.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { VaultStorage } from '../ports/storage.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ListFilter, SecretInfo, SecretInput, SecretPatch } from '../secrets/secret.ts'
import type { Finding } from '../template/lint.ts'
import type { JsonValue } from '../template/redacted.ts'
import type { VaultEvent } from './events.ts'
import type { Actor, Policy } from './policy.ts'

/** A key string of `generateKey()`, or a provider. */
export type Key = string | KeyProvider

/** One key, or several: the first wraps new data keys, any provider with a slot unwraps. */
export type KeySource = Key | readonly Key[]

/** Options of `createVault`. */
export interface VaultOptions {
  readonly storage: VaultStorage
  /** `null` is a vault without keys, for a server that only saves configs: it opens and seals nothing. */
  readonly keys: KeySource | null | undefined
  /** @default 'default' */
  readonly workspace?: string
  /** @default 'default' */
  readonly environment?: string
  /** Where an environment looks further, in order, for a secret that is absent in it. */
  readonly fallback?: Readonly<Record<string, readonly string[]>>
  readonly actor?: Actor
  /** Why secrets are used, for policy and events; free text. */
  readonly purpose?: string
  /** @default everything is allowed (a single-user app) */
  readonly policy?: Policy
  /** @default both `<< >>` and `{{ }}` */
  readonly delimiters?: readonly Delimiters[]
  /** Learns from every view: for process logs only, never for text that goes back to a tenant. */
  readonly redactor?: Redactor
  /**
   * Told of every create, update, delete, reveal and use. What it throws refuses a reveal or a use; a write that is
   * done stays done. It must be synchronous: an async one is not waited for, and its failure is lost.
   */
  onEvent?(event: VaultEvent): void
  /** The clock, in milliseconds since 1970. @default Date.now */
  now?(): number
}

/** Where a request goes: its URL, with the method where a rule asks for it. */
export type DestinationOption = string | URL | { readonly url: string | URL; readonly method: string }

/** Options of one resolve. */
export interface ResolveOptions {
  /** What the template is. @default 'value' */
  readonly as?: Kind
  /** Where the result goes, for secrets whose rule names hosts or methods. */
  readonly destination?: DestinationOption
  /** `keep` leaves a missing reference as it stands, for a later pass. @default 'error' */
  readonly onMissing?: 'error' | 'keep'
  /** The references of the config as its author stored it; any other is refused. */
  readonly authored?: readonly Reference[]
}

/** Options of a resolve whose name says the kind. */
export type NamedOptions = Omit<ResolveOptions, 'as'>

/** A template parsed once, resolved often; as JSON it is the template. */
export interface Prepared<T> {
  readonly template: T
  readonly as: Kind
  readonly references: readonly Reference[]
}

/** A reference that was resolved, and the record that it came from. */
export interface Used extends Reference {
  /** Where the secret was found: the view's environment, or one of its fallbacks. */
  readonly environment: string
  readonly version: number
}

/** A result: prints as redacted everywhere, gives plaintext only through `expose()`. */
export interface Resolved<T> {
  /** The plaintext, in the template's shape. A client it is handed to is not covered by redirects checks. */
  expose<E = T>(): E
  /** Plain JSON, masked by position whatever the length of a value. */
  readonly redacted: JsonValue
  readonly references: readonly Used[]
}

/** An opened copy of secrets: resolves without I/O until it is closed. */
export interface Snapshot {
  /** Enabled, expiry and rule are checked on each resolve; policy was asked when the snapshot was made. */
  resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Resolved<T>
  /** Drops every value that it holds; a later resolve is ERR_INVALID_INPUT. Results that were given out keep theirs. */
  close(): void
}

/** Another way to look at the same vault. */
export interface ViewOptions {
  readonly workspace?: string
  readonly environment?: string
  readonly actor?: Actor
  readonly purpose?: string
  /** Learns what this view opens and cleans its results, in place of the workspace's own redactor. */
  readonly redactor?: Redactor
}

/** Keeps secrets and resolves templates. */
export interface Vault {
  /**
   * Stores a new secret.
   *
   * @throws ERR_SECRET_EXISTS when it is there; ERR_INVALID_INPUT; ERR_PERMISSION_DENIED
   */
  create(input: SecretInput): Promise<SecretInfo>
  /**
   * Creates a secret, or updates it: what is not named stays, a new value replaces all fields.
   *
   * @throws ERR_IMMUTABLE_FIELD when type or visibility is named and differs
   */
  set(input: SecretInput): Promise<SecretInfo>
  /** What is known of a secret, never its value; undefined where there is none. The information is stored, not authenticated. */
  describe(tag: string): Promise<SecretInfo | undefined>
  /**
   * The secrets of this view's environment that its actor may read. Stored information, not authenticated.
   *
   * @throws ERR_RECORD_CORRUPT after all others were given, when a record could not be read
   */
  list(filter?: ListFilter): AsyncIterable<SecretInfo>
  /**
   * Changes what the patch names; null removes. Opens the stored version first and seals the whole record again.
   *
   * @throws ERR_SECRET_NOT_FOUND; ERR_CONFLICT when `ifVersion` is not the stored version; ERR_RECORD_UNREADABLE
   */
  update(tag: string, patch: SecretPatch, options?: { readonly ifVersion?: number }): Promise<SecretInfo>
  /**
   * Deletes a secret; the tag has to be typed again as `confirm`. Versions of a tag never restart.
   *
   * @throws ERR_CONFIRMATION_REQUIRED; ERR_SECRET_NOT_FOUND; ERR_CONFLICT
   */
  delete(tag: string, options: { readonly confirm: string; readonly ifVersion?: number }): Promise<void>
  /**
   * Shows the value of a `masked` secret to a person.
   *
   * @throws ERR_NOT_REVEALABLE for a `restricted` one; ERR_SECRET_NOT_FOUND
   */
  reveal(tag: string): Promise<Resolved<SecretValue>>

  /** The references of a template in document order. Needs no storage and no key. */
  references(template: unknown, options?: { readonly as?: Kind }): readonly Reference[]
  /** Everything that would go wrong, at once, when a config is saved. Opens nothing, so what it looks at is not authenticated. */
  check(template: unknown, options?: ResolveOptions): Promise<readonly Finding[]>
  /** Parses a template once. */
  prepare<T>(template: T, options?: { readonly as?: Kind }): Prepared<T>
  /**
   * Puts the secrets into a copy of the template.
   *
   * @throws ERR_MISSING_SECRETS, ERR_HOST_DENIED, ERR_LOCATION_DENIED, ERR_METHOD_DENIED, ERR_PERMISSION_DENIED,
   *   ERR_SECRET_DISABLED, ERR_SECRET_EXPIRED, ERR_UNSAFE_HEADER_VALUE, … : see the table of errors
   */
  resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Promise<Resolved<T>>
  /** `resolve` with `as: 'headers'`. */
  resolveHeaders<T>(headers: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /** `resolve` with `as: 'env'`. */
  resolveEnv<T>(env: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /** `resolve` with `as: 'request'`: the config's own URL is the destination. */
  resolveRequest<T>(request: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /**
   * Resolves, hands the plaintext to a function, and gives back its result and its errors redacted.
   *
   * @throws ERR_INVALID_INPUT when the result is not data (a Response, a stream, a function)
   */
  run<T, R>(template: T | Prepared<T>, use: (exposed: T) => R | Promise<R>, options?: ResolveOptions): Promise<R>
  /** Opens these secrets, or all that this view may use, for synchronous resolving. */
  snapshot(tags?: readonly string[]): Promise<Snapshot>
  /**
   * The same vault seen by another actor, workspace or environment. No I/O.
   *
   * @throws ERR_PERMISSION_DENIED when workspace, environment or actor was already set by `with` to another value
   */
  with(view: ViewOptions): Vault
  readonly redactor: Redactor
  /** Closes the vault, its storage and its key providers, and wipes its keys. On a view it does nothing. */
  close(): Promise<void>
}

export type { Delimiters, Kind, Reference, ReferenceLocation }
