/** Loopback servers that write down what arrives, under host names that all lead to this machine. */

import dns from 'node:dns'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll } from 'vitest'
import { selfMadeCertificate } from './self-made-certificate.ts'

/** One request as it arrived. */
export interface KitArrival {
  /** As the client meant it: scheme and `Host`, with the port that it really came to. */
  readonly origin: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Three servers; each answers for every host name. */
export interface KitServers {
  /** Ports: plain HTTP, another one, and TLS. */
  readonly ports: { readonly plain: number; readonly other: number; readonly tls: number }
  /** What has arrived since it was emptied, on all of them, in order. */
  readonly arrived: KitArrival[]
  /** Called when a request for `/hang` has arrived, which is never answered. */
  onHang: () => void
  /** What `/rotated` waits for before it answers; it accepts only credentials that hold `new-`. */
  onRotated: () => Promise<unknown>
}

/** A path that is answered by a redirect. */
export function redirectPath(status: number, location: string): string {
  return `/to/${status}/${Buffer.from(location).toString('base64url')}`
}

/** Starts them before the tests of a file or block, and ends them afterwards; host names lead to 127.0.0.1 in between. */
export function kitServers(): KitServers {
  const servers = {
    ports: { plain: 0, other: 0, tls: 0 },
    arrived: [] as KitArrival[],
    onHang: () => undefined,
    onRotated: async () => undefined as unknown,
  }
  const started: { close(): void }[] = []
  let restore = (): void => undefined
  beforeAll(async () => {
    const certificate = selfMadeCertificate(['one.test', '*.one.test', 'two.test', 'localhost'])
    restore = leadToThisMachine(certificate.cert)
    const listener = (scheme: string) => (request: IncomingMessage, response: ServerResponse) =>
      void serve(servers, scheme, request, response)
    const all = { plain: createServer(), other: createServer(), tls: createTlsServer(certificate) }
    for (const [name, server] of Object.entries(all)) {
      server.on('request', listener(name === 'tls' ? 'https' : 'http'))
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      servers.ports[name as keyof typeof all] = (server.address() as AddressInfo).port
      started.push({ close: () => void server.close().closeAllConnections() })
    }
  })
  afterAll(() => {
    restore()
    for (const server of started) server.close()
  })
  return servers
}

/** Every client of Node asks `dns.lookup`, and makes its TLS contexts here: no option of a client is needed. */
function leadToThisMachine(certificate: string): () => void {
  const { lookup } = dns
  const { createSecureContext } = tls
  const answer = (...given: unknown[]): void => {
    const callback = given.at(-1) as (...values: unknown[]) => void
    const isAll = (given[1] as { all?: boolean }).all === true
    if (isAll) callback(null, [{ address: '127.0.0.1', family: 4 }])
    else callback(null, '127.0.0.1', 4)
  }
  dns.lookup = answer as typeof lookup
  tls.createSecureContext = (options) => {
    const made = createSecureContext(options)
    made.context.addCACert(certificate)
    return made
  }
  return () => {
    dns.lookup = lookup
    tls.createSecureContext = createSecureContext
  }
}

async function serve(
  servers: KitServers,
  scheme: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const { method = '', url = '', headers, socket } = request
  const name = (headers.host ?? '').replace(/:\d+$/, '')
  const arrival = {
    origin: `${scheme}://${name}:${socket.localPort}`,
    method,
    url,
    headers,
    body: Buffer.concat(pieces),
  }
  servers.arrived.push(arrival)
  const [, status, location] = /^\/to\/(\d+)\/([\w-]+)/.exec(url) ?? []
  if (status !== undefined) {
    response.writeHead(Number(status), { location: Buffer.from(location!, 'base64url').toString() }).end()
    return
  }
  const [, route = ''] = /^\/([\w-]*)/.exec(url) ?? []
  const answer = Object.hasOwn(ANSWERS, route) ? ANSWERS[route]! : ANSWERS['']!
  if (route === 'hang') servers.onHang()
  if (route === 'rotated') await servers.onRotated()
  answer(response, echoOf(arrival), arrival)
}

/** What a server knows of the credentials that it was sent. */
function echoOf({ url, headers, body }: KitArrival): string {
  const { authorization = '', 'x-api-key': key = '' } = headers
  return `${url} ${authorization} ${String(key)} ${body.toString()}`
}

/** Every byte there is. */
const BYTES = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7) % 256)

type Answer = (response: ServerResponse, echo: string, arrival: KitArrival) => void

const JSON_TYPE = { 'content-type': 'application/json' }
const ANSWERS: Readonly<Record<string, Answer>> = {
  '': (response) => response.writeHead(200, JSON_TYPE).end('{"ok":true}'),
  loop: (response) => response.writeHead(302, { location: '/loop' }).end(),
  hang: () => undefined,
  reset: (response) => response.socket?.destroy(),
  half: (response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' })
    response.write('the beginning', () => response.socket?.destroy())
  },
  rotated: (response, echo) => {
    response.writeHead(echo.includes(' new-') ? 200 : 401, { 'content-type': 'text/plain' }).end(echo)
  },
  failing: (response, echo) => response.writeHead(500, JSON_TYPE).end(JSON.stringify({ error: echo })),
  denied: (response, echo, { headers }) => {
    const { authorization = '' } = headers
    response.writeHead(401, { ...JSON_TYPE, 'www-authenticate': `Bearer error="${authorization}"` })
    response.end(JSON.stringify({ message: `invalid key ${echo}`, key: headers['x-api-key'] }))
  },
  head: (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1234', 'content-encoding': 'gzip', etag: '"a"' }).end()
  },
  empty: (response) => response.writeHead(204, { 'content-encoding': 'gzip', etag: '"b"' }).end(),
  nothing: (response) => response.writeHead(200, { ...JSON_TYPE, 'content-length': '0', etag: '"d"' }).end(),
  rows: (response, echo) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-range': '0-0/42', etag: '"e"' }).end(JSON.stringify([echo]))
  },
  unchanged: (response) => response.writeHead(304, { etag: '"c"', 'content-encoding': 'gzip' }).end(),
  typed: (response, echo, { url }) => {
    const type = decodeURIComponent(url.slice('/typed/'.length))
    response.writeHead(200, type === '' ? {} : { 'content-type': type })
    response.write(echo.slice(0, echo.indexOf('Bearer') + 12))
    setImmediate(() => response.end(echo.slice(echo.indexOf('Bearer') + 12)))
  },
  bytes: (response) => response.end(BYTES),
  gzip: (response, echo) => inTwo(response, 'gzip', gzipSync(echo, { level: 0 }), echo),
  br: (response, echo) => inTwo(response, 'br', brotliCompressSync(echo), echo),
}

/** Bytes in two pieces, cut in the middle of what they echo. */
function inTwo(response: ServerResponse, encoding: string, bytes: Buffer, echo: string): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding })
  const middle = Math.floor((bytes.length * (echo.indexOf('Bearer') + 12)) / echo.length)
  response.write(bytes.subarray(0, middle))
  setImmediate(() => response.end(bytes.subarray(middle)))
}
