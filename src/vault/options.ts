/** The options of a vault and of its views, checked once: a programmer's mistake throws here, not at first use. */

import { localKeyFrom } from '../crypto/local-key.ts'
import { isProviderId } from '../crypto/provider-id.ts'
import { GuillemetError } from '../errors.ts'
import { hasMethods, isPlainObject, ownValue, withoutPrototype } from '../plain-object.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions, requireValid } from '../read-options.ts'
import { accepts, actorId } from '../secrets/rules.ts'
import { MAX_ACTOR_ID_LENGTH } from '../secrets/secret.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import type { KeySource, VaultOptions, ViewOptions } from './option-types.ts'
import type { Actor } from './policy.ts'

const VAULT_OPTIONS: readonly (keyof VaultOptions)[] = [
  'storage',
  'storageTimeout',
  'keys',
  'workspace',
  'environment',
  'fallback',
  'actor',
  'purpose',
  'policy',
  'delimiters',
  'prefixes',
  'redactor',
  'perField',
  'onEvent',
  'onEventError',
  'audit',
  'now',
]
const VIEW_OPTIONS = ['workspace', 'environment', 'actor', 'purpose', 'redactor'] as const
/** A read-only face has no `add`, and could not learn. */
const REDACTOR_METHODS = ['add', 'text', 'json', 'value', 'data', 'find', 'chunks', 'stream']
const MAX_PROVIDERS = 8
const MAX_FALLBACKS = 16
const MAX_PURPOSE_LENGTH = 1_024
const MAX_STORAGE_TIMEOUT_MS = 600_000

/** The options by own key; each one is of its type. */
export function readVaultOptions(given: VaultOptions): VaultOptions {
  const options = readOptions(given, 'vault options', VAULT_OPTIONS, suggest)
  requireGiven(options, 'vault options', ['workspace', 'environment', 'actor', 'policy'])
  requirePart(options.storage, 'storage', ['get', 'put', 'list'])
  requireStorageTimeout(options.storageTimeout)
  if (options.redactor !== undefined) requirePart(options.redactor, 'redactor', REDACTOR_METHODS)
  for (const name of ['policy', 'onEvent', 'onEventError', 'now'] as const) {
    const option = options[name]
    requireValid(option === undefined || typeof option === 'function', `The option ${name} must be a function.`)
  }
  const { audit, onEvent, perField, purpose } = options
  requireValid(audit === undefined || audit === 'required', "The option audit must be 'required', or be left out.")
  requireValid(audit === undefined || onEvent !== undefined, 'The option audit needs onEvent.')
  requireValid(perField === undefined || perField === 1, 'The option perField must be 1, or be left out.')
  requirePurpose(purpose)
  return options
}

function requireStorageTimeout(timeout = MAX_STORAGE_TIMEOUT_MS): void {
  requireValid(
    Number.isInteger(timeout) && timeout >= 1 && timeout <= MAX_STORAGE_TIMEOUT_MS,
    `The option storageTimeout must be a whole number of milliseconds from 1 to ${MAX_STORAGE_TIMEOUT_MS}.`,
  )
}

/** The options of a view by own key. */
export function readViewOptions(given: ViewOptions): ViewOptions {
  const options = readOptions(given, 'view options', VIEW_OPTIONS, suggest)
  requireGiven(options, 'view options', ['workspace', 'environment', 'actor', 'redactor'])
  for (const name of ['workspace', 'environment'] as const) {
    if (options[name] !== undefined) requireName(options[name], name)
  }
  if (options.redactor !== undefined) requirePart(options.redactor, 'redactor', REDACTOR_METHODS)
  requirePurpose(options.purpose)
  return options
}

/**
 * The key providers; none for `null`.
 *
 * @throws ERR_INVALID_KEY when no key was given: a missing environment variable must not make a vault without keys
 */
