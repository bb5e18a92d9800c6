/** Takes the codings off a body (RFC 9110 §8.4), as leniently as browsers and the platform's fetch do. */

import { Duplex, pipeline } from 'node:stream'
import { constants, createBrotliDecompress, createInflate, createInflateRaw, createUnzip } from 'node:zlib'
import { withoutPrototype } from '../../plain-object.ts'

/** Servers end a body too early, or send none at all: what there is counts. */
const LENIENT = withoutPrototype({ finishFlush: constants.Z_SYNC_FLUSH })
const LENIENT_BROTLI = withoutPrototype({ finishFlush: constants.BROTLI_OPERATION_FLUSH })
const DECODERS: ReadonlyMap<string, () => Duplex> = new Map([
  ['gzip', () => createUnzip(LENIENT)],
  ['x-gzip', () => createUnzip(LENIENT)],
  ['deflate', () => Duplex.from(inflated)],
  ['br', () => createBrotliDecompress(LENIENT_BROTLI)],
])
/** A longer list is an attempt to make this work hard. */
const MAX_CODINGS = 5

/** A body without its codings. */
export type Decode = (body: NodeJS.ReadableStream) => NodeJS.ReadableStream

/**
 * What undoes a `Content-Encoding`; undefined where one of its codings is unknown here, or where there are more than five.
 */
export function decoderOf(contentEncoding: string | undefined): Decode | undefined {
  const codings = (contentEncoding ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length === 0) return (body) => body
  const makers = codings.map((coding) => DECODERS.get(coding))
  if (codings.length > MAX_CODINGS || !makers.every((make) => make !== undefined)) return undefined
  // the coding that was applied last is named last
  return (body) => makers.reduceRight((inner, make) => pipeline(inner, make(), () => undefined), body)
}

/** Many servers send a deflate without the frame that RFC 9110 asks for; its first byte tells. */
async function* inflated(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  const first = await pieces.next()
  if (first.done === true) return
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first.value
    yield* { [Symbol.asyncIterator]: () => pieces }
  }
  const isFramed = (first.value[0]! & 0x0f) === 0x08
  yield* pipeline(all, isFramed ? createInflate(LENIENT) : createInflateRaw(LENIENT), () => undefined)
}
