/** What a step may throw. */

/** An error of an SDK, with what such errors carry. */
class SdkError extends Error {
  override readonly name = 'SdkError'
  readonly status = 401
  readonly #request: string
  readonly config: unknown

  constructor(key: string) {
    super(`401 for ${key}`, { cause: new TypeError(`invalid header: ${key}`) })
    this.#request = `GET / ${key}`
    this.config = { headers: { Authorization: key }, send: () => this.#request }
  }
}

/** What a step may throw, each with the key in it. */
export const FAILURES: readonly ((key: string) => unknown)[] = [
  (key) => new Error(`refused ${key}`, { cause: { headers: [key] } }),
  (key) => `refused ${key}`,
  (key) => new AggregateError([new Error(key), { token: key }, key], `all refused ${key}`),
  (key) => new SdkError(key),
  (key) => ({ status: 401, message: `refused ${key}`, response: { body: btoa(key) } }),
  (key) => Object.assign(new RangeError('out of range'), { [`key ${key}`]: new Map([[key, new Set([key])]]) }),
  (key) => new TextEncoder().encode(`refused ${key}`),
  (key) => Promise.resolve(key),
  (key) => Object.assign(() => key, { key }),
  (key) => new URL(`http://127.0.0.1/?key=${encodeURIComponent(key)}`),
]
