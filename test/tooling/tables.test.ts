import { describe, expect, it } from 'vitest'
import { CASES, type Subject } from '../redact/cases.ts'
import { limitRows } from './limits-table.ts'
import { outcomeOf } from './peers-table.ts'
import { read } from './repository.ts'
import { TABLES, withTable } from './tables.ts'

describe('the documents', () => {
  it.each(TABLES)('$document has the table $name as `npm run tables` makes it', ({ document, name, make }) => {
    const markdown = read(document)
    expect(markdown).toBe(withTable(markdown, name, make()))
  })
})

describe('a table', () => {
  it('takes the place between its marks', () => {
    expect(withTable('a\n<!-- table: x -->\nold\n<!-- /table -->\nb', 'x', 'new\nrows')).toBe(
      'a\n<!-- table: x -->\nnew\nrows\n<!-- /table -->\nb',
    )
  })

  it.each([
    'no mark',
    '<!-- table: x -->\nno end',
    '<!-- table: x -->\n<!-- /table -->\n<!-- table: x -->\n<!-- /table -->',
  ])('needs its place: %j', (markdown) => {
    expect(() => withTable(markdown, 'x', '')).toThrow('needs <!-- table: x --> once')
  })
})

describe('the table of limits', () => {
  it('has a row for each number, with its comment in one line', () => {
    const source = '/** One. */\nexport const A = 1_000\n/**\n * Two\n * lines.\n */\nexport const B = A * 2\n'
    expect(
      limitRows(source, { A: 1000, B: 2000, f: () => 0 })
        .split('\n')
        .slice(2),
    ).toEqual(['| `A` | 1,000 | One. |', '| `B` | 2,000 | Two lines. |'])
  })

  it('refuses a number without a comment', () => {
    expect(() => limitRows('/** One. */\n\nconst x = 1\nexport const A = x', { A: 1 })).toThrow('A has no comment')
  })
})

describe('a case put to a peer', () => {
  const theCase = CASES.find(({ id }) => id === 'R015')!
  const peer = (text: (input: string) => string) => ({ make: () => ({ text }) as Subject })

  it('is met or not by what comes out', () => {
    expect(
      outcomeOf(
        theCase,
        peer((input) => input.replaceAll('TOP_SECRET', '***')),
      ),
    ).toBe('met')
    expect(
      outcomeOf(
        theCase,
        peer((input) => input),
      ),
    ).toBe('not met')
    expect(
      outcomeOf(
        theCase,
        peer(() => '***'),
      ),
    ).toBe('not met')
  })

  it('is not met by one that throws or does not end', () => {
    const throwing = peer(() => {
      throw new TypeError('no')
    })
    const endless = peer(() => {
      for (;;);
    })
    expect(outcomeOf(theCase, throwing)).toEqual({ broke: 'throws TypeError: no' })
    expect(outcomeOf(theCase, endless, 50)).toEqual({ broke: 'does not end' })
  })
})
