/**
 * As much of the D-Bus protocol as one question takes: whether a name is on the bus, or can be started there
 * (dbus.freedesktop.org/doc/dbus-specification.html, "Message Protocol" and "Message Bus Messages").
 */

import type { Socket } from 'node:net'

const BUS = 'org.freedesktop.DBus'
const BUS_PATH = '/org/freedesktop/DBus'
const METHOD_CALL = 1
const METHOD_RETURN = 2
const ERROR = 3
const HEADER_BYTES = 16
const MAX_BYTES = 1024 * 1024
/** Codes of the header fields. */
const PATH = 1
const INTERFACE = 2
const MEMBER = 3
const DESTINATION = 6
const SIGNATURE = 8

/**
 * Whether somebody on the bus has the name, or the bus knows how to start somebody who will.
 *
 * @param socket connected, or about to be; the caller ends it
 * @throws Error when there is no bus behind it
 */
export async function hasName(socket: Socket, name: string): Promise<boolean> {
  const bus = new BusReader(socket)
  const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`)
  if (!(await bus.line()).startsWith('OK')) return false
  socket.write('BEGIN\r\n')
  // answered in this order; the bus ends the connection of those who do not say hello
  socket.write(call(1, 'Hello'))
  socket.write(call(2, 'NameHasOwner', name))
  socket.write(call(3, 'ListActivatableNames'))
  await bus.answer()
  const hasOwner = await bus.answer()
  if (hasOwner?.subarray(0, 4).some((byte) => byte !== 0)) return true // a boolean of 4 bytes, in the bus's own order
  return (await bus.answer())?.includes(`${name}\0`) ?? false // an array of texts, each with a NUL at its end
}

/** The bytes of a call of the bus itself, with one text or nothing as its argument. */
function call(serial: number, member: string, argument?: string): Buffer {
  const fields = [field(PATH, 'o', BUS_PATH), field(INTERFACE, 's', BUS), field(DESTINATION, 's', BUS)]
  if (argument !== undefined) fields.push(Buffer.from([SIGNATURE, 1, 0x67, 0, 1, 0x73, 0])) // g, then s
  // each begins at a multiple of eight; what follows the last one is not counted
  const list = Buffer.concat([...fields.map(padded), field(MEMBER, 's', member)])
  const body = argument === undefined ? Buffer.alloc(0) : busText(argument)
  const header = Buffer.alloc(HEADER_BYTES)
  header.set([0x6c, METHOD_CALL, 0, 1]) // l: the low byte comes first
  header.writeUInt32LE(body.length, 4)
  header.writeUInt32LE(serial, 8)
  header.writeUInt32LE(list.length, 12)
  return Buffer.concat([header, padded(list), body])
}

function field(code: number, type: 's' | 'o', value: string): Buffer {
  return Buffer.concat([Buffer.from([code, 1, type.charCodeAt(0), 0]), busText(value)])
}

function busText(value: string): Buffer {
  const bytes = Buffer.from(`${value}\0`)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length - 1)
  return Buffer.concat([length, bytes])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(toEight(bytes.length) - bytes.length)])
}

function toEight(length: number): number {
  return Math.ceil(length / 8) * 8
}

/** What the bus says, piece by piece. */
class BusReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  /** One line of the greeting. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf('\r\n')
    for (; end < 0; end = this.#rest.indexOf('\r\n')) await this.#more()
    return this.#take(end + 2).toString('latin1')
  }

  /** The body of the next answer to a call, undefined where it is an error; signals are passed over. */
  async answer(): Promise<Buffer | undefined> {
    for (;;) {
      const header = await this.#atLeast(HEADER_BYTES)
      const isLittle = header[0] === 0x6c
      const number = (at: number) => (isLittle ? header.readUInt32LE(at) : header.readUInt32BE(at))
      const bodyAt = HEADER_BYTES + toEight(number(12))
      const end = bodyAt + number(4)
      if (end > MAX_BYTES) throw new Error('Not a bus.')
      await this.#atLeast(end)
      const type = header[1]
      const body = this.#take(end).subarray(bodyAt)
      if (type === METHOD_RETURN) return body
      if (type === ERROR) return undefined
    }
  }

  async #atLeast(length: number): Promise<Buffer> {
    while (this.#rest.length < length) await this.#more()
    return this.#rest
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next()
    if (done || this.#rest.length > MAX_BYTES) throw new Error('Not a bus.')
    this.#rest = Buffer.concat([this.#rest, value as Buffer])
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }
}
