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
    const leave = whenAborted(signal, () => reject(errorOf(signal.reason)))
    if (signal.aborted) {
      leave()
      reject(errorOf(signal.reason))
    }
    void work.then(resolve, reject).then(leave)
  })
}

/** Those who wait by one signal. */
interface Waiters {
  readonly calls: Set<() => void>
  /** The one listener of them all. */
  tell(): void
}

const waitersOf = new WeakMap<AbortSignal, Waiters>()

/**
 * Calls when the signal is aborted, not where it is by now. All who wait by one signal share a listener: where a signal has more
 * than ten, as that of a server that is shut down has, Node warns of a leak.
 *
 * @returns takes the call back
 */
export function whenAborted(signal: AbortSignal, call: () => void): () => void {
  const { calls, tell } = waitersOf.get(signal) ?? noWaiters(signal)
  const own = (): void => call() // the same call may be given twice
  calls.add(own)
  if (calls.size === 1) signal.addEventListener('abort', tell)
  return () => {
    if (calls.delete(own) && calls.size === 0) signal.removeEventListener('abort', tell)
  }
}

function noWaiters(signal: AbortSignal): Waiters {
  const calls = new Set<() => void>()
  const tell = (): void => {
    signal.removeEventListener('abort', tell)
    const told = [...calls]
    calls.clear()
    for (const call of told) call()
  }
  waitersOf.set(signal, { calls, tell })
  return { calls, tell }
}

/** What the work gives; undefined where it takes longer. The work is not stopped. */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  return await Promise.race([work, late]).finally(() => clearTimeout(timer))
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

/** How long work may go on before timers, sockets and signals have their turn, in milliseconds. */
const TURN_MS = 10

/**
 * Turns of the event loop during long work. A storage within this process answers before anything else may run, so that a
 * thousand records would be one piece of work, in which no timer fires and no request is answered.
 */
export class LoopTurns {
  #lastMs = performance.now()
  #turn: Promise<void> | undefined

  /** Between two records: waits for a turn where the last one was long ago. */
  async next(): Promise<void> {
    if (performance.now() - this.#lastMs < TURN_MS) return
    this.#turn ??= macrotask().then(() => {
      this.#lastMs = performance.now()
      this.#turn = undefined
    })
    await this.#turn
  }
}

/** The first is that of Node, Bun and Deno; taken when the module is loaded, before tests put a clock of their own in their place. */
const { setImmediate, setTimeout: setTimer } = globalThis as {
  setImmediate?: (done: () => void) => unknown
  setTimeout: (done: () => void, milliseconds: number) => unknown
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    try {
      askForTurn(resolve)
    } catch {
      // the edge runtime of Next has both by name only: they throw
      setTimer(resolve, 0)
    }
  })
}

/** By what no platform delays as it does a timer of no milliseconds: in browsers that is a message. */
function askForTurn(resolve: () => void): void {
  // not by its bare name, of which Next warns where it builds for the edge
  const { MessageChannel: Channel } = globalThis as { MessageChannel?: typeof MessageChannel }
  if (setImmediate !== undefined) setImmediate(resolve)
  else if (Channel === undefined) setTimer(resolve, 0)
  else {
    const { port1, port2 } = new Channel()
    port1.onmessage = () => {
      port1.close() // what is open is kept
      resolve()
    }
    port2.postMessage(undefined)
  }
}
