/** Writers of the bytes of a text: base64, hexadecimal, decimal lists. */

import { inspect } from 'node:util'
import { noise, wrap } from './values.ts'
import { JSON_BODIES, type Write } from './writers-text.ts'

/** What is written because of a value, and what stands around it in the same encoding. */
export interface Written {
  readonly before?: string
  readonly text: string
  readonly after?: string
  /** What of the text is the value's, where not all is. */
  readonly parts?: readonly string[]
  /** Whether more than the text may be masked: what `before` and `after` hold. */
  readonly isLoose?: boolean
}

type WriteBytes = (value: string) => Written | undefined

/** Base64 of the bytes between others, cut where characters begin and end that hold a bit of them. */
function between(before: Uint8Array, bytes: Uint8Array, after: Uint8Array, encoding: 'base64' | 'base64url'): Written {
  const whole = Buffer.concat([before, bytes, after]).toString(encoding)
  const start = Math.floor((before.length * 8) / 6)
  const end = after.length === 0 ? whole.length : Math.ceil(((before.length + bytes.length) * 8) / 6)
  return { before: whole.slice(0, start), text: whole.slice(start, end), after: whole.slice(end) }
}

const utf8 = (value: string): Buffer => Buffer.from(value)
const base64 = (value: string): string => utf8(value).toString('base64')
const NOTHING = new Uint8Array()

/** Between random bytes so that the value stands at one of the three offsets. */
function among(bytesOf: (value: string) => Uint8Array, before: number, after: number, url = false): WriteBytes {
  return (value) =>
    between(noise('before', before), bytesOf(value), noise('after', after), url ? 'base64url' : 'base64')
}

const text = (write: Write): WriteBytes => {
  return (value) => {
    const written = write(value)
    return written === undefined ? undefined : { text: written }
  }
}

const utf16 = (value: string): Buffer => Buffer.from(value, 'utf16le')
const inJson = (value: string): Buffer => utf8(JSON_BODIES.JavaScript(value))
const encodedInJson = (value: string): Buffer => utf8(base64(value))

export const BASE64: Readonly<Record<string, WriteBytes>> = {
  padded: text(base64),
  unpadded: text((value) => base64(value).replace(/=+$/, '')),
  url: text((value) => utf8(value).toString('base64url')),
  'url, padded': text((value) => base64(value).replaceAll('+', '-').replaceAll('/', '_')),
  'a pair of one letter and the value': (value) => between(utf8('u:'), utf8(value), NOTHING, 'base64'),
  'a pair of a name and the value': (value) => between(utf8('bob:'), utf8(value), NOTHING, 'base64'),
  'a pair of a longer name and the value': (value) => between(utf8('robot:'), utf8(value), NOTHING, 'base64'),
  ...Object.fromEntries(
    [3, 4, 5].flatMap((before) =>
      [0, 1, 2, 3].flatMap((after): [string, WriteBytes][] => [
        [`behind ${before} bytes and before ${after}`, among(utf8, before, after)],
        [`url, behind ${before} bytes and before ${after}`, among(utf8, before, after, true)],
      ]),
    ),
  ),
  'wrapped at 64': text((value) => wrap(base64(value), 64, '\n')),
  'wrapped at 76 with CRLF': text((value) => wrap(base64(value), 76, '\r\n')),
  'wrapped at 19': text((value) => wrap(base64(value), 19, '\n')),
  'wrapped at 76 in JSON': text((value) => wrap(base64(value), 76, '\\n')),
  'wrapped at 64 with CRLF in JSON': text((value) => wrap(base64(value), 64, '\\r\\n')),
  'wrapped at 16, behind two bytes': (value) => {
    const wrapped = wrap(base64(`u:${value}`), 16, '\n')
    return { before: wrapped.slice(0, 2), text: wrapped.slice(2) }
  },
  'with / as \\/': text((value) => base64(value).replaceAll('/', '\\/')),
  'with + as \\u002B': text((value) => base64(value).replaceAll('+', '\\u002B')),
}

export const BASE64_OF: Readonly<Record<string, WriteBytes>> = {
  ...Object.fromEntries(
    [3, 4, 5].flatMap((before): [string, WriteBytes][] => [
      [`UTF-16LE behind ${before} bytes`, among(utf16, before, 3)],
      [`JSON body behind ${before} bytes`, among(inJson, before, 2)],
      [`JSON body behind ${before} bytes, url`, among(inJson, before, 3, true)],
      [`base64 behind ${before} bytes`, among(encodedInJson, before, 4)],
      [`base64 behind ${before} bytes, url`, among(encodedInJson, before, 4, true)],
      [
        `base64 of a pair behind ${before} bytes`,
        (value) => {
          const pair = base64(`bob:${value}`)
          const [start, end] = [6, Math.floor(((Buffer.byteLength(value) + 4) * 8) / 6)]
          const inner = [pair.slice(0, start), pair.slice(start, end), pair.slice(end)].map(utf8)
          const around = Buffer.concat([noise('before', before), inner[0]!])
          // what the value decides of the characters around the inner one's core may be masked or not
          return { ...between(around, inner[1]!, inner[2]!, 'base64'), isLoose: true }
        },
      ],
    ]),
  ),
  'UTF-16LE': text((value) => utf16(value).toString('base64')),
  'JSON body': text((value) => inJson(value).toString('base64')),
  base64: text((value) => base64(base64(value))),
  'base64url in base64url': text((value) => Buffer.from(utf8(value).toString('base64url')).toString('base64url')),
}

