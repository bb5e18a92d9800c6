/** Options that a caller gives: read by own key, unknown ones refused. */

import { GuillemetError } from './errors.ts'
import { KINDS, type Kind } from './location.ts'

/** The candidate that was perhaps meant by a name, as `suggest` finds it. */
export type Nearest = (name: string, candidates: readonly string[]) => string | undefined

/**
 * The options by own key, without a prototype, so that `options.x` can be read plainly afterwards.
 *
 * @param nearest finds the known key that was perhaps meant; handed in, since `guillemet/redact` has no room for it
 * @throws ERR_INVALID_INPUT when it is not an object or holds an unknown key
 */
export function readOptions<T extends object>(
  options: T | undefined,
  what: string,
  known: readonly (keyof T)[],
  nearest?: Nearest,
): T {
  const target: Record<string, unknown> = Object.create(null)
  if (options === undefined) return target as T
  // anything but an object counts as having an unknown key
  for (const key of typeof options === 'object' && options !== null ? Object.keys(options) : ['']) {
    if (!(known as readonly string[]).includes(key)) {
      throw unknownOption(what, known as readonly string[], nearest?.(key, known as readonly string[]))
    }
    target[key] = (options as Record<string, unknown>)[key]
  }
  return target as T
}

/**
 * An option that is true or false, since a text such as `'1'` of an environment variable reads as either.
 *
 * @throws ERR_INVALID_INPUT for anything else
 */
export function requireBoolean(given: unknown, option: string, whenAbsent = false): boolean {
  if (given === undefined) return whenAbsent
  requireValid(typeof given === 'boolean', `The option ${option} must be true or false.`)
  return given
}

/** The option `as`. @throws ERR_INVALID_INPUT */
export function requireKind(given: unknown): Kind {
  if (given === undefined) return 'value'
  if ((KINDS as readonly unknown[]).includes(given)) return given as Kind
  throw new GuillemetError('ERR_INVALID_INPUT', `The option as must be one of ${KINDS.join(', ')}.`)
}

/** The option `onMissing`. @throws ERR_INVALID_INPUT */
export function requireOnMissing(given: unknown): 'error' | 'keep' {
  if (given === undefined) return 'error'
  requireValid(given === 'error' || given === 'keep', "The option onMissing must be 'error' or 'keep'.")
  return given
}

/**
 * Goes on only where what a caller gave is as it must be.
 *
 * @param message of the error: what must be, and never what was given
 * @throws ERR_INVALID_INPUT
 */
export function requireValid(isValid: boolean, message: string): asserts isValid {
  if (!isValid) throw new GuillemetError('ERR_INVALID_INPUT', message)
}

/** The message never repeats the unknown key: it may be a secret in the wrong place. */
function unknownOption(what: string, known: readonly string[], suggestion: string | undefined): GuillemetError {
  const hint = suggestion && `; did you mean "${suggestion}"?`
  const message = `The ${what} must be an object with no other keys than ${known.join(', ')}${hint ?? '.'}`
  return new GuillemetError('ERR_INVALID_INPUT', message, { suggestion })
}
