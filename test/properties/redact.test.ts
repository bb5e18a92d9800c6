import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { runs } from '../tooling/runs.ts'

const RUNS = runs(300)

/** Two letters that make no word meet themselves and each other in every way there is. */
const letters = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('q', 'z'), { minLength, maxLength }).map((parts) => parts.join(''))
const secretsOf = (text: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(text, { minLength: 1, maxLength: 6 })

function redactorOf(secrets: readonly string[], minLength = 3): Redactor {
  const redactor = createRedactor({ minLength })
  secrets.forEach((secret, index) => {
    redactor.add(`L${index}`, secret)
  })
  return redactor
}

/** Cuts a text at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const borders = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return borders.slice(1).map((border, index) => text.slice(borders[index], border))
}

function inChunks(redactor: Redactor, parts: readonly string[]): string {
  const chunks = redactor.chunks<string>()
  return parts.map((part) => chunks.push(part)).join('') + (chunks.end() ?? '')
}

const MASK = /\[secret:L\d\]/

describe('text over two letters', () => {
  it('leaves no needle outside of masks', () => {
    fc.assert(
      fc.property(secretsOf(letters(3, 8)), letters(0, 60), (secrets, text) => {
        const pieces = redactorOf(secrets).text(text).split(MASK)
        for (const piece of pieces) for (const secret of secrets) expect(piece).not.toContain(secret)
      }),
      { numRuns: RUNS },
    )
  })

  it('masks no character that no match covers', () => {
    fc.assert(
      fc.property(secretsOf(letters(3, 8)), letters(0, 60), (secrets, text) => {
        const covered = new Set<number>()
        for (const secret of secrets) {
          for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
            for (let index = at; index < at + secret.length; index++) covered.add(index)
          }
        }
        const left = [...text].filter((_, index) => !covered.has(index)).join('')
        expect(redactorOf(secrets).text(text).split(MASK).join('')).toBe(left)
      }),
      { numRuns: RUNS },
    )
  })

  it('is idempotent, and the same string where nothing matched', () => {
    fc.assert(
      fc.property(secretsOf(letters(1, 8)), letters(0, 60), (secrets, text) => {
        const { text: redact } = redactorOf(secrets, 4)
        const once = redact(text)
        expect(redact(once)).toBe(once)
      }),
      { numRuns: RUNS },
    )
  })

  it('finds exactly where it masks', () => {
    fc.assert(
      fc.property(secretsOf(letters(3, 8)), letters(0, 60), (secrets, text) => {
        const redactor = redactorOf(secrets)
        const matches = redactor.find(text)
        const left = [...text].filter((_, index) => !matches.some(({ start, end }) => start <= index && index < end))
        expect(redactor.text(text).split(MASK).join('')).toBe(left.join(''))
      }),
      { numRuns: RUNS },
    )
  })

  it('gives in every chunking what it gives in one shot', () => {
    const places = fc.array(fc.nat(80), { maxLength: 12 })
    fc.assert(
      fc.property(secretsOf(letters(1, 9)), letters(0, 80), places, (secrets, text, cuts) => {
        const redactor = redactorOf(secrets, 4)
        expect(inChunks(redactor, cut(text, cuts))).toBe(redactor.text(text))
        expect(inChunks(redactor, [...text])).toBe(redactor.text(text))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('chunks over hard characters', () => {
  const hard = fc.constantFrom(
    'a',
    'b',
    '.',
    '-',
    ' ',
    '\n',
    '\\',
    'n',
    'r',
    '"',
    '%',
    '2',
    'F',
    '=',
    '+',
    '/',
    '\x1b',
    '[',
    '3',
    'm',
    'ü',
    '\u200b',
  )
  const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
    fc.array(hard, { minLength, maxLength }).map((parts) => parts.join(''))

  it('gives in every chunking of values and what surrounds them what it gives in one shot', () => {
    const written = fc.constantFrom<(value: string) => string>(
      (value) => value,
      (value) => JSON.stringify(value),
      (value) => encodeURIComponent(value),
      (value) => Buffer.from(`x${value}`).toString('base64'),
      (value) => Buffer.from(value).toString('base64').replace(/.{4}/g, '$&\n'),
      (value) => [...value].join('\x1b[1m'),
      (value) => [...Buffer.from(value)].join(', '),
      (value) => Buffer.from(value).toString('hex'),
    )
    const part = fc.oneof(text(0, 4), fc.tuple(written, fc.nat(3)))
    const cuts = fc.array(fc.nat(400), { maxLength: 12 })
    fc.assert(
      fc.property(
        // what stands before the line end in such a value is masked by its own short neighbours or not, and what escapes
        // others reads with what stands beside it, of which a stream may not know yet
        fc.array(
          text(1, 12).filter(
            (value) => !/^\s*\S{1,2}[\r\n]|^\\|[\\%[]$/.test(value.trim()) && !value.trim().endsWith('\x1b'),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.array(part, { maxLength: 6 }),
        cuts,
        (secrets, parts, places) => {
          const redactor = redactorOf(secrets, 5)
          const whole = parts
            .map((item) => (typeof item === 'string' ? item : item[0](secrets[item[1] % secrets.length]!)))
            .join('')
          expect(inChunks(redactor, cut(whole, places))).toBe(redactor.text(whole))
        },
      ),
      { numRuns: RUNS },
    )
  })
})

describe('json', () => {
  it('gives valid JSON for any value and any secrets', () => {
    const secrets = fc.array(
      fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.stringMatching(/^[0-9\\"u{}:,[\]tn.e-]{1,12}$/)),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.jsonValue(), secrets, fc.constantFrom(1, 3, 8), (value, values, minLength) => {
        const line = JSON.stringify(value)
        const parts = values
          .flatMap((text, index) => [text, line.slice(index * 3, index * 3 + 9)])
          .filter((text) => text !== '')
        const redactor = redactorOf(parts, minLength)
        JSON.parse(redactor.json(line))
        JSON.parse(redactor.json(JSON.stringify(value, null, 2)))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('value', () => {
  it('changes no input and leaves no needle in keys and texts', () => {
    fc.assert(
      fc.property(
        fc.object({ key: letters(0, 12), values: [letters(0, 12), fc.integer()] }),
        secretsOf(letters(3, 6)),
        (input, secrets) => {
          const before = structuredClone(input)
          const copy = JSON.stringify(redactorOf(secrets).value(input))
          expect(input).toEqual(before)
          for (const piece of copy.split(MASK)) for (const secret of secrets) expect(piece).not.toContain(secret)
        },
      ),
      { numRuns: RUNS },
    )
  })
})
