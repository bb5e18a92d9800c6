/** Values made to be slow: repetition, near misses, and every character that a form gives a meaning to. */

import { randomOf, textOf } from './real-logs.ts'

/** Values, and a text of a given length in which searching for them is hard. */
export interface Case {
  readonly name: string
  readonly values: readonly string[]
  readonly text: (length: number) => string
  /** As what the text is redacted; in pieces and whole where nothing is said. */
  readonly isJson?: true
}

const WINDOW = 8
const VALUE = 64

/** What a text may be full of; each means something in one of the forms. */
const UNITS: readonly (readonly [string, string])[] = [
  ['backslashes', '\\'],
  ['percent signs', '%'],
  ['%25', '%25'],
  ['&amp;', '&amp;'],
  ['line breaks', '\n'],
  ['escape sequences', '\x1b[0m'],
  ['base64 padding', '='],
]

function full(unit: string): (length: number) => string {
  return (length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}

function fibonacci(length: number): string {
  let [word, before] = ['a', 'b']
  while (word.length < length) [word, before] = [word + before, word]
  return word.slice(0, length)
}

function ofRepeatedLetter(): readonly Case[] {
  const inner = 'a'.repeat(500)
  return [
    ...[8, 64, 1000].map((length) => ({
      name: `text of a's, a value of ${length} a's`,
      values: ['a'.repeat(length)],
      text: full('a'),
    })),
    { name: "text of a's, a value with one b in its middle", values: [`${inner}b${inner}`], text: full('a') },
    {
      name: 'Fibonacci text, Fibonacci values that differ in the end',
      values: [fibonacci(987), `${fibonacci(610)}c`, `${fibonacci(89)}c`, `c${fibonacci(987)}`],
      text: fibonacci,
    },
  ]
}

function ofSharedParts(): readonly Case[] {
  const prefix = textOf(randomOf(11), 200, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const ends = Array.from({ length: 1000 }, (_, index) => String(index).padStart(20, 'Z'))
  return [
    { name: 'text of the prefix that 1000 values share', values: ends.map((end) => prefix + end), text: full(prefix) },
    { name: 'text of the end that 1000 values share', values: ends.map((end) => end + prefix), text: full(prefix) },
  ]
}

function ofUnits(): readonly Case[] {
  return UNITS.map(([name, unit]) => {
    const run = full(unit)(VALUE)
    const values = [run, `x${run}`, `${run}x`, `xyz${run}zyx`]
    return { name: `text of ${name}, values of them`, values, text: full(unit) }
  })
}

/** Every window of the text is one of a value, so that no look at a window alone can skip anything. */
function ofWindows(): readonly Case[] {
  const random = randomOf(19)
  const pairs = Array.from({ length: 100 }, () => textOf(random, VALUE, 'ab'))
  const step = VALUE - 2 * WINDOW // neighbours overlap by more than a window
  const base = textOf(random, 1000 * step, 'abcdefghijklmnopqrstuvwxyz')
  const ring = base + base
  const pieces = Array.from({ length: 1000 }, (_, index) => ring.slice(index * step, index * step + VALUE - 1))
  const name = `every window of ${WINDOW} is one of a value`
  return [
    { name: `${name}: two letters`, values: pairs, text: (length) => textOf(randomOf(13), length, 'ab') },
    { name: `${name}: near misses of 1000`, values: pieces.map((piece) => `${piece}!`), text: full(base) },
    { name: 'text of 1000 values, all masked', values: pieces, text: full(pieces.join(' ')) },
    { name: 'text of one value of 1000, all masked', values: pieces, text: full(`${pieces[0]} `) },
  ]
}

export const CASES: readonly Case[] = [
  ...ofRepeatedLetter(),
  ...ofSharedParts(),
  ...ofUnits(),
  ...ofWindows(),
  {
    name: "JSON text of \\u0061, a value of 64 a's",
    values: ['a'.repeat(VALUE)],
    text: (length) => `"${'\\u0061'.repeat(length / 6)}"`,
    isJson: true,
  },
]
