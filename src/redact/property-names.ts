/** Names whose value is masked whatever it is, in any spelling: `apiKey`, `api_key`, `API-KEY`. */

import { GuillemetError } from '../errors.ts'

/** Says of a name whether its value is masked; `value` is the value, as text where it is one. */
export type IsSensitive = (name: string, value: unknown) => boolean

const NAME_WITH_STARS = /^\*?[^*]+\*?$/

/**
 * What the options `properties` and `keep` say; undefined where no name is sensitive.
 *
 * @throws ERR_INVALID_INPUT
 */
export function sensitiveNames(properties: unknown, keep: ReadonlySet<string>): IsSensitive | undefined {
  const isList = Array.isArray(properties)
  if (
    !isList ||
    !properties.every((each) => each instanceof RegExp || (typeof each === 'string' && NAME_WITH_STARS.test(each)))
  ) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      "The option properties must be a list of 'name', '*word*' and /pattern/.",
    )
  }
  if (properties.length === 0) return undefined
  const patterns = (properties as (string | RegExp)[]).map(patternOf)
  return (name, value) => {
    const isNamed = patterns.some(({ pattern, isFolded }) => pattern.test(isFolded ? folded(name) : name))
    return isNamed && !keep.has(String(value))
  }
}

/** A name in one spelling. */
function folded(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase()
}

/** A pattern without memory of its last match; a star at an end is anything. */
function patternOf(property: string | RegExp): { readonly pattern: RegExp; readonly isFolded: boolean } {
  if (typeof property !== 'string') {
    return { pattern: new RegExp(property.source, property.flags.replace(/[gy]/g, '')), isFolded: false }
  }
  const word = folded(property).replace(/[.+?^${}()|[\]\\/]/g, '\\$&')
  return { pattern: new RegExp(`^${word}$`.replace('^*', '').replace('*$', '')), isFolded: true }
}
