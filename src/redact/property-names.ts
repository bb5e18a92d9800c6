/** Names whose value is masked whatever it is, in any spelling: `apiKey`, `api_key`, `API-KEY`, `user.apiKey`. */

import { refuse } from './labels.ts'

/** Says of a name whether its value is masked; `value` is the value, as text where it is one. */
export type IsSensitive = (name: string, value: unknown) => boolean

const NAME_WITH_STARS = /^\*?[^*]+\*?$/

/**
 * What the options `properties` and `keep` say; undefined where no name is sensitive.
 *
 * @throws ERR_INVALID_INPUT
 */
export function sensitiveNames(properties: unknown, keep: ReadonlySet<string>): IsSensitive | undefined {
  const isProperty = (each: unknown): boolean =>
    each instanceof RegExp || (typeof each === 'string' && NAME_WITH_STARS.test(each))
  if (!Array.isArray(properties) || !properties.every(isProperty))
    refuse("The option properties must be a list of 'name', '*word*' and /pattern/.")
  if (properties.length === 0) return undefined
  const isNamed = nameTest(properties as (string | RegExp)[])
  return (name, value) => {
    const isSensitive = isNamed(name) || (IN_PATH.test(name) && isNamed(lastPart(name)))
    // an object is none of these texts, and its own method for one may throw
    return isSensitive && (Object(value) === value || !keep.has(String(value)))
  }
}

const IN_PATH = /[.\]]/

/** `password` of `user[password]` and `headers.password`. */
function lastPart(path: string): string {
  let end = path.length
  while (path[end - 1] === ']') end--
  let start = end
  while (start > 0 && !/[[\].]/.test(path[start - 1]!)) start--
  return path.slice(start, end)
}

/** Whether a name is one of them, as it is written. */
function nameTest(properties: readonly (string | RegExp)[]): (name: string) => boolean {
  const names = new Set<string>()
  const patterns: RegExp[] = []
  const words: string[] = []
  for (const property of properties) {
    // a pattern without memory of its last match
    if (typeof property !== 'string') patterns.push(new RegExp(property.source, property.flags.replace(/[gy]/g, '')))
    else if (property.includes('*')) words.push(wordPattern(property))
    else names.add(folded(property))
  }
  const anyWord = words.length > 0 ? new RegExp(words.join('|')) : undefined
  return (name) => {
    const plain = folded(name)
    return names.has(plain) || anyWord?.test(plain) === true || patterns.some((pattern) => pattern.test(name))
  }
}

/** A name in one spelling. */
function folded(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase()
}

/** A star at an end is anything. */
function wordPattern(property: string): string {
  const word = folded(property).replace(/[.+?^${}()|[\]\\/]/g, '\\$&')
  return `^${word}$`.replace('^*', '').replace('*$', '')
}
