/** Sends one request by `node:http` or `node:https`; its secrets go in after it was created. */

import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { pipeline } from 'node:stream'
import { utf8 } from '../../bytes.ts'
import { GuillemetError } from '../../errors.ts'
import { withoutPrototype } from '../../plain-object.ts'
import type { Outgoing } from '../hop.ts'
import { type HttpCall, headerOf } from '../http-call.ts'
import { agentFor } from './agent.ts'
import { isReadable, type NodeCall } from './call.ts'
import { timeoutError } from './limits.ts'

/** One request as it is sent. */
export interface Sending {
  readonly call: NodeCall
  readonly outgoing: Outgoing
  /** The path with masks, for anyone who looks at the options; undefined where the real one holds no secret. */
  readonly shownPath: string | undefined
  readonly hasSecrets: boolean
}

/**
 * Sends the request.
 *
 * `NODE_DEBUG=http` and hooks of tracing packages print or keep the options that a request is created with. So these hold
 * no secret: headers are set, and a path with a secret is put in its place, on the request that was made, before its
 * first byte is written.
 *
 * @returns the response, as soon as its headers are there
 * @throws what node throws or emits, not yet masked; an Error with the code ETIMEDOUT after `timeout`;
 *   ERR_INVALID_INPUT where the server switches to another protocol
 */
export function sendRequest(sending: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = createRequest(sending)
    request.on('error', reject)
    let response: IncomingMessage | undefined
    request.once('response', (answer) => {
      response = answer
      resolve(answer)
    })
    // node only emits an event when the time is over, and nobody else has the request; the timeout of an agent, which is
    // for idle sockets, emits one as well
    const { timeout } = sending.call.rest
    if (timeout) request.once('timeout', () => (response ?? request).destroy(silenceError(timeout)))
    request.once('upgrade', (_response, socket) => {
      socket.destroy()
      reject(upgradeError())
    })
    try {
      addHeaders(request, sending)
      // a request that is given up before it had a socket says nothing; its own errors come first
      sendBody(request, sending, (error) => void (error && reject(error)))
    } catch (error) {
      request.destroy()
      reject(error)
    }
  })
}

function createRequest({ call, outgoing, shownPath, hasSecrets }: Sending): ClientRequest {
  const { url, method } = outgoing
  const { rest, oddTarget } = call
  const path = oddTarget ?? shownPath ?? pathOfUrl(url)
  const host = headerOf(call, 'host')
  const agent = hasSecrets ? agentFor(url.protocol) : undefined
  const options: RequestOptions = {
    // one that is absent must not be found on a polluted prototype
    ...withoutPrototype({
      agent,
      createConnection: undefined,
      socketPath: undefined,
      lookup: undefined,
      auth: undefined,
    }),
    ...rest,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
    path,
    method,
    ...userOf(url),
    // node reads the server name of TLS off this header, which never holds a secret
    headers: host === undefined ? {} : { host },
  }
  if (options.agent === undefined && options.createConnection === undefined) options.agent = agent
  // looked up late, so that what is put in its place later is used
  const request = (url.protocol === 'https:' ? https : http).request(withoutPrototype(options))
  if (shownPath !== undefined && oddTarget === undefined) request.path = pathOfUrl(url)
  return request
}

/** Of a request without secrets: in another one it is a header by now. */
function userOf({ username, password }: URL): { readonly auth?: string } {
  if (username === '' && password === '') return {}
  return { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
}

function pathOfUrl({ pathname, search }: URL): string {
  return pathname + search
}

function addHeaders(request: ClientRequest, { call, outgoing }: Sending): void {
  for (const [name, value] of outgoing.headers) {
    if (name !== 'host') request.setHeader(call.headerNames.get(name) ?? name, value)
  }
}

/**
 * A known body gets its length, a stream that of the caller: node frames no body of a GET or DELETE by itself.
 *
 * @param done is told when a stream is written, or why it is not
 */
function sendBody(
  request: ClientRequest,
  { call, outgoing: { body } }: Sending,
  done: (error: NodeJS.ErrnoException | null) => void,
): void {
  const isFramed = request.hasHeader('transfer-encoding')
  if (isReadable(body)) {
    const length = headerOf(call, 'content-length')
    if (length !== undefined) request.setHeader('Content-Length', length)
    else if (!isFramed) request.setHeader('Transfer-Encoding', 'chunked')
    // without it the request would only say that its connection was cut
    body.once('error', (error) => request.destroy(error))
    // what is neither text nor bytes would throw where nobody can catch it
    if (body.readableObjectMode) pipeline(body, textOrBytes, request, done)
    else pipeline(body, request, done)
    return
  }
  const bytes = bodyBytes(body)
  if (bytes === undefined) return void request.end()
  if (body instanceof URLSearchParams && !request.hasHeader('content-type')) {
    request.setHeader('Content-Type', 'application/x-www-form-urlencoded;charset=UTF-8')
  }
  if (!isFramed) request.setHeader('Content-Length', bytes.byteLength)
  request.end(bytes)
}

/** @throws ERR_INVALID_INPUT for a piece that is something else */
async function* textOrBytes(pieces: AsyncIterable<unknown>): AsyncGenerator<string | Uint8Array> {
  for await (const piece of pieces) {
    if (typeof piece !== 'string' && !(piece instanceof Uint8Array)) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'The stream of the body gave something that is neither a text nor bytes; encode it first.',
        { path: 'body' },
      )
    }
    yield piece
  }
}

function bodyBytes(body: HttpCall['body']): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return utf8(String(body))
}

function silenceError(timeout: number): Error {
  return timeoutError(`The server sent nothing for ${timeout} ms`)
}

function upgradeError(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The server switched to another protocol, which vaultRequest does not speak; give vault.resolveRequest to a client that does.',
  )
}
