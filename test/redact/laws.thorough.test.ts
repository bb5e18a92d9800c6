import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readsAsWord } from '../../src/looks/words.ts'
import { FEW_KEPT } from '../../src/redact/limits.ts'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { runs } from '../tooling/runs.ts'
import { VALUES } from './values.ts'
import { JSON_BODIES } from './writers-text.ts'

const RUNS = runs(200)
const run = { numRuns: RUNS }
const MASK = /\[secret(?::\w+)?\]/

const textOf = (units: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...units), { minLength, maxLength }).map((parts) => parts.join(''))
const letters = (minLength: number, maxLength: number) => textOf(['a', 'b'], minLength, maxLength)
const values = fc.uniqueArray(letters(1, 12), { minLength: 1, maxLength: 6 })
const minLengths = fc.integer({ min: 1, max: 8 })
const texts = textOf(['a', 'b', 'a', 'b', 'a', 'b', ' ', '.', '_', '-'], 0, 80)

/** A redactor, and those of the secrets that it protects wherever they stand. */
function stage(secrets: readonly string[], minLength: number): { redactor: Redactor; strong: readonly string[] } {
  const redactor = createRedactor({ minLength })
  const verdicts = secrets.map((secret, index) => redactor.add(`L${index}`, secret))
  // half a character is added, to see what it breaks; that it is found within the whole one is not asked
  const isWhole = (secret: string): boolean => !/\p{Surrogate}/u.test(secret)
  return { redactor, strong: secrets.filter((secret, index) => verdicts[index] === 'ok' && isWhole(secret)) }
}

