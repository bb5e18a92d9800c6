import { describe, expect, it } from 'vitest'
import { createSyntax, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { writeReference } from '../../src/template/escape.ts'
import { parserOf } from '../../src/template/parse.ts'
import { escapeReferences } from '../../src/template.ts'
import { errorOf, resolveAs } from './harness.ts'

it('delimiters are both << >> and {{ }} where none are given', () => {
  expect(createSyntax(undefined, undefined).delimiters).toEqual([
    ['<<', '>>'],
    ['{{', '}}'],
  ])
})

it.each([
  [null],
  ['<<'],
  [[]],
  [[['<<']]],
  [[['<<', '>>', '']]],
  [['<< >>']],
  [[['', '>>']]],
  [[['<<', '']]],
  [[['<<', 7]]],
  [[['< <', '>>']]],
  [[['<<', '\t']]],
  [[['a{', '}']]],
  [[['{', '1}']]],
  [[['_', '_']]],
  [[['-', '-']]],
  [[['.', '.']]],
  [[['&', '&']]],
  [[['\\', '\\']]],
  [[['{', '|']]],
  [[['<'.repeat(17), '>']]],
  [Array.from({ length: 9 }, (_, index) => [`${'<'.repeat(index + 1)}`, '>'])],
  [
    [
      ['<<', '>>'],
      ['<<', '}}'],
    ],
  ],
])('delimiters are refused where they could not work: %j', (given) => {
  expect(errorOf(() => createSyntax(given, undefined)).code).toBe('ERR_INVALID_INPUT')
})

it('delimiters are copied, so that nobody can change them later', () => {
  const given = [['<%', '%>']] as [string, string][]
  const checked = createSyntax(given, undefined).delimiters
  given[0]![0] = '[['
  given.push(['((', '))'])
  expect(checked).toEqual([['<%', '%>']])
  expect(Object.isFrozen(checked) && Object.isFrozen(checked[0])).toBe(true)
})

it('readers of one syntax share one parser', () => {
  const syntax = createSyntax([['<%', '%>']], undefined)
  expect(parserOf(syntax)).toBe(parserOf(syntax))
  expect(parserOf(DEFAULT_SYNTAX)).not.toBe(parserOf(syntax))
})

describe('prefixes', () => {
  const VALUES = { a: 'A', user: { name: 'N' }, 'a.b': 'never' }
  const resolved = (text: string, prefixes: readonly string[]): string => resolveAs('value', text, VALUES, { prefixes })

  it.each([
    [
      '<< vault.a >> {{vault.user.name}} {{ secrets.a }} << RUNPOD_SECRET_a >>',
      'A N {{ secrets.a }} << RUNPOD_SECRET_a >>',
    ],
    ['{{ connector.vault.a }} {{ $vault.a }} << a >>', '{{ connector.vault.a }} {{ $vault.a }} << a >>'],
    ['\\<< vault.a >> {{{ vault.a }}} << & vault.a | base64 >>', '<< vault.a >> A QQ=='],
  ])('replace the usual ones: %s', (text, expected) => {
    expect(resolved(text, ['vault.'])).toBe(expected)
  })

  it('may hold signs that a pattern would read otherwise', () => {
    expect(resolved('<< $env.a >> << xenv.a >> << $envXa >>', ['$env.'])).toBe('A << xenv.a >> << $envXa >>')
    expect(resolved('<< @key:a >>', ['@key:'])).toBe('A')
  })

  it('take a field only where they end with a dot', () => {
    expect(resolved('<< KEY_a >>', ['KEY_'])).toBe('A')
    expect(errorOf(() => resolved('<< KEY_user.name >>', ['KEY_'])).code).toBe('ERR_MALFORMED_REFERENCE')
  })

  it.each([[['my.', 'my.other_']], [['my.other_', 'my.']]])('of which two fit mean the longer: %j', (prefixes) => {
    expect(resolved('<< my.other_a >> << my.a >>', prefixes)).toBe('A A')
  })

  it('are what is escaped and written', () => {
    const prefixes = ['KEY_', 'vault.']
    expect(escapeReferences('<< vault.a >> << secrets.a >>', { prefixes })).toBe('\\<< vault.a >> << secrets.a >>')
    expect(writeReference('a.b', createSyntax([['[[', ']]']], prefixes))).toBe('[[ vault.a.b ]]')
    expect(writeReference('a.b', createSyntax(undefined, ['KEY_']))).toBeUndefined()
    expect(writeReference('a', createSyntax(undefined, ['KEY_']))).toBe('<< KEY_a >>')
  })

  it.each([
    [null],
    ['vault.'],
    [[]],
    [['']],
    [['v']],
    [[7]],
    [['a b']],
    [['#each.']],
    [['&a.']],
    [['{a.']],
    [['.a.']],
    [['1a.']],
    [['a|b']],
    [['a}}']],
    [['v'.repeat(65)]],
    [['vault.', 'vault.']],
    [Array.from({ length: 9 }, (_, index) => `p${index}.`)],
  ])('are refused where they could not work: %j', (given) => {
    expect(errorOf(() => createSyntax(undefined, given)).code).toBe('ERR_INVALID_INPUT')
  })
})

it('cuts a text alike whether or not it was read as a template before', () => {
  const parser = parserOf(createSyntax(undefined, undefined))
  const texts = [
    'a << secrets.a >> \\<< secrets.b >> {{ secrets.c.d | base64 }}',
    'a << secrets.a',
    '<< secrets.a | no >>',
    '',
  ]
  const before = texts.map((text) => parser.cuts(text))
  for (const text of texts) parser.parse(text, 1)
  expect(texts.map((text) => parser.cuts(text))).toEqual(before)
  expect(before.map((cuts) => cuts.length)).toEqual([3, 1, 1, 0])
})
