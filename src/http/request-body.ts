/** The body of a request, as far as it is text: read for references, and kept so that it can be sent again. */

import { fromUtf8, utf8 } from '../bytes.ts'
import { byteText } from '../redact/byte-text.ts'
import { type HttpCall, headerOf } from './http-call.ts'
import { isTextType } from './media-type.ts'

/** A body that was looked into. */
export interface ReadBody {
  /** Its text; undefined for one that has none, or that cannot be read without being used up. */
  readonly text: string | undefined
  /** Where it is bytes that are not text: one character for each byte. */
  readonly bytes: string | undefined
  /** The form, where it is one. */
  readonly form: URLSearchParams | FormData | undefined
  /** What is sent where nothing in it is resolved. */
  readonly body: BodyInit | null | undefined
  /** The content type that it brings along itself. */
  readonly type: string | undefined
  /** The same body with another text. */
  withText(text: string): BodyInit
}

/** Bytes beyond this are not looked through for a text that only might be a reference; a body that is resolved always is. */
const MAX_NOTICED_BYTES = 1_048_576

/**
 * Reads a body.
 *
 * @param isWanted whether references in it may be resolved: then everything is read that has an end
 */
export async function readCallBody(call: HttpCall, isWanted: boolean): Promise<ReadBody> {
  const { body, bodyOf } = call
  if (bodyOf !== undefined) return readRequestBody(call, bodyOf)
  const none = { text: undefined, bytes: undefined, form: undefined, body, type: undefined, withText: sameText }
  if (typeof body === 'string') return { ...none, text: body }
  if (typeof body !== 'object' || body === null) return none
  if (body instanceof URLSearchParams || isForm(body)) return { ...none, form: body }
  if (body instanceof Blob) {
    if (!isWanted) return none
    const type = body.type
    const withText = (text: string): BodyInit => new Blob([text], { type })
    return { ...none, ...readBytes(new Uint8Array(await body.arrayBuffer())), type, withText }
  }
  const bytes = viewBytes(body)
  if (bytes === undefined || (!isWanted && bytes.length > MAX_NOTICED_BYTES)) return none
  return { ...none, ...readBytes(bytes), withText: bytesFrom }
}

/** A `Request` gives its body once, as a stream: a text is kept, so that it has a length and can be sent again. */
async function readRequestBody(call: HttpCall, request: Request): Promise<ReadBody> {
  const none = { text: undefined, bytes: undefined, form: undefined, body: request.body, type: undefined }
  if (!isTextType(headerOf(call, 'content-type'))) return { ...none, withText: sameText }
  const bytes = new Uint8Array(await request.clone().arrayBuffer())
  return { ...none, ...readBytes(bytes), body: bytes, withText: bytesFrom }
}

function readBytes(bytes: Uint8Array): Pick<ReadBody, 'text' | 'bytes'> {
  const text = fromUtf8(bytes)
  return { text, bytes: text === undefined ? byteText(bytes) : undefined }
}

function sameText(text: string): string {
  return text
}

/** Whether it is a form of the platform, or of undici; the streams of the package `form-data` say that they are one, too. */
export function isForm(body: unknown): body is FormData {
  if (typeof body !== 'object' || body === null) return false
  if (body instanceof FormData) return true
  return Object.prototype.toString.call(body) === '[object FormData]' && 'entries' in body && Symbol.iterator in body
}

function viewBytes(body: object): Uint8Array | undefined {
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return undefined
}

function bytesFrom(text: string): Uint8Array<ArrayBuffer> {
  return utf8(text) as Uint8Array<ArrayBuffer>
}

/** Whether a body can be looked into and gives the same bytes a second time: no stream does, in whatever shape. */
export function canBeSentAgain(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true
  if (typeof body !== 'object') return false
  if (body instanceof URLSearchParams || isForm(body) || body instanceof Blob) return true
  return viewBytes(body) !== undefined
}
