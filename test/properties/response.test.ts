/** Laws of response bodies: however they are cut, JSON stays JSON, and only the secret is another. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventMasks } from '../../src/http/event-masks.ts'
import { jsonMasks } from '../../src/http/json-masks.ts'
import { createMaskSource } from '../../src/http/response-masks.ts'
import { jsonPathsAt } from '../../src/template/json-paths.ts'
import { runs } from '../tooling/runs.ts'

const SECRETS = ['v-01"23\\456789/+é', '1234567890', 'line one\nline two long']
const masks = createMaskSource()(
  SECRETS.map((value, index) => ({
    tag: `s${index}`,
    path: '',
    location: 'header' as const,
    name: 'x',
    allow: undefined,
    texts: [value],
    written: [value],
    label: `s${index}`,
  })),
).data!

/** A text, perhaps with secrets in it. */
const texts = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 9 }), fc.constantFrom(...SECRETS, '\\', '"', '\\"', '🚀')), {
    maxLength: 4,
  })
  .map((parts) => parts.join(' '))
const { json } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constant(1234567890),
  ),
  json: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('json'), { maxKeys: 4 }),
  ),
}))
/** Lengths of the pieces in which a text arrives. */
const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })

function inPieces(masking: typeof jsonMasks, text: string, lengths: readonly number[]): string {
  const output = bytesInPieces(masking, new TextEncoder().encode(text), lengths)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output)
}

function bytesInPieces(masking: typeof jsonMasks, bytes: Uint8Array, lengths: readonly number[]): Uint8Array {
  const { push, end } = masking(masks)
  const out: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!
    out.push(push(bytes.subarray(at, at + length)))
    at += length
  }
  out.push(end())
  return new Uint8Array(Buffer.concat(out))
}

/** The slow, obvious way. */
function masked(value: unknown): unknown {
  if (value === 1234567890) return '[secret:s1]'
  if (typeof value === 'string') {
    return SECRETS.reduce((text, secret, index) => text.replaceAll(secret, `[secret:s${index}]`), value)
  }
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each)]))
}

describe('a body of JSON', () => {
  it('stays JSON in any pieces, with masks for the secrets and nothing else changed', () => {
    fc.assert(
      fc.property(json, cuts, fc.constantFrom(undefined, 2), (value, lengths, indent) => {
        const text = JSON.stringify(value, null, indent)
        const output = inPieces(jsonMasks, text, lengths)
        expect(JSON.parse(output)).toEqual(masked(JSON.parse(text)))
        if (!SECRETS.some((secret) => text.includes(JSON.stringify(secret).slice(1, -1)))) expect(output).toBe(text)
      }),
      { numRuns: runs(500) },
    )
  })

  it('that turns out to be none is masked as text', () => {
    const noise = fc.array(
      fc.oneof(fc.constantFrom('"', '\\', '{', '[', ',', ':', ' ', '1', 'true', ...SECRETS), fc.string()),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(noise, cuts, (parts, lengths) => {
        const text = parts.join('')
        // a quote within a value is the end of a string as long as nobody knows better
        const [quoted, , plain] = SECRETS
        expect(inPieces(jsonMasks, text, lengths)).not.toContain(plain)
        expect(inPieces(jsonMasks, `x ${text}`, [text.length + 2])).not.toContain(quoted)
      }),
      { numRuns: runs(500) },
    )
  })
})

it('an event stream keeps its events in any pieces, and their data JSON', () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 4 }), cuts, fc.constantFrom('\n', '\r\n'), (values, lengths, newline) => {
      const stream = (each: readonly unknown[]): string =>
        each.map((value) => `event: x${newline}data: ${JSON.stringify(value)}${newline}${newline}`).join('')
      const output = inPieces(eventMasks, stream(values), lengths)
      const data = output
        .split(newline)
        .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
      expect(data).toEqual(values.map((value) => masked(JSON.parse(JSON.stringify(value)))))
      expect(output.split(newline)).toHaveLength(stream(values).split(newline).length)
    }),
    { numRuns: runs(300) },
  )
})

it('a path within JSON text leads to the string that is there', () => {
  fc.assert(
    fc.property(json, (value) => {
      const marked = JSON.parse(
        JSON.stringify({ root: value }, (_key, each) => (typeof each === 'string' ? `@@${each}` : each)),
      )
      const text = JSON.stringify(marked)
      const offsets = [...text.matchAll(/(?<=")@@/g)].map(({ index }) => index)
      const expected: string[][] = []
      const walk = (each: unknown, path: string[]): void => {
        if (typeof each === 'string') expected.push(path)
        else if (typeof each === 'object' && each !== null) {
          for (const [key, child] of Object.entries(each)) walk(child, [...path, key])
        }
      }
      walk(marked, [])
      expect(
        jsonPathsAt(text, offsets)
          .filter((path) => path !== undefined)
          .map((path) => path.map(String)),
      ).toEqual(expected)
    }),
    { numRuns: runs(300) },
  )
})
