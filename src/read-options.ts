/** Options that a caller gives: read by own key, unknown ones refused. */

import { GuillemetError } from './errors.ts'

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
      const all = known.join(', ')
      throw new GuillemetError('ERR_INVALID_INPUT', `The ${what} must be an object with no other keys than ${all}.`)
    }
    target[key] = (options as Record<string, unknown>)[key]
  }
  return target as T
}
