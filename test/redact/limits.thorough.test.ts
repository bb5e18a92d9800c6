/** The limits of docs/REDACTION.md that only huge values meet. */

import { describe, expect, it } from 'vitest'
import { LONG, MAX_PARSED, MAX_PARTS } from '../../src/redact/limits.ts'
import { createRedactor } from '../../src/redact.ts'

const maskedIn = (value: string, text: string): string => createRedactor({ secrets: { k: value } }).text(text)
const MASK = '[secret:k]'

describe('the limit', () => {
  it('of values in which passwords are looked for, and of the parts of one', () => {
    const url = 'postgres://app:correct-horse-9@db/'
    const padded = (size: number): string => `${'#'.repeat(size - url.length)}${url}`
    expect(maskedIn(padded(MAX_PARSED), 'correct-horse-9')).toBe(MASK)
    expect(maskedIn(padded(MAX_PARSED + 1), 'correct-horse-9')).toBe('correct-horse-9')
    const many = JSON.stringify(Array.from({ length: MAX_PARTS + 9 }, (_, index) => `leaf-${1000 + index}`))
    expect(maskedIn(many, 'leaf-1009')).toBe(MASK)
    expect(maskedIn(many, `leaf-${1000 + MAX_PARTS + 8}`)).toBe(`leaf-${1000 + MAX_PARTS + 8}`)
  })

  it('of values that are searched for in decimal', () => {
    const value = (length: number): string => 'hunter2-long-pw '.repeat(length / 16 + 1).slice(0, length)
    const decimal = (text: string): string => Buffer.from(text).join(',')
    expect(maskedIn(value(LONG), decimal(value(LONG)))).toContain(MASK)
    expect(maskedIn(value(LONG + 1), decimal(value(LONG + 1)))).not.toContain(MASK)
  })
})

it('a value that seems to hold documents without end is looked into up to a limit', () => {
  // each of these took minutes where a value of a line was looked for anew from every name in it
  for (const unit of [
    'a:',
    'a=',
    '=a:',
    '://a:b',
    ' -u a:',
    ' login a password ',
    'a://b:',
    'a:b:c:d:e\n',
    '{"a":',
    '<a>b</a>',
    '-----BEGIN A-----',
    ';a={',
    ';a={}',
    'a="""',
  ]) {
    expect(createRedactor().add('k', `x${unit.repeat(60_000 / unit.length)}`)).toMatch(/ok|short/)
  }
})
