/** Bodies that are streams, of the platform or of Node. */

import { hasMethods } from '../plain-object.ts'
import type { BodyMasks } from './body-masks.ts'

/** As much of a readable stream of Node as is used here. */
export interface NodeStream extends AsyncIterable<Uint8Array | string> {
  on(event: string, listener: (error?: unknown) => void): NodeStream
  destroy(error?: unknown): unknown
  pipe(target: unknown): unknown
}

/** Whether it is a readable stream of Node. */
export function isNodeStream(value: unknown): value is NodeStream {
  return hasMethods(value, ['pipe'])
}

/** Whether it is a readable stream of the platform. */
export function isWebStream(value: unknown): value is ReadableStream<Uint8Array> {
  return typeof ReadableStream === 'function' && value instanceof ReadableStream
}

/** Of any class: a fetch may have streams of its own. */
function isCancelable(body: unknown): body is Pick<ReadableStream, 'cancel'> {
  return hasMethods(body, ['cancel'])
}

/**
 * Lets go of a body that nobody reads, so that its connection is free; what is not a stream has nothing to let go of.
 * Waits for nothing: of a body that the fetch has cloned, as Next's does, no cancelling ends before the clone's.
 */
export function discard(body: unknown): void {
  // one that was cut meanwhile says so, and nobody else listens any more
  if (isNodeStream(body)) body.on('error', () => undefined).destroy()
  else if (isCancelable(body)) Promise.resolve(body.cancel()).catch(() => undefined)
}

/** A stream with masks, and the way past it. */
export interface MaskedWebStream {
  readonly stream: ReadableStream<Uint8Array>
  /** Where nobody has begun to read, the source is left to the caller and the stream counts as read. */
  takeSource(): boolean
}

/** Reads only when it is read from, and gives on at once what can no longer become part of a secret. */
export function maskedWebStream(
  source: ReadableStream<Uint8Array>,
  makeMasks: () => BodyMasks,
  redactError: (error: unknown) => unknown,
): MaskedWebStream {
  let begun: { reader: ReadableStreamDefaultReader<Uint8Array>; masks: BodyMasks } | undefined
  let isTaken = false
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          begun ??= { reader: source.getReader(), masks: makeMasks() }
          const { reader, masks } = begun
          for (let isOpen = true; isOpen; ) {
            const { done, value } = await reader.read()
            const clean = done ? masks.end() : masks.push(value)
            if (clean.length > 0) controller.enqueue(clean)
            if (done) controller.close()
            isOpen = !done && clean.length === 0
          }
        } catch (error) {
          controller.error(redactError(error))
        }
      },
      async cancel(reason) {
        if (!isTaken) await (begun?.reader ?? source).cancel(reason)
        isTaken = true
      },
    },
    { highWaterMark: 0 },
  )
  return {
    stream,
    takeSource() {
      if (begun !== undefined || stream.locked) return false
      isTaken = true
      // the lock stays, as after the platform's own reading: nobody may clone, cancel or send what has been read
      stream
        .getReader()
        .cancel()
        .catch(() => undefined)
      return true
    },
  }
}