/** A value of which little is compared: behind a backslash of the text it may stay, as docs/REDACTION.md says. */
function isSparse(secret: string): boolean {
  const kept = secret.replace(/[\0-\x20\x7f"'$%+\\^`]/g, '').length
  return kept < FEW_KEPT && kept < secret.length
}

/** Nothing of what can be read holds a value. */
function expectClean(readable: readonly string[], strong: readonly string[]): void {
  for (const piece of readable.flatMap((text) => text.split(MASK))) {
    for (const secret of strong) expect(piece).not.toContain(secret)
  }
}

describe('over two letters', () => {
  it('no value is left outside of masks', () => {
    fc.assert(
      fc.property(values, minLengths, texts, (secrets, minLength, text) => {
        const { redactor, strong } = stage(secrets, minLength)
        expectClean([redactor.text(text)], strong)
      }),
      run,
    )
  })

  it('a short value is masked where nothing touches it, and left where something does', () => {
    fc.assert(
      fc.property(letters(1, 7), texts, (secret, text) => {
        const alone = new RegExp(`(?<![ab_-])${secret}(?![ab_-])`, 'g')
        expect(createRedactor({ secrets: { k: secret } }).text(text)).toBe(text.replace(alone, '[secret:k]'))
      }),
      run,
    )
  })

  it('what is redacted stays as it is when it is redacted again', () => {
    fc.assert(
      fc.property(values, minLengths, texts, (secrets, minLength, text) => {
        const { redactor } = stage(secrets, minLength)
        const once = redactor.text(text)
        expect(redactor.text(once)).toBe(once)
        expect(redactor.find(once)).toEqual([])
      }),
      run,
    )
  })

  it('the order of adds does not matter', () => {
    const orders = values.chain((secrets) =>
      fc.tuple(fc.constant(secrets), fc.shuffledSubarray(secrets, { minLength: secrets.length })),
    )
    fc.assert(
      fc.property(orders, minLengths, texts, ([secrets, shuffled], minLength, text) => {
        const other = createRedactor({ minLength })
        for (const secret of shuffled) other.add(`L${secrets.indexOf(secret)}`, secret)
        expect(other.text(text)).toBe(stage(secrets, minLength).redactor.text(text))
      }),
      run,
    )
  })

  it('a text without any match is the same text', () => {
    fc.assert(
      fc.property(values, texts, (secrets, text) => {
        const { redactor } = stage(secrets, 8)
        expect(redactor.text(text) === text).toBe(redactor.find(text).length === 0)
      }),
      run,
    )
  })
})

// biome-ignore format: one alphabet
const HARD = ['a', 'b', 'n', 'u', '0', '1', '"', '\\', '\n', '\r', '%', '2', '&', ';', '^', '+', '/', '=', ' ', ':', ',', '-', '\x1b', 'ü', '🔑', '\ud83d', '\udd11', '\u200b']

describe('add and remove', () => {
  /** Which of two equal places is named by which form is left open. */
  const placesIn = (redactor: Redactor, text: string) =>
    new Set(redactor.find(text).map(({ label, start, end }) => `${label} ${start} ${end}`))
  const hard = (minLength: number, maxLength: number) => textOf(HARD, minLength, maxLength)

  it('together are as if nothing had been added', () => {
    // what escapes others reads with what stands beside it, of which a stream may not know yet
    const value = hard(1, 14).filter((text) => !/^[\\^]|[\\%&^]$/.test(text.trim()) && !text.trim().endsWith('\x1b'))
    const lists = fc.tuple(
      fc.array(value, { maxLength: 4 }),
      fc.array(value, { minLength: 1, maxLength: 4 }),
      fc.array(value, { maxLength: 4 }),
    )
    fc.assert(
      fc.property(lists, fc.constantFrom(4, 8), fc.array(hard(0, 20)), ([first, gone, last], minLength, parts) => {
        const plain = createRedactor({ minLength })
        const used = createRedactor({ minLength })
        const add = (secrets: readonly string[], prefix: string, redactors: readonly Redactor[]): void =>
          secrets.forEach((secret, index) => {
            for (const redactor of redactors) redactor.add(`${prefix}${index}`, secret)
          })
        add(first, 'F', [plain, used])
        add(gone, 'G', [used])
        add(last, 'H', [plain, used])
        for (const index of gone.keys()) used.remove(`G${index}`)
        const text = [...first, ...gone, ...last, ...parts]
          .map((part) => `${part} ${encodeURI(part.replace(/[\ud800-\udfff]/g, ''))}`)
          .join('\n')
        expect(used.text(text)).toBe(plain.text(text))
        expect(placesIn(used, text)).toEqual(placesIn(plain, text))
        expect([...used.weak]).toEqual([...plain.weak])
        const { push, end } = used.chunks<string>()
        const third = Math.floor(text.length / 3)
        const cut = [text.slice(0, third), text.slice(third, 2 * third), text.slice(2 * third)]
        expect(cut.map(push).join('') + (end() ?? '')).toBe(plain.text(text))
      }),
      run,
    )
  })

  it('of a value that another label still holds leave it masked', () => {
    fc.assert(
      fc.property(
        // what is left out of a text where values may be broken is not half of what a value is made of
        textOf(
          HARD.filter((part) => !/[\u200b\r\n]/.test(part)),
          8,
          14,
        ).filter((value) => value.trim().length >= 8 && !/\p{Surrogate}/u.test(value)),
        (value) => {
          const redactor = createRedactor({ secrets: { kept: value, gone: value } })
          redactor.remove('gone')
          expect(redactor.text(`= ${value} =`)).not.toContain(value)
        },
      ),
      run,
    )
  })
})

/** Everything in a value that is text or is printed as digits. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [...(Array.isArray(value) ? [] : [key]), ...leaves(item)])
}

describe('json', () => {
  function parsed(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      return { 'is no JSON': text, msg: 'null' }
    }
  }
  const unit = fc.oneof(
    fc.constantFrom(...HARD),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  )
  const string = fc.array(unit, { maxLength: 16 }).map((parts) => parts.join(''))
  const { tree: anything } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(string, string, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(string, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const nasty = fc.constantFrom(
    '\\u00',
    '\\u',
    'u00',
    '\\',
    '"',
    'n',
    '0',
    '":"',
    '","',
    '{"',
    '"}',
    ':',
    '[]',
    'rue',
    'null,',
    'als',
    '1',
    '-',
    '1e+',
    '.5',
    '\\"',
    '\\\\',
    '\ud83d',
  )
  /** Where a piece of the line is cut out to be a secret. */
  const piece = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 16 }))
  const secretsOf = (line: string, pieces: readonly (readonly [number, number])[]) =>
    pieces
      .map(([at, length]) => line.slice(at % Math.max(1, line.length)).slice(0, length))
      .filter((part) => part !== '')
  const someNasty = fc.array(
    fc.oneof(
      nasty,
      string.filter((text) => text !== ''),
    ),
    { maxLength: 4 },
  )
  const somePieces = fc.array(piece, { maxLength: 4 })

  it('stays JSON whatever it holds and whatever is secret, and no text in it holds a secret', () => {
    fc.assert(
      fc.property(anything, someNasty, somePieces, minLengths, fc.boolean(), (value, some, pieces, minLength, wide) => {
        const line = JSON.stringify(value, null, wide ? 2 : 0)
        const inner = leaves(value).flatMap((leaf) => secretsOf(leaf, pieces))
        const secrets = [...some, ...secretsOf(line, pieces), ...inner]
        const { redactor, strong } = stage(secrets, minLength)
        expectClean(
          leaves(JSON.parse(redactor.json(line))),
          strong.filter((secret) => !isSparse(secret)),
        )
      }),
      { numRuns: 2 * RUNS },
    )
  })

  it('stays JSON on every line', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 2, maxLength: 4 }), someNasty, somePieces, (items, some, pieces) => {
        const lines = items.map((item) => JSON.stringify(item)).join('\n')
        const secrets = [...some, ...secretsOf(lines, pieces)]
        const { redactor, strong } = stage(secrets, 2)
        const redacted = redactor.json(lines).split('\n')
        expect(redacted.length).toBe(items.length)
        for (const line of redacted) expectClean(leaves(JSON.parse(line)), strong)
      }),
      run,
    )
  })

  it('finds a value however its characters are escaped', () => {
    const escapes = fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: 1, maxLength: 40 })
    // a writer escapes a character or not, not one of two alike: only where none is escaped otherwise is it mixed
    const plain = Object.values(VALUES).filter((value) => /^[\w.-]+$/.test(value))
    fc.assert(
      fc.property(fc.constantFrom(...plain), escapes, (value, ways) => {
        const write = (character: string, index: number): string => {
          const way = ways[index % ways.length]!
          const code = character.charCodeAt(0).toString(16).padStart(4, '0')
          if (way === 0) return JSON.stringify(character).slice(1, -1)
          return `\\u${way === 1 ? code : code.toUpperCase()}`
        }
        const line = `{"msg":"it is ${value.split('').map(write).join('')}!"}`
        expect(JSON.parse(line).msg).toBe(`it is ${value}!`)
        const { msg } = JSON.parse(createRedactor({ secrets: { k: value } }).json(line))
        expect(msg.replace(/\[secret:k\]/g, '')).not.toContain(value.trim())
        expect(msg.length).toBeLessThan(value.length + 60)
      }),
      run,
    )
  })

  it('stays JSON where a logged string is JSON again, and both are masked', () => {
    const masked = JSON.stringify({ password: '[secret:k]', user: 'bob' })
    const wrong = Object.entries(VALUES).flatMap(([name, value]) => {
      const { json } = createRedactor({ secrets: { k: value } })
      return Object.entries(JSON_BODIES).flatMap(([writer, body]) => {
        const outer: unknown = JSON.parse(
          json(`{"msg":"${body(`{"password":"${body(value)}","user":"bob"}`)}","level":30}`),
        )
        const { msg } = outer as { msg: string }
        expect(outer).toEqual({ msg, level: 30 })
        const inner = JSON.stringify(parsed(msg))
        return inner === masked ? [] : [`${name} as ${writer} writes it: ${inner}`]
      })
    })
    expect(wrong.join('\n')).toBe('')
  })

  it('stays JSON where a value with quotes and backslashes is logged twice encoded', () => {
    const value = textOf(['"', '\\', 'a', '/', 'é', '&', 'u'], 8, 14).map((text) => `a${text}z`)
    fc.assert(
      fc.property(value, (secret) => {
        const { json } = createRedactor({ secrets: { k: secret } })
        const redacted = json(JSON.stringify({ msg: JSON.stringify({ password: secret }) }))
        expect(JSON.parse(JSON.parse(redacted).msg)).toEqual({ password: '[secret:k]' })
      }),
      run,
    )
  })
})

