/** What went wrong with a keychain, told apart: each of them asks something else of a person. */

import { GuillemetError } from '../../errors.ts'

type Fault = 'locked' | 'denied' | 'no-service' | 'timed-out' | 'unknown'

const KEYCHAIN_ADVICE: Readonly<Record<Fault, string>> = {
  locked: 'is locked; unlock it, for example by logging in at the desktop, and try again',
  denied:
    'does not let this program read the entry; permit it there, or run the program that has made the entry. A program that was rebuilt may have to be permitted anew',
  'no-service':
    'has no Secret Service on the session bus (DBUS_SESSION_BUS_ADDRESS), so that what is stored would be lost with the next restart of this machine; log in at a desktop, or keep the key in a file or a key service. Say allowVolatile: true where the loss does not matter',
  'timed-out':
    'did not answer in time; perhaps a dialog waits for somebody, or for nobody where there is no screen. Unlock it and try again',
  unknown: 'failed; look whether the system can read the entry, and try again',
}

const INVALID = {
  absent:
    'has no such entry; put the key there that made the vault. A new key does not open what another one sealed, so none was made',
  empty: 'has the entry, and it is empty; put the key there that made the vault',
  other:
    'has another key than the one that wrapped the keyring, or the keyring is of another workspace; put the key there that made the vault',
} as const

/** What libraries and systems write: in lower case, and never shown. */
const WORDS: readonly (readonly [Fault | 'absent', RegExp])[] = [
  [
    'absent',
    /no matching entry|noentry|no entry|not found in the keychain|could not be found in the keychain|item not found|element not found/,
  ],
  ['locked', /locked|unlock|prompt (?:was )?dismissed|interaction is not allowed|user interaction/],
  [
    'denied',
    /denied|not authorized|not permitted|auth(?:orization|entication) failed|user canceled|cancelled|errsecauthfailed/,
  ],
  [
    'no-service',
    /d-?bus|secret ?service|org\.freedesktop\.secrets|no such interface|serviceunknown|no default|no storage|platform secure storage|keychain could not be found/,
  ],
]

/** The failure of a read: one of the known kinds, or what was thrown. */
export function keychainFailure(error: unknown): GuillemetError {
  if (isFault(error)) return keychainUnavailable(error)
  const text = errorText(error)
  const fault = WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown'
  return fault === 'absent' ? keychainInvalid('absent') : keychainUnavailable(fault)
}

/** What is there is not the key. */
export function keychainInvalid(fault: keyof typeof INVALID): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', `The keychain ${INVALID[fault]}.`)
}

function keychainUnavailable(fault: Fault): GuillemetError {
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', `The keychain ${KEYCHAIN_ADVICE[fault]}.`)
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'string' && Object.hasOwn(KEYCHAIN_ADVICE, value)
}

const MOST_TEXT = 2_000

function errorText(error: unknown): string {
  try {
    const { name, code, message } = error as Record<string, unknown>
    return [name, code, message]
      .map((part) => String(part).slice(0, MOST_TEXT))
      .join(' ')
      .toLowerCase()
  } catch {
    return '' // nothing that can be looked into
  }
}
