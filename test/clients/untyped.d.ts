/** Clients that bring no types; those of the community are not installed. */

declare module 'superagent' {
  interface Sent extends PromiseLike<{ readonly status: number; readonly body: unknown; readonly text: string }> {
    set(headers: Readonly<Record<string, string>>): Sent
    send(body: unknown): Sent
    redirects(most: number): Sent
    retry(most: number): Sent
    timeout(ms: number): Sent
  }
  const superagent: { get(url: string): Sent; post(url: string): Sent }
  export default superagent
}

declare module 'ws' {
  import type { EventEmitter } from 'node:events'
  import type { Server } from 'node:http'

  export interface WebSocketOptions {
    readonly headers?: Readonly<Record<string, string>>
    readonly followRedirects?: boolean
  }
  export class WebSocket extends EventEmitter {
    constructor(url: string, options?: WebSocketOptions)
    send(text: string): void
    close(): void
  }
  export class WebSocketServer extends EventEmitter {
    constructor(options: { readonly server: Server })
    close(): void
  }
}
