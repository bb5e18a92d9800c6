/** A server on the loopback that writes down what arrives. */

import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** One request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Names as they were written, and values, in order. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export type Answer = (request: Arrived, response: ServerResponse) => unknown

export interface Loopback {
  readonly origin: string
  readonly port: number
  readonly arrived: Arrived[]
  readonly server: Server
}

/** Starts one; it ends with the test. */
export async function serve(answer: Answer): Promise<Loopback> {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request
    const seen = { method, url, headers, rawHeaders, body: (await buffer(request)).toString() }
    arrived.push(seen)
    await answer(seen, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close(() => undefined).closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, arrived, server }
}
