/** What every helper of this folder checks when it is called: swapped arguments must not print plaintext. */

import { GuillemetError } from '../errors.ts'

/** What the helpers need of a redactor. */
const REDACTOR_METHODS = ['text', 'json', 'value', 'chunks']

/**
 * The first argument is a redactor.
 *
 * @param call how the helper is called, such as `redactPino(redactor, options)`
 * @throws ERR_INVALID_INPUT
 */
export function requireRedactor(redactor: unknown, call: string): void {
  requireMethods(redactor, REDACTOR_METHODS, call, 'The first argument is not a redactor')
}

/**
 * An argument has these methods, of its own or inherited.
 *
 * @param fault what is said of one that has not
 * @throws ERR_INVALID_INPUT
 */
export function requireMethods(value: unknown, methods: readonly string[], call: string, fault: string): void {
  const members = value as Record<string, unknown> | undefined
  const hasAll =
    typeof value === 'object' && value !== null && methods.every((method) => typeof members?.[method] === 'function')
  if (!hasAll) refuseCall(call, fault)
}

/**
 * The call is not understood, so nothing is logged rather than plaintext.
 *
 * @throws ERR_INVALID_INPUT
 */
export function refuseCall(call: string, fault: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', `${fault}; call ${call}.`)
}
