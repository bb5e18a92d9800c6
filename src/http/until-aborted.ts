/**
 * What the work gives, unless the caller gives up before: then his own reason, at once, as fetch has it. The work is not
 * stopped, but what it still says is dropped.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  // anything else is the platform's to refuse
  if (typeof signal?.addEventListener !== 'function') return work
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      signal.removeEventListener('abort', giveUp)
      reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const settle = (): void => signal.removeEventListener('abort', giveUp)
    void work.then(resolve, reject).then(settle)
  })
}
