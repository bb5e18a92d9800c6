/**
 * A key in a key management service: AWS KMS, Google Cloud KMS, Azure Key Vault, Vault transit, or one of your own.
 *
 * The service encrypts a wrapping key of its own for each data key; the data key itself is boxed under that one here, bound
 * to workspace, data key and provider. So the binding does not depend on what a service makes of a context: RSA-OAEP has
 * none, and an emulator may ignore it.
 *
 * @module guillemet/keys/kms
 */

import { KEY_BYTES } from '../crypto/box.ts'
import { isProviderId } from '../crypto/provider-id.ts'
import { randomBytes } from '../crypto/random.ts'
import { KMS_KIND, requireHead, unwrapDataKey, unwrapError, wrapDataKey } from '../crypto/wrap.ts'
import { base64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { requireTimeout, withDeadline } from './deadline.ts'
import { kmsFailure } from './kms/failures.ts'

const DEFAULT_KMS_TIMEOUT_MS = 10_000
/** With the head and the box it stays under 4 KiB. */
const MAX_CIPHERTEXT_BYTES = 3_900
// kind 1 ‖ length 2 ‖ ciphertext
const CIPHERTEXT_AT = 3
/** No slash, colon or dot: a stored version is handed to a client before it is authenticated, and may end in a URL. */
const KEY_VERSION = /^[A-Za-z0-9_-]{1,128}$/

/** What a service encrypted, and with what. */
export interface KmsCiphertext {
  /** 1 to 3,900 bytes. */
  readonly ciphertext: Uint8Array
  /**
   * Which version of the key the service has really used, as it said itself, or which key where it hides versions: 1 to 128
   * of `A–Z a–z 0–9 _ -`, such as the last part of a resource name. It is stored and shown, and says what has to be kept
   * alive in the service.
   */
  readonly keyVersion: string
}

/** Given to each call of a client. */
export interface KmsCallOptions {
  /** Aborted when the time is up. */
  readonly signal: AbortSignal
}

/** Your client of a service, reduced to one key. Two methods; docs/KEYS.md has them for four services. */
export interface KmsClient {
  /** Encrypts 32 bytes with the newest version of the key, and says which one that was. It must not keep them. */
  encrypt(plaintext: Uint8Array, options: KmsCallOptions): Promise<KmsCiphertext>
  /** Gives the 32 bytes back. It is handed exactly what `encrypt` gave, out of a storage that may have been edited. */
  decrypt(sealed: KmsCiphertext, options: KmsCallOptions): Promise<Uint8Array>
}

/** Options of {@link kmsKey}. */
export interface KmsKeyOptions {
  /**
   * Names the key, for ever: it is stored next to what it wrapped. 1 to 128 characters of printable ASCII, such as
   * `aws:acme-production`. A new version of the key keeps it; another key needs another one.
   */
  readonly id: string
  /** Your client, reduced to this key. */
  readonly client: KmsClient
  /**
   * How long one call to the service may take, in milliseconds.
   *
   * @default 10000
   */
  readonly timeout?: number | undefined
}

/**
 * The provider for a key in a key management service.
 *
 * A vault calls the service once for each data key when it opens a workspace for the first time, not for each secret.
 * Unwraps of the same bytes at the same time share one call; nothing is kept after it.
 *
 * @returns a provider whose `wrap` and `unwrap` throw ERR_STORAGE_UNAVAILABLE when the service fails, refuses or does not
 *   answer in time, and ERR_INVALID_KEY when the client breaks its port, for example by not saying which version it used
 * @throws ERR_INVALID_INPUT when an option is missing, unknown or not valid
 * @example
 * ```ts
 * const keys = kmsKey({ id: 'aws:acme-production', client })
 * const vault = createVault({ storage, keys })
 * ```
 */
export function kmsKey(options: KmsKeyOptions): KeyProvider {
  const given = readOptions(options, 'options of kmsKey', ['id', 'client', 'timeout'], suggest)
  const { id, client, timeout = DEFAULT_KMS_TIMEOUT_MS } = given
  requireIdAndClient(id, client)
  const service: Service = { id, client, timeout: requireTimeout(timeout), flights: new Map() }
  return {
    id,
    async wrap(dataKey, aad) {
      const wrappingKey = randomBytes(KEY_BYTES)
      try {
        const { ciphertext, keyVersion } = await encrypt(service, wrappingKey)
        const head = Uint8Array.of(KMS_KIND, ciphertext.length >> 8, ciphertext.length & 0xff, ...ciphertext)
        return { bytes: wrapDataKey(head, dataKey, wrappingKey, aad), keyVersion }
      } finally {
        wrappingKey.fill(0)
      }
    },
    async unwrap({ bytes, keyVersion }, aad) {
      // checked before the service is asked: neither is authenticated yet
      const length = CIPHERTEXT_AT + (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0)
      const head = requireHead(bytes, KMS_KIND, length)
      if (keyVersion === undefined || !KEY_VERSION.test(keyVersion)) throw unwrapError('tampered')
      const sealed = { ciphertext: head.slice(CIPHERTEXT_AT), keyVersion }
      const opened = await withWrappingKey(service, sealed, (wrappingKey) =>
        unwrapDataKey(bytes, length, wrappingKey, aad),
      )
      if (typeof opened === 'string') throw unwrapError(opened)
      return opened
    },
  }
}

interface Service {
  readonly id: string
  readonly client: KmsClient
  readonly timeout: number
  /** Calls that are under way, by what they decrypt. */
  readonly flights: Map<string, Flight>
}

interface Flight {
  readonly wrappingKey: Promise<Uint8Array>
  /** How many wait; the last one wipes the key. */
  waiting: number
}

function requireIdAndClient(id: unknown, client: unknown): void {
  if (!isProviderId(id)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'kmsKey needs an id of 1 to 128 characters of printable ASCII.')
  }
  const isClient =
    typeof client === 'object' &&
    client !== null &&
    (['encrypt', 'decrypt'] as const).every((method) => typeof (client as Partial<KmsClient>)[method] === 'function')
  if (isClient) return
  throw new GuillemetError('ERR_INVALID_INPUT', 'kmsKey needs a client with the methods encrypt and decrypt.')
}

