/**
 * Parts one after the other, each behind its length as u32: the bytes of whatever is hashed or authenticated here.
 *
 * Every record that is opened passes through this, so texts are written straight into one array.
 */

import { u64, utf8 } from '../bytes.ts'

const INITIAL_BYTES = 256
const MAX_UTF8_PER_UNIT = 3
const U32_BYTES = 4

/** A growing list of parts; each method adds one and gives the list back. */
export class LengthPrefixed {
  #bytes = new Uint8Array(INITIAL_BYTES)
  #length = 0

  /** A bare u32, big-endian. */
  count(value: number): this {
    this.#reserve(U32_BYTES)
    this.#writeU32(this.#length, value)
    this.#length += U32_BYTES
    return this
  }

  /** A part of bytes. */
  bytes(value: Uint8Array): this {
    this.count(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
    return this
  }

  /**
   * A part of eight bytes, big-endian.
   *
   * @throws ERR_INVALID_INPUT when the value is no non-negative safe integer
   */
  number(value: number): this {
    return this.bytes(u64(value))
  }

  /**
   * A part of UTF-8.
   *
   * @throws ERR_INVALID_INPUT when the text holds a lone surrogate
   */
  text(value: string): this {
    this.#reserve(U32_BYTES + value.length * MAX_UTF8_PER_UNIT)
    const start = this.#length + U32_BYTES
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) return this.bytes(utf8(value))
      this.#bytes[start + index] = code
    }
    this.#writeU32(this.#length, value.length)
    this.#length = start + value.length
    return this
  }

  /** All parts so far, in an array of their length. */
  join(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #writeU32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24
    this.#bytes[at + 1] = value >>> 16
    this.#bytes[at + 2] = value >>> 8
    this.#bytes[at + 3] = value
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(needed * 2)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
