/** How long a request of axios waits for its secrets, with the errors that axios gives then. */

import { ownValue } from '../../plain-object.ts'
import { isNodeStream } from '../body-streams.ts'
import { CallerLimits } from '../caller-limits.ts'
import type { AxiosSettings } from './options.ts'
import type { AxiosConfig } from './types.ts'

/** As much of a `CancelToken` as is used here. */
interface CancelTokenLike {
  subscribe?(listener: (reason: unknown) => void): void
  unsubscribe?(listener: (reason: unknown) => void): void
}

/** The limits of a request while its secrets are read: `signal`, `cancelToken`, `timeout` and a stream in `data`. */
export class AxiosLimits extends CallerLimits {
  /** What an error says when `timeout` is over, in the words of the adapter below. */
  readonly timeoutMessage: string
  readonly #timeout: number | undefined
  readonly #started = performance.now()

  constructor(config: AxiosConfig, { axios, sendsByFetch }: AxiosSettings) {
    super()
    const { AxiosError, CanceledError } = axios
    // the adapter of fetch takes neither the caller's message nor the code
    const words = sendsByFetch ? undefined : ownValue(config, 'timeoutErrorMessage')
    this.timeoutMessage = String(words || `timeout of ${ownValue(config, 'timeout')}ms exceeded`)
    const data = ownValue(config, 'data')
    this.untilAborted(ownValue(config, 'signal'), () => new CanceledError(null, config))
    this.#untilCanceled(ownValue(config, 'cancelToken') as CancelTokenLike | undefined)
    if (isNodeStream(data)) this.untilBroken(data, (error) => AxiosError.from(error, undefined, config))
    const timeout = Number.parseInt(String(ownValue(config, 'timeout')), 10)
    if (!(timeout > 0)) return
    this.#timeout = timeout
    const code = sendsByFetch ? 'ETIMEDOUT' : timeoutCode(config)
    this.atEnd(this.untilTimeout(timeout, () => new AxiosError(this.timeoutMessage, code, config)))
  }

  /** What is left of `timeout`, which is for reading secrets and all hops together; undefined where there is none. */
  timeLeft(): number | undefined {
    return this.#timeout && Math.max(Math.ceil(this.#timeout - (performance.now() - this.#started)), 1)
  }

  #untilCanceled(token: CancelTokenLike | undefined): void {
    if (typeof token?.subscribe !== 'function') return
    // a CanceledError of axios
    const cancel = this.untilTold()
    token.subscribe(cancel)
    this.atEnd(() => token.unsubscribe?.(cancel))
  }
}

function timeoutCode(config: AxiosConfig): string {
  const transitional = ownValue(config, 'transitional') as object | undefined
  return ownValue(transitional, 'clarifyTimeoutError') ? 'ETIMEDOUT' : 'ECONNABORTED'
}
