/** Where in a JSON text a character stands, as the path of its value: `messages[0].content`. */

import { parseJson } from '../json.ts'

/** A string, a bracket, a comma, or what is between them. */
const PATH_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]|[^"[\]{},]+/sy

/** An object or array that is open at a place. */
interface Level {
  /** The key, or the index, of the member that is being read. */
  key: string | number
  readonly isArray: boolean
  /** Whether the next string is a key. */
  isKeyNext: boolean
}

/**
 * The keys that lead to the string at each offset; undefined for one that is not within a string that is a value, and for
 * all of them where the text is not JSON.
 *
 * @param offsets in ascending order
 */
export function jsonPathsAt(
  text: string,
  offsets: readonly number[],
): readonly (readonly (string | number)[] | undefined)[] {
  const paths: ((string | number)[] | undefined)[] = offsets.map(() => undefined)
  if (offsets.length === 0 || parseJson(text) === undefined) return paths
  const levels: Level[] = []
  let next = 0
  PATH_TOKEN.lastIndex = 0
  for (let match = PATH_TOKEN.exec(text); match !== null && next < offsets.length; match = PATH_TOKEN.exec(text)) {
    const [token] = match
    const isKey = step(levels, token)
    for (; next < offsets.length && offsets[next]! < PATH_TOKEN.lastIndex; next++) {
      if (token.startsWith('"') && !isKey) paths[next] = levels.map(({ key }) => key)
    }
  }
  return paths
}

/** Follows one token; whether it is a key. */
function step(levels: Level[], token: string): boolean {
  const level = levels.at(-1)
  if (token === '{' || token === '[') {
    levels.push({ key: 0, isArray: token === '[', isKeyNext: token === '{' })
  } else if (token === '}' || token === ']') levels.pop()
  else if (token === ',' && level !== undefined) {
    if (level.isArray) (level.key as number)++
    else level.isKeyNext = true
  } else if (level?.isKeyNext && token.startsWith('"')) {
    level.key = JSON.parse(token) as string
    level.isKeyNext = false
    return true
  }
  return false
}
