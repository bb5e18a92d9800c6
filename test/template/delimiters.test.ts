import { expect, it } from 'vitest'
import { checkDelimiters, compile, DEFAULT_DELIMITERS } from '../../src/template/compile.ts'
import { parserOf } from '../../src/template/parse.ts'
import { errorOf } from './harness.ts'

it('are both << >> and {{ }} where none are given', () => {
  expect(checkDelimiters(undefined)).toEqual([
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
])('are refused where they could not work: %j', (given) => {
  expect(errorOf(() => checkDelimiters(given)).code).toBe('ERR_INVALID_INPUT')
})

it('are copied, so that nobody can change them later', () => {
  const given = [['<%', '%>']] as [string, string][]
  const checked = checkDelimiters(given)
  given[0]![0] = '[['
  given.push(['((', '))'])
  expect(checked).toEqual([['<%', '%>']])
  expect(Object.isFrozen(checked) && Object.isFrozen(checked[0])).toBe(true)
})

it('that were not checked are checked where they are used', () => {
  expect(errorOf(() => compile('x', 'value', [['', '']])).code).toBe('ERR_INVALID_INPUT')
})

it('that were checked share one parser', () => {
  const checked = checkDelimiters([['<%', '%>']])
  expect(parserOf(checked)).toBe(parserOf(checked))
  expect(parserOf(undefined)).toBe(parserOf(DEFAULT_DELIMITERS))
})
