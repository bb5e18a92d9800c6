/** Masks inside JSON text, held against a slow and obvious twin. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeJson } from '../../src/redact/json.ts'
import { namedInJson } from '../../src/redact/json-names.ts'
import { createRedactor } from '../../src/redact.ts'

interface Place {
  label: string
  start: number
  end: number
}

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)
const NAMES: ReadonlySet<string> = new Set(['password', 'tøken'])
const mask = (label: string): string => `[${label}]`
const write = (json: string, places: Place[], names?: ReadonlySet<string>): string =>
  writeJson(json, places, mask, names ? namedIn(json, names) : [])

function namedIn(json: string, names: ReadonlySet<string>): Place[] {
  const { values } = namedInJson(json, (name) => names.has(name.toLowerCase()))
  return [...values].sort((one, other) => one.start - other.start)
}

/** Every place of the text that gets a mask of its own: characters and escapes of strings, and whole scalars. */
function* unitsOf(json: string): Generator<{ start: number; end: number; quote: string }> {
  let isString = false
  for (const { 0: unit, index: start } of json.matchAll(/\\u.{4}|\\.|"|[\w.+-]+|./gs)) {
    const end = start + unit.length
    if (unit === '"') isString = !isString
    else if (!isString && /^[\w-]/.test(unit)) yield { start, end, quote: '"' }
    else if (isString && unit.startsWith('\\')) yield { start, end, quote: '' }
    else if (isString) for (let at = start; at < end; at++) yield { start: at, end: at + 1, quote: '' }
  }
}

function slowly(json: string, places: Place[]): string {
  let output = ''
  let from = 0
  let last: string | undefined
  for (const { start, end, quote } of unitsOf(json)) {
    const place = places.find((each) => each.start < end && each.end > start)
    output += json.slice(from, start)
    const isContinued = from === start && last !== undefined && quote === ''
    if (!place) output += json.slice(start, end)
    else if (!isContinued) output += quote + mask(place.label) + quote
    last = place?.label
    from = end
  }
  return output + json.slice(from)
}

/** The value as JSON parses it, with a mask under each sensitive name, and after one in a list of names and values. */
const hide = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (name, item: unknown) => {
    if (item === null) return item
    if (isNamed(name)) return '[]'
    if (!Array.isArray(item) || item.length % 2 !== 0) return item
    return item.map((each: unknown, index) =>
      index % 2 === 1 && each !== null && isNamed(item[index - 1]) ? '[]' : each,
    )
  })

const isNamed = (name: unknown): boolean => typeof name === 'string' && NAMES.has(name.toLowerCase())

/** How many members its objects have, all together. */
const memberCount = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce(
        (sum: number, item) => sum + memberCount(item),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      )

const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', '{', ',', ':', 'ü', 'u0041') }),
)
const names = fc.oneof(texts, fc.constantFrom('password', 'PassWord', 'Tøken', 'pass'))
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.constantFrom<unknown>(null, true, -1.5e30, 12345678, 'password'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
})).value
const jsons = fc.tuple(values, fc.constantFrom(0, 2, '\t')).map(([value, space]) => JSON.stringify(value, null, space))
const places = (json: string): fc.Arbitrary<Place[]> =>
  fc
    .array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 9 }), fc.constantFrom('k', 'l')), { maxLength: 8 })
    .map((steps) => {
      let at = 0
      const all = steps.map(([gap, length, label], index) => {
        const start = at + gap + Number(index > 0)
        at = start + length
        return { label, start, end: Math.min(at, json.length) }
      })
      return all.filter(({ start, end }) => start < end)
    })
const placed = jsons.chain((json) => fc.tuple(fc.constant(json), places(json)))

