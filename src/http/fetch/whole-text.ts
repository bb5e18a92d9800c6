/** `text()` and `json()` of a masked response: they read the first one in one piece, since a stream in between costs more. */

import { fromUtf8 } from '../../bytes.ts'
import { defineOwn } from '../../plain-object.ts'
import type { MaskedWebStream } from '../body-streams.ts'
import { type BodyKind, maskedBytes } from '../masked-body.ts'
import type { DataMasks } from '../response-masks.ts'

/** As the platform reads a text: without it. */
const BYTE_ORDER_MARK = '\ufeff'

/** What a masked body is read from, and what takes the secrets out of it. */
export interface MaskedBody {
  readonly original: Response
  readonly body: MaskedWebStream
  readonly masks: DataMasks
  readonly kind: BodyKind
  /** For errors that come while the body is read. */
  readonly redactError: (error: unknown) => unknown
}

/** Gives the response these two methods. Once anybody has read, cloned or cancelled the stream, they are the platform's. */
export function readInOnePiece(made: Response, source: MaskedBody): void {
  const { text } = made
  const readText = (): Promise<string> => (source.body.takeSource() ? wholeText(source) : text.call(made))
  define(made, 'text', readText)
  define(made, 'json', async () => JSON.parse(await readText()) as unknown)
}

async function wholeText({ original, masks, kind, redactError }: MaskedBody): Promise<string> {
  try {
    const bytes = new Uint8Array(await original.arrayBuffer())
    const text = fromUtf8(bytes)
    if (text === undefined) return new TextDecoder().decode(maskedBytes(bytes, kind, masks))
    const masked = kind.whole(text, masks)
    return masked.startsWith(BYTE_ORDER_MARK) ? masked.slice(BYTE_ORDER_MARK.length) : masked
  } catch (error) {
    throw redactError(error)
  }
}

function define(response: Response, key: 'text' | 'json', value: () => Promise<unknown>): void {
  defineOwn(response, key, { value, enumerable: false, configurable: true, writable: true })
}
