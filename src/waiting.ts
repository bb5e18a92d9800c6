/** Waiting that ends: when its time is over, or when nobody waits any longer. */

/** The longest that a timer of the platform can wait, in milliseconds. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1

/**
 * What the work gives, unless its caller gives up before: then an error, at once. The work is not stopped, but what it
 * still says, a failure too, is dropped.
 *
 * @param errorOf makes the error; by default it is the caller's own reason, as fetch has it
 */
export function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | null | undefined,
  errorOf: (reason: unknown) => unknown = (reason) => reason,
): Promise<T> {
  // anything else is for others to refuse
  if (typeof signal?.addEventListener !== 'function') return work
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      signal.removeEventListener('abort', giveUp)
      reject(errorOf(signal.reason))
    }
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const settle = (): void => signal.removeEventListener('abort', giveUp)
    void work.then(resolve, reject).then(settle)
  })
}

/** Waits that many milliseconds, or until the signal is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await untilAborted(passed, signal).catch(() => undefined)
  clearTimeout(timer)
}
