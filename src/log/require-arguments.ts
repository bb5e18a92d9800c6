/** What every helper of this folder checks when it is called: swapped arguments must not print plaintext. */

import { GuillemetError } from '../errors.ts'
import { hasMethods } from '../plain-object.ts'

/** What the helpers need of a redactor. */
const NEEDED_METHODS = ['text', 'json', 'value', 'chunks']

/**
 * The first argument is a redactor.
 *
 * @param call how the helper is called, such as `redactPino(redactor, options)`
 * @throws ERR_INVALID_INPUT
 */
export function requireRedactor(redactor: unknown, call: string): void {
  requireMethods(redactor, NEEDED_METHODS, call, 'The first argument is not a redactor')
}

/**
 * An argument has these methods, of its own or inherited.
 *
 * @param fault what is said of one that has not
 * @throws ERR_INVALID_INPUT
 */
export function requireMethods(value: unknown, methods: readonly string[], call: string, fault: string): void {
  if (!hasMethods(value, methods)) refuseCall(call, fault)
}

/**
 * The call is not understood, so nothing is logged rather than plaintext.
 *
 * @throws ERR_INVALID_INPUT
 */
export function refuseCall(call: string, fault: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', `${fault}; call ${call}.`)
}
