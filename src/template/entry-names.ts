/** The name of a text that stands next to it: `{ name, value }`, `[name, value]`, `--name` and the argument after it. */

import { ownValue } from '../plain-object.ts'
import type { Context } from './context.ts'

/** Members that hold a name, of environments, headers and parameters of deployments. */
export const NAME_KEYS = ['name', 'key', 'Name', 'Key', 'ParameterKey', 'OptionName'] as const
/** Members that hold what belongs to it. */
export const VALUE_KEYS: readonly string[] = ['value', 'Value', 'ParameterValue']
const ARGUMENT_NAME = /^--?([A-Za-z][\w-]{1,63})$/

/** What names the text that is being read, where it is not the key that it stands under; undefined where nothing does. */
export function entryName(text: string, { keys, ancestors }: Context): string | undefined {
  const key = keys.at(-1)
  const parent = ancestors.at(-1)
  if (typeof key === 'string') return VALUE_KEYS.includes(key) ? nameInRecord(parent, keys.at(-2)) : undefined
  if (key === undefined || key === 0) return undefined
  const before = textAt(parent, key - 1)
  if (before === undefined) return undefined
  if (key === 1 && isPairOfMany(parent, ancestors.at(-2))) return before
  return text.startsWith('-') ? undefined : ARGUMENT_NAME.exec(before)?.[1]
}

/** Of `{ name: 'DB_PASSWORD', value }`; of `{ dbPassword: { value } }` the key of the record. */
function nameInRecord(record: object | undefined, key: string | number | undefined): string | undefined {
  for (const nameKey of NAME_KEYS) {
    const name = textAt(record, nameKey)
    if (name !== undefined) return name
  }
  return typeof key === 'string' ? key : undefined
}

/** Whether an array is a pair in a list of pairs: two texts alone are more often a list of two. */
function isPairOfMany(pair: object | undefined, list: object | undefined): boolean {
  return Array.isArray(pair) && pair.length === 2 && Array.isArray(list)
}

/** A member that is a text; what a getter or proxy would answer is not asked for. */
function textAt(owner: object | undefined, key: string | number): string | undefined {
  try {
    const member = owner && ownValue(Object.getOwnPropertyDescriptor(owner, key), 'value')
    return typeof member === 'string' ? member : undefined
  } catch {
    // a proxy may throw, as where the text itself was read
    return undefined
  }
}
