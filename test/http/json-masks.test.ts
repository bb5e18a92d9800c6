/** The masks of JSON and events beside slow, obvious twins that look into every token and every line. */

import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import type { BodyMasks } from '../../src/http/body-masks.ts'
import { eventMasks } from '../../src/http/event-masks.ts'
import { jsonMasks, maskJson } from '../../src/http/json-masks.ts'
import { scanJson, startOfJson } from '../../src/http/json-scan.ts'
import { createMaskedKeys, type MaskedKeys } from '../../src/http/masked-keys.ts'
import { createMaskSource, type DataMasks } from '../../src/http/response-masks.ts'
import { textMasks } from '../../src/http/text-masks.ts'
import { isJsonScalar, LONGEST_JSON_SCALAR } from '../../src/json.ts'

const TEXTS = ['v-0123456789/+"q', '1234567890', 'two\nlines of text']
const used = (text: string, label: string) => ({
  tag: label,
  path: 'headers.x',
  name: undefined,
  location: 'header',
  texts: [text],
  label,
})
const masks = createMaskSource()(
  TEXTS.map((text, index) => ({
    ...used(text, `s${index}`),
    location: 'header',
    allow: undefined,
    name: undefined,
    written: [text],
  })),
).data!

/** Of which numbers are made, with a letter; all texts of so many of them are tried. */
const SCALAR_CHARACTERS = '-01.eE+t/9'
const SCALAR_LENGTH = 5

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+|./gs

/** Every token is looked into, whether or not anything was found there. */
function maskEachToken(text: string, { maskOf, json, spans }: DataMasks, keys: MaskedKeys): string {
  const strings = new Set(text.match(/"[^"\\]*(?:\\.[^"\\]*)*"/gs))
  let output = ''
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    const mask = maskOf(token)
    const masked = token.startsWith('"') ? json(token) : mask === undefined ? token : JSON.stringify(mask)
    const isKey = masked !== token && /^[ \t\r\n]*:/.test(text.slice(match.index + token.length))
    output += isKey && token.startsWith('"') ? keys.distinct(token, masked, strings.has(masked)) : masked
  }
  const isSpanned = spans(output).some(({ start, end }) => /(?<!\\)"/.test(output.slice(start + 1, end - 1)))
  return isSpanned ? json(output) : output
}

const written = fc.constantFrom(
  ...TEXTS.flatMap((text) => [text, `x${text}y`, btoa(text), encodeURIComponent(text), JSON.stringify(text)]),
  ...['"', '\\', '\\"', '[secret:s0]', 'plain', ''],
)
const text = fc.oneof(
  written,
  fc.array(written, { maxLength: 3 }).map((parts) => parts.join(' ')),
  fc.string(),
)
const number = fc.constantFrom(1234567890, -1234567890, 12345678901, 0.5, 1e21, 7)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.constantFrom(true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}))
const json = fc.tuple(value, fc.constantFrom(0, 1)).map(([any, space]) => JSON.stringify(any, null, space))

it('only the tokens that hold a secret are looked into, with the same result', () => {
  fc.assert(
    fc.property(json, (given) => {
      const masked = maskJson(given, masks, createMaskedKeys())
      expect(masked).toBe(maskEachToken(given, masks, createMaskedKeys()))
      JSON.parse(masked)
    }),
    { numRuns: 300 },
  )
})

it('keys that look alike once they are masked are numbered, as a redactor does it', () => {
  const maskedKeys = (...keys: readonly string[]): readonly string[] => {
    const given = JSON.stringify(Object.fromEntries(keys.map((key, index) => [key, index])))
    return Object.keys(JSON.parse(maskJson(given, masks, createMaskedKeys())) as object)
  }
  const encoded = encodeURIComponent(TEXTS[0]!)
  expect(maskedKeys(TEXTS[0]!, encoded)).toEqual(['[secret:s0]', '[secret:s0]#2'])
  // a stranger's key keeps its name
  expect(maskedKeys(TEXTS[0]!, '[secret:s0]', encoded)).toEqual(['[secret:s0]#2', '[secret:s0]', '[secret:s0]#3'])
})

