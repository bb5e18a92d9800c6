/** A leak probe: runs a piece of an application and says where a secret came out of it, in any form. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject } from '../plain-object.ts'
import { createRedactor, type Form, type Redactor } from '../redact/redactor.ts'
import { redactValue } from '../redact/structure/redact-value.ts'
import { pathOf } from '../template/context.ts'

/** A longer list is looked at as a whole. */
const MOST_ITEMS = 10_000

/** One secret that came out. */
export interface Leak {
  /** The name that the secret was given under. */
  readonly label: string
  /** How the secret was written where it came out. */
  readonly form: Form
  /** `result`, `error`, or the name that an output was handed in with. */
  readonly where: string
  /**
   * The place in it: keys joined by dots, indexes in brackets (`body.items[0].token`), `''` for a text; secrets in it are
   * masked.
   */
  readonly path: string
}

/** What a probed function did, and what came out of it. */
export interface LeakReport<T> {
  /** What it gave back; undefined where it threw. */
  readonly result: T | undefined
  /** What it threw; undefined where it did not. */
  readonly error: unknown
  /** Each secret once for every form and path; empty where none came out. */
  readonly leaks: readonly Leak[]
}

/** Where a probed function reports what it printed, sent or wrote. */
export interface LeakProbe {
  /**
   * Looks at a text, bytes or any structure, such as what was printed or a file that was written.
   *
   * @param where the name under which a leak is reported
   */
  output(value: unknown, where: string): void
}

/**
 * Runs a function and reports every form of every secret in its result, in what it throws and in the outputs handed in.
 *
 * Nothing is captured by itself, so that it loads everywhere: hand in what was printed and what was written, or take
 * `leakProbe` of `guillemet/testing/node`, which captures stdout, stderr and the console.
 *
 * @param secrets values by name; a value that no search can find is refused
 * @param run what is probed; it may be asynchronous
 * @throws ERR_INVALID_INPUT when a value is empty or too common to be found, or a name is not a label
 * @example
 * ```ts
 * const { leaks } = await leakProbe({ key: 'hunter2-long-pw' }, async ({ output }) => {
 *   output(await handle(request), 'answer')
 * })
 * ```
 */
export async function leakProbe<T>(
  secrets: Readonly<Record<string, string>>,
  run: (probe: LeakProbe) => T | Promise<T>,
): Promise<LeakReport<T>> {
  const redactor = createRedactor()
  for (const [label, value] of Object.entries(secrets)) {
    const verdict = redactor.add(label, value, {})
    if (verdict === 'empty' || verdict === 'common') {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        `The secret ${label} is ${verdict} and cannot be searched for; probe with a longer value.`,
      )
    }
  }
  const leaks = new Map<string, Leak>()
  const output = (value: unknown, where: string): void => {
    for (const leak of leaksIn(value, where, redactor)) leaks.set(JSON.stringify(leak), leak)
  }
  let result: T | undefined
  let error: unknown
  try {
    result = await run({ output })
    output(result, 'result')
  } catch (thrown) {
    error = thrown
    output(thrown, 'error')
  }
  return { result, error, leaks: [...leaks.values()] }
}

/** A part of what is looked at, and the one that it is in: a path for each would take the square of the depth. */
interface FoundMember {
  readonly value: unknown
  readonly key?: string | number
  readonly parent?: FoundMember
}

/** Every secret in the value, with the path to it; a part that several paths lead to is looked at once. */
function leaksIn(root: unknown, where: string, { find, text }: Redactor): readonly Leak[] {
  const leaks: Leak[] = []
  const seen = new Set<unknown>()
  const look = (given: string, part: FoundMember): void => {
    for (const { label, form } of find(given)) leaks.push({ label, form, where, path: text(pathOf(keysTo(part))) })
  }
  // the list grows as it is read
  const parts: FoundMember[] = [{ value: root }]
  for (const part of parts) {
    const { value } = part
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) continue
      seen.add(value)
    }
    const children = childrenOf(value)
    for (const [key, child] of children ?? []) {
      const next: FoundMember = { value: child, key, parent: part }
      if (typeof key === 'string') look(key, next)
      parts.push(next)
    }
    if (children !== undefined) continue
    // what is no plain structure is read as the redactor reads it
    const read = (inner: string): string => {
      look(inner, part)
      return inner
    }
    redactValue(value, { text: read, ...READ_ALL })
  }
  return leaks
}

/** The keys that lead to a part, from the root on. */
function keysTo(part: FoundMember): (string | number)[] {
  const keys: (string | number)[] = []
  for (let at: FoundMember | undefined = part; at?.key !== undefined; at = at.parent) keys.push(at.key)
  return keys.reverse()
}

/** A walk that masks nothing. */
const READ_ALL = { mask: () => '', isSensitive: undefined, isDataOnly: false, isSecretNumber: undefined }

/** The parts of lists, objects, maps and errors; undefined for everything else. */
function childrenOf(part: unknown): (readonly [key: string | number, child: unknown])[] | undefined {
  if (typeof part !== 'object' || part === null) return undefined
  try {
    if (Array.isArray(part) && part.length <= MOST_ITEMS && !part.some((item) => typeof item === 'number')) {
      return Array.from(part, (item: unknown, index) => [index, item])
    }
    if (part instanceof Map) return [...part].flatMap(([key, child]) => mapEntry(key, child))
    if (part instanceof Error || isPlainObject(part)) return plainMembers(part)
  } catch {
    // what cannot be read so is read as the redactor does
  }
  return undefined
}

/** A key that is no text is a part too. */
function mapEntry(key: unknown, child: unknown): [string, unknown][] {
  if (typeof key === 'string') return [[key, child]]
  return [
    ['(key)', key],
    ['(key)', child],
  ]
}

/** Own members by name; undefined where one is hidden behind a symbol. */
function plainMembers(part: object): [string, unknown][] | undefined {
  if (Object.getOwnPropertySymbols(part).length > 0) return undefined
  return Object.getOwnPropertyNames(part).map((name) => [name, (part as Record<string, unknown>)[name]])
}
