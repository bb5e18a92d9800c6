/** The answer of `vaultRequest`: what people read of `http.IncomingMessage`, with masks, and no way to the request. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { nullRecord, ownValue } from '../../plain-object.ts'
import type { BodyMasks } from '../body-masks.ts'
import { bodyKindOf, byteHeaders } from '../masked-body.ts'
import type { DataMasks } from '../response-masks.ts'
import { decoderOf } from './decoded.ts'

/** What a response is shown with. */
export interface Showing {
  /** Of the request. */
  readonly method: string
  /** Undefined where nothing is masked. */
  readonly masks: DataMasks | undefined
  readonly redactError: (error: unknown) => unknown
}

/**
 * A response: a readable stream of its body, with the members of `http.IncomingMessage` that say something of the answer.
 *
 * `req`, `socket` and `connection` are not there, since they lead to the request as it was sent. Where the body is text it
 * arrives with masks, decompressed, and without the headers that belonged to the bytes that were sent. Destroy it, or
 * read it to its end, to free the connection.
 */
export class VaultResponse extends Readable {
  /** The HTTP status, such as 200. */
  readonly statusCode: number
  /** The text after it. */
  readonly statusMessage: string
  /** Such as `1.1`. */
  readonly httpVersion: string
  /** Its first number. */
  readonly httpVersionMajor: number
  /** Its second number. */
  readonly httpVersionMinor: number
  /** By lower-case name; `set-cookie` is a list. */
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: string[]
  /** Every value by lower-case name. */
  readonly headersDistinct: NodeJS.Dict<string[]>
  /** What came after the body; empty before its end. */
  trailers: NodeJS.Dict<string> = nullRecord()
  /** The same, names and values in turn. */
  rawTrailers: string[] = []
  /** Whether all of the answer has arrived. */
  complete = false
  readonly #source: IncomingMessage
  readonly #body: NodeJS.ReadableStream
  readonly #redactError: (error: unknown) => unknown

  /** @internal */
  constructor(source: IncomingMessage, { method, masks, redactError }: Showing) {
    super()
    const text = masks === undefined ? String : masks.text
    const kind = bodyKindOf(method, source.statusCode!, source.headers['content-type'])
    // a value cannot be found in what is compressed
    const decode = decoderOf(source.headers['content-encoding'])
    const isRead = masks !== undefined && kind !== undefined && decode !== undefined
    const dropped = byteHeaders(source.headers['content-length'])
    const isKept = (name: string): boolean => !isRead || !dropped.includes(name.toLowerCase())
    this.statusCode = source.statusCode!
    this.statusMessage = text(source.statusMessage!)
    this.httpVersion = source.httpVersion
    this.httpVersionMajor = source.httpVersionMajor
    this.httpVersionMinor = source.httpVersionMinor
    this.headers = masked(ownHeaders(source), text, isKept)
    this.headersDistinct = masked(source.headersDistinct, text, isKept)
    this.rawHeaders = maskedPairs(source.rawHeaders, text, isKept)
    this.#source = source
    this.#redactError = redactError
    this.#body = isRead ? decode(source) : source
    this.#listen(isRead ? kind.inPieces(masks) : undefined, text)
  }

  /** @internal */
  override _read(): void {
    this.#body.resume()
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.destroy()
    done(error)
  }

  #listen(masks: BodyMasks | undefined, text: (text: string) => string): void {
    const fail = (error: unknown): void => void this.destroy(this.#redactError(error) as Error)
    // as IncomingMessage has it: nobody needs to listen, and who reads later is told all the same
    this.on('error', () => undefined)
    this.#body.on('data', (bytes: Uint8Array) => {
      const clean = masks === undefined ? bytes : masks.push(bytes)
      if (clean.length > 0 && !this.push(clean)) this.#body.pause()
    })
    this.#body.on('end', () => {
      this.complete = this.#source.complete
      this.trailers = masked(this.#source.trailers, text)
      this.rawTrailers = maskedPairs(this.#source.rawTrailers, text)
      const rest = masks?.end()
      if (rest !== undefined && rest.length > 0) this.push(rest)
      this.push(null)
    })
    this.#body.on('error', fail)
    if (this.#body !== this.#source) this.#source.on('error', fail)
    this.#body.pause()
    // it was cut before anybody listened, so no event will tell of it
    if (this.#source.destroyed) fail(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  }
}

/** Node's own record has a prototype: on a polluted one it takes a first header for a second, and drops it. */
function ownHeaders({ headers, headersDistinct }: IncomingMessage): NodeJS.Dict<string | string[]> {
  const names = Object.keys(headersDistinct)
  return nullRecord(names.map((name) => [name, ownValue(headers, name) ?? headersDistinct[name]![0]] as const))
}

type Values = string | string[] | undefined

function masked<T extends Values>(
  values: NodeJS.Dict<T>,
  text: (text: string) => string,
  isKept: (name: string) => boolean = () => true,
): Record<string, T> {
  const shown = nullRecord<T>()
  for (const [name, value] of Object.entries(values)) {
    if (isKept(name))
      shown[name] = (Array.isArray(value) ? value.map((each) => text(each)) : text(value as string)) as T
  }
  return shown
}

function maskedPairs(
  pairs: readonly string[],
  text: (text: string) => string,
  isKept: (name: string) => boolean = () => true,
): string[] {
  const shown: string[] = []
  for (let index = 0; index < pairs.length; index += 2) {
    if (isKept(pairs[index]!)) shown.push(pairs[index]!, text(pairs[index + 1]!))
  }
  return shown
}