export function readKeys(keys: KeySource | null | undefined): readonly KeyProvider[] | undefined {
  if (keys === null) return undefined
  const isList = Array.isArray(keys)
  const sources: readonly unknown[] = isList ? keys : [keys]
  if (sources.length === 0) throw noKey('keys is an empty list')
  if (sources.length > MAX_PROVIDERS) {
    throw new GuillemetError('ERR_INVALID_KEY', `A vault takes at most ${MAX_PROVIDERS} keys.`)
  }
  // not `map`, which leaves out the holes of a list
  const providers = Array.from(sources, (source, index) => readProvider(source, isList ? `keys[${index}]` : undefined))
  if (new Set(providers.map(({ id }) => id)).size !== providers.length) {
    throw new GuillemetError(
      'ERR_INVALID_KEY',
      'Two of the keys have the same id; give each key once, and each passphrase an id of its own.',
    )
  }
  return providers
}

/** @param one which one of a list it is, so that the variable can be found that is not set or holds another text */
function readProvider(source: unknown, one: string | undefined): KeyProvider {
  if (source === undefined || source === null || source === '') {
    throw noKey(`${one ?? 'keys'} is ${source === '' ? 'an empty text' : source}`)
  }
  const what = one ?? 'The key'
  if (typeof source === 'string') return localKeyFrom(what, source)
  const provider = source as KeyProvider
  const isProvider =
    typeof provider === 'object' &&
    typeof provider.wrap === 'function' &&
    typeof provider.unwrap === 'function' &&
    isProviderId(provider.id)
  if (isProvider) return provider
  throw new GuillemetError('ERR_INVALID_KEY', `${what} must be a string from generateKey() or a key provider.`)
}

function noKey(fault: string): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_KEY',
    `No key was given: ${fault}. Give the key that made the vault; a new key does not open what another one sealed. Only for a new vault call generateKey(), once, and keep it where only the app can read it.`,
  )
}

/** Environments by name, each with those where it looks further. */
export function readFallback(given: unknown): ReadonlyMap<string, readonly string[]> {
  const fallback = new Map<string, readonly string[]>()
  if (given === undefined) return fallback
  requireValid(isPlainObject(given), 'The fallback must be an object of lists.')
  for (const [environment, list] of Object.entries(given)) {
    requireName(environment, 'environment')
    const isList = Array.isArray(list) && list.length <= MAX_FALLBACKS
    requireValid(isList, `A fallback must be a list of at most ${MAX_FALLBACKS} environments.`)
    const names = new Set(list.map((name: unknown) => requireName(name, 'environment')))
    names.delete(environment)
    fallback.set(environment, [...names])
  }
  return fallback
}

/** A copy of the actor by own key, so that a later change of the caller's object changes nobody's rights. */
export function readActor(given: unknown): Actor | undefined {
  if (given === undefined) return undefined
  const id = ownValue(given as Actor, 'id')
  const role = ownValue(given as Actor, 'role')
  requireValid(
    isPlainObject(given) && accepts(actorId, id) && (role === undefined || typeof role === 'string'),
    `The actor must be { id, role? } with texts, the id of 1 to ${MAX_ACTOR_ID_LENGTH} characters.`,
  )
  return Object.freeze(withoutPrototype(role === undefined ? { id } : { id, role }))
}

/** A tenant, an actor or a policy that is `undefined` by mistake must not mean everybody, or everything. */
function requireGiven(options: object, what: string, names: readonly string[]): void {
  const name = names.find((each) => Object.hasOwn(options, each) && ownValue(options, each as never) === undefined)
  requireValid(name === undefined, `The ${what} hold "${name}" as undefined; give it, or leave it out.`)
}

function requirePurpose(purpose: unknown = ''): void {
  requireValid(
    typeof purpose === 'string' && purpose.length <= MAX_PURPOSE_LENGTH,
    `The purpose must be a text of at most ${MAX_PURPOSE_LENGTH} characters.`,
  )
}

function requirePart(value: unknown, what: 'storage' | 'redactor', methods: readonly string[]): void {
  requireValid(hasMethods(value, methods), `The ${what} must be an object with the methods ${methods.join(', ')}.`)
}
