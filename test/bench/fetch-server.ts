/** A server for the benchmarks of clients, in a thread of its own, so that its work is not taken for the client's. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The value that the server sends back within its bodies with an echo. */
export const TOKEN = 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4'

/** Bytes of each large body, about. */
const LARGE = 1_000_000

const SERVER = `
  const { createServer } = require('node:http')
  const { parentPort, workerData: bodies } = require('node:worker_threads')
  const server = createServer((request, response) => {
    request.resume()
    const [type, body] = bodies[request.url] ?? ['application/json', '{"ok":true}']
    response.setHeader('content-type', type)
    response.end(body)
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

/** What is asked for: the path, and what comes back. */
export const LARGE_BODIES = {
  '/json': ['application/json', tickets(false)],
  '/json-echo': ['application/json', tickets(true)],
  '/text': ['text/plain', lines(false)],
  '/text-echo': ['text/plain', lines(true)],
  '/events': ['text/event-stream', events(false)],
  '/events-echo': ['text/event-stream', events(true)],
} as const

/** Starts the server. */
export async function startServer(): Promise<{ readonly origin: string; stop(): Promise<unknown> }> {
  const worker = new Worker(SERVER, { eval: true, workerData: LARGE_BODIES })
  const [port] = (await once(worker, 'message')) as [number]
  return { origin: `http://127.0.0.1:${port}`, stop: () => worker.terminate() }
}

/** A list as an API gives it; with the echo, the token stands in every thousandth element. */
function tickets(hasEcho: boolean): string {
  return JSON.stringify({ tickets: elements((id) => ticket(id, hasEcho)) })
}

function lines(hasEcho: boolean): string {
  return elements((id) => `2026-01-01T00:00:${id % 60} GET /api/v2/tickets/${id} ${note(id, hasEcho)}\n`).join('')
}

/** Deltas as a model sends them. */
function events(hasEcho: boolean): string {
  return elements(
    (id) => `data: ${JSON.stringify({ id, choices: [{ delta: { content: note(id, hasEcho) } }] })}\n\n`,
  ).join('')
}

function ticket(id: number, hasEcho: boolean): object {
  return {
    id,
    subject: `Ticket ${id}`,
    url: `https://acme.example/tickets/${id}.json`,
    tags: ['a', 'b'],
    note: note(id, hasEcho),
  }
}

function note(id: number, hasEcho: boolean): string {
  return hasEcho && id % 1_000 === 0
    ? `the key was "Bearer ${TOKEN}"`
    : 'The customer has written again, and waits for an answer.'
}

function elements<T>(make: (id: number) => T): T[] {
  const all: T[] = []
  for (let id = 1, size = 0; size < LARGE; id++) {
    const element = make(id)
    size += typeof element === 'string' ? element.length : JSON.stringify(element).length + 1
    all.push(element)
  }
  return all
}