describe('masks in JSON text', () => {
  it('stand where the slow twin writes them', () => {
    fc.assert(
      fc.property(placed, ([json, spans]) => {
        // the twin does not tell names with one mask apart
        expect(write(json, spans).replace(/#\d+/g, '')).toBe(slowly(json, spans))
      }),
      { numRuns: RUNS },
    )
  })

  it('leave it valid, sensitive names or not', () => {
    fc.assert(
      fc.property(placed, ([json, spans]) => {
        expect(memberCount(JSON.parse(write(json, spans)))).toBe(memberCount(JSON.parse(json)))
        JSON.parse(write(json, spans, new Set(NAMES)))
      }),
      { numRuns: RUNS },
    )
  })

  it('replace the whole value of a sensitive name', () => {
    fc.assert(
      fc.property(jsons, (json) => {
        expect(JSON.parse(write(json, [], new Set(NAMES)))).toEqual(hide(JSON.parse(json)))
      }),
      { numRuns: RUNS },
    )
  })

  it('leave no digit of a text that is one number', () => {
    expect(write('12345678', [{ label: 'k', start: 2, end: 4 }])).toBe('"[k]"')
    expect(write(' -1.5e7\n', [{ label: 'k', start: 3, end: 4 }])).toBe(' "[k]"\n')
  })

  it('keep names apart that get one mask, in each object by itself', () => {
    const json = '{"ab":1,"cd" : 2,"e":[{"ab":3}],"cde":4}'
    const at = (text: string, from = 0): Place => {
      const start = json.indexOf(text, from)
      return { label: 'k', start, end: start + 2 }
    }
    const places = [at('ab'), at('cd'), at('ab', 9), at('cde')]
    expect(write(json, places)).toBe('{"[k]":1,"[k]#2" : 2,"e":[{"[k]":3}],"[k]e":4}')
    // a name that is the mask, before it or after it
    expect(write('{"[k]":1,"ab":2}', [{ label: 'k', start: 10, end: 12 }])).toBe('{"[k]":1,"[k]#2":2}')
    expect(write('{"ab":1,"[k]":2}', [{ label: 'k', start: 2, end: 4 }])).toBe('{"[k]":1,"[k]#2":2}')
  })

  it('change nothing where there is nothing to mask', () => {
    expect(write('{"a":[1,"b"]}', [])).toBe('{"a":[1,"b"]}')
    expect(write('', [], new Set(NAMES))).toBe('')
  })

  it('do not depend on how long a string is', () => {
    const json = JSON.stringify({ a: '\\"'.repeat(500_000), password: ['"'.repeat(500_000)] })
    expect(write(json, [], new Set(NAMES))).toBe(json.replace(/\[.*/s, '"[]"}'))
  })
})

it('thousands of equal keys that are masked take linear time, and stay apart', () => {
  const secret = 'S3cret-Value-xyz-998'
  const { json } = createRedactor({ secrets: { k: secret } })
  const keys = Object.keys(JSON.parse(json(`{${new Array(20_000).fill(`"${secret}":1`).join(',')}}`)) as object)
  expect(keys).toHaveLength(20_000)
})

describe('bytes that JSON has written as an object', () => {
  const secret = 'hunter2-long-pw'
  const key = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
  const { json } = createRedactor({ secrets: { db: secret, key } })
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

  it.each([0, 2])('are masked where they hold a value, and stay where they do not', (space) => {
    const record = {
      text: bytes(`a ${secret}`),
      raw: Uint8Array.from(Buffer.from(key, 'hex')),
      wide: Uint16Array.from(secret, (sign) => sign.charCodeAt(0)),
      other: bytes('nothing'),
      none: {},
      counts: { '0': 104, '2': 117 },
      gaps: Object.fromEntries([...bytes(secret)].map((byte, index) => [2 * index, byte])),
      said: `{ "0": ${secret}`,
    }
    const redacted: unknown = JSON.parse(json(JSON.stringify(record, null, space)))
    const { text: _, raw: __, wide: ___, ...rest } = JSON.parse(JSON.stringify(record)) as typeof record
    const said = '{ "0": [secret:db]'
    expect(redacted).toEqual({ text: '[secret:db]', raw: '[secret:key]', wide: '[secret:db]', ...rest, said })
    expect(json(JSON.stringify(bytes(secret), null, space))).toBe('"[secret:db]"')
    expect(json(`${JSON.stringify(bytes(secret))}\n{"a":1}`)).toBe('"[secret:db]"\n{"a":1}')
  })
})
