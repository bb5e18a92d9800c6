/**
 * Redaction for `console`: an object like it, whose methods print redacted copies of what they are given.
 *
 * @module guillemet/log/console
 */

import { setOwn } from '../plain-object.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireMethods, requireRedactor } from './require-arguments.ts'

type ConsoleMethod = (...values: unknown[]) => unknown

const CALL = 'redactConsole(redactor, console)'

/**
 * A console that redacts each argument before it prints; nothing global is touched.
 *
 * It has the methods of the given one and nothing else. Each argument is redacted by itself: a value put together by
 * the format string, as in `('%s%s', 'first half', 'second half')`, is seen by `redactStdio` only.
 *
 * @param redactor what it knows when something is printed is masked
 * @param target what prints, by the methods that it has at each call. @default globalThis.console
 * @throws ERR_INVALID_INPUT when the first is not a redactor, or the second not an object
 * @example
 * ```ts
 * const console = redactConsole(redactor)
 * console.log('sent', request)
 * ```
 */
export function redactConsole<T extends object = Console>(
  redactor: ReadonlyRedactor,
  target: T = globalThis.console as unknown as T,
): T {
  requireRedactor(redactor, CALL)
  requireMethods(target, [], CALL, 'The second argument is not a console')
  const copy = {}
  for (const name of methodNames(target)) {
    setOwn(copy, name, (...values: unknown[]): unknown =>
      (target as Record<string, ConsoleMethod>)[name]!(...redactedArguments(redactor, values)),
    )
  }
  return copy as T
}

/** What the format string says of a number that is masked is not held against its mask: that is a text. */
function redactedArguments(redactor: ReadonlyRedactor, values: readonly unknown[]): unknown[] {
  const copies = values.map((value) => redactor.value(value))
  const [format] = copies
  if (typeof format !== 'string' || values.every((value, index) => typeof value === typeof copies[index])) return copies
  let next = 1
  copies[0] = format.replace(/%[%sdifjoOc]/g, (placeholder) => {
    if (placeholder === '%%') return placeholder
    const index = next++
    return /[dif]/.test(placeholder) && typeof copies[index] === 'string' ? '%s' : placeholder
  })
  return copies
}

/** Its own methods and those of its class; `Object.prototype` has none that print. */
function methodNames(target: object): string[] {
  const names = new Set<string>()
  for (let level: object | null = target; level !== null; level = Object.getPrototypeOf(level) as object | null) {
    if (level === Object.prototype) break
    for (const name of Object.getOwnPropertyNames(level)) {
      const member = Object.getOwnPropertyDescriptor(level, name)!
      if (Object.hasOwn(member, 'value') && typeof member.value === 'function' && name !== 'constructor')
        names.add(name)
    }
  }
  return [...names]
}
