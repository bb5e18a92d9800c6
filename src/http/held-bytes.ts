/** Bytes of a body that wait for more. In however many pieces they come, each is copied a few times at most. */

const NOTHING = new Uint8Array()

/** What of a body was not given on yet. */
export class HeldBytes {
  #room: Uint8Array = NOTHING
  #length = 0
  /** Whether the room is that of the caller, who may use it for something else after this turn. */
  #isBorrowed = false

  /** How many there are. */
  get length(): number {
    return this.#length
  }

  /** Adds bytes. @returns all that is held, to be read before the next call */
  add(bytes: Uint8Array): Uint8Array {
    const before = this.#length
    this.#length += bytes.length
    if (before === 0) {
      this.#room = bytes
      this.#isBorrowed = true
      return bytes
    }
    if (this.#length > this.#room.length) {
      // at least twice as much as before, so that bytes are seldom moved
      const room = new Uint8Array(Math.max(this.#length, before * 2))
      room.set(this.#room.subarray(0, before))
      this.#room = room
    }
    this.#room.set(bytes, before)
    return this.#room.subarray(0, this.#length)
  }

  /** Lets go of the first bytes, and keeps the rest. */
  take(count: number): Uint8Array {
    const isOwn = !this.#isBorrowed
    if (count === 0 && isOwn) return NOTHING
    const held = this.#room.subarray(0, this.#length)
    // not `slice`, which shares the memory of a Buffer
    this.#room = new Uint8Array(held.subarray(count))
    this.#length -= count
    this.#isBorrowed = false
    // the room was given up, so nobody writes into it any more; a part of it would let its reader see the rest
    return count === held.length ? held : new Uint8Array(held.subarray(0, count))
  }
}
