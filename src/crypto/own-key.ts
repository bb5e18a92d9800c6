/** What opens a vault, as a text: it must never be kept in the vault that it opens, where nobody could take it out again. */

import { GuillemetError } from '../errors.ts'
import { GMK1_KEY } from '../looks/key-shapes.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { SecretValue } from '../secret-value.ts'

/** A key of `generateKey`, also among other text. Built when it is asked for: who only generates a key needs none. */
const keyText = (): RegExp => new RegExp(`(?<![\\w-])${GMK1_KEY}(?![\\w-])`, 'g')

/** Beside the providers and not in them: whoever has a provider must not be able to try texts on it. */
const known = new WeakMap<KeyProvider, (text: string) => boolean>()

/** The same provider; from now on it is known whether a text is the one that it was made from. */
export function madeFrom(provider: KeyProvider, isText: (text: string) => boolean): KeyProvider {
  known.set(provider, isText)
  return provider
}

/** Whether the text holds a key of `generateKey`, of whichever vault. */
export function holdsKeyText(text: string): boolean {
  return text.search(keyText()) >= 0
}

/** Whether the text, with or without the white space around it, is the key or the passphrase of one of the providers. */
export function isKeyOf(providers: readonly KeyProvider[], text: string): boolean {
  const readings = [text, text.trim()]
  return providers.some((provider) => readings.some((each) => known.get(provider)?.(each) === true))
}

/**
 * Refuses a value, or a field, that is or holds the key of one of the providers. That of another vault may be kept. A passphrase is
 * not looked for: whoever may store secrets could try guesses here, past everything that makes guessing slow.
 *
 * @throws ERR_INVALID_INPUT with the `path`
 */
export function requireNoKeyOf(providers: readonly KeyProvider[], value: SecretValue | undefined): void {
  if (value === undefined) return
  if (typeof value === 'string') requireNoKey(providers, value, 'value')
  else for (const [field, text] of Object.entries(value)) requireNoKey(providers, text, `value.${field}`)
}

function requireNoKey(providers: readonly KeyProvider[], text: unknown, path: string): void {
  const keys = typeof text === 'string' ? (text.match(keyText()) ?? []) : []
  if (!keys.some((key) => isKeyOf(providers, key))) return
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The value is or holds a key of this vault, which would lock itself in; keep it elsewhere.',
    { path },
  )
}
