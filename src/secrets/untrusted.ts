/** What callers hand in: read once, by own key, into copies; and the one way to refuse it. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject, nullRecord, ownValue } from '../plain-object.ts'
import { suggest } from '../suggest.ts'
import { accepts, type Rule } from './rules.ts'

/** The most fields a value has, and the most members that are read of any object. */
export const MAX_FIELDS = 1_024

/**
 * The own members of an object literal in their order, in a record without a prototype, or undefined for anything else.
 *
 * At most one more than `MAX_FIELDS` are read, so that the reader of the copy sees that there were too many. What throws
 * while it is read (a getter, a proxy) does not count as an object: its error may hold the value.
 */
export function copyMembers(value: unknown): Record<string, unknown> | undefined {
  try {
    if (!isPlainObject(value)) return undefined
    const keys = Object.keys(value).slice(0, MAX_FIELDS + 1)
    return nullRecord(keys.map((key) => [key, value[key]] as const))
  } catch {
    return undefined
  }
}

/** A copy of an array of at most `limit` items, or undefined for anything else, an array that throws included. */
export function copyList(value: unknown, limit: number): unknown[] | undefined {
  try {
    if (!Array.isArray(value)) return undefined
    const { length } = value
    if (length > limit) return undefined
    return Array.from({ length }, (_, index) => ownValue(value, index))
  } catch {
    return undefined
  }
}

/** What `describe` gives and nobody sets; a form that sends all of it back is told which. */
const ONLY_READ: readonly string[] = [
  'workspace',
  'environment',
  'version',
  'createdAt',
  'updatedAt',
  'createdBy',
  'updatedBy',
]

/**
 * Refuses members that are not known.
 *
 * @throws ERR_INVALID_INPUT; the message names the nearest known member, or all of them, never the unknown one, which
 *   may be a secret in the wrong place, unless it is one of those that `describe` gives
 */
export function requireKnown(members: Record<string, unknown>, known: readonly string[], path: string): void {
  for (const key of Object.keys(members)) {
    if (known.includes(key)) continue
    if (ONLY_READ.includes(key)) throw invalidInput(path, `holds "${key}", which can only be read; leave it out`)
    const suggestion = suggest(key, known)
    const meant = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
    throw invalidInput(path, `holds something unknown${meant || `; it may hold ${known.join(', ')}`}`, suggestion)
  }
}

/**
 * The value, where the rule accepts it.
 *
 * @throws ERR_INVALID_INPUT with the `path` otherwise
 */
export function requireRule<T>(rule: Rule<T>, given: unknown, path: string): T {
  if (accepts(rule, given)) return given
  throw invalidInput(path, rule.says)
}

/**
 * An `ERR_INVALID_INPUT` that names the path and the rule, never what was given. `''` is the path of the whole.
 *
 * The message calls a member by the name it has on a form; the `path` is the exact one.
 */
export function invalidInput(path: string, rule: string, suggestion?: string): GuillemetError {
  const message = `The ${path === '' ? 'input' : formNameOf(path)} ${rule}${rule.endsWith('?') ? '' : '.'}`
  return new GuillemetError('ERR_INVALID_INPUT', message, { path: path === '' ? undefined : path, suggestion })
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ['allow', 'allow rule'],
  ['allow.hosts', 'list of allowed hosts'],
  ['allow.in', 'list of allowed locations'],
  ['allow.methods', 'list of allowed methods'],
  ['allow.maxUses', 'number of allowed uses'],
  ['enabled', 'setting "enabled"'],
  ['expiresAt', 'expiry date'],
  ['publicFields', 'list of public fields'],
  ['expiresBefore', 'date "expires before"'],
  ['search', 'search text'],
])
const ITEM = /^allow\.(host|in|method)s?\[(\d+)\]$/

function formNameOf(path: string): string {
  const item = ITEM.exec(path)
  if (item !== null) return `allowed ${item[1] === 'in' ? 'location' : item[1]} number ${Number(item[2]) + 1}`
  if (path.startsWith('value.')) return `field "${path.slice('value.'.length)}"`
  return LABELS.get(path) ?? path
}
