/** Labels: what a value is called in its mask, and what is refused because the two look mixed up. */

import { GuillemetError } from '../errors.ts'
import { isKeyLike, isNameOfWords } from '../looks/key-looks.ts'

const LABEL = /^[\w.-]{0,257}$/
/** Letters and digits in one, longer than most names; an identifier, or a name in capitals, is none. */
const LIKE_A_KEY = /^(?=.*[a-z])(?=.*\d)(?![\da-f]{8}-[\da-f]{4}-).{12}/
/** An id of an access key of AWS, which reads as words. */
const AWS_KEY_ID = /^A[KS]IA/
/** Words of this length are passwords, more often than names of them. */
const LONGEST_PASSWORD_WORD = 7

/** Whether this can be a label. */
function isLabel(label: unknown): label is string {
  return typeof label === 'string' && LABEL.test(label)
}

/**
 * Both are of their type. No error shows what was given in place of a label: it may be the value.
 *
 * @throws ERR_INVALID_INPUT
 */
export function requireLabeled(label: unknown, value: unknown, count: number): void {
  if (count < 2) refuse('add takes a label and a value: add(label, value).')
  if (!isLabel(label)) {
    refuse('A label is at most 257 of A-Z a-z 0-9 _ . - and stands before the value: add(label, value).')
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    // what looks like a key may be the value, given first
    refuse(`The value ${LIKE_A_KEY.test(label) ? 'of a label' : `of "${label}"`} must be a string or a Uint8Array.`)
  }
}

/**
 * A mask shows its label, so that a swapped pair would print the secret.
 *
 * @throws ERR_INVALID_INPUT
 */
export function requireNotSwapped(label: string, value: string | Uint8Array): void {
  if (typeof value !== 'string' || !isNameOfWords(value)) return
  if (isKeyLike(label) || AWS_KEY_ID.test(label) || (value.length <= LONGEST_PASSWORD_WORD && LIKE_A_KEY.test(label))) {
    refuse(
      'The label looks like a secret, the value like a name: add(label, value), or add(label, value, {}) if they are right.',
    )
  }
}

/** @throws ERR_INVALID_INPUT */
export function refuse(message: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', message)
}
