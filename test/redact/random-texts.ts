/** Random values, and texts in which they are written well or badly, all from one small alphabet of escapes. */

import fc from 'fast-check'

/** A value, and texts that may hold it. */
export interface Sample {
  readonly value: string
  readonly texts: readonly string[]
}

// biome-ignore format: kinds
const PIECES = [
  '\\', '\\\\', '%', '%25', '%41', '%4', '&', '&#', '&#x', 'amp;', '&amp;', ';', 'u00', 'u0041', '41', '6', 'x', 'n', 't', 'u{', '}',
  '\x1b[', '\x1b', '[', '31m', '\\x1b[', '\\u001b', '(B', '\x1b]', '\x07', '\u200b', '\xe2\x80\x8b', '\xc2', '\xad', '\n', '\r\n', ' ', '  ', '"', "'",
  '""', '^', '$', '+', '/', '-', '=', 'é', '🔑', '1', '0', 'A', 'a', 'b', 'c', 'd', 'e', 'f', '2',
]
/** Without halves of pairs, which no percent-encoding has. */
const wellFormed = (text: string): string => Buffer.from(text).toString()
const code = (character: string): number => character.codePointAt(0)!
const hex = (character: string, width: number): string =>
  character.charCodeAt(0).toString(16).padStart(width, '0').slice(-width)
/** Ways to write one character. */
const WAYS: readonly ((character: string) => string)[] = [
  (one) => one,
  (one) => encodeURIComponent(wellFormed(one)),
  (one) => `%${hex(one, 2)}`,
  (one) => `%25${hex(one, 2)}`,
  (one) => `\\u${hex(one, 4)}`,
  (one) => `\\\\u${hex(one, 4)}`,
  (one) => `\\x${hex(one, 2)}`,
  (one) => `&#${code(one)};`,
  (one) => JSON.stringify(one).slice(1, -1),
  (one) => `\\${one}`,
  (one) => `^${one}`,
  (one) => one + one,
  () => '',
]
/** What is done to the whole afterwards. */
const LAYERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => encodeURIComponent(wellFormed(text)),
  (text) => text.replaceAll('&', '&amp;'),
]

const piece = fc.constantFrom(...PIECES)
const joined = (parts: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(parts, { maxLength }).map((all) => all.join(''))
const values = fc.array(piece, { minLength: 4, maxLength: 9 }).map((all) => all.join('').slice(0, 12))

/** The value as somebody may write it: each character in one way or in many, with something between, or a part of it. */
function written(value: string): fc.Arbitrary<string> {
  const way = fc.constantFrom(...WAYS)
  const alike = way.map((write) => [...value].map(write).join(''))
  const mixed = fc
    .array(
      fc.tuple(
        fc.oneof({ weight: 3, arbitrary: fc.constant(WAYS[0]!) }, way),
        fc.oneof({ weight: 6, arbitrary: fc.constant('') }, piece),
      ),
      {
        minLength: value.length,
        maxLength: value.length,
      },
    )
    .map((all) => all.map(([write, between], index) => between + write(value[index]!)).join(''))
  const part = fc.tuple(fc.nat(value.length), fc.nat(value.length)).map(([from, to]) => value.slice(from, to))
  return fc
    .tuple(fc.oneof(fc.constant(value), alike, mixed, part), fc.constantFrom(...LAYERS))
    .map(([text, layer]) => layer(text))
}

/** A value and a few texts. */
export const samples: fc.Arbitrary<Sample> = values.chain((value) => {
  const one = written(value)
  const text = fc
    .tuple(joined(fc.oneof({ weight: 3, arbitrary: piece }, one), 8), one, joined(piece, 3))
    .map((all) => all.join(''))
  return fc.record({ value: fc.constant(value), texts: fc.array(text, { minLength: TEXTS, maxLength: TEXTS }) })
})

/** Texts with each value: to prepare a value takes longer than to search a text. */
export const TEXTS = 40
