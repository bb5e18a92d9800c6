/**
 * The same cases for every HTTP client: redirects, tricks in URLs, failures, values that come back from a server's parser,
 * lengths and empty bodies, what is sent again. All of them are judged by what loopback servers received.
 *
 * A client hands in how it is made and called, in a module of its own: `clientKit(client)` in a test file registers the
 * cases. Redirects, values and debug output take seconds: they belong into a thorough test.
 */

import { describe } from 'vitest'
import type { ClientOptions } from '../../src/http/client-options.ts'
import type { Vault } from '../../src/vault/api.ts'
import { bodyCases } from './kit-bodies.ts'
import { debugCases } from './kit-debug.ts'
import { failureCases } from './kit-failures.ts'
import { redirectCases } from './kit-redirects.ts'
import { resendCases } from './kit-resends.ts'
import { kitServers } from './kit-servers.ts'
import { urlTrickCases } from './kit-url-tricks.ts'
import { valueCases } from './kit-values.ts'

/** One request, as far as every client can send it. */
export interface KitRequest {
  readonly url: string
  /** What the client computes the URL with (`baseURL`, `prefixUrl`); given only to one that `takesBase`. */
  readonly base?: string
  /** @default GET */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

/** The answer as a caller sees it. */
export interface KitAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Sends one request; rejects with what the caller of the client is thrown. */
export type KitSend = (request: KitRequest) => Promise<KitAnswer>

/** One client. */
export interface KitClient {
  readonly name: string
  /** `import.meta.url` of the module that exports it as `client`, and imports nothing of vitest. */
  readonly module: string
  /** The client with the vault below it, made as its users make it. */
  create(vault: Vault, options: ClientOptions): KitSend
  /** Whether redirects are followed; otherwise the caller gets the answer that asks for one. @default true */
  readonly followsRedirects?: boolean
  /** Whether it follows them itself, so that each hop is a request of its own for the vault. @default false */
  readonly followsAbove?: boolean
  /** Whether it leaves `Authorization` and `Cookie` out on another host, whatever the rules say. @default false */
  readonly dropsCredentials?: boolean
  /** Whether requests can have a `base`. @default false */
  readonly takesBase?: boolean
  /** Whether the caller gets gzip and brotli decoded. @default true */
  readonly decodes?: boolean
  /** Whether the caller sees the `Content-Encoding` of an answer without a body. @default true */
  readonly showsEncoding?: boolean
  /** Whether a `Content-Length` that the caller sets may be handed to the client at all. @default true */
  readonly takesLength?: boolean
}

/** A group of cases, and the servers that they run against. */
export type KitCases = (client: KitClient, servers: ReturnType<typeof kitServers>) => void

const ALL: Readonly<Record<string, KitCases>> = {
  redirects: redirectCases,
  'URL tricks': urlTrickCases,
  failures: failureCases,
  values: valueCases,
  bodies: bodyCases,
  resends: resendCases,
  'debug output': debugCases,
}

/** Registers the cases, or those of the groups named. */
export function clientKit(client: KitClient, groups: readonly (keyof typeof ALL)[] = Object.keys(ALL)): void {
  describe(`${client.name} holds what every client promises`, () => {
    const servers = kitServers()
    for (const group of groups) describe(group, () => ALL[group]!(client, servers))
  })
}
