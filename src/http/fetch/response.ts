/** The response as the caller gets it: with masks in place of this request's secrets. */

import { lowerCaseName } from '../../header-name.ts'
import { defineOwn, hasMethods, withoutPrototype } from '../../plain-object.ts'
import { maskedWebStream } from '../body-streams.ts'
import { bodyKindOf, byteHeaders } from '../masked-body.ts'
import type { DataMasks } from '../response-masks.ts'
import type { FetchCall } from './call.ts'
import { readInOnePiece } from './whole-text.ts'

/** The content codings that every fetch undoes. */
const DECODED: readonly string[] = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br']
/** RFC 9112 §4, as the platform takes it. */
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/
const originals = new WeakMap<Response, Response>()

/** What was asked for, as far as the answer depends on it. */
export interface Asked extends Pick<FetchCall, 'keepsCoding'> {
  /** Of the request that was answered, which a redirect may have changed. */
  readonly method: string
}

/** What the caller may know of where the answer came from. */
export interface ShownUrl {
  /** The URL of the last hop, masks in place of secrets; undefined where the platform's own can be shown. */
  readonly url: string | undefined
  readonly isRedirected: boolean
}

/**
 * The response with masks in its headers and, where it is text, in its body; the response itself where there is nothing
 * to mask.
 *
 * @param masks what the request carried
 * @param redactError for errors that come while the body is read
 */
export function maskedResponse(
  response: Response,
  asked: Asked,
  masks: DataMasks | undefined,
  redactError: (error: unknown) => unknown,
): Response {
  if (masks === undefined || response.status < 200 || response.type === 'error') return response
  // those of another class than the platform's may give names as they were written
  const sent = Array.from(response.headers, ([name, value]): Header => [lowerCaseName(name), value])
  const kind = bodyKindOf(asked.method, response.status, headerIn(sent, 'content-type'))
  const source = kind === undefined ? undefined : streamOf(response.body)
  const headers = maskedHeaders(sent, masks)
  const given = response.statusText ?? ''
  const statusText = masks.text(given)
  if (source === undefined && headers === sent && statusText === given) return response
  const head = { headers, statusText, keepsCoding: asked.keepsCoding }
  if (source === undefined || kind === undefined) return rebuilt(response, response.body, head)
  const body = maskedWebStream(source, () => kind.inPieces(masks), redactError)
  const dropped = isDecoded(sent, asked) ? byteHeaders(headerIn(sent, 'content-length')) : []
  const fitting = headers.filter(([name]) => !dropped.includes(name))
  const made = rebuilt(response, body.stream, { ...head, headers: fitting })
  // what a fetch of one's own gives may have a body and nothing that reads it
  const isReadable = source === response.body && hasMethods(response, ['arrayBuffer'])
  if (isReadable) readInOnePiece(made, { original: response, body, masks, kind, redactError })
  return made
}

/** By lower-case name. */
type Header = [name: string, value: string]

function headerIn(headers: readonly Header[], wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1]
}

/** Whether every runtime undoes the content coding; the bytes of another may be as they were sent, and stay so. */
function isDecoded(headers: readonly Header[], { keepsCoding }: Asked): boolean {
  const coding = headerIn(headers, 'content-encoding')
  if (coding === undefined) return true
  const codings = coding.toLowerCase().split(',')
  return !keepsCoding && codings.every((coding) => DECODED.includes(coding.trim()))
}

/** The response, and each copy of it, with what the caller may know of its URL. */
export function withShownUrl(response: Response, shown: ShownUrl): Response {
  const { url, isRedirected } = shown
  if (url === undefined && !isRedirected) return response
  const clone = response.clone.bind(response)
  if (url !== undefined) redefine(response, 'url', url)
  if (isRedirected) redefine(response, 'redirected', true)
  redefine(response, 'clone', () => withShownUrl(clone(), shown))
  return response
}

/** The headers with masks; the same list where none of them holds a secret. */
function maskedHeaders(headers: readonly Header[], masks: DataMasks): readonly Header[] {
  // mostly none does, which one look tells
  const isClean = masks.spans(headers.map(([, value]) => value).join('\n')).length === 0
  return isClean ? headers : headers.map(([name, value]) => [name, masks.text(value)])
}

/** What a response is made with beside its body. */
interface Head extends Pick<Asked, 'keepsCoding'> {
  readonly headers: readonly Header[]
  readonly statusText: string
}

/**
 * A response of the platform's class that says of itself what the first one said.
 *
 * The first one is kept: when the platform forgets it, it cancels a body that nobody has begun to read.
 */
function rebuilt(response: Response, body: BodyInit | null, { headers, statusText, keepsCoding }: Head): Response {
  const { status, url, redirected, type } = response
  // a server may send a status or a reason that no response can be made with
  const canBeGiven = status <= 599 && REASON.test(statusText)
  // a Worker would encode it once more when it is sent
  const coding = keepsCoding && { encodeBody: 'manual' }
  const init = { ...(canBeGiven && { status, statusText }), ...coding, headers: [...headers] }
  const made = new Response(body, withoutPrototype(init))
  return describedBy({ status, ok: status >= 200 && status <= 299, statusText, url, redirected, type }, made, response)
}

type Description = Pick<Response, 'status' | 'ok' | 'statusText' | 'url' | 'redirected' | 'type'>

/** The response, and each copy of it, with what it could not be made to say of itself. */
function describedBy(description: Description, made: Response, original: Response): Response {
  const clone = made.clone.bind(made)
  for (const key of Object.keys(description) as (keyof Description)[]) {
    if (made[key] !== description[key]) redefine(made, key, description[key])
  }
  redefine(made, 'clone', () => describedBy(description, clone(), original))
  originals.set(made, original)
  return made
}

function redefine(response: Response, key: string, value: unknown): void {
  defineOwn(response, key, { value, enumerable: false, configurable: true })
}

/** The body as a web stream; node-fetch gives one of Node. */
function streamOf(body: unknown): ReadableStream<Uint8Array> | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  if ('getReader' in body) return body as ReadableStream<Uint8Array>
  if (!(Symbol.asyncIterator in body)) return undefined
  const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel(reason) {
      await iterator.return?.(reason)
    },
  })
}
