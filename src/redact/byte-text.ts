/** Bytes as text whose characters are the bytes: offsets agree, and every search for text finds them. */

import { fromUtf8, utf8Lossy } from '../bytes.ts'

/** As much of Node's class as is used here. Other servers have it too; a browser has not, and reads one by one. */
interface BufferClass {
  from(
    memory: ArrayBufferLike,
    offset: number,
    length: number,
  ): { toString(encoding: 'latin1'): string; write(text: string, encoding: 'latin1'): number }
}

const { Buffer: NodeBuffer } = globalThis as { Buffer?: BufferClass }
/** `fromCharCode` takes a bounded number of arguments. */
const MAX_ARGUMENTS = 4096

/** One character for each number, up to U+FFFF. */
export function byteText(bytes: Uint8Array | Uint16Array): string {
  if (NodeBuffer !== undefined && bytes instanceof Uint8Array) {
    return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  }
  const ascii = fromUtf8(bytes as Uint8Array)
  // any other character takes more bytes than it has UTF-16 code units, and so does each number of two bytes
  if (ascii?.length === bytes.length) return ascii
  let text = ''
  for (let index = 0; index < bytes.length; index += MAX_ARGUMENTS) {
    // spread, the numbers would be read one by one, which takes several times as long
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(index, index + MAX_ARGUMENTS))
  }
  return text
}

/** The bytes again. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  if (NodeBuffer !== undefined) {
    NodeBuffer.from(bytes.buffer, 0, bytes.length).write(text, 'latin1')
    return bytes
  }
  const ascii = utf8Lossy(text)
  if (ascii.length === bytes.length) return ascii
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

/** The bytes of the text's UTF-8. */
export function utf8Text(text: string): string {
  return /[^\0-\x7f]/.test(text) ? byteText(utf8Lossy(text)) : text
}
