import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { runs } from '../tooling/runs.ts'
import { noise, VALUES } from './values.ts'
import { PAIRS, SIMPLE } from './writers.ts'

const RUNS = runs(200)
const VALUE = 'hunter2-long-pw'

const token = (index: number): string => noise(`token ${index}`, 24).toString('base64url')
function redactorOfTokens(count: number): Redactor {
  const redactor = createRedactor()
  for (let index = 0; index < count; index++) redactor.add(`t${index}`, token(index))
  return redactor
}

function textInChunks(redactor: Redactor, parts: readonly string[]): string {
  const chunks = redactor.chunks<string>()
  return parts.map((part) => chunks.push(part)).join('') + (chunks.end() ?? '')
}

function bytesInChunks(redactor: Redactor, parts: readonly Uint8Array[]): string {
  const chunks = redactor.chunks<Uint8Array>()
  const released = parts.map((part) => chunks.push(part))
  return Buffer.concat([...released, chunks.end() ?? new Uint8Array()]).toString('latin1')
}

/** Cuts at places given as shares of the length, so that a text of any length is cut all over. */
function cut<T extends string | Uint8Array>(whole: T, shares: readonly number[]): T[] {
  const borders = [...shares.map((share) => Math.floor(share * whole.length)).sort((a, b) => a - b), whole.length]
  return borders.map((border, index) => whole.slice(borders[index - 1] ?? 0, border) as T)
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
const letters = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('a', 'b'), { minLength, maxLength }).map((parts) => parts.join(''))

/** Values that bring escapes, line ends, characters of several bytes and of two units. */
const HARD = ['mixed', 'emoji', 'Cyrillic', 'looks escaped', '.env file', 'quotes', 'base64 letters', 'keyboard row']
const hard = Object.fromEntries(HARD.map((name) => [name, VALUES[name]!]))
const redactorOfHard = (): Redactor =>
  createRedactor({ secrets: Object.fromEntries(Object.values(hard).map((value, index) => [`L${index}`, value])) })
const WRITERS = [...SIMPLE, ...PAIRS]
const written = fc.tuple(fc.constantFrom(...WRITERS), fc.constantFrom(...HARD)).map(([{ around, write }, name]) => {
  const { before = '', text, after = '' } = write(hard[name]!)[0] ?? { text: name }
  return around[0] + before + text + after + around[1]
})
/** A written value may be cut off, and followed by another. */
const hardText = fc
  .array(fc.tuple(written, fc.constantFrom(1, 1, 0.5, 0.9)), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map(([text, share]) => text.slice(0, text.length * share)).join('\n'))

