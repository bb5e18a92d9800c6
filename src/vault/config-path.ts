/** Paths into a config, as references have them, and the members that they lead to. */

import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { isPlainObject, ownValue, setOwn } from '../plain-object.ts'

/** UTF-16 code units, and steps, of one path. */
const MAX_PATH_LENGTH = 4_096
const MAX_STEPS = 64
/** A plain key, an index, or any key in JSON's quotes. */
const STEP = /(?:^|\.)([^.[\]]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y

/** The keys of a path such as `headers.Authorization`, `e[0]` or `["a.b"]`. @throws ERR_INVALID_INPUT */
export function keysOf(path: string): readonly string[] {
  const keys: string[] = []
  STEP.lastIndex = 0
  const isShort = typeof path === 'string' && path.length <= MAX_PATH_LENGTH && !path.startsWith('.')
  for (let at = 0; isShort && at < path.length && keys.length <= MAX_STEPS; at = STEP.lastIndex) {
    const step = STEP.exec(path)
    const key = step?.[3] === undefined ? (step?.[1] ?? step?.[2]) : parseJson(step[3])
    if (typeof key !== 'string') break
    keys.push(key)
    if (STEP.lastIndex === path.length && keys.length <= MAX_STEPS) return keys
  }
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'A path must be one that references gives, such as headers.Authorization.',
  )
}

/** What is at the path, by own key; undefined where nothing is. */
export function valueAt(config: unknown, keys: readonly string[]): unknown {
  let value = config
  for (const key of keys) {
    if (!isPlainObject(value) && !Array.isArray(value)) return undefined
    value = ownValue(value as object, key)
  }
  return value
}

/** A copy with another value at a path that is there; what is not on the way to it is shared. */
export function withValueAt<T>(config: T, keys: readonly string[], value: unknown): T {
  const [key, ...rest] = keys
  if (key === undefined) return value as T
  const copy: object = Array.isArray(config) ? [...config] : Object.create(Object.getPrototypeOf(config))
  if (!Array.isArray(config))
    for (const name of Object.keys(config as object)) setOwn(copy, name, ownValue(config as object, name))
  setOwn(copy, key, withValueAt(ownValue(config as object, key), rest, value))
  return copy as T
}
