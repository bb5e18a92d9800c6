/** How long a call of `vaultRequest` waits for its secrets, with the errors that node gives then. */

import { CallerLimits } from '../caller-limits.ts'
import { isReadable, type NodeCall } from './call.ts'

/** The limits of one call while its secrets are read: `signal`, `timeout` and a stream as its body. */
export class NodeLimits extends CallerLimits {
  readonly #timeout: number | undefined

  constructor({ rest: { signal, timeout }, body }: NodeCall) {
    super()
    this.#timeout = timeout
    this.untilAborted(signal, abortError)
    if (isReadable(body)) this.untilBroken(body, (error) => error)
  }

  /** What the work gives, within `timeout`, which for node is the longest silence. */
  async within<T>(work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    const timeout = this.#timeout
    if (!timeout) return work(this.signal)
    const stop = this.untilTimeout(timeout, () => timeoutError(`The secrets were not there within ${timeout} ms`))
    try {
      return await work(this.signal)
    } finally {
      stop()
    }
  }
}

/** As node has it. */
function abortError(cause: unknown): Error {
  const error = new Error('The operation was aborted', { cause })
  error.name = 'AbortError'
  return Object.assign(error, { code: 'ABORT_ERR' })
}

/** @param what what has not happened in time, as the beginning of a sentence */
export function timeoutError(what: string): Error {
  return Object.assign(new Error(`${what}, the timeout of the request.`), { code: 'ETIMEDOUT' })
}