describe('every chunking gives what one shot gives', () => {
  it('over two letters', () => {
    fc.assert(
      fc.property(
        fc.array(letters(1, 12), { minLength: 1, maxLength: 6 }),
        letters(0, 80),
        shares,
        (values, text, at) => {
          const redactor = createRedactor({ minLength: 4 })
          values.forEach((value, index) => void redactor.add(`L${index}`, value))
          const whole = redactor.text(text)
          expect(textInChunks(redactor, cut(text, at))).toBe(whole)
          expect(textInChunks(redactor, text.split(''))).toBe(whole)
          expect(bytesInChunks(redactor, cut(Buffer.from(text), at))).toBe(whole)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('over what the writers write, as text that is cut between any two units', () => {
    const redactor = redactorOfHard()
    fc.assert(
      fc.property(hardText, shares, (text, at) => {
        expect(textInChunks(redactor, cut(text, at))).toBe(redactor.text(text))
      }),
      { numRuns: 2 * RUNS },
    )
  })

  it('over what the writers write, as bytes', () => {
    const redactor = redactorOfHard()
    fc.assert(
      fc.property(hardText, shares, (text, at) => {
        const bytes = Buffer.from(text)
        expect(bytesInChunks(redactor, cut(bytes, at))).toBe(bytesInChunks(redactor, [bytes]))
      }),
      { numRuns: 2 * RUNS },
    )
  })

  it('one unit and one byte at a time', () => {
    const redactor = redactorOfHard()
    for (const { around, write } of SIMPLE) {
      const [first] = write(hard['mixed']!)
      const text = around[0] + (first?.before ?? '') + (first?.text ?? '') + (first?.after ?? '') + around[1]
      expect(textInChunks(redactor, text.split(''))).toBe(redactor.text(text))
      const bytes = Buffer.from(text)
      const single = [...bytes].map((byte) => Uint8Array.of(byte))
      expect(bytesInChunks(redactor, single)).toBe(bytesInChunks(redactor, [bytes]))
    }
  })

  it('as bytes what it gives as text', () => {
    const redactor = redactorOfHard()
    const differing = WRITERS.filter(({ asks }) => asks === 'contract').flatMap(({ name, around, write }) =>
      Object.entries(hard).flatMap(([what, value]) => {
        const text = around[0] + (write(value)[0]?.text ?? '') + around[1]
        const asBytes = Buffer.from(bytesInChunks(redactor, [Buffer.from(text)]), 'latin1').toString()
        return asBytes === redactor.text(text) ? [] : [`${name} × ${what}: ${asBytes}`]
      }),
    )
    expect(differing.join('\n')).toBe('')
  })

  it('with bytes that are no UTF-8, which come out as they went in', () => {
    const { chunks } = createRedactor({ secrets: { k: VALUE } })
    const { push, end } = chunks<Uint8Array>()
    const input = Buffer.concat([noise('binary', 999), Buffer.from(VALUE), noise('more', 999)])
    const output = Buffer.concat([push(input.subarray(0, 1005)), push(input.subarray(1005)), end() ?? Buffer.of()])
    const mask = Buffer.from('[secret:k]')
    expect(output.equals(Buffer.concat([noise('binary', 999), mask, noise('more', 999)]))).toBe(true)
  })
})

describe('what can no longer be part of a match leaves at once', () => {
  it('a prompt, with a hundred token secrets', () => {
    const { push, end } = redactorOfTokens(100).chunks<string>()
    expect(push('Password: ')).toBe('Password: ')
    expect(end()).toBeUndefined()
  })

  it('a JSON log line with its line feed, with a thousand token secrets, as text and as bytes', () => {
    const redactor = redactorOfTokens(1000)
    const line = '{"level":30,"time":1767225600000,"pid":4711,"hostname":"web-1","msg":"request completed"}\n'
    const texts = redactor.chunks<string>()
    const bytes = redactor.chunks<Uint8Array>()
    for (let count = 0; count < 3; count++) {
      expect(texts.push(line)).toBe(line)
      expect(Buffer.from(bytes.push(Buffer.from(line))).toString()).toBe(line)
    }
    expect(texts.end()).toBeUndefined()
    expect(bytes.end()).toBeUndefined()
  })

  it('a line that holds a value', () => {
    const { push } = redactorOfTokens(1000).chunks<string>()
    expect(push(`{"token":"${token(7)}"}\n`)).toBe('{"token":"[secret:t7]"}\n')
  })

  it.each(['!', ' ', '$ ', '> ', '? ', 'Continue [y/n] ', '... ', '✓ ', '}\n', '}\r\n', '(100%)\r'])(
    'text that ends with %j, which cannot begin the value',
    (text) => {
      const { push, end } = createRedactor({ secrets: { k: VALUE } }).chunks<string>()
      expect(push(text)).toBe(text)
      expect(end()).toBeUndefined()
    },
  )

  it('all but the beginning of a value, which leaves when the next character contradicts', () => {
    const { push, end } = createRedactor({ secrets: { k: VALUE } }).chunks<string>()
    expect(push('a hunter')).toBe('a ')
    expect(push('!')).toBe('hunter!')
    expect(push('a hunter2-')).toBe('a ')
    expect(push('long ')).toBe('hunter2-long ')
    expect(push('a hunter2-long-p')).toBe('a ')
    expect(push('w.')).toBe('[secret:k].')
    expect(end()).toBeUndefined()
  })

  it('all before the last place where a value may begin', () => {
    const { push, end } = createRedactor({ secrets: { k: 'a7a7a7ac' } }).chunks<string>()
    expect(push('= a7a7a7a7')).toBe('= a7')
    expect(push('=')).toBe('a7a7a7=')
    expect(push('= a7a7a7a7')).toBe('= a7')
    expect(push('ac=')).toBe('[secret:k]=')
    expect(end()).toBeUndefined()
  })

  it('an escape of another language before a short value, which is masked in whatever pieces it comes', () => {
    const redactor = createRedactor({ secrets: { k: ';' } })
    const text = 'a\n^; b `; c\n'
    for (let cut = 0; cut <= text.length; cut++) {
      const { push, end } = redactor.chunks<string>()
      expect(push(text.slice(0, cut)) + push(text.slice(cut)) + (end() ?? '')).toBe('a\n[secret:k] b [secret:k] c\n')
    }
  })

  it.each([
    ['c7a9', 8, 5, '\n%c7a9'],
    ['2a2b3c4d', 8, 1, '2a2b3c4t\\u002a2b3c4d%4\\u002a2b3c4d%4%4&#x'],
    ['c7a9k2m4p6q8', 8, 1, 'x %c7%619k2m4p6q8 y'],
    // a title within what is no escape
    ['c7a9', 8, 1, `%2a\x07%\x1b]0;${'tT7 '.repeat(80)}\x07%c7a9 `],
    ['x\ny7', 8, 2, `%x\ny7\\x\n    %C\x1b]0;${'tT7 '.repeat(80)}\x07tx\ny7\r\n`],
    ['x\ny7', 8, 1, '%\n    %C\\\\u00.x\ny7\\n\n'],
  ])('a value of few characters %j after what reads as an escape', (value, minLength, size, text) => {
    const redactor = createRedactor({ secrets: { k: value }, minLength })
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.slice(at * size, (at + 1) * size),
    )
    expect(textInChunks(redactor, pieces)).toBe(redactor.text(text))
    expect(redactor.text(text)).toContain('[secret:k]')
  })

  it('the rest of a value of which few characters stand far before it', () => {
    const redactor = createRedactor({ secrets: { k: 'a1c2e3g4i5k6' } })
    for (const blanks of [62, 100, 119]) {
      const text = `x a1\n${' '.repeat(blanks)}c2e3g4i5k6 y`
      const { push, end } = redactor.chunks<string>()
      expect(text.split('').map(push).join('') + (end() ?? '')).toBe(redactor.text(text))
      expect(redactor.text(text)).not.toContain('g4i5k6')
    }
  })

  it('a base64 character that a value decides in part, before percent-encoding', () => {
    const redactor = createRedactor({ secrets: { k: '???~~~secret>>>value' } })
    const text = 'k=eD8%2FP35%2BfnNlY3JldD4%2BPnZhbHVl&x=1'
    for (let cut = 0; cut <= text.length; cut++) {
      const { push, end } = redactor.chunks<string>()
      expect(push(text.slice(0, cut)) + push(text.slice(cut)) + (end() ?? '')).toBe('k=e[secret:k]&x=1')
    }
  })

  it('a mask, as soon as no other value can overlap it', () => {
    const { push, end } = createRedactor({ secrets: { k: VALUE } }).chunks<string>()
    expect(push(`a ${VALUE}`) + push(' ')).toBe('a [secret:k] ')
    expect(end()).toBeUndefined()
  })

  it('a short value only when it is clear that it stands alone', () => {
    const { push, end } = createRedactor({ secrets: { k: 'abc' } }).chunks<string>()
    expect(push('=abc')).not.toContain('abc')
    expect(push('d=')).toContain('abcd=')
    expect(push('=abc') + push('=')).toContain('[secret:k]=')
    expect(push('x') + push('abc') + push('=')).toContain('xabc=')
    end()
  })
})

describe('what is held back stays small', () => {
  it.each(['password', '00000000', 'aaaaaaaaaaaa', 'ab-ab'])('of %j again and again without a gap', (value) => {
    const { chunks } = createRedactor({ secrets: { value } })
    const { push } = chunks<string>()
    const pushed = value.repeat(100)
    let released = ''
    for (let from = 0; from < pushed.length; from += 7) released += push(pushed.slice(from, from + 7))
    expect(pushed.length - released.length).toBeLessThan(4 * value.length)
  })

  const MOST_HELD = 64 * 1024
  const CHUNK = 64 * 1024
  const TOTAL = 1024 * 1024
  const value = token(0)
  const FLOODS: Readonly<Record<string, string>> = {
    'log lines': '{"level":30,"msg":"request completed"}\n',
    'the beginning of a value': value.slice(0, -1),
    'the first letter of a value': value[0]!,
    'line ends behind the beginning of a value': `${value.slice(0, 9)}${'\n'.repeat(5000)}`,
    'blanks behind the beginning of a value': `${value.slice(0, 9)}\n${' '.repeat(9000)}`,
    'colours behind the beginning of a value': `${value.slice(0, 9)}${'\x1b[31m'.repeat(2000)}`,
    'a colour that does not end': `${value.slice(0, 9)}\x1b[${'1;'.repeat(5000)}`,
    'zero-width spaces behind the beginning of a value': `${value.slice(0, 9)}${'\u200b'.repeat(5000)}`,
    'backslashes behind the beginning of a value': `${value.slice(0, 9)}${'\\'.repeat(5000)}`,
    'percent signs': `${value.slice(0, 9)}${'%25'.repeat(3000)}`,
  }

  it.each(Object.entries(FLOODS))('while 1 MB of %s flows by', (_, unit) => {
    const { push, end } = redactorOfTokens(20).chunks<string>()
    const chunk = unit.repeat(Math.ceil(CHUNK / unit.length))
    let held = 0
    let most = 0
    for (let flowed = 0; flowed < TOTAL; flowed += chunk.length) {
      held += chunk.length - push(chunk).length
      most = Math.max(most, held)
    }
    held -= end()?.length ?? 0
    expect(most).toBeLessThan(MOST_HELD)
    expect(held).toBe(0)
  })
})

describe('the end', () => {
  it('gives what was held back once, and nothing where nothing was', () => {
    const { chunks } = createRedactor({ secrets: { k: VALUE } })
    const some = chunks<string>()
    expect(some.push('a hunter2')).toBe('a ')
    expect(some.end()).toBe('hunter2')
    expect(some.end()).toBeUndefined()
    expect(chunks<string>().end()).toBeUndefined()
    const none = chunks<Uint8Array>()
    expect(none.push(new Uint8Array())).toEqual(new Uint8Array())
    expect(none.end()).toBeUndefined()
  })

  it('masks what only the end makes whole', () => {
    const { push, end } = createRedactor({ secrets: { a: 'a1c2e3g4', b: 'a1c2e3g4i5k6' } }).chunks<string>()
    expect(push('= a1c2e3g4i5') + (end() ?? '')).toBe('= [secret:a]i5')
  })

  it('of bytes gives bytes', () => {
    const { push, end } = createRedactor({ secrets: { k: VALUE } }).chunks<Uint8Array>()
    expect(push(Buffer.from('ü hunter2'))).toBeInstanceOf(Uint8Array)
    expect(Buffer.from(end()!).toString()).toBe('hunter2')
  })
})

it.each([
  ['text', 'bytes', 'abc', Buffer.from('abc')],
  ['bytes', 'text', Buffer.from('abc'), 'abc'],
])('takes no %s and then %s', (_first, _second, one, other) => {
  const { push } = createRedactor({ secrets: { k: VALUE } }).chunks<string | Uint8Array>()
  push(one)
  expect(() => push(other)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
})

describe('a short value after an escape', () => {
  it.each([
    ['a', '\\3a', '\\3a'],
    ['%a', '%F%a', '%F%a'],
    ['ü', '%aü', '%aü'],
    ['a', '\\x41a', '\\x41[secret:short]'],
    ['a', '%5Ca', '%5C[secret:short]'],
  ])('%j in %j stands alone in a stream as it does in a text', (value, text, expected) => {
    const redactor = createRedactor({ minLength: 5 })
    redactor.add('short', value)
    const chunks = redactor.chunks<string>()
    expect(chunks.push(text) + (chunks.end() ?? '')).toBe(expected)
    expect(redactor.text(text)).toBe(expected)
  })
})

it('bytes of any kind leave as they came, and none of what is released is the memory that was given', () => {
  const redactor = createRedactor({ secrets: { k: VALUE } })
  for (const text of ['a'.repeat(2_000), 'ü'.repeat(2_000), String.fromCharCode(...noise('bytes', 2_000))]) {
    const given = Buffer.from(`${text}${VALUE}${text}\n`, 'latin1')
    const { push, end } = redactor.chunks<Uint8Array>()
    const expected = Buffer.from(`${text}[secret:k]${text}\n`, 'latin1')
    const released: Uint8Array[] = []
    for (let at = 0; at < given.length; at += 500) {
      const piece = Buffer.from(given.subarray(at, at + 500))
      released.push(push(piece))
      expect(released.at(-1)!.constructor).toBe(Uint8Array)
      piece.fill(0)
    }
    expect(Buffer.concat([...released, end() ?? new Uint8Array()])).toEqual(expected)
  }
})