it('texts after each other stay JSON without secrets, however they are cut', () => {
  const compact = value.map((any) => JSON.stringify(any))
  fc.assert(
    fc.property(fc.array(compact, { maxLength: 3 }), fc.integer({ min: 1, max: 40 }), (texts, size) => {
      const bytes = Buffer.from(texts.join('\n'))
      const { push, end } = jsonMasks(masks)
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) pieces.push(push(bytes.subarray(at, at + size)))
      const lines = Buffer.concat([...pieces, end()])
        .toString()
        .split('\n')
      for (const line of texts.length === 0 ? [] : lines) JSON.parse(line)
      const strings = lines.flatMap((line) => line.match(/"[^"\\]*(?:\\.[^"\\]*)*"/g) ?? [])
      expect(strings.map(masks.json)).toEqual(strings)
    }),
    { numRuns: 200 },
  )
})

it('a JSON text is cut between its tokens, wherever its pieces end', () => {
  const tokens = (given: string) => given.match(TOKEN) ?? []
  fc.assert(
    fc.property(json, fc.nat(), (given, seed) => {
      const bytes = Buffer.from(given)
      const cut = seed % (bytes.length + 1)
      const first = scanJson(bytes.subarray(0, cut), startOfJson(), 0)
      expect(scanJson(bytes, first, cut)).toEqual(scanJson(bytes, startOfJson(), 0))
      expect(first.brokenAt).toBeUndefined()
      const parts = [bytes.subarray(0, first.safeEnd).toString(), bytes.subarray(first.safeEnd).toString()]
      const whole = (all: readonly string[]) => all.filter((token) => /^["\d-]/.test(token))
      expect(whole(parts.flatMap(tokens))).toEqual(whole(tokens(given)))
    }),
    { numRuns: 300 },
  )
})

it('what is a number or a word of JSON is told from its bytes as it is from its text', () => {
  const isNumber = (given: string) => scanJson(Buffer.from(`${given},`), startOfJson(), 0).brokenAt === undefined
  for (const [sign, point] of [
    ['', ''],
    ['-', ''],
    ['', '.1'],
  ] as const) {
    const most = '9'.repeat(LONGEST_JSON_SCALAR - sign.length - point.length)
    expect([isNumber(`${sign}${most}${point}`), isNumber(`${sign}9${most}${point}`)]).toEqual([true, false])
  }
  const { length } = SCALAR_CHARACTERS
  for (let number = 0; number < length ** SCALAR_LENGTH; number++) {
    let scalar = ''
    for (let rest = number; rest > 0; rest = Math.floor(rest / length)) scalar += SCALAR_CHARACTERS[rest % length]
    if (isNumber(scalar) !== (scalar === '' || isJsonScalar(scalar))) expect.fail(scalar)
  }
})

it('long strings and long texts stay JSON, and all of it is given on that is whole', () => {
  const long = 'x'.repeat(LONGEST_JSON_SCALAR)
  const { push } = jsonMasks(masks)
  const pieces = [`{"a":"${long}"}`, `\n{"b":"${long}","c":${TEXTS[1]},"d":12`, `34,"e":${TEXTS[1]}}\n`]
  const shown = pieces.map((piece) => Buffer.from(push(Buffer.from(piece))).toString())
  expect(shown).toEqual([pieces[0], `\n{"b":"${long}","c":"[secret:s1]","d":`, '1234,"e":"[secret:s1]"}\n'])
})

it('a word that is longer than any of JSON is given on before it ends', () => {
  const { push } = jsonMasks(masks)
  const word = 'x'.repeat(LONGEST_JSON_SCALAR)
  expect(push(Buffer.from(word)).length).toBe(0)
  expect(push(Buffer.from(word)).length).toBeGreaterThan(LONGEST_JSON_SCALAR)
})

it('only the lines of events that hold a secret are looked into, with the same result', () => {
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('data: ', 'data:', 'event: ', 'id:', ': ', ''), fc.oneof(json, written))
      .map((parts) => parts.join('').replace(/[\r\n]/g, ' ')),
    fc.constant(''),
  )
  const ending = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending), { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (lines, size) => {
      const clean = (given: string): string => {
        const { push, end } = eventMasks(masks)
        return Buffer.concat([push(Buffer.from(given)), end()]).toString()
      }
      const each = lines.map((parts) => parts.join(''))
      const expected = each.map(clean).join('')
      expect(clean(each.join(''))).toBe(expected)
      const body = Buffer.from(each.join(''))
      expect(Buffer.concat(sentInPieces(eventMasks(masks), body, size)).toString()).toBe(expected)
    }),
    { numRuns: 300 },
  )
})

