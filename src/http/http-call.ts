/** One HTTP request of a client, as the client sends it: what every client of this folder is brought to. */

/** A request before its references are resolved. */
export interface HttpCall {
  /** Absolute; that of a `URL` or a `Request` as it is, its percent-encoding not undone. */
  readonly url: string
  /** In capitals. */
  readonly method: string
  readonly headers: readonly CallHeader[]
  /** As the client was given it; undefined where there is none, and for the body of a `Request`. */
  readonly body: BodyInit | null | undefined
  /** The `Request` whose body is sent. */
  readonly bodyOf: Request | undefined
  /** Whether a server has named the URL: text in it is that server's, and no reference. */
  readonly isUrlOfServer?: boolean | undefined
  /**
   * Members of what the client was given that could lead the request elsewhere or weaken its transport (`proxy`, `agent`,
   * `socketPath`, …), by name: no secret that is bound to hosts is sent with them.
   */
  readonly diversions: readonly string[]
  /** By which the caller gives up, also while secrets or a body are read. */
  readonly signal?: AbortSignal | null | undefined
  /** Parameters of the query that the client has not yet written as text; absent where the URL holds all there is. */
  readonly params?: CallParams
}

/** Parameters that a client writes into the URL by itself. In `url` of the call they are as text, which is not looked into. */
export interface CallParams {
  /** The URL without them. */
  readonly url: string
  /** As the client was given them. */
  readonly value: unknown
  /** Where their values are in what was given: `params`. */
  readonly key: string
  /** The URL with such parameters, as the client writes them. */
  write(url: string, params: unknown): string
}

/** One header as it is sent. */
export interface CallHeader {
  /** In lower case. */
  readonly name: string
  readonly value: string
  /** Where its value is in what was given: `headers.X-Key`, `headers[0][1]`, `auth` for user and password apart. */
  readonly keys: readonly (string | number)[]
}

/** The text of a header by its lower-case name. */
export function headerOf({ headers }: Pick<HttpCall, 'headers'>, wanted: string): string | undefined {
  return headers.find(({ name }) => name === wanted)?.value
}
