/** The parts of undici 6 and 7 that are used here, by shape: the dispatcher's arguments, and its two kinds of handlers. */

/** What a request is dispatched with; whatever else is in it goes on as it is. */
export interface DispatchOptions {
  readonly origin?: string | URL | undefined
  readonly path: string
  readonly method: string
  readonly query?: object | null | undefined
  readonly headers?: unknown | undefined
  readonly body?: unknown | undefined
  readonly servername?: unknown | undefined
  /** Of `request`, `stream` and `pipeline`, by which undici itself listens once it is connected; fetch has its own way. */
  readonly signal?: unknown | undefined
}

/** Sends a request. Gives false where the next one should wait for `drain`. */
export type Dispatch = (options: DispatchOptions, handler: Handler) => boolean

/** Headers as they came: name, value, name, value; a value may be a list where an interceptor below has put it together. */
export type RawHeaders = readonly (RawText | readonly RawText[])[]
export type RawText = string | Uint8Array
/** Headers by lower-case name. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** What interceptors of redirects say of the requests before this one. */
export interface RequestContext {
  readonly history?: unknown
}

/** Ends a request. */
export type Abort = (reason?: unknown) => void

/** Steers a request in the lifecycle of undici 7. */
export interface Controller {
  readonly aborted: boolean
  readonly reason: unknown
  readonly paused: boolean
  readonly rawHeaders?: RawHeaders | null | undefined
  readonly rawTrailers?: RawHeaders | null | undefined
  pause(): void
  resume(): void
  abort(reason?: unknown): void
}

/** Both lifecycles; a handler has one of them, or both. */
export interface Handler {
  onConnect?(abort: Abort, context?: RequestContext): void
  onResponseStarted?(): void
  onBodySent?(chunk: unknown, total?: number): void
  onRequestSent?(): void
  onHeaders?(status: number, headers: RawHeaders, resume: () => void, statusText?: string): boolean | undefined
  onUpgrade?(status: number, headers: RawHeaders, socket: unknown): void
  onData?(chunk: Uint8Array): boolean | undefined
  onComplete?(trailers: RawHeaders): void
  onError?(error: unknown): void

  onRequestStart?(controller: Controller, context?: RequestContext): void
  onRequestUpgrade?(controller: Controller, status: number, headers: HeaderRecord, socket: unknown): void
  onResponseStart?(controller: Controller, status: number, headers: HeaderRecord, statusText?: string): void
  onResponseData?(controller: Controller, chunk: Uint8Array): void
  onResponseEnd?(controller: Controller, trailers: HeaderRecord): void
  onResponseError?(controller: Controller | null, error: unknown): void
}

/**
 * Whether a handler is spoken to in the older lifecycle, which hands raw headers on as they came.
 *
 * undici 7 wraps older handlers so that they have both. The newer one makes a record of the headers, from which a handler
 * of the `fetch` in Node 20 reads several cookies as one.
 */
export function isOlderHandler(handler: Handler): boolean {
  return typeof handler.onHeaders === 'function' || typeof handler.onRequestStart !== 'function'
}
