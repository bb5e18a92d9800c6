/** What a caller sees of a vault: its members and what they give back. Types only. */

import type { Delimiters, Kind, Reference, ReferenceLocation } from '../location.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ListFilter, SecretInfo, SecretInput, SecretPatch } from '../secrets/secret.ts'
import type { Finding } from '../template/lint.ts'
import type { JsonValue } from '../template/redacted.ts'
import type {
  DeleteOptions,
  DestinationOption,
  NamedOptions,
  ResolveOptions,
  UpdateOptions,
  ViewOptions,
  WaitOptions,
} from './option-types.ts'

/** A template parsed once, resolved often; as JSON it is the template. */
export interface Prepared<T> {
  /** The template as it was given. */
  readonly template: T
  /** The kind it was prepared as; it cannot be resolved as another. */
  readonly as: Kind
  /** One for each occurrence, in document order. */
  readonly references: readonly Reference[]
}

/** A reference that was resolved, and the record that it came from. */
export interface Used extends Reference {
  /** Where the secret was found: the view's environment, or one of its fallbacks. */
  readonly environment: string
  /** The version of the record that was opened. */
  readonly version: number
}

/**
 * A result: prints as redacted everywhere, as JSON too, and gives plaintext only through `expose()`. What clones, such as
 * `structuredClone` and `postMessage`, refuses it: send `redacted`.
 */
export interface Resolved<T> {
  /**
   * The plaintext, in the template's shape. Redirects of a client you pass it to are not checked;
   * `guillemet/http/fetch` checks them.
   */
  expose<E = T>(): E
  /** Plain JSON, masked by position whatever the length of a value. */
  readonly redacted: JsonValue
  /** What was resolved, in document order; a reference that was kept is not among them. */
  readonly references: readonly Used[]
}

/**
 * What `use` gives back: the result of the function, raw by `expose()`. It is an object, so `if (outcome)` is always true and
 * `outcome ?? other` is never the other one, whatever the result is: ask `outcome.expose()`, or throw within the function.
 *
 * `redacted` is the result as data: only what is
 * really a secret is masked, numbers and flags stay. It is what `redactor.data` makes of the result, as JSON: an instance of
 * a class is its data, Headers, Map and URLSearchParams are `[name, value][]`, a Set is a list, a URL is its text, bytes are
 * their Base64; what is no data, such as a response, a stream, a promise or a function, is a placeholder.
 */
export type Outcome<R> = Resolved<R>

/** What `absorb` holds a submitted config against. */
export interface AbsorbOptions {
  /** The config as it is stored, with its references. Of one that is new: an empty object. */
  readonly stored: unknown
  /** Where a form has its secret fields, as `references` writes paths: `headers.Authorization`; at most 1,000. */
  readonly paths: readonly string[]
}

/** What `absorb` made of a submitted config. */
export interface Absorbed<T> {
  /** The config to store: references in place of secrets. Parts that did not change are those of the submitted one. */
  readonly config: T
  /** The tags of the secrets that were created, one for each text that was typed. */
  readonly created: readonly string[]
  /** The tags of the secrets that stayed: all that the config still holds, in entries that are switched off too. */
  readonly kept: readonly string[]
}

/** What a snapshot is made for. */
export interface SnapshotUse {
  /** Where its results go. It is the option `destination` of each resolve that has none. @default not known */
  readonly destination?: DestinationOption | undefined
  /** Where its references stand; another location is ERR_LOCATION_DENIED. @default anywhere */
  readonly locations?: readonly ReferenceLocation[] | undefined
  /** Ends the waiting for the storage while the snapshot is taken: ERR_STORAGE_UNAVAILABLE. */
  readonly signal?: AbortSignal | undefined
}

/** An opened copy of secrets: resolves without I/O until it is closed. */
export interface Snapshot {
  /**
   * Resolves a template with the secrets as they were when the snapshot was taken. Enabled, expiry and rule are checked
   * on each resolve; the policy was asked when the snapshot was taken.
   *
   * @throws what `Vault.resolve` throws, at once; ERR_INVALID_INPUT after `close`
   */
  resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Resolved<T>
  /** Drops every value that it holds; a later resolve is ERR_INVALID_INPUT. Results that were given out keep theirs. */
  close(): void
}

/** A listing, read with `for await`; each iteration reads anew. It is no array, and has no JSON of its own. */
export interface SecretList extends AsyncIterable<SecretInfo> {
  /**
   * The tags of those records, among what the last iteration has passed, that cannot be read and that the actor may read:
   * `describe` throws ERR_RECORD_CORRUPT for them, `delete` makes room.
   */
  readonly unreadable: readonly string[]
  /** @throws ERR_INVALID_INPUT: a list that nobody has read would look like an empty vault */
  toJSON(): never
}

