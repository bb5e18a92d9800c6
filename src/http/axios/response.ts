/** The response as the caller of axios gets it: the caller's own config, a request that only says where it went, and masks. */

import { equalBytes, utf8 } from '../../bytes.ts'
import { withoutPrototype } from '../../plain-object.ts'
import { parseUrl } from '../../url.ts'
import type { BodyMasks } from '../body-masks.ts'
import { isNodeStream, isWebStream, maskedWebStream, type NodeStream } from '../body-streams.ts'
import type { Outgoing } from '../hop.ts'
import { type BodyKind, bodyKindOf, byteHeaders, maskedBytes } from '../masked-body.ts'
import type { DataMasks, ResponseMasks } from '../response-masks.ts'
import { nodeModule } from './transport.ts'
import type { AxiosAnswer } from './types.ts'

const UNDONE_BY_FETCH: readonly string[] = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'identity', '']
const UNCHANGED: BodyMasks = { push: (bytes) => bytes, end: () => new Uint8Array() }

/** What people read of `request`, whatever sent it. */
export interface ShownRequest {
  readonly method: string
  readonly protocol: string
  readonly host: string
  readonly path: string
  /** As `Request` of fetch has it. */
  readonly url: string
  readonly aborted: boolean
  /** There once an answer has come. */
  readonly res?: { readonly responseUrl: string; readonly statusCode: number }
}

/**
 * Stands in for the request of Node or of fetch, which holds every header.
 *
 * @param shownUrl with masks in place of secrets
 */
export function shownRequest(
  { method, url }: Outgoing,
  shownUrl: string,
  inner: unknown,
  status: number | undefined,
  masks: ResponseMasks,
): ShownRequest {
  // a mask can make a URL unreadable
  const { hostname, pathname, search } = parseUrl(shownUrl) ?? url
  const [host, path] = [masks.strict(hostname), masks.strict(`${pathname}${search}`)]
  const aborted = typeof inner === 'object' && inner !== null && (inner as { aborted?: unknown }).aborted === true
  const request = { method, protocol: url.protocol, host, path, url: shownUrl, aborted }
  return status === undefined ? request : { ...request, res: { responseUrl: shownUrl, statusCode: status } }
}

/** What a response is masked with. */
export interface AnswerMasks {
  /** Undefined where nothing is masked. */
  readonly data: DataMasks | undefined
  /** For errors that come while a stream is read. */
  error(error: unknown): unknown
}

/**
 * The answer with masks in its headers and, where it is text, in its data; status and all else as they are.
 *
 * @param method of the request that was answered
 */
export async function maskedAnswer(answer: AxiosAnswer, method: string, masks: AnswerMasks): Promise<AxiosAnswer> {
  const { data: dataMasks } = masks
  const { data, headers, status, statusText } = answer
  if (dataMasks === undefined) return { ...answer, data: await maskedData(data, undefined, masks.error) }
  const type = headers.get('content-type')
  const kind = bodyKindOf(method, status, typeof type === 'string' ? type : undefined)
  const clean = await maskedData(data, kind && { kind, masks: dataMasks }, masks.error)
  for (const [name, value] of [...headers]) headers.set(name, maskedValue(value, dataMasks))
  const isChanged = kind !== undefined && clean !== data && !isEncodedStream(data, headers.get('content-encoding'))
  if (isChanged) for (const name of byteHeaders(headers.get('content-length'))) headers.delete(name)
  return { ...answer, data: clean, statusText: maskedValue(statusText, dataMasks) as string }
}

/**
 * Whether a coding was not undone. Nothing is found in such a stream, and anyone who undoes it later needs its headers. The
 * http adapter takes away the header of a coding that it has undone; fetch leaves it, and a body in a coding that it does not know.
 */
function isEncodedStream(data: unknown, contentEncoding: unknown): boolean {
  const codings = typeof contentEncoding === 'string' ? contentEncoding.toLowerCase().split(',') : []
  const isUndone = (coding: string): boolean => UNDONE_BY_FETCH.includes(coding.trim())
  return isNodeStream(data) ? codings.length > 0 : isWebStream(data) && !codings.every(isUndone)
}

function maskedValue(value: unknown, masks: DataMasks): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => maskedValue(item, masks))
  return typeof value === 'string' ? masks.text(value) : value
}

/** What the data is masked with. */
interface Masking {
  readonly kind: BodyKind
  readonly masks: DataMasks
}

/** The data in the shape in which the adapter gave it; the same where nothing of it is masked. */
async function maskedData(
  data: unknown,
  masking: Masking | undefined,
  redactError: (error: unknown) => unknown,
): Promise<unknown> {
  const inPieces = () => masking?.kind.inPieces(masking.masks) ?? UNCHANGED
  if (isNodeStream(data)) return maskedStream(data, inPieces(), redactError)
  if (isWebStream(data)) return maskedWebStream(data, inPieces, redactError).stream
  if (masking === undefined) return data
  if (typeof data === 'string') return masking.kind.whole(data, masking.masks)
  if (data instanceof ArrayBuffer) return changed(new Uint8Array(data), masking)?.slice().buffer ?? data
  // a Buffer of Node stays one
  if (data instanceof Uint8Array) {
    const masked = changed(data, masking)
    return masked === undefined ? data : (data.constructor as Uint8ArrayConstructor).from(masked)
  }
  if (data instanceof Blob) {
    const masked = changed(new Uint8Array(await data.arrayBuffer()), masking)
    return masked === undefined ? data : new Blob([masked as BlobPart], withoutPrototype({ type: data.type }))
  }
  return data
}

/** Undefined where nothing was masked. */
function changed(bytes: Uint8Array, { kind, masks }: Masking): Uint8Array | undefined {
  const masked = maskedBytes(bytes, kind, masks)
  return masked === bytes || equalBytes(masked, bytes) ? undefined : masked
}

/** A stream of Node; errors of the one below, which hold its request, are cleaned. */
function maskedStream(source: NodeStream, masks: BodyMasks, redactError: (error: unknown) => unknown): NodeStream {
  const redactOnce = oncePerError(redactError)
  const masked = nodeModule('node:stream')!.Readable.from(maskedChunks(source, masks, redactOnce), {
    objectMode: false,
  })
  // an abort may come before anybody reads, and then nobody else listens or lets go of the connection
  source.on('error', (error) => masked.destroy(redactOnce(error)))
  // as with the stream of axios: nobody needs to listen, and anyone who reads later is told
  return masked.on('close', () => source.destroy()).on('error', () => undefined)
}

/** An error that is met twice is one: of two that differ, the streams of Node 24 make an `AggregateError`. */
function oncePerError(redactError: (error: unknown) => unknown): (error: unknown) => unknown {
  let known: { readonly given: unknown; readonly clean: unknown } | undefined
  return (error) => {
    if (error === known?.clean) return error
    if (known === undefined || error !== known.given) known = { given: error, clean: redactError(error) }
    return known.clean
  }
}

async function* maskedChunks(
  source: NodeStream,
  masks: BodyMasks,
  redactError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      const clean = masks.push(typeof chunk === 'string' ? utf8(chunk) : chunk)
      if (clean.length > 0) yield clean
    }
  } catch (error) {
    throw redactError(error)
  }
  const rest = masks.end()
  if (rest.length > 0) yield rest
}
