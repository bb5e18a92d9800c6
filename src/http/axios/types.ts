/** What `vaultAdapter` needs of axios 1, by shape: nothing is imported from it. */

/** A request config as an adapter gets it. */
export type AxiosConfig = Readonly<Record<PropertyKey, unknown>>

/** A response as an adapter gives it. */
export interface AxiosAnswer {
  data: unknown
  status: number
  statusText: string
  headers: AxiosHeaderMap
  config: unknown
  request?: unknown
}

/** The headers of axios: a map of texts by name, in any case. */
export interface AxiosHeaderMap extends Iterable<[string, unknown]> {
  get(name: string): unknown
  set(name: string, value: unknown): unknown
  delete(name: string): unknown
}

/** Sends one request. */
// biome-ignore lint/suspicious/noExplicitAny: the config and the response of axios differ from version to version
export type AxiosAdapterLike = (config: any) => Promise<any>

// biome-ignore lint/suspicious/noExplicitAny: as above
type Constructor = new (...parameters: any[]) => any

/** `axios` itself, as it is imported: `import axios from 'axios'`. An instance that `axios.create` made has less. */
export interface AxiosLike {
  /** The built-in adapter of that name, or the first of a list that the runtime has. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getAdapter(adapters: any, config?: any): AxiosAdapterLike
  /** Computes a URL as axios does, without the defaults of `axios` itself. */
  readonly Axios: Constructor
  /** The class of its errors. */
  readonly AxiosError: Constructor & {
    /** An error of axios with the message of another one. */
    // biome-ignore lint/suspicious/noExplicitAny: as above
    from(error: unknown, ...rest: any[]): any
  }
  /** The class of its headers. */
  readonly AxiosHeaders: Constructor
  /** The class of the error for a request that was given up. */
  readonly CanceledError: Constructor
}

/** An error of axios. */
export interface AxiosErrorLike extends Error {
  readonly isAxiosError: true
  readonly code?: string
  readonly config?: unknown
  readonly request?: unknown
  readonly response?: AxiosAnswer
  readonly status?: number
  readonly cause?: unknown
}

/** Whether it is an error of axios, of whatever copy of it. */
export function isAxiosError(error: unknown): error is AxiosErrorLike {
  return error instanceof Error && Object.hasOwn(error, 'isAxiosError')
}
