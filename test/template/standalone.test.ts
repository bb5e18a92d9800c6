import { describe, expect, it } from 'vitest'
import { GuillemetError, parse, references, render } from '../../src/template.ts'
import { errorOf } from './harness.ts'

describe('parse', () => {
  it('cuts a text into literals and references', () => {
    expect(parse('a {{ secrets.b | trim }}<< secrets.c.d >> \\{{ secrets.e }}')).toEqual([
      'a ',
      { tag: 'b', filters: ['trim'], index: 2 },
      { tag: 'c', field: 'd', filters: [], index: 24 },
      ' {{ secrets.e }}',
    ])
    expect(parse('plain')).toEqual(['plain'])
    expect(parse('[secrets.a]', { delimiters: [['[', ']']] })).toEqual([{ tag: 'a', filters: [], index: 0 }])
  })

  it('throws the first fault', () => {
    expect(errorOf(() => parse('{{ secrets.a }} {{ secrets. }}'))).toMatchObject({
      code: 'ERR_MALFORMED_REFERENCE',
      index: 16,
    })
    expect(errorOf(() => parse('x', { as: 'env' } as object)).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('references', () => {
  it('finds them in a template of any kind', () => {
    expect(references({ A: '{{ secrets.a }}' }, { as: 'headers' })).toEqual([
      { tag: 'a', filters: [], path: 'A', index: 0, location: 'header' },
    ])
    expect(references('[secrets.a]{{ secrets.b }}', { delimiters: [['[', ']']] })).toHaveLength(1)
  })
})

describe('render', () => {
  it('takes values from any look-up', () => {
    const store = new Map([['a', 'A']])
    expect(render({ x: '{{ secrets.a }}' }, (tag) => store.get(tag))).toEqual({ x: 'A' })
    expect(render('https://h/{{ secrets.a }}', () => 'a b', { as: 'url' })).toBe('https://h/a%20b')
    expect(render('[secrets.a]', () => 'A', { delimiters: [['[', ']']] })).toBe('A')
    expect(render('{{ secrets.b }}', (tag) => store.get(tag), { onMissing: 'keep' })).toBe('{{ secrets.b }}')
  })

  it.each([[{ as: 'xml' }], [{ onMissing: 'drop' }], [{ delimiters: [['', '']] }], [{ unknown: 1 }], ['env'], [null]])(
    'refuses options that it does not know: %j',
    (options) => {
      expect(errorOf(() => render('x', () => 'A', options as object)).code).toBe('ERR_INVALID_INPUT')
    },
  )

  it('refuses a look-up that is not a function', () => {
    const error = errorOf(() => render('x', { a: 'hunter2' } as never))
    expect(error).toBeInstanceOf(GuillemetError)
    expect(error.code).toBe('ERR_INVALID_INPUT')
  })
})
