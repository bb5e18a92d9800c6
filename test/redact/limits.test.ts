/** The limits that docs/REDACTION.md states in its table; those of huge values are in limits.thorough.test.ts. */

import { describe, expect, it } from 'vitest'
import { LONG, LONGEST_MATCH, MAX_ESCAPE, MAX_GAP, MAX_TITLE, PIECE } from '../../src/redact/limits.ts'
import { createRedactor } from '../../src/redact.ts'

const maskedIn = (value: string, text: string): string => createRedactor({ secrets: { k: value } }).text(text)
const MASK = '[secret:k]'
const VALUE = 'hunter2-long-pw'
const SLASH = 'p4ss/word-1'
const titled = (title: string): string => `\x1b]0;${title}\x07`

describe('the limit', () => {
  it('of what is between two characters of a value', () => {
    const broken = (gap: number): string => `hunter2-\n${' '.repeat(gap - 1)}long-pw`
    expect(maskedIn(VALUE, broken(MAX_GAP - 1))).toBe(MASK)
    expect(maskedIn(VALUE, broken(MAX_GAP))).toBe(broken(MAX_GAP))
    expect(maskedIn(VALUE, `hunter2-${titled('x'.repeat(MAX_GAP))}long-pw`)).not.toContain(MASK)
  })

  it('of an escape', () => {
    const slash = (length: number): string => `%2\n${' '.repeat(length - 4)}F`
    expect(maskedIn(SLASH, `p4ss${slash(MAX_ESCAPE - 1)}word-1`)).toBe(MASK)
    expect(maskedIn(SLASH, `p4ss${slash(MAX_ESCAPE + 1)}word-1`)).not.toContain(MASK)
  })

  it('of a title: a longer one is text like all other', () => {
    const masked = (title: string): string =>
      maskedIn(VALUE, `hunter2-${titled(title)}long-pw ${titled(VALUE + title)}`)
    expect(masked('x'.repeat(9))).toBe(`${MASK} ${titled(`${MASK}xxxxxxxxx`)}`)
    expect(masked('x'.repeat(MAX_TITLE + 1))).toContain(titled(`${MASK}${'x'.repeat(MAX_TITLE + 1)}`))
  })

  it('of a match: a value of hundreds of characters, each of them many in the text', () => {
    const value = Array.from({ length: 128 }, (_, index) => `w${index}`)
      .join('-')
      .slice(0, PIECE)
    const written = (each: number): string => value.replace(/./g, (found) => found + '\0'.repeat(each - 1))
    const most = LONGEST_MATCH / value.length
    expect(maskedIn(value, written(most))).toContain(MASK)
    expect(maskedIn(value, written(most + 1))).not.toContain(MASK)
  })

  it('of values that are searched for in Base64 of what writers make of them', () => {
    const value = (length: number): string => `${'hunter2-"long"-pw '.repeat(length / 18 + 1).slice(1, length)}x`
    for (const encode of [
      (text: string) => btoa(JSON.stringify(text)),
      (text: string) => btoa(btoa(text)),
      (text: string) => Buffer.from(text, 'utf16le').toString('base64'),
    ]) {
      expect(maskedIn(value(LONG), encode(value(LONG)))).toContain(MASK)
      expect(maskedIn(value(LONG + 1), encode(value(LONG + 1)))).not.toContain(MASK)
    }
  })

  it('of keys that are decoded', () => {
    const bytes = (length: number): string =>
      String.fromCharCode(...Array.from({ length }, (_, index) => 128 + ((index * index * 31 + index * 7) % 127)))
    const longest = (LONG / 4) * 3
    expect(maskedIn(btoa(bytes(longest)), bytes(longest))).toContain(MASK)
    expect(maskedIn(btoa(bytes(longest + 1)), bytes(longest + 1))).not.toContain(MASK)
  })

  it('of a value, of which the search takes pieces', () => {
    const value = Array.from({ length: 300 }, (_, index) => `w${index}`).join('-')
    expect(value.length).toBeGreaterThan(2 * PIECE)
    expect(maskedIn(value, `<${value}>`)).toBe(`<${MASK}>`)
    expect(maskedIn(value, `<${value.slice(0, PIECE)}>`)).toBe(`<${MASK}>`)
    expect(maskedIn(value, `<${value.slice(1, PIECE)}>`)).toBe(`<${value.slice(1, PIECE)}>`)
  })
})
