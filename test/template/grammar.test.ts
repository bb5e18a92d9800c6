import { describe, expect, it } from 'vitest'
import type { Delimiters } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { errorOf, resolveText } from './harness.ts'

const A = { a: 'A', b: 'B', c: 'C' }
const indexesOf = (text: string) => compile(text, 'value', DEFAULT_SYNTAX).references.map(({ index }) => index)

describe('a reference', () => {
  it.each([
    ['<< secrets.a >>', 'A'],
    ['<<secrets.a>>', 'A'],
    ['{{secrets.a}}', 'A'],
    ['{{& secrets.a }}', 'A'],
    ['{{ & secrets.a }}', 'A'],
    ['{{\u00a0\u2028secrets.a\ufeff}}', 'A'],
    ['{{{ secrets.a }}}', 'A'],
    ['{{{secrets.a}}}', 'A'],
    ['<<{ secrets.a }>>', 'A'],
    ['{{ RUNPOD_SECRET_a }}', 'A'],
    ['<<RUNPOD_SECRET_a>>', 'A'],
    ['{{ secrets.a | trim | raw }}', 'A'],
    ['{{ secrets.a|trim|raw }}', 'A'],
    ['{{ secrets.a\n| trim }}', 'A'],
  ])('is %j', (text, expected) => {
    expect(resolveText(text, A)).toBe(expected)
  })

  it.each([
    ['{{{ secrets.a }}', '{A'],
    ['{{ secrets.a }}}', 'A}'],
    ['{{{& secrets.a }}}', '{A}'],
    ['{{{{{ secrets.a }}}}}', '{{A}}'],
    ['<<<< secrets.a >>>>', '<<A>>'],
    ['{"k":{{{ secrets.a }}}}', '{"k":A}'],
    ['<<{ secrets.a }>> >>', 'A >>'],
  ])('takes no more braces than are its own: %j', (text, expected) => {
    expect(resolveText(text, A)).toBe(expected)
  })

  it('may stand next to another one without anything between', () => {
    expect(resolveText('{{secrets.a}}<<secrets.b>>{{secrets.c}}', A)).toBe('ABC')
  })

  it('has names that are words of the grammar itself', () => {
    const secrets = { secrets: { secrets: 'x' }, RUNPOD_SECRET_: 'y', __proto__x: 'z', toString: 'w' }
    expect(resolveText('{{ secrets.secrets.secrets }}{{ secrets.RUNPOD_SECRET_ }}', secrets)).toBe('xy')
    expect(resolveText('{{ secrets.__proto__x }}{{ secrets.toString }}', secrets)).toBe('zw')
  })

  it('has a tag of at most 128 characters', () => {
    const longest = 'x'.repeat(128)
    expect(resolveText(`{{ secrets.${longest} }}`, { [longest]: 'A' })).toBe('A')
    expect(errorOf(() => resolveText(`{{ secrets.${longest}x }}`)).code).toBe('ERR_MALFORMED_REFERENCE')
  })

  it('says where its opening delimiter stands', () => {
    expect(indexesOf('a {{ secrets.a }} {{{ secrets.b }}} {{{ secrets.c }} \\\\<< secrets.a >>')).toEqual([
      2, 18, 37, 55,
    ])
  })
})

describe('a fault', () => {
  it.each([
    ['{{ secrets. }}', 0],
    ['{{ secrets.a b }}', 0],
    ['{{ secrets.a.b.c }}', 0],
    ['{{ secrets.ä }}', 0],
    ['{{ RUNPOD_SECRET_a.b }}', 0],
    ['{{ RUNPOD_SECRET_ }}', 0],
    ['x << secrets.a. >>', 2],
    ['{{ secrets.a | }}', 0],
    ['{{ secrets.a || trim }}', 0],
    ['{{ secrets.a | trim() }}', 0],
    ['{{ secrets.a | hex | basic }}', 0],
    ['{{ secrets.a | trim | trim | basic }}', 0],
    ['{{ secrets.a.b | basic }}', 0],
    ['{{ secrets.a | !x }}', 0],
    [`{{ secrets.a ${'| trim '.repeat(9)}}}`, 0],
    ['{{ secrets.a {{ secrets.b }}', 0],
    ['{{ secrets.a }{{ }}', 0],
    ['{{{ secrets.a b }}}', 0],
    ['{{{ secrets.a b }}', 1],
    ['{{{ secrets.a } }}', 1],
    [`{{ secrets.a${' '.repeat(3000)}}}`, 0],
  ])('that is closed is malformed: %j', (text, index) => {
    expect(errorOf(() => resolveText(text, A))).toMatchObject({ code: 'ERR_MALFORMED_REFERENCE', index, path: '' })
  })

  it.each([
    ['{{ secrets.a', 0],
    ['x {{{ secrets.a', 3],
    ['<<{ secrets.a >', 0],
    ['<< RUNPOD_SECRET_a }}', 0],
    ['<<{ secrets.a >>', 0],
  ])('that is not closed is unclosed: %j', (text, index) => {
    expect(errorOf(() => resolveText(text, A))).toMatchObject({ code: 'ERR_UNCLOSED_REFERENCE', index, path: '' })
  })

  it('names an unknown filter and the one that was meant, never its arguments', () => {
    expect(errorOf(() => resolveText('x {{ secrets.a | tirm }}', A))).toMatchObject({
      code: 'ERR_UNKNOWN_FILTER',
      filter: 'tirm',
      suggestion: 'trim',
      index: 2,
    })
    const error = errorOf(() => resolveText('{{ secrets.a | default("hunter2") }}', A))
    expect(error).toMatchObject({ code: 'ERR_UNKNOWN_FILTER', filter: 'default' })
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('hunter2')
    expect(Object.hasOwn(error, 'suggestion')).toBe(false)
  })

  it('is the first one of the text', () => {
    expect(errorOf(() => resolveText('{{ secrets.a }} {{ secrets. }} {{ secrets.b', A)).index).toBe(16)
  })

  it('never repeats the text around it', () => {
    const error = errorOf(() => resolveText('hunter2 {{ secrets.hunter2.hunter2.x }}', A))
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('hunter2')
  })
})