/** How many bytes and characters were copied, read or searched meanwhile. */
function workOf(run: () => void): number {
  let work = 0
  const arrays: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
  const { set, slice, lastIndexOf } = arrays
  const spies = [
    vi.spyOn(arrays, 'set').mockImplementation(function (this: Uint8Array, source, offset) {
      work += source.length
      return Reflect.apply(set, this, [source, offset])
    }),
    vi.spyOn(arrays, 'slice').mockImplementation(function (this: Uint8Array, ...range) {
      const made: Uint8Array<ArrayBuffer> = Reflect.apply(slice, this, range)
      work += made.length
      return made
    }),
    vi.spyOn(arrays, 'lastIndexOf').mockImplementation(function (this: Uint8Array, ...wanted) {
      work += this.length
      return Reflect.apply(lastIndexOf, this, wanted)
    }),
  ]
  const { decode } = TextDecoder.prototype
  const decoding = vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, bytes) {
    work += bytes!.byteLength
    return Reflect.apply(decode, this, [bytes])
  })
  const { includes } = String.prototype
  const including = vi.spyOn(String.prototype, 'includes').mockImplementation(function (this: string, ...wanted) {
    work += this.length
    return Reflect.apply(includes, this, wanted)
  })
  try {
    run()
  } finally {
    for (const spy of [...spies, decoding, including]) spy.mockRestore()
  }
  return work
}

/** What comes out of a body whose pieces are all written into the same few bytes. */
function sentInPieces({ push, end }: BodyMasks, body: Uint8Array, size: number): Uint8Array[] {
  const socket = Buffer.alloc(size)
  const sent: Uint8Array[] = []
  for (let at = 0; at < body.length; at += size) {
    const piece = socket.subarray(0, Math.min(size, body.length - at))
    piece.set(body.subarray(at, at + size))
    sent.push(Uint8Array.from(push(piece)))
  }
  return [...sent, end()]
}

it.each([
  ['a string of JSON', jsonMasks, '"', '"'],
  ['a line of events', eventMasks, 'data: ', '\n\n'],
  ['a text', textMasks, '', ''],
] as const)('%s in small pieces takes work by its length alone, and what was held stays what it was', (...kind) => {
  const [, masksFor, before, after] = kind
  const letters = (count: number) => Array.from({ length: count }, (_, index) => 'abcdefg'[index % 7]).join('')
  const work = [1_000, 2_000, 4_000].map((pieces) => {
    const body = Buffer.from(`${before}${letters(pieces * 10)}${after}`)
    let sent: Uint8Array[] = []
    const done = workOf(() => {
      sent = sentInPieces(masksFor(masks), body, 10)
    })
    expect(Buffer.concat(sent).equals(body)).toBe(true)
    return done / body.length
  })
  expect(Math.max(...work)).toBeLessThan(20)
})

it('keys that hold a secret take work by their number alone', () => {
  const work = [200, 400].map((count) => {
    const keys = Array.from({ length: count }, (_, index) => [`${TEXTS[0]} ${index}`, index])
    const body = JSON.stringify(Object.fromEntries(keys))
    return workOf(() => void maskJson(body, masks, createMaskedKeys())) / body.length
  })
  expect(Math.max(...work)).toBeLessThan(20)
})