/** Keeps secrets and resolves templates. */
export interface Vault {
  /**
   * Stores a new secret. A value that is a mask, a lone reference or an empty text is refused.
   *
   * @returns what is known of it, never its value
   * @throws ERR_SECRET_EXISTS when it is there; ERR_INVALID_INPUT for a member that breaks a rule; ERR_PERMISSION_DENIED
   *   when the policy refuses; ERR_CONFLICT when others changed it faster again and again; ERR_STORAGE_UNAVAILABLE when
   *   nothing was written, also because `signal` was aborted; ERR_OUTCOME_UNKNOWN when nobody can tell, also because it
   *   was aborted or the storage took too long while it wrote
   * @example
   * ```ts
   * await vault.create({ tag: 'zendesk', value: token, allow: { hosts: ['acme.zendesk.com'] } })
   * ```
   */
  create(input: SecretInput, options?: WaitOptions): Promise<SecretInfo>
  /**
   * Creates a secret, or updates it: what is not named stays, a new value replaces all fields, and what is stored already
   * is not written again. To rotate a value use `update`, which never creates. A secret that was deleted needs `allow`
   * said again, or `null` for none.
   *
   * @returns what is known of it, never its value
   * @throws ERR_IMMUTABLE_FIELD when type or visibility is named and differs; else what `create` and `update` throw
   * @example
   * ```ts
   * await vault.set({ tag: 'zendesk', value: nextToken }) // its rule stays
   * ```
   */
  set(input: SecretInput, options?: WaitOptions): Promise<SecretInfo>
  /**
   * What is known of a secret, never its value; undefined where there is none. The information is stored, not
   * authenticated.
   *
   * @throws ERR_PERMISSION_DENIED when the policy refuses; ERR_RECORD_CORRUPT when the record cannot be read;
   *   ERR_STORAGE_UNAVAILABLE, also when `signal` is aborted
   * @example
   * ```ts
   * const { version, expiresAt } = (await vault.describe('zendesk')) ?? {}
   * ```
   */
  describe(tag: string, options?: WaitOptions): Promise<SecretInfo | undefined>
  /**
   * The secrets of this view's environment that its actor may read, in the order of their tags. Stored information, not
   * authenticated. A record that cannot be read is not among them: its tag is in `unreadable` of what comes back.
   *
   * @throws ERR_PERMISSION_DENIED for an environment that this view does not see; ERR_INVALID_INPUT for a member of the
   *   filter; ERR_STORAGE_UNAVAILABLE, also when `signal` is aborted
   * @example
   * ```ts
   * const secrets = []
   * for await (const { tag, expiresAt } of vault.list({ search: 'zendesk' })) secrets.push({ tag, expiresAt })
   * response.json(secrets)
   * ```
   */
  list(filter?: ListFilter, options?: WaitOptions): SecretList
  /**
   * Changes what the patch names; null removes. Opens the stored version first and seals the whole record again. It never
   * creates, so it is the way to rotate a value; what is stored already makes no new version. An empty patch writes nothing, and
   * gives what `describe` gives with rule and state authenticated: take these from it to change a part of a rule.
   *
   * @returns what is known of it now, never its value
   * @throws ERR_SECRET_NOT_FOUND when there is none; ERR_CONFLICT when `ifVersion` is not the stored version;
   *   ERR_IMMUTABLE_FIELD for tag, type and visibility; ERR_RECORD_UNREADABLE when the stored version does not open;
   *   ERR_PERMISSION_DENIED; ERR_INVALID_INPUT; ERR_STORAGE_UNAVAILABLE and ERR_OUTCOME_UNKNOWN as `create`
   * @example
   * ```ts
   * await vault.update('zendesk', { enabled: false, description: null })
   * ```
   */
  update(tag: string, patch: SecretPatch, options?: UpdateOptions): Promise<SecretInfo>
  /**
   * Deletes a secret; the tag has to be typed again as `confirm`. Versions of a tag never restart.
   *
   * @throws ERR_CONFIRMATION_REQUIRED when `confirm` is not the tag; ERR_SECRET_NOT_FOUND when there is none; ERR_CONFLICT
   *   when `ifVersion` is not the stored version; ERR_PERMISSION_DENIED; ERR_STORAGE_UNAVAILABLE and ERR_OUTCOME_UNKNOWN as
   *   `create`
   * @example
   * ```ts
   * await vault.delete('zendesk', { confirm: 'zendesk' })
   * ```
   */
  delete(tag: string, options: DeleteOptions): Promise<void>
  /**
   * Shows the value of a `masked` secret to a person. Its rule, `enabled` and `expiresAt` govern use, not this.
   *
   * @throws ERR_NOT_REVEALABLE for a `restricted` one; ERR_SECRET_NOT_FOUND when there is none; ERR_PERMISSION_DENIED when
   *   the policy refuses, or an event that is required fails; ERR_RECORD_UNREADABLE when it does not open;
   *   ERR_STORAGE_UNAVAILABLE, also when `signal` is aborted
   * @example
   * ```ts
   * const shownToPerson = (await vault.reveal('wifi')).expose()
   * ```
   */
  reveal(tag: string, options?: WaitOptions): Promise<Resolved<SecretValue>>