const percentSpecials = (value: string): string => encodeURIComponent(base64(value))

export const BASE64_IN_PERCENT: Readonly<Record<string, WriteBytes>> = {
  'base64 in percent-encoding': text(percentSpecials),
  'base64 in percent-encoding, lower case': text((value) =>
    percentSpecials(value).replace(/%../g, (found) => found.toLowerCase()),
  ),
  'a pair in base64 in percent-encoding': (value) => {
    const { before, text: core } = between(utf8('bob:'), utf8(value), NOTHING, 'base64')
    return { before: before!, text: encodeURIComponent(core) }
  },
}

const hex = (value: string, separator = ''): string =>
  utf8(value)
    .toString('hex')
    .replace(/..(?=.)/g, `$&${separator}`)
const MAX_INSPECTED_BYTES = 50
const MAX_INSPECTED_ITEMS = 100

export const HEX: Readonly<Record<string, WriteBytes>> = {
  'lower case': text((value) => hex(value)),
  'upper case': text((value) => hex(value).toUpperCase()),
  'with spaces': text((value) => hex(value, ' ')),
  'with spaces, upper case': text((value) => hex(value, ' ').toUpperCase()),
  'with colons': text((value) => hex(value, ':')),
  'with colons, upper case': text((value) => hex(value, ':').toUpperCase()),
  'among other bytes': (value) => ({ before: '0badc0de', text: hex(value), after: 'c0ffee' }),
  'inspected Buffer': (value) => {
    const bytes = utf8(value)
    if (bytes.length > MAX_INSPECTED_BYTES) return undefined // what is cut off is a stated limit
    return { before: '<Buffer ', text: inspect(bytes).slice(8, -1), after: '>' }
  },
}

const jsonOfBuffer = (value: string, space?: number): string => JSON.stringify(utf8(value), null, space)
const numbers = (printed: string): Written => {
  const start = printed.search(/\[\s*\d/)
  const end = printed.lastIndexOf(']')
  return { before: printed.slice(0, start + 1), text: printed.slice(start + 1, end), after: printed.slice(end) }
}

export const DECIMAL: Readonly<Record<string, WriteBytes>> = {
  'with commas': text((value) => [...utf8(value)].join(',')),
  'with commas and spaces': text((value) => [...utf8(value)].join(', ')),
  'among other bytes': (value) => ({ before: '[7,', text: [...utf8(value)].join(','), after: ',9]' }),
  'inspected array': (value) =>
    utf8(value).length > MAX_INSPECTED_ITEMS ? undefined : numbers(inspect([...utf8(value)])),
  'inspected Uint8Array': (value) =>
    utf8(value).length > MAX_INSPECTED_ITEMS ? undefined : numbers(inspect(new Uint8Array(utf8(value)))),
  'JSON of a Buffer': (value) => numbers(jsonOfBuffer(value)),
  'indented JSON of a Buffer': (value) => numbers(jsonOfBuffer(value, 2)),
}

/** Every byte as an escape. */
export const BYTE_ESCAPES: Readonly<Record<string, WriteBytes>> = {
  'hex as \\x61\\x62': text((value) => hex(value).replace(/../g, '\\x$&')),
  octal: text((value) => [...utf8(value)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')),
}

/** Writings of bytes that nothing promises. */
export const BYTE_LIMITS: Readonly<Record<string, WriteBytes>> = {
  'hex in groups of two bytes, as xxd prints': text((value) => hex(value).replace(/.{4}(?=.)/g, '$& ')),
  'hex in groups of four bytes': text((value) => hex(value).replace(/.{8}(?=.)/g, '$& ')),
  'hex as 0x61, 0x62': text((value) =>
    hex(value)
      .replace(/..(?=.)/g, '0x$&, ')
      .replace(/..$/, '0x$&'),
  ),
  'decimal with spaces': text((value) => [...utf8(value)].join(' ')),
  'base64 three times': text((value) => base64(base64(base64(value)))),
  'base64 of UTF-16BE': text((value) => Buffer.from(utf16(value)).swap16().toString('base64')),
  'base64 of percent-encoding': text((value) => base64(encodeURIComponent(value))),
  'base64 of hex': text((value) => base64(hex(value))),
  'hex of base64': text((value) => hex(base64(value))),
  'hex of UTF-16LE': text((value) => utf16(value).toString('hex')),
}
