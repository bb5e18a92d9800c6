/** Waiting that ends when nobody waits any longer. */

/**
 * The answer, or the error of `givenUp` as soon as the signal is aborted; the answer is then left behind, its failure too.
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  answer: Promise<T>,
  givenUp: () => Error,
): Promise<T> {
  if (signal === undefined) return answer
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(givenUp())
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