describe('value', () => {
  function freeze<T>(value: T): T {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
    return value
  }

  it('changes nothing of its input, and leaves no value in the copy', () => {
    const tree = fc.object({ key: texts, values: [texts, fc.integer(), fc.constant(null)], maxDepth: 3 })
    fc.assert(
      fc.property(tree, values, minLengths, (input, secrets, minLength) => {
        const before = structuredClone(input)
        const { redactor, strong } = stage(secrets, minLength)
        const copy = redactor.value(freeze(input))
        expect(input).toEqual(before)
        expectClean(leaves(copy), strong)
      }),
      run,
    )
  })
})

describe('as it is written', () => {
  const MARKS = [
    '\\',
    '%',
    '&#',
    '\\x',
    '\\u',
    '\\u00',
    '%4',
    '%25',
    '&',
    '\n',
    'C:\\',
    'a',
    ' ',
    '"',
    '=',
    '\x1b[31m',
    '.',
  ]
  /** Begins as the number of a percent sign or the like does: a backslash before `045` makes an escape that begins another. */
  const ESCAPED_ESCAPE = /^(?:00|x)?(?:25|26|5c|1b|c2|e2|ef)|^(?:045|046|134|033|302|342|357)/i
  /** Values up to here are found however much of them reads as an escape. */
  const SWALLOWED_WHOLE = 12
  const marks = (maxLength: number) => textOf(MARKS, 0, maxLength)
  const value = fc
    .constantFrom('0123456789abcdef', '0123456789', [...'ABCXYZabcxyz0123456789'].join(''))
    .chain((all) => textOf([...all], 8, 40))

  it('a value is masked, whatever reads as an escape with its first characters', () => {
    fc.assert(
      fc.property(value, marks(3), marks(3), fc.integer({ min: 1, max: 9 }), (secret, before, after, size) => {
        fc.pre(!readsAsWord(secret))
        fc.pre(secret.length <= SWALLOWED_WHOLE || !ESCAPED_ESCAPE.test(secret))
        const redactor = createRedactor({ secrets: { k: secret } })
        const text = `${before}${secret}${after}`
        const masked = redactor.text(text)
        expect(masked).not.toContain(secret)
        const { push, end } = redactor.chunks<string>()
        let streamed = ''
        for (let from = 0; from < text.length; from += size) streamed += push(text.slice(from, from + size))
        expect(streamed + (end() ?? '')).toBe(masked)
      }),
      { numRuns: 5 * RUNS },
    )
  })
})
