/** A leak probe: runs a piece of an application and says where a secret came out of it, in any form. */

import { GuillemetError } from '../errors.ts'
import { createRedactor, type Form } from '../redact/redactor.ts'
import { redactValue } from '../redact/structure/redact-value.ts'

/** One secret that came out. */
export interface Leak {
  /** The name that the secret was given under. */
  readonly label: string
  /** How the secret was written where it came out. */
  readonly form: Form
  /** `result`, `error`, or the name that an output was handed in with. */
  readonly where: string
}

/** What a probed function did, and what came out of it. */
export interface LeakReport<T> {
  /** What it gave back; undefined where it threw. */
  readonly result: T | undefined
  /** What it threw; undefined where it did not. */
  readonly error: unknown
  /** Each secret once for every form and place; empty where none came out. */
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
 * Nothing is captured by itself, so that it loads everywhere: hand in what was printed and what was written.
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
  const { add, find } = createRedactor()
  for (const [label, value] of Object.entries(secrets)) {
    const verdict = add(label, value, {})
    if (verdict === 'empty' || verdict === 'common') {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        `The secret ${label} is ${verdict} and cannot be searched for; probe with a longer value.`,
      )
    }
  }
  const leaks = new Map<string, Leak>()
  const output = (value: unknown, where: string): void => {
    const text = (part: string): string => {
      for (const { label, form } of find(part)) leaks.set(`${label} ${form} ${where}`, { label, form, where })
      return part
    }
    redactValue(value, { text, mask: () => '' })
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