  /**
   * The references of a template in document order. Needs no storage and no key.
   *
   * @throws ERR_MALFORMED_REFERENCE, ERR_UNCLOSED_REFERENCE, ERR_UNKNOWN_FILTER or ERR_REFERENCE_IN_KEY for the first
   *   fault; ERR_INVALID_INPUT for a template that cannot be read
   * @example
   * ```ts
   * const authored = vault.references(config) // store it with the config
   * ```
   */
  references(template: unknown, options?: { readonly as?: Kind | undefined }): readonly Reference[]
  /**
   * Everything that would go wrong, at once, when a config is saved. Opens nothing, so what it looks at is not
   * authenticated. Needs no key.
   *
   * @returns no findings where all is well
   * @throws ERR_INVALID_INPUT for an unknown option; ERR_STORAGE_UNAVAILABLE, also when `signal` is aborted
   * @example
   * ```ts
   * const findings = await vault.check(config, { as: 'request' })
   * if (findings.some(({ severity }) => severity === 'error')) showTo(author, findings)
   * ```
   */
  check(template: unknown, options?: ResolveOptions): Promise<readonly Finding[]>
  /**
   * Parses a template once, to be resolved often.
   *
   * @throws what `references` throws; ERR_INVALID_INPUT when it is already prepared
   * @example
   * ```ts
   * const headers = vault.prepare({ Authorization: 'Bearer << secrets.zendesk >>' }, { as: 'headers' })
   * ```
   */
  prepare<T>(template: T, options?: { readonly as?: Kind | undefined }): Prepared<T>
  /**
   * Puts the secrets into a copy of the template.
   *
   * @returns a result that prints as redacted; `expose()` gives the plaintext
   * @throws ERR_MISSING_SECRETS with every reference whose secret or field is not there; ERR_FIELD_REQUIRED for a secret
   *   with fields of which none is named; ERR_PERMISSION_DENIED when the policy refuses, or an event that is
   *   required fails; ERR_SECRET_DISABLED, ERR_SECRET_EXPIRED; ERR_HOST_DENIED, ERR_INSECURE_SCHEME, ERR_LOCATION_DENIED,
   *   ERR_METHOD_DENIED when the secret's rule refuses; ERR_UNSAFE_HEADER_VALUE, ERR_UNSAFE_ENV_VALUE,
   *   ERR_UNSAFE_URL_VALUE for a value that cannot stand there; ERR_UNEXPECTED_REFERENCE for one that is not `authored`;
   *   ERR_RECORD_UNREADABLE, ERR_RECORD_CORRUPT, ERR_KEYRING_MISSING; ERR_STORAGE_UNAVAILABLE, also when `signal` is
   *   aborted; what `references` throws
   * @example
   * ```ts
   * const config = await vault.resolve({ password: '<< secrets.db.password >>' })
   * connect(config.expose())
   * ```
   */
  resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Promise<Resolved<T>>
  /**
   * `resolve` with `as: 'headers'`.
   *
   * @throws what `resolve` throws
   * @example
   * ```ts
   * const headers = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.zendesk >>' })
   * ```
   */
  resolveHeaders<T>(headers: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /**
   * `resolve` with `as: 'env'`.
   *
   * @throws what `resolve` throws
   * @example
   * ```ts
   * const env = await vault.resolveEnv({ DATABASE_URL: '<< secrets.db.uri >>' })
   * spawn('node', ['app.js'], { env: env.expose() })
   * ```
   */
  resolveEnv<T>(env: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /**
   * `resolve` with `as: 'request'`: the config's own URL is the destination.
   *
   * @throws what `resolve` throws
   * @example
   * ```ts
   * const request = await vault.resolveRequest({ url, headers: { Authorization: 'Bearer << secrets.zendesk >>' } })
   * await axios(request.expose())
   * ```
   */
  resolveRequest<T>(request: T | Prepared<T>, options?: NamedOptions): Promise<Resolved<T>>
  /**
   * Resolves, hands the plaintext to a function, and gives back what that returns: any result is taken, raw by `expose()`
   * for the next step, and printed as redacted, of what this use has opened. A result that decides something, such as
   * whether a signature is right, is asked by `expose()`: `if (await vault.use(…))` is always true. The option `signal` ends the waiting for the
   * storage, not the function.
   *
   * @throws what `resolve` throws; what the function throws, redacted
   * @example
   * ```ts
   * const tickets = await vault.use(request, async ({ url, ...init }) => (await fetch(url, init)).json())
   * history.push(tickets.redacted)
   * nextStep(tickets.expose())
   *
   * const check = await vault.use('<< secrets.hook >>', (key) => isSignedWith(key, body, signature))
   * if (!check.expose()) throw new Error('forged')
   * ```
   */
  use<T, R>(
    template: T | Prepared<T>,
    work: (exposed: T) => R | Promise<R>,
    options?: ResolveOptions,
  ): Promise<Outcome<R>>
  /**
   * Opens these secrets, or all that this view may use, for synchronous resolving. A secret whose rule names hosts or
   * methods stays sealed until a resolve that its rule permits.
   *
   * @param use what it is made for: that is what the policy is asked about, and what each resolve is held to
   * @throws for a tag that was named: ERR_MISSING_SECRETS, ERR_PERMISSION_DENIED, ERR_RECORD_CORRUPT, or ERR_RECORD_UNREADABLE
   *   where it does not open; of all tags, a resolve throws them where it is used
   * @example
   * ```ts
   * const snapshot = await vault.snapshot(['zendesk'])
   * const { Authorization } = snapshot.resolve(headers, { as: 'headers' }).expose()
   * snapshot.close()
   * ```
   */
  snapshot(tags?: readonly string[], use?: SnapshotUse): Promise<Snapshot>
  /**
   * A copy in which the values of these results are the references that they came from, for a transcript that a model
   * reads: where a value stands as it is, also as a number. Where it is encoded it is a mask, and in a name too.
   * References that were there are made inert, so that only these are left. What is neither list, plain object, Map,
   * text nor number is copied as `redactor.data` does, and is a placeholder where it holds a reference. The input is not
   * changed.
   *
   * A model can copy a reference: resolve what it writes back only with the tags of these results, and only secrets whose
   * rule has `hosts`.
   *
   * @throws ERR_INVALID_INPUT when `of` is not a list of results
   * @example
   * ```ts
   * const headers = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.crm >>' })
   * vault.conceal(`sent ${headers.expose().Authorization}`, { of: [headers] }) // sent Bearer << secrets.crm >>
   * ```
   */
  conceal<T>(value: T, options: { readonly of: readonly Resolved<unknown>[] }): T
  /**
   * Makes a config that can be stored of the one that a form sends back, of a request. At each of the paths a text that
   * was typed becomes a new secret, bound to the config's origin, and a reference; dots, alone or in place of the
   * references that were there, mean that the secret is unchanged: in a list of rows with names that of the row of this
   * name, in another list that of the element at this index, if all but its secrets is as it was; a text that holds a
   * foreign tag, and a field that was emptied, stay as they are. Nothing is created unless all is right; where the storage
   * then fails between two secrets, the first one stays.
   *
   * A text typed over a reference makes a new secret as well, since others may use the old one: delete it when it is not
   * used any more. A vault without keys takes a config in which nothing was typed.
   *
   * @throws ERR_INVALID_INPUT with the `path` for dots that were edited, for a reference that is not in `stored` at the same
   *   place, for a text typed where the host is not known or no reference can take its place, for a config that is no plain
   *   data; with the `tag` for an unchanged secret without `hosts` where the config now goes elsewhere; what `references` and
   *   `create` throw
   * @example
   * ```ts
   * const { config, created } = await vault.absorb(submitted, { stored, paths: ['headers.Authorization'] })
   * ```
   */
  absorb<T>(submitted: T, options: AbsorbOptions): Promise<Absorbed<T>>
  /**
   * The same vault seen by another actor, workspace or environment. No I/O.
   *
   * @throws ERR_PERMISSION_DENIED when workspace, environment or actor was already set, by `createVault` or by
   *   `with`, to another value
   * @example
   * ```ts
   * const tenant = vault.with({ workspace: 'acme', actor: { id: 'ann', role: 'runner' } })
   * ```
   */
  with(view: ViewOptions): Vault
  /**
   * Masks what this view has used; it cannot be changed. That of the vault itself learns from every view, and is for
   * process logs only.
   */
  readonly redactor: ReadonlyRedactor
  /**
   * Closes the vault, its storage and its key providers, and wipes its keys. On a view it does nothing.
   *
   * What is under way then goes no further: it is ERR_STORAGE_UNAVAILABLE, for another attempt with another vault; a call that
   * is made later is ERR_INVALID_INPUT. A write that the storage has already been given is
   * waited for, and its call ends as it would have ended, if that was its last one. Called once more, it ends when the first
   * call does.
   *
   * @throws ERR_STORAGE_UNAVAILABLE when the storage or a provider could not be closed
   */
  close(): Promise<void>
}

export type { Delimiters, Kind, Reference, ReferenceLocation }