describe('everything else', () => {
  it.each([
    '{{ secrets }}',
    '{{ xsecrets.a }}',
    '{{ my.secrets.a }}',
    '{{ $secrets.a }}',
    '{{ Secrets.a }}',
    'secrets.a }}',
    '{ secrets.a }',
    '< secrets.a >',
    '{{#secrets.a}}x{{/secrets.a}}',
    '{{^secrets.a}}',
    '{{!secrets.a}}',
    '{{> secrets.a}}',
    '{{ {secrets.a} }}',
    '{{ "secrets.a" }}',
    "{{ secrets['a'] }}",
    '${{ secrets.a }}',
    '${{ secrets.a',
    '${{{ secrets.a }}}',
    '${{ secrets.a | x }}',
    'cat <<EOF\nsecrets.a\nEOF',
    '{{ & & secrets.a }}',
    '{{& {secrets.a }}',
  ])('comes back as it is: %j', (text) => {
    expect(resolveText(text, A)).toBe(text)
  })

  it('cannot swallow a reference', () => {
    expect(resolveText('{{ user {{ secrets.a }} << x <<secrets.b>> {{!-- {{secrets.c}} --}}', A)).toBe(
      '{{ user A << x B {{!-- C --}}',
    )
    expect(resolveText('$<< secrets.a >> $ {{ secrets.a }} ${{{ secrets.a }}', A)).toBe('$A $ A ${A')
  })
})

describe('a backslash', () => {
  it.each([
    ['\\{{ secrets.a }}', '{{ secrets.a }}'],
    ['\\\\{{ secrets.a }}', '\\A'],
    ['\\\\\\{{ secrets.a }}', '\\{{ secrets.a }}'],
    ['\\\\\\\\{{ secrets.a }}', '\\\\A'],
    ['\\{{{ secrets.a }}}', '{{{ secrets.a }}}'],
    ['{\\{{ secrets.a }}', '{{{ secrets.a }}'],
    ['\\<< secrets.a >> << secrets.a >>', '<< secrets.a >> A'],
    ['\\{{ secrets.a', '{{ secrets.a'],
    ['\\{{ secrets. }}', '{{ secrets. }}'],
    ['\\{{ secrets.a | nope }}', '{{ secrets.a | nope }}'],
    ['\\${{ secrets.a }}', '\\${{ secrets.a }}'],
    ['\\{{ user }}', '\\{{ user }}'],
    ['C:\\x {{ secrets.a }}', 'C:\\x A'],
    ['{{\\ secrets.a }}', '{{\\ secrets.a }}'],
    ['{{ secrets.a }}\\{{ secrets.b }}', 'A{{ secrets.b }}'],
  ])('before a reference makes it literal: %j', (text, expected) => {
    expect(resolveText(text, A)).toBe(expected)
  })
})

describe('delimiters of one’s own', () => {
  const cases: [Delimiters, string, string][] = [
    [['[', ']'], '[secrets.a] [x] [[ secrets.b ]]', 'A [x] [B]'],
    [['[', ']'], '[{secrets.a}]', 'A'],
    [['|%', '%|'], '|% secrets.a | trim %|', 'A'],
    [['{', '}'], '{"k":"{secrets.a}","l":"{{secrets.b}}"}', '{"k":"A","l":"B"}'],
    [['%%', '%%'], '%%secrets.a%%secrets.b%%', 'Asecrets.b%%'],
    [['«', '»'], '« secrets.a »', 'A'],
    [['<%=', '%>'], '<%= secrets.a %> <% secrets.a %>', 'A <% secrets.a %>'],
    [['${{', '}}'], '${{ secrets.a }}', 'A'],
    [['$(', ')'], '$(secrets.a) $$(secrets.b)', 'A $B'],
    [['^+^', '^+^'], '^+^ secrets.a ^+^', 'A'],
  ]
  it.each(cases)('%j', (pair, text, expected) => {
    expect(resolveText(text, A, [pair])).toBe(expected)
  })

  it('replace the default ones', () => {
    expect(resolveText('{{ secrets.a }} <<secrets.b>>', A, [['<<', '>>']])).toBe('{{ secrets.a }} B')
  })

  it('may be contained in one another: the leftmost that closes wins', () => {
    const both: Delimiters[] = [
      ['{', '}'],
      ['{{', '}}'],
    ]
    expect(resolveText('{{ secrets.a }} { secrets.b } {{ secrets.c }', A, both)).toBe('A B {C')
    const angles: Delimiters[] = [
      ['<', '>'],
      ['<<', '>>'],
    ]
    expect(resolveText('<< secrets.a >> << secrets.b > x', A, angles)).toBe('A <B x')
    for (const pairs of [angles, [...angles].reverse()]) {
      expect(errorOf(() => resolveText('x << secrets.a', A, pairs))).toMatchObject({
        code: 'ERR_UNCLOSED_REFERENCE',
        index: 2,
      })
    }
  })
})
