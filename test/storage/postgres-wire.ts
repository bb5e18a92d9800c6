/** The frames of the Postgres protocol, as far as a proxy has to know them: where each ends and what letter it bears. */

/** One message. */
export interface Frame {
  /** The letter; the first message of a client has none. */
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a stream of bytes into messages. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)
  /** The first message of a client bears no letter. */
  #isFirstBare: boolean

  constructor(isOfClient: boolean) {
    this.#isFirstBare = isOfClient
  }

  push(chunk: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    for (;;) {
      const letters = this.#isFirstBare ? 0 : 1
      if (this.#rest.length < letters + 4) return frames
      const length = letters + this.#rest.readInt32BE(letters)
      if (this.#rest.length < length) return frames
      const bytes = this.#rest.subarray(0, length)
      frames.push({ type: letters === 0 ? '' : String.fromCharCode(bytes[0]!), bytes })
      this.#rest = this.#rest.subarray(length)
      this.#isFirstBare = false
    }
  }
}

/** A message of this letter. */
export function frame(type: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(bytes.length + 4, 1)
  return type === '' ? Buffer.concat([head.subarray(1), bytes]) : Buffer.concat([head, bytes])
}

/** The first message of a client. */
export function startup(user: string, database: string): Buffer {
  const version = Buffer.from([0, 3, 0, 0])
  return frame('', Buffer.concat([version, Buffer.from(`user\0${user}\0database\0${database}\0\0`)]))
}
