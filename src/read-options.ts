/** Options that a caller gives: read by own key, unknown ones refused. */

import { GuillemetError } from './errors.ts'
import { suggest } from './suggest.ts'

/**
 * The options by own key, without a prototype, so that `options.x` can be read plainly afterwards.
 *
 * @throws ERR_INVALID_INPUT when it is not an object or holds an unknown key
 */
export function readOptions<T extends object>(options: T | undefined, what: string, known: readonly (keyof T)[]): T {
  const target: Record<string, unknown> = Object.create(null)
  if (options === undefined) return target as T
  // anything but an object counts as having an unknown key
  for (const key of typeof options === 'object' && options !== null ? Object.keys(options) : ['']) {
    if (!(known as readonly string[]).includes(key)) {
      throw unknownOption(key, what, known as readonly string[])
    }
    target[key] = (options as Record<string, unknown>)[key]
  }
  return target as T
}

/** The message never repeats the unknown key: it may be a secret in the wrong place. */
function unknownOption(key: string, what: string, known: readonly string[]): GuillemetError {
  const suggestion = suggest(key, known)
  const rule = `The ${what} must be an object with no other keys than ${known.join(', ')}`
  const message = suggestion === undefined ? `${rule}.` : `${rule}; did you mean "${suggestion}"?`
  return new GuillemetError('ERR_INVALID_INPUT', message, { suggestion })
}
