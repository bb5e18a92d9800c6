/**
 * Keeps secrets encrypted behind a storage you choose, puts them into headers, environments and requests at the last
 * moment, and takes them out of everything you print.
 *
 * @module guillemet
 */

export { generateKey } from './crypto/local-key.ts'
export { type PassphraseKeyOptions, passphraseKey } from './crypto/passphrase-key.ts'
export {
  type ErrorFields,
  GuillemetError,
  type GuillemetErrorCode,
  type MissingReference,
  type UnreadableReason,
} from './errors.ts'
export type { Delimiters, Kind, Reference, ReferenceLocation } from './location.ts'
export type { KeyProvider, WrappedKey } from './ports/key-provider.ts'
export type {
  CallOptions,
  ListPage,
  ReadOptions,
  RecordKey,
  StoredRecord,
  VaultStorage,
  WorkspacePage,
} from './ports/storage.ts'
export { type EnvSecretsOptions, envSecrets } from './redact/env-secrets.ts'
export {
  type AddOptions,
  createRedactor,
  type Match,
  type PartsPolicy,
  type ReadonlyRedactor,
  type Redactor,
  type RedactorOptions,
  type Verdict,
} from './redact/redactor.ts'
export type { SecretValue } from './secret-value.ts'
export type {
  AllowedLocation,
  AllowRule,
  ListFilter,
  SecretInfo,
  SecretInput,
  SecretPatch,
  SecretType,
  Visibility,
} from './secrets/secret.ts'
export { referenceTo } from './template/escape.ts'
export type { Finding } from './template/lint.ts'
export type { JsonValue } from './template/redacted.ts'
export type {
  Absorbed,
  AbsorbOptions,
  Outcome,
  Prepared,
  Resolved,
  SecretList,
  Snapshot,
  SnapshotUse,
  Used,
  Vault,
} from './vault/api.ts'
export type { EventSecret, VaultEvent } from './vault/events.ts'
export type {
  DeleteOptions,
  DestinationOption,
  DestinationWithMethod,
  Key,
  KeySource,
  NamedOptions,
  ResolveOptions,
  UpdateOptions,
  VaultOptions,
  ViewOptions,
  WaitOptions,
} from './vault/option-types.ts'
export { type Action, type Actor, type Policy, type PolicyRequest, rolePolicy } from './vault/policy.ts'
export { createVault } from './vault/vault.ts'