async function encrypt({ id, client, timeout }: Service, wrappingKey: Uint8Array): Promise<KmsCiphertext> {
  const handed = wrappingKey.slice() // a client may wipe what it is given
  let answer: unknown
  try {
    answer = await withDeadline(timeout, (signal) => client.encrypt(handed, { signal }))
  } catch (error) {
    throw kmsFailure(error, id, undefined)
  } finally {
    handed.fill(0)
  }
  const given = typeof answer === 'object' ? answer : undefined
  const ciphertext: unknown = ownValue(given, 'ciphertext')
  const keyVersion: unknown = ownValue(given, 'keyVersion')
  if (!(ciphertext instanceof Uint8Array) || ciphertext.length === 0 || ciphertext.length > MAX_CIPHERTEXT_BYTES) {
    throw brokenClient(id, `encrypt did not give a ciphertext of 1 to ${MAX_CIPHERTEXT_BYTES} bytes`)
  }
  if (typeof keyVersion !== 'string' || !KEY_VERSION.test(keyVersion)) {
    throw brokenClient(
      id,
      'encrypt did not say which keyVersion the service has used (1 to 128 of A-Z a-z 0-9 _ -), and without it nobody knows which one has to be kept',
    )
  }
  return { ciphertext, keyVersion }
}

/** Shares one call among those who want the same at the same time. */
async function withWrappingKey<T>(
  service: Service,
  sealed: KmsCiphertext,
  use: (wrappingKey: Uint8Array) => T,
): Promise<T> {
  const name = `${sealed.keyVersion}.${base64url(sealed.ciphertext)}`
  const { flights } = service
  const flight = flights.get(name) ?? { wrappingKey: decrypt(service, sealed), waiting: 0 }
  flights.set(name, flight)
  flight.waiting++
  try {
    return use(await flight.wrappingKey)
  } finally {
    if (flights.get(name) === flight) flights.delete(name) // whoever comes now asks anew
    if (--flight.waiting === 0) void flight.wrappingKey.then((key) => key.fill(0)).catch(() => undefined)
  }
}

async function decrypt({ id, client, timeout }: Service, sealed: KmsCiphertext): Promise<Uint8Array> {
  let answer: unknown
  try {
    answer = await withDeadline(timeout, (signal) => client.decrypt(sealed, { signal }))
  } catch (error) {
    throw kmsFailure(error, id, sealed.keyVersion)
  }
  if (answer instanceof Uint8Array && answer.length === KEY_BYTES) return Uint8Array.from(answer)
  throw brokenClient(id, `decrypt did not give ${KEY_BYTES} bytes`)
}

function brokenClient(id: string, fault: string): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_KEY',
    `The client of the key service "${id}" is at fault: ${fault}; see docs/KEYS.md.`,
  )
}
