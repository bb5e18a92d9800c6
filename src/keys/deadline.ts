/** A limit of time for what others do: a service that does not answer, a dialog that nobody sees. */

import { GuillemetError } from '../errors.ts'
import { LONGEST_TIMER_MS } from '../waiting.ts'

/** Thrown where the time was up. */
export const TIMED_OUT: unique symbol = Symbol('timed out')

/**
 * What the work gives, unless the time is up first; then its signal is aborted and it is left behind.
 *
 * @param timeout in milliseconds
 * @throws {@link TIMED_OUT}, or what the work throws
 */
export async function withDeadline<T>(timeout: number, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const isUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(TIMED_OUT)
      controller.abort()
    }, timeout)
  })
  try {
    return await Promise.race([work(controller.signal), isUp])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The option `timeout`, in milliseconds.
 *
 * @throws ERR_INVALID_INPUT when it is not a whole number from 1
 */
export function requireTimeout(timeout: unknown): number {
  if (Number.isSafeInteger(timeout) && (timeout as number) >= 1 && (timeout as number) <= LONGEST_TIMER_MS) {
    return timeout as number
  }
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The option timeout must be milliseconds, from 1 to ${LONGEST_TIMER_MS}.`,
  )
}
