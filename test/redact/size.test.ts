/** Sizes that only a search of linear time takes: huge values, huge texts, many adds and removes. */

import { describe, expect, it, vi } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { noise, wrap } from './values.ts'

const VALUE = 'hunter2-long-pw'
const token = (index: number): string => noise(`token ${index}`, 24).toString('base64url')

describe('size', () => {
  vi.setConfig({ testTimeout: 60_000 })
  const MB = 1024 * 1024
  const ENOUGH = 8_000
  /** No benchmark: only what takes the square of a size is this slow. */
  function timed<T>(work: () => T): T {
    const start = performance.now()
    const result = work()
    expect(performance.now() - start).toBeLessThan(ENOUGH)
    return result
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

  const HUGE = {
    'one letter': 'a'.repeat(MB),
    'two letters in turn': 'ab'.repeat(MB / 2),
    'random letters': noise('huge', (MB * 3) / 4).toString('base64'),
    'ten thousand lines': wrap(noise('lines', 480_000).toString('base64'), 64, '\n'),
    'ten thousand equal lines': `${'the same line'.padEnd(63, '.')}\n`.repeat(10_000),
    'ten thousand short lines': 'ab\n'.repeat(10_000),
    quotes: '"'.repeat(MB),
    backslashes: '\\'.repeat(MB / 4),
    'line ends and a letter': `${'\n'.repeat(MB / 4)}a${'\n'.repeat(MB / 4)}b-and-more`,
  }

  it.each(Object.entries(HUGE))('a value of %s is learned and masked', (_, value) => {
    const redactor = createRedactor()
    expect(timed(() => redactor.add(value, 'k'))).toBe('ok')
    const redacted = timed(() => redactor.text(`before ${value} after`))
    expect(redacted).toMatch(/^before [\s[\]:secrtk]*after$/)
    const { push, end } = redactor.chunks<string>()
    const streamed = timed(() => wrap(value, 65_536, '\0').split('\0').map(push).join('') + (end() ?? ''))
    expect(streamed).toMatch(/^[\s[\]:secrtk]*$/)
    timed(() => redactor.remove('k'))
    expect(redactor.text('before a\nb after')).toBe('before a\nb after')
  })

  it.each(Object.entries(HUGE))('a text of %s is searched', (_, text) => {
    const redactor = createRedactor({
      secrets: { k: VALUE, a: 'aaaaaaaab', b: 'ababababb', q: '""""""""x', l: 'line-one\nline-two' },
    })
    expect(timed(() => redactor.text(`${text} ${VALUE}`))).toBe(`${text} [secret:k]`)
    const redacted = timed(() => redactor.json(JSON.stringify({ text, value: VALUE })))
    expect(JSON.parse(redacted)).toEqual({ text, value: '[secret:k]' })
  })

  it('a value of ten thousand lines is masked where its lines stand alone, however they are indented', () => {
    const value = HUGE['ten thousand lines']
    const redactor = createRedactor({ secrets: { k: value } })
    const indented = value.replaceAll('\n', '\n    ')
    expect(timed(() => redactor.text(indented))).toMatch(/^[\s[\]:secrtk]*$/)
    expect(redactor.text(`line 5000 is ${value.split('\n')[5000]}.`)).toBe('line 5000 is [secret:k].')
  })
})
