/** The output of a child process, redacted on its way: bytes of any encoding, split anywhere. */

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { codeOf, GuillemetError } from '../errors.ts'
import { hasMethods } from '../plain-object.ts'
import type { Redactor } from '../redact/redactor.ts'

/** Where redacted output goes: `process.stdout`, a file, any writable stream of Node. It is not ended. */
export interface OutputTarget {
  /** False where it wants no more before `drain`. */
  write(chunk: Uint8Array): boolean
  /** As every event emitter has it. */
  once(event: 'drain' | 'close' | 'error', listener: (error?: unknown) => void): unknown
  /** As every event emitter has it. */
  off(event: 'drain' | 'close' | 'error', listener: (error?: unknown) => void): unknown
  /** Whether it takes no more. */
  readonly destroyed?: boolean
}

/**
 * The target that an option names, or the one that takes its place. What cannot be written to would take no output, in silence.
 *
 * @throws ERR_INVALID_INPUT
 */
export function targetOf(
  option: 'stdout' | 'stderr',
  given: OutputTarget | undefined,
  own: OutputTarget,
): OutputTarget {
  const target = given ?? own
  if (hasMethods(target, ['write', 'once', 'off'])) return target
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The option ${option} must be a writable stream of Node, such as createWriteStream(path); without it the output goes to process.${option}.`,
    { path: option },
  )
}

/**
 * Copies all of the output, masked, in order and no faster than the target takes it.
 *
 * A target that is closed early, as by `| head`, takes no more; the child's output is then read and dropped, so that it does
 * not hang.
 */
export async function copyRedacted(output: Readable, redactor: Redactor, target: OutputTarget): Promise<void> {
  const chunks = redactor.chunks<Uint8Array>()
  let isOpen = true
  const write = async (bytes: Uint8Array | undefined): Promise<void> => {
    if (isOpen && bytes !== undefined && bytes.length > 0) isOpen = await isAccepted(target, bytes)
  }
  try {
    for await (const chunk of output) await write(chunks.push(chunk as Uint8Array))
  } catch (error) {
    // closed by us: what came until then is all there is
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
  await write(chunks.end())
}

/** Writes, and waits until the target takes more; false where it is closed. */
async function isAccepted(target: OutputTarget, bytes: Uint8Array): Promise<boolean> {
  if (isClosed(target)) return false
  const ended = new AbortController()
  try {
    const isFull = !target.write(bytes)
    if (!isFull) return true
    const emitter = target as unknown as NodeJS.EventEmitter
    await Promise.race([
      once(emitter, 'drain', { signal: ended.signal }),
      once(emitter, 'close', { signal: ended.signal }),
    ])
    return !isClosed(target)
  } catch {
    return false
  } finally {
    ended.abort()
  }
}

function isClosed({ destroyed }: OutputTarget): boolean {
  return destroyed === true
}
