/** A body that is there as a whole is masked as one that arrives in pieces, whatever its kind and whoever wrote it. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOnePiece } from '../../src/http/body-masks.ts'
import { bodyKindOf, maskedBytes } from '../../src/http/masked-body.ts'
import { createMaskSource } from '../../src/http/response-masks.ts'

// none of digits alone: what may touch these is told from the characters, which pieces of text do not know
const TEXTS = [
  'v-0123456789/+"q',
  'zd_9f2c1e7a4b8d4c0f',
  'two\nlines of text',
  'pässwörter-für-Zoë',
  '日本語のパスワード',
  'a\\b\\c\\d"e',
]
const masks = createMaskSource()(
  TEXTS.map((text, index) => ({
    tag: `s${index}`,
    label: `s${index}`,
    path: 'headers.x',
    name: undefined,
    location: 'header',
    allow: undefined,
    texts: [text],
    written: [text],
  })),
).data!
const TYPES = ['application/json', 'text/event-stream', 'text/plain'] as const
const kindOf = (type: string) => bodyKindOf('GET', 200, type)!

/** A value as this or that program writes it. */
const WRITERS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'as JSON': (text) => JSON.stringify(text),
  'as JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'as ASCII JSON': (text) =>
    JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'in a URL': encodeURIComponent,
  'in a form': (text) => new URLSearchParams({ a: text }).toString(),
  'as base64': (text) => Buffer.from(text).toString('base64'),
  'as base64url': (text) => Buffer.from(text).toString('base64url'),
  'as hex': (text) => Buffer.from(text).toString('hex'),
  'in HTML': (text) => text.replace(/["&<>]|[^ -~]/g, (unit) => `&#${unit.charCodeAt(0)};`),
  'with zero-width characters': (text) => [...text].join('\u200b'),
  'in colours': (text) => `\x1b[1m${text.slice(0, 3)}\x1b[0m${text.slice(3)}`,
}

function inPieces(type: string, bytes: Uint8Array, size = bytes.length): string {
  const { push, end } = kindOf(type).inPieces(masks)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(push(bytes.slice(at, at + size)))
  return Buffer.concat([...pieces, end()]).toString()
}

describe.each(TYPES)('a whole body of %s', (type) => {
  it.each(Object.keys(WRITERS))('holds a value %s as little as its pieces do', (name) => {
    for (const text of TEXTS) {
      const written = WRITERS[name]!(text)
      for (const body of [
        written,
        `key=${written}; ok`,
        `{"echo":${JSON.stringify(written)},"n":1}`,
        `data: ${written}\n\n`,
      ]) {
        const whole = kindOf(type).whole(body, masks)
        expect(whole).toBe(inPieces(type, Buffer.from(body)))
        expect(Buffer.from(maskedBytes(Buffer.from(body), kindOf(type), masks)).toString()).toBe(whole)
      }
    }
  })

  it('of any text holds nothing that its pieces would mask', () => {
    // without the last: `%0` at the end of a line before makes a line feed of its first character
    const texts = TEXTS.slice(0, -1)
    const part = fc.oneof(
      fc.constantFrom(...texts.flatMap((text) => Object.values(WRITERS).map((write) => write(text)))),
      fc.constantFrom('"', '\\', '{', '}', ',', ':', '\n', 'data: ', ' ', '\ufeff', '12', '%', '\x1b', '\u200b', 'é'),
      fc.string({ maxLength: 5 }),
    )
    const body = fc.array(part, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')).toString())
    fc.assert(
      fc.property(body, (text) => {
        const whole = kindOf(type).whole(text, masks)
        expect(inPieces(type, Buffer.from(whole))).toBe(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('has a mask also where its bytes were read as Latin-1 and written again, which pieces of text cannot tell', () => {
    const twice = Buffer.from(TEXTS[3]!).toString('latin1')
    expect(kindOf(type).whole(`"${twice}"`, masks)).toBe('"[secret:s3]"')
  })

  it('without a secret comes back as the very same, and is masked as bytes where it is not UTF-8', () => {
    const clean = '{"a":["nothing","here"],"n":12.5}'
    expect(kindOf(type).whole(clean, masks)).toBe(clean)
    const bytes = Buffer.from(clean)
    expect(maskedBytes(bytes, kindOf(type), masks)).toBe(bytes)
    const odd = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe4, 0xff]), Buffer.from(`${TEXTS[1]}"}`)])
    expect(maskedBytes(odd, kindOf(type), masks)).toEqual(inOnePiece(kindOf(type).inPieces(masks), odd))
    expect(Buffer.from(maskedBytes(odd, kindOf(type), masks)).toString('latin1')).toBe('{"a":"\xe4\xff[secret:s1]"}')
  })
})
