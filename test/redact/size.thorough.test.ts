/**
 * Sizes that only a search of linear time takes: huge values, huge texts, many adds and removes. No clock is read: work
 * that takes the square of a size would not end.
 */

import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { noise, wrap } from './values.ts'

const VALUE = 'hunter2-long-pw'
const token = (index: number): string => noise(`token ${index}`, 24).toString('base64url')

describe('size', () => {
  const SIZE = 256 * 1024

  it('adds and removes leave nothing behind, over and over', () => {
    const redactor = createRedactor({ secrets: { k: VALUE } })
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 1000; index++) redactor.add(`t${index}`, token(index))
      for (let index = 0; index < 1000; index++) redactor.remove(`t${index}`)
    }
    expect(redactor.text(`${VALUE} ${token(3)}`)).toBe(`[secret:k] ${token(3)}`)
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

  const huge = Object.entries(HUGE).map(([name, make]) => [name, make(SIZE)] as const)

  it.each(huge)('a value of 256 KB of %s is learned', (_, value) => {
    const redactor = createRedactor()
    // what has syntax is too long to be looked into for parts, which is told
    expect(redactor.add('k', value)).toBe(/^\w*$/.test(value) ? 'ok' : 'short')
    redactor.remove('k')
    expect(redactor.text('before a\nb after')).toBe('before a\nb after')
  })

  // a match is not longer than 4,096 characters, line ends included
  const masked = huge.filter(([name]) => !name.includes('line ends'))

  it.each(masked)('a value of 256 KB of %s is masked in a text', (_, value) => {
    const { text } = createRedactor({ secrets: { k: value } })
    expect(MASKS.test(text(`= ${value} =`).slice(2, -2))).toBe(true)
  })

  it.each(masked)('a value of 256 KB of %s is masked in a stream', (_, value) => {
    const { push, end } = createRedactor({ secrets: { k: value } }).chunks<string>()
    let output = ''
    for (let at = 0; at < value.length; at += 65_536) output += push(value.slice(at, at + 65_536))
    expect(MASKS.test(output + (end() ?? ''))).toBe(true)
  })

  it.each(huge)('a text of 256 KB of %s is searched', (_, text) => {
    const secrets = { k: VALUE, a: 'aaaaaaaaz', b: 'ababababz', q: '""z', s: '\\'.repeat(9), l: 'line-one\nline-two' }
    const redactor = createRedactor({ secrets })
    redactor.remove('s')
    expect(redactor.text(`${text} ${VALUE}`) === `${text} [secret:k]`).toBe(true)
  })

  it.each(huge)('a JSON text that holds 256 KB of %s is searched', (_, text) => {
    const { json } = createRedactor({ secrets: { k: VALUE, a: 'aaaaaaaaz', b: 'ababababz', q: '""z' } })
    const redacted: unknown = JSON.parse(json(JSON.stringify({ text, value: VALUE })))
    expect(JSON.stringify(redacted) === JSON.stringify({ text, value: '[secret:k]' })).toBe(true)
  })

  it('a value of ten thousand lines is masked however they are indented, and by line', () => {
    const value = wrap(noise('lines', 480_000).toString('base64'), 64, '\n')
    const { text } = createRedactor({ secrets: { k: value } })
    expect(MASKS.test(text(value.replaceAll('\n', '\n    ')))).toBe(true)
    // a stated cap of patterns leaves later lines out
    expect(text(`line 50 is ${value.split('\n')[50]}.`)).toBe('line 50 is [secret:k].')
  })
})
