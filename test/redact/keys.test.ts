import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { MASK } from './looks.ts'
import { noise } from './values.ts'

const BYTES = noise('key', 32)
const UUID = '60595f88-b726-46f2-91ec-886da79e6203'
const of = (value: string) => createRedactor({ secrets: { k: value } })

/** What programs write of the bytes of a key. */
const WRITTEN: readonly (readonly [name: string, written: string])[] = [
  ['hexadecimal', BYTES.toString('hex')],
  ['hexadecimal in capitals', BYTES.toString('hex').toUpperCase()],
  ['hexadecimal with colons', BYTES.toString('hex').replace(/..(?=.)/g, '$&:')],
  ['hexadecimal with blanks', BYTES.toString('hex').replace(/..(?=.)/g, '$& ')],
  ['Base64', BYTES.toString('base64')],
  ['Base64 without padding', BYTES.toString('base64').replace(/=+$/, '')],
  ['Base64 in the other alphabet', BYTES.toString('base64url')],
  ['numbers', BYTES.join(', ')],
  ["Python's repr", [...BYTES].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')],
]

describe.each([
  ['hexadecimal', BYTES.toString('hex')],
  ['hexadecimal in capitals, with 0x', `0x${BYTES.toString('hex').toUpperCase()}`],
  ['hexadecimal with colons', BYTES.toString('hex').replace(/..(?=.)/g, '$&:')],
  ['Base64', BYTES.toString('base64')],
  ['Base64 in the other alphabet', BYTES.toString('base64url')],
])('a key in %s', (_, key) => {
  const { text, value } = of(key)

  it.each(WRITTEN)('is found as %s', (_name, written) => {
    // the padding that the key itself lacks may stay
    expect(text(`= ${written} =`).replace(']=', ']')).toBe(`= ${MASK} =`)
  })

  it('is found decoded, in a buffer, a typed array and what inspect prints of them', () => {
    expect(text(inspect({ key: BYTES }))).toBe(`{\n  key: <Buffer ${MASK}>\n}`)
    expect(text(inspect(new Uint8Array(BYTES)))).not.toContain(`${BYTES[0]}, ${BYTES[1]}`)
    const shown = JSON.stringify([value(BYTES), value(new Uint8Array(BYTES)), value([...BYTES])])
    expect(shown).not.toContain(`${BYTES[4]},${BYTES[5]},${BYTES[6]}`)
    expect(shown).toContain(MASK)
  })

  it('leaves other bytes', () => {
    const other = noise('another key', 32)
    expect(value([...other])).toEqual([...other])
    expect(text(other.toString('hex'))).toBe(other.toString('hex'))
  })
})

it('of a key with few letters among bytes that are not kept, all bytes must be there', () => {
  const { text } = createRedactor({ secrets: { key: '0a00414243444546' } })
  expect(text('x\0ABCDEF y')).toBe('x\0ABCDEF y')
  expect(text('x 0a00414243444546 y')).toBe('x [secret:key] y')
})

describe('a key of 16 bytes in hexadecimal', () => {
  const digits = BYTES.toString('hex').slice(0, 32)
  const inFours = digits.match(/.{4}/g)!
  const asUuid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

  it.each([asUuid, asUuid.toUpperCase(), inFours.join('-'), inFours.join(':'), inFours.join(' ')])(
    'is found as %s',
    (written) => {
      expect(of(digits).text(`= ${written} =`)).toBe(`= ${MASK} =`)
      expect(of(digits.toUpperCase()).text(`= ${written} =`)).toBe(`= ${MASK} =`)
    },
  )
})

describe('bytes at the ends of a key that are not compared', () => {
  it.each([
    ['control characters and a quote', '00112233445566778899aabbccddeeff', '', ''],
    ['a control character at the end', '9f86d081884c7d659a2feaa0c55ad015', '', ''],
    ['those before a line end stay', '0a0d0000202020209f86d081884c7d65', '\n\r', ''],
    ['those after a line end stay', '9f86d081884c7d65202020200000000a', '', '\n'],
    ['signs at the beginning stay', '20249f86d081884c7d659a2feaa0c515', ' $', ''],
  ])('%s', (_, digits, before, after) => {
    const { value, chunks } = of(digits)
    const bytes = Buffer.from(digits, 'hex')
    expect(Buffer.from(value(bytes)).toString('latin1')).toBe(before + MASK + after)
    const { push, end } = chunks<Uint8Array>()
    const pieces = [...Buffer.from('<'), ...bytes, ...Buffer.from('>')].map((byte) => push(Uint8Array.of(byte)))
    expect(Buffer.concat([...pieces, end() ?? new Uint8Array()]).toString()).toBe(`<${before}${MASK}${after}>`)
  })

  it('a stream that knows such a key does not hold back a prompt', () => {
    expect(of('20249f86d081884c7d659a2feaa0c515').chunks<string>().push('go on? $ ')).toBe('go on? $ ')
  })
})

describe('a UUID', () => {
  it.each([UUID.toUpperCase(), `{${UUID}}`, UUID.replaceAll('-', ''), UUID.replaceAll('-', '').toUpperCase()])(
    'is found as %s',
    (written) => {
      expect(of(UUID).text(`= ${written} =`).replace(/[{}]/g, '')).toBe(`= ${MASK} =`)
    },
  )

  it('is named as it is written', () => {
    expect(
      of(UUID)
        .find(UUID)
        .map(({ form }) => form),
    ).toEqual(['raw'])
    expect(
      of(UUID)
        .find(UUID.toUpperCase())
        .map(({ form }) => form),
    ).toEqual(['hex'])
  })
})

describe('client credentials, form-encoded before they are Base64', () => {
  const SECRET = 'a b+c/d=e~f-g_h*i'
  const strict = encodeURIComponent(SECRET).replace(
    /[-_.!~*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

  it.each([
    ['with %20', encodeURIComponent(SECRET)],
    ['with a plus', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['of URLSearchParams', String(new URLSearchParams({ a: SECRET })).slice(2)],
    ['of all signs', strict.replaceAll('%20', '+')],
  ])('%s', (_, written) => {
    for (const user of ['id', 'an-id', 'the-id']) {
      const credentials = Buffer.from(`${user}:${written}`).toString('base64')
      const left = of(SECRET).text(`Basic ${credentials}`)
      expect(left).toMatch(/^Basic [\w+/]{3,10}\[secret:k\]$/)
    }
  })
})

it('a token that nobody decodes is no key', () => {
  expect(of('ghp_R8tQ2mZ7xW4kL9vB3nJ6cY1dF5hS0aE8uPo').text('ghp/R8tQ2mZ7xW4kL9vB3nJ6cY1dF5hS0aE8uPo')).not.toContain(
    MASK,
  )
})
