import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { decodeValue, encodeValue } from '../../src/secrets/payload.ts'
import { fieldsOf } from '../../src/secrets/secret.ts'
import { MAX_FIELDS } from '../../src/secrets/untrusted.ts'
import { value } from './arbitraries.ts'

const bytes = (mark: number, text: string): Uint8Array => new Uint8Array([mark, ...utf8(text)])

describe('the payload of a value', () => {
  it('is 00 and the text, or 01 and the pairs in their order', () => {
    expect(encodeValue('')).toEqual(new Uint8Array([0]))
    expect(encodeValue('a')).toEqual(new Uint8Array([0, 0x61]))
    expect(encodeValue({ b: 'x', a: 1.5, c: true })).toEqual(bytes(1, '[["b","x"],["a",1.5],["c",true]]'))
  })

  it('gives the value back with its types and the order of its fields', () => {
    fc.assert(
      fc.property(value, (given) => {
        const decoded = decodeValue(encodeValue(given))
        expect(decoded).toEqual(given)
        expect(fieldsOf(decoded!)).toEqual(fieldsOf(given))
      }),
    )
  })

  it('gives fields without a prototype, so that __proto__ is a field like any other', () => {
    const decoded = decodeValue(bytes(1, '[["__proto__","x"]]'))
    expect(Object.getPrototypeOf(decoded)).toBeNull()
    expect(Object.entries(decoded!)).toEqual([['__proto__', 'x']])
  })

  it('keeps a byte order mark and text that looks like a payload', () => {
    for (const text of ['\ufeffkey', '\u0001[["a","b"]]', '[]']) expect(decodeValue(encodeValue(text))).toBe(text)
  })

  it('refuses a lone surrogate, which UTF-8 cannot carry', () => {
    expect(() => encodeValue('\ud800')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
    // JSON would write it as an escape
    expect(decodeValue(encodeValue({ a: '\udfff' }))).toBeUndefined()
  })
})

describe('bytes that are no payload', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['an unknown mark', bytes(2, 'a')],
    ['text that is no UTF-8', new Uint8Array([0, 0xff])],
    ['fields that are no UTF-8', new Uint8Array([1, 0xff])],
    ['no JSON', bytes(1, '[["a"')],
    ['nothing after the mark', bytes(1, '')],
    ['an object', bytes(1, '{"a":"b"}')],
    ['a text', bytes(1, '"a"')],
    ['no pairs', bytes(1, '[]')],
    ['no pair', bytes(1, '["ab"]')],
    ['a pair of one', bytes(1, '[["a"]]')],
    ['a pair of three', bytes(1, '[["a","b","c"]]')],
    ['a name that is none', bytes(1, '[["a b","c"]]')],
    ['a name that is not text', bytes(1, '[[1,"c"]]')],
    ['a name twice', bytes(1, '[["a","b"],["a","c"]]')],
    ['null', bytes(1, '[["a",null]]')],
    ['a nested value', bytes(1, '[["a",{}]]')],
    ['a number that is not finite', bytes(1, '[["a",1e999]]')],
    ['an escaped lone surrogate', bytes(1, '[["a","\\ud800"]]')],
    [
      'too many fields',
      bytes(1, JSON.stringify(Array.from({ length: MAX_FIELDS + 1 }, (_, index) => [`${index}`, 1]))),
    ],
  ])('%s gives undefined', (_what, given) => {
    expect(decodeValue(given)).toBeUndefined()
  })

  it('of any kind give a value or undefined, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
        const decoded = decodeValue(given)
        if (decoded !== undefined && typeof decoded === 'object') expect(Object.keys(decoded).length).toBeGreaterThan(0)
      }),
    )
  })
})
