import { describe, expect, it } from 'vitest'
import { escapeReferences, references, referenceTo, render } from '../../src/template.ts'
import { errorOf } from './harness.ts'

describe('escapeReferences', () => {
  it.each([
    ['', ''],
    ['plain {{ x }}', 'plain {{ x }}'],
    ['my secrets. are', 'my secrets. are'],
    ['{{ secrets.a }}', '\\{{ secrets.a }}'],
    ['x << secrets.a | y >> {{{secrets.b}}}', 'x \\<< secrets.a | y >> \\{{{secrets.b}}}'],
    ['\\{{ secrets.a }}', '\\\\\\{{ secrets.a }}'],
    ['\\\\{{ secrets.a }}', '\\\\\\\\\\{{ secrets.a }}'],
    ['{{ secrets.', '\\{{ secrets.'],
    ['{{ RUNPOD_SECRET_', '\\{{ RUNPOD_SECRET_'],
    ['{{{ secrets.a', '{\\{{ secrets.a'],
    ['${{ secrets.a }}', '${{ secrets.a }}'],
    ['${{{ secrets.a', '${\\{{ secrets.a'],
  ])('of %j is %j', (text, expected) => {
    expect(escapeReferences(text)).toBe(expected)
    expect(references(expected)).toEqual([])
    expect(render(expected, () => 'hunter2')).toBe(text)
  })

  it('makes a piece inert whatever it is put between', () => {
    for (const piece of [
      '{{ secrets.a',
      '{{{ secrets.a',
      '${{{ secrets.a',
      '<<{ secrets.a',
      '{{ secrets.a }',
      '{{ secrets.a | ',
    ]) {
      for (const after of [' }}', '}}}', ' }>>', '>>', ' x }} }}}']) {
        for (const before of ['', 'x', '$', '{', '<', '{{ user }} ']) {
          const text = `${before}${escapeReferences(piece)}${after}`
          expect(render(text, () => 'hunter2')).toBe(`${before}${piece}${after}`)
        }
      }
    }
  })

  it('knows delimiters of one’s own', () => {
    expect(escapeReferences('%%secrets.a%%secrets.b%% {{ secrets.c }}', { delimiters: [['%%', '%%']] })).toBe(
      '\\%%secrets.a\\%%secrets.b%% {{ secrets.c }}',
    )
    expect(errorOf(() => escapeReferences('x', { delimiters: [['', '']] })).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('referenceTo', () => {
  it('writes a reference that is read again', () => {
    expect(referenceTo('a')).toBe('<< secrets.a >>')
    expect(referenceTo('a-b', 'c_d')).toBe('<< secrets.a-b.c_d >>')
    expect(references(referenceTo('a-b', 'c_d'))).toMatchObject([{ tag: 'a-b', field: 'c_d' }])
  })

  it('refuses a name outside the grammar', () => {
    for (const name of ['', 'a b', 'a.b', 'ä', 'x'.repeat(129), 7 as unknown as string]) {
      expect(errorOf(() => referenceTo(name)).code).toBe('ERR_INVALID_INPUT')
      expect(errorOf(() => referenceTo('a', name)).code).toBe('ERR_INVALID_INPUT')
    }
  })
})
