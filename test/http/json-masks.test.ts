/** The masks of JSON and events beside slow, obvious twins that look into every token and every line. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventMasks } from '../../src/http/event-masks.ts'
import { createKeys, jsonMasks, type MaskedKeys, maskJson } from '../../src/http/json-masks.ts'
import { scanJson, startOfJson } from '../../src/http/json-scan.ts'
import { createMaskSource, type DataMasks } from '../../src/http/response-masks.ts'

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

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+|./gs

/** Every token is looked into, whether or not anything was found there. */
function maskEachToken(text: string, { maskOf, json, spans }: DataMasks, keys: MaskedKeys): string {
  let output = ''
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    const mask = maskOf(token)
    const masked = token.startsWith('"') ? json(token) : mask === undefined ? token : JSON.stringify(mask)
    const isKey = masked !== token && /^[ \t\r\n]*:/.test(text.slice(match.index + token.length))
    output += isKey && token.startsWith('"') ? keys.distinct(token, masked, text.includes(masked)) : masked
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
      const masked = maskJson(given, masks, createKeys())
      expect(masked).toBe(maskEachToken(given, masks, createKeys()))
      JSON.parse(masked)
    }),
    { numRuns: 300 },
  )
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

it('only the lines of events that hold a secret are looked into, with the same result', () => {
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('data: ', 'data:', 'event: ', 'id:', ': ', ''), fc.oneof(json, written))
      .map((parts) => parts.join('').replace(/[\r\n]/g, ' ')),
    fc.constant(''),
  )
  const ending = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending), { maxLength: 8 }), (lines) => {
      const clean = (given: string): string => {
        const { push, end } = eventMasks(masks)
        return Buffer.concat([push(Buffer.from(given)), end()]).toString()
      }
      const each = lines.map((parts) => parts.join(''))
      expect(clean(each.join(''))).toBe(each.map(clean).join(''))
    }),
    { numRuns: 300 },
  )
})
