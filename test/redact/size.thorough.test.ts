/** Sizes that only a search of linear time takes: huge values, huge texts, many adds and removes. */

import { describe, expect, it, vi } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { noise, wrap } from './values.ts'

const VALUE = 'hunter2-long-pw'
const token = (index: number): string => noise(`token ${index}`, 24).toString('base64url')

describe('size', () => {
  vi.setConfig({ testTimeout: 60_000 })
  const SMALL = 16 * 1024
  const LARGE = 256 * 1024
  const ENOUGH = 6_000

  /** Tries a small size first, so that work that takes the square of a size fails before it takes the night. */
  function grows(name: string, work: (text: string) => void): void {
    for (let size = SMALL; size <= LARGE; size *= 16) {
      const text = HUGE[name]!(size)
      const start = performance.now()
      work(text)
      const took = performance.now() - start
      if (took > ENOUGH) expect.fail(`${size / 1024} KB took ${Math.round(took)} ms`)
    }
  }

  it('a search is not slower after a thousand adds and removes, over and over', () => {
    const redactor = createRedactor({ secrets: { k: VALUE } })
    const text = '{"level":30,"msg":"request completed","pid":4711}\n'.repeat(2000)
    const fastest = (): number => {
      const times = Array.from({ length: 7 }, () => {
        const start = performance.now()
        redactor.text(text)
        return performance.now() - start
      })
      return Math.min(...times)
    }
    const fresh = fastest()
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 1000; index++) redactor.add(token(index), `t${index}`)
      for (let index = 0; index < 1000; index++) redactor.remove(`t${index}`)
    }
    expect(redactor.text(`${VALUE} ${token(3)}`)).toBe(`[secret:k] ${token(3)}`)
    expect(fastest()).toBeLessThan(fresh * 20 + 5)
  })

  const line = 'the same line'.padEnd(63, '.')
  const HUGE: Readonly<Record<string, (size: number) => string>> = {
    'one letter': (size) => 'a'.repeat(size),
    'two letters in turn': (size) => 'ab'.repeat(size / 2),
    'random letters': (size) => noise('huge', (size * 3) / 4).toString('base64'),
    'many lines': (size) => wrap(noise('lines', (size * 3) / 4).toString('base64'), 64, '\n'),
    'many equal lines': (size) => `${line}\n`.repeat(size / 64),
    'many short lines': (size) => 'abc\n'.repeat(size / 4),
    quotes: (size) => '"'.repeat(size),
    backslashes: (size) => '\\'.repeat(size),
    'percent signs': (size) => '%'.repeat(size),
    'line ends around a letter': (size) => `a${'\n'.repeat(size)}b-and-more`,
  }
  const MASKS = /^[\s[\]:secrtk]*$/

  it.each(Object.keys(HUGE))('a value of 256 KB of %s is learned', (name) => {
    grows(name, (value) => {
      const redactor = createRedactor()
      expect(redactor.add(value, 'k')).toBe('ok')
      redactor.remove('k')
      expect(redactor.text('before a\nb after')).toBe('before a\nb after')
    })
  })

  // a match is not longer than 4,096 characters, line ends included
  const masked = Object.keys(HUGE).filter((name) => !name.includes('line ends'))

  it.each(masked)('a value of 256 KB of %s is masked in a text', (name) => {
    grows(name, (value) => {
      const { text } = createRedactor({ secrets: { k: value } })
      expect(MASKS.test(text(`= ${value} =`).slice(2, -2))).toBe(true)
    })
  })

  it.each(masked)('a value of 256 KB of %s is masked in a stream', (name) => {
    grows(name, (value) => {
      const { push, end } = createRedactor({ secrets: { k: value } }).chunks<string>()
      let output = ''
      for (let at = 0; at < value.length; at += 65_536) output += push(value.slice(at, at + 65_536))
      expect(MASKS.test(output + (end() ?? ''))).toBe(true)
    })
  })

  it.each(Object.keys(HUGE))('a text of 256 KB of %s is searched', (name) => {
    const secrets = { k: VALUE, a: 'aaaaaaaaz', b: 'ababababz', q: '""z', s: '\\'.repeat(9), l: 'line-one\nline-two' }
    const redactor = createRedactor({ secrets })
    redactor.remove('s')
    grows(name, (text) => expect(redactor.text(`${text} ${VALUE}`) === `${text} [secret:k]`).toBe(true))
  })

  it.each(Object.keys(HUGE))('a JSON text that holds 256 KB of %s is searched', (name) => {
    const { json } = createRedactor({ secrets: { k: VALUE, a: 'aaaaaaaaz', b: 'ababababz', q: '""z' } })
    grows(name, (text) => {
      const redacted: unknown = JSON.parse(json(JSON.stringify({ text, value: VALUE })))
      expect(JSON.stringify(redacted) === JSON.stringify({ text, value: '[secret:k]' })).toBe(true)
    })
  })

  it('a value of ten thousand lines is masked however they are indented, and by line', () => {
    const value = wrap(noise('lines', 480_000).toString('base64'), 64, '\n')
    const { text } = createRedactor({ secrets: { k: value } })
    expect(MASKS.test(text(value.replaceAll('\n', '\n    ')))).toBe(true)
    // a stated cap of patterns leaves later lines out
    expect(text(`line 50 is ${value.split('\n')[50]}.`)).toBe('line 50 is [secret:k].')
  })
})
