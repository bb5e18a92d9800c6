/** A server for the benchmarks of clients, in a thread of its own, so that its work is not taken for the client's. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The value that the server sends back within its bodies with an echo. */
export const TOKEN = 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4'

/** Bytes of each large body, about. */
const LARGE = 1_000_000

/** What people write, one after the other: line ends, quotes, links and other languages, here and there. */
const NOTES = [
  'The customer has written again, and waits for an answer.',
  'Hello,\n\nthe printer on the third floor says "paper jam" again, since Monday at least.\n\nThanks, Zoë',
  'Has been told to restart it, and to call back on Thursday between 9:00 and 11:30.',
  'See https://acme.example/help?article=17&lang=en – it’s 5 % faster than before.',
  'Bitte rufen Sie mich morgen früh zurück, möglichst vor 9 Uhr.',
  'Closed by automation rule 4711: no reply within 14 days.',
]

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
  return `{"tickets":[${elements((id) => json(ticket(id, hasEcho), id)).join(',')}]}`
}

function lines(hasEcho: boolean): string {
  return elements((id) => `2026-01-01T00:00:${id % 60} GET /api/v2/tickets/${id} ${note(id, hasEcho)}\n`).join('')
}

/** Deltas as a model sends them. */
function events(hasEcho: boolean): string {
  return elements((id) => `data: ${json({ id, choices: [{ delta: { content: note(id, hasEcho) } }] }, id)}\n\n`).join(
    '',
  )
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
  return hasEcho && id % 1_000 === 0 ? `the key was "Bearer ${TOKEN}"` : NOTES[id % NOTES.length]!
}

/** JSON as programs write it: every other time as ASCII. */
function json(value: object, id: number): string {
  const text = JSON.stringify(value)
  if (id % 2 === 0) return text
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function elements(make: (id: number) => string): string[] {
  const all: string[] = []
  for (let id = 1, size = 0; size < LARGE; id++) {
    const element = make(id)
    size += element.length + 1
    all.push(element)
  }
  return all
}
