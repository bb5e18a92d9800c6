/** Paths into a config, as references have them, and the members that they lead to. */

import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { isPlainObject, ownValue, setOwn } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'

/** UTF-16 code units, and steps, of one path. */
const MAX_PATH_LENGTH = 4_096
const MAX_STEPS = 64
/** A plain key, an index, or any key in JSON's quotes. */
const STEP = /(?:^|\.)([^.[\]]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y

/** The keys of a path such as `headers.Authorization`, `e[0]` or `["a.b"]`. @throws ERR_INVALID_INPUT */
export function keysOf(path: string): readonly string[] {
  const isShort = typeof path === 'string' && path.length <= MAX_PATH_LENGTH
  const keys = isShort ? keysIn(path) : undefined
  if (keys !== undefined && keys.length <= MAX_STEPS) return keys
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'A path must be one that references gives, such as headers.Authorization.',
  )
}

/** The same for a path of a reference, whatever its length; undefined for what is none. */
export function keysIn(path: string): readonly string[] | undefined {
  const keys: string[] = []
  STEP.lastIndex = 0
  for (let at = 0; at < path.length && !path.startsWith('.'); at = STEP.lastIndex) {
    const step = STEP.exec(path)
    const key = step?.[3] === undefined ? (step?.[1] ?? step?.[2]) : parseJson(step[3])
    if (typeof key !== 'string') return undefined
    keys.push(key)
    if (STEP.lastIndex === path.length) return keys
  }
  return undefined
}

/** What is at the path, by own key; undefined where nothing is. */
export function valueAt(config: unknown, keys: readonly string[]): unknown {
  return keys.reduce(ownMember, config)
}

/** A member of an object or of a list, by own key; undefined of anything else, and where a getter or proxy throws. */
export function ownMember(value: unknown, key: string): unknown {
  try {
    return isPlainObject(value) || Array.isArray(value) ? ownValue(value as Record<string, unknown>, key) : undefined
  } catch {
    // its error may hold anything; the reading of the template says that it cannot be read
    return undefined
  }
}

/**
 * Why nothing can ever be at the path, if so: it leads into a text or past a list, or the member is there in another case.
 * A member that is merely absent is one that a form left out.
 */
export function deadEnd(config: unknown, keys: readonly string[]): string | undefined {
  let value = config
  for (const key of keys) {
    if (value === undefined || value === null) return undefined
    if (!isPlainObject(value) && !Array.isArray(value)) return 'goes on after a value without members'
    if (Array.isArray(value) && !/^\d+$/.test(key)) return 'names a member of a list, which is indexed by numbers'
    if (!Object.hasOwn(value, key)) {
      const other = Object.keys(value).find((name) => name.toLowerCase() === key.toLowerCase())
      return other === undefined ? undefined : 'is written in another case there'
    }
    value = ownMember(value, key)
  }
  return undefined
}

/** A value of a config, and how it was reached; a list of keys for each would cost the square of the depth. */
interface Reached {
  readonly value: unknown
  readonly key: string | number
  readonly parent: Reached | undefined
}

/** The path of the first text that `isWanted`, by own key; undefined where there is none. */
export function pathOfText(config: unknown, isWanted: (text: string) => boolean): string | undefined {
  const seen = new Set<unknown>()
  const ahead: Reached[] = [{ value: config, key: '', parent: undefined }]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { value } = next
    if (typeof value === 'string' && isWanted(value)) return pathOf(keysTo(next))
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    const isList = Array.isArray(value)
    // the last that is put there is the next that is read
    for (const key of [...ownNames(value)].reverse()) {
      ahead.push({ value: ownMember(value, key), key: isList ? Number(key) : key, parent: next })
    }
  }
  return undefined
}

function keysTo(reached: Reached): readonly (string | number)[] {
  const keys: (string | number)[] = []
  for (let at = reached; at.parent !== undefined; at = at.parent) keys.unshift(at.key)
  return keys
}

/** The own keys of an object or a list; none of what cannot be read. */
function ownNames(value: object): readonly string[] {
  try {
    return isPlainObject(value) || Array.isArray(value) ? Object.keys(value) : []
  } catch {
    return []
  }
}

/**
 * A copy with another value at a path that is there; what is not on the way to it is shared.
 *
 * @throws ERR_INVALID_INPUT where a member on the way, or next to it, cannot be read
 */
export function withValueAt<T>(config: T, keys: readonly string[], value: unknown): T {
  const [key, ...rest] = keys
  if (key === undefined) return value as T
  const copy = shallowCopy(config as object)
  setOwn(copy, key, withValueAt(ownValue(copy, key), rest, value))
  return copy as T
}

function shallowCopy(config: object): object {
  return whileReading('config', () => {
    if (Array.isArray(config)) return [...(config as unknown[])]
    const copy: object = Object.create(Object.getPrototypeOf(config))
    for (const name of Object.keys(config)) setOwn(copy, name, ownValue(config, name))
    return copy
  })
}

/**
 * What is read of something that a caller gave.
 *
 * @throws ERR_INVALID_INPUT in place of the error of a getter or proxy, which may hold anything
 */
export function whileReading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof GuillemetError) throw error
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The ${what} cannot be read, since a getter or proxy threw an error; give plain data.`,
    )
  }
}
