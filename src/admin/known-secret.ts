/** What the vault has under the name of a variable, held against its value. */

import { holdsKeyText, isKeyOf } from '../crypto/own-key.ts'
import { codeOf, GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { SecretValue } from '../secret-value.ts'
import { parseInput } from '../secrets/input.ts'
import { isName } from '../tag.ts'
import type { Syntax } from '../template/compile.ts'
import { ownPlace } from '../vault/find.ts'
import { isLoneReference } from '../vault/lone-reference.ts'
import type { View } from '../vault/view.ts'
import { readPlace } from './place-copy.ts'
import { openStored } from './reseal.ts'

/** Why a variable cannot be imported. */
export type EnvRefusal =
  /** The name is not a tag: 1 to 128 characters of `A–Z a–z 0–9 _ -`. */
  | 'not-a-tag'
  /** The parser did not read the name that is in the text. */
  | 'not-read'
  /** The value was not found in the text as the parser gave it, or is there twice. */
  | 'not-located'
  /** The parser would read something else if a reference stood there. */
  | 'not-replaceable'
  /** A number, a list or another map in a JSON map. */
  | 'not-text'
  /** There is no value. */
  | 'empty'
  /** It is a reference already. */
  | 'reference'
  /** It opens a vault: a key of `generateKey`, or the passphrase of this vault. Such a text is never moved into one. */
  | 'vault-key'
  /** The vault takes no such value: a mask, or more than 1 MiB. */
  | 'not-a-value'
  /** A secret with fields has this name. */
  | 'other-type'

/** What is stored under a tag. */
export interface KnownSecret {
  readonly state: 'new' | 'changed' | 'same' | 'other-type'
  /** Whether there was one that was deleted. */
  readonly isDeleted: boolean
  /** The version that was looked at; 0 where there is none. */
  readonly version: number
}

/** What is known of the vault that imports. */
export interface Importer {
  readonly syntax: Syntax
  readonly providers: readonly KeyProvider[]
}

/** Why the value cannot be imported under this name, whatever is stored. */
export function refusalOf(name: string, given: unknown, isLocated: boolean, by: Importer): EnvRefusal | undefined {
  if (given === undefined) return 'not-read'
  if (typeof given !== 'string') return 'not-text'
  if (given === '') return 'empty'
  if (isLoneReference(given, by.syntax)) return 'reference'
  if (holdsKeyText(given) || isKeyOf(by.providers, given)) return 'vault-key'
  if (!isName(name)) return 'not-a-tag'
  if (!isLocated) return 'not-located'
  try {
    parseInput({ tag: name, value: given })
    return undefined
  } catch {
    return 'not-a-value'
  }
}

/**
 * What the vault has under the tag.
 *
 * @throws ERR_RECORD_CORRUPT, ERR_RECORD_UNREADABLE where it does not open: nothing may be written over that
 */
export async function knownSecret(view: View, tag: string, value: string): Promise<KnownSecret> {
  const { state, version, value: stored } = await storedValue(view, tag)
  if (stored === undefined) return { state: 'new', isDeleted: state === 'deleted', version }
  if (typeof stored !== 'string') return { state: 'other-type', isDeleted: false, version }
  return { state: stored === value ? 'same' : 'changed', isDeleted: false, version }
}

/** @throws ERR_OUTCOME_UNKNOWN when the tag does not hold this value */
export async function requireStored(view: View, tag: string, value: string): Promise<void> {
  const { value: stored } = await storedValue(view, tag)
  if (stored === value) return
  throw new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    `The secret "${tag}" did not come back as it was written; somebody else may have changed it. Keep the file as it is, and look at the secret.`,
    { tag },
  )
}

/** The text under the tag; undefined where there is none that opens. */
export async function storedText(view: View, tag: string): Promise<string | undefined> {
  if (!isName(tag)) return undefined
  const { value } = await storedValue(view, tag).catch((error: unknown) => {
    if (codeOf(error) === 'ERR_RECORD_CORRUPT' || codeOf(error) === 'ERR_RECORD_UNREADABLE') return { value: undefined }
    throw error
  })
  return typeof value === 'string' ? value : undefined
}

async function storedValue(
  view: View,
  tag: string,
): Promise<{ readonly state: string; readonly version: number; readonly value?: SecretValue }> {
  const place = ownPlace(view, tag)
  const stored = await readPlace(view, place)
  const { state, version } = stored
  return state === 'live'
    ? { state, version, value: (await openStored(view, place, stored)).value }
    : { state, version }
}
