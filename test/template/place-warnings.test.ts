/** Warnings of a value that stands in another text within its text: a URL, JSON, YAML, Basic credentials. */

import { expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'
import { errorOf } from './harness.ts'

const R = '<< secrets.pw >>'

function codesOf(template: unknown, as: Kind = 'value') {
  return lint(template, as, DEFAULT_SYNTAX).findings.map(({ code, path }) => `${code} ${path}`.trim())
}

/** What gets the warning in each place that it names, and what does not. */
const CASES: readonly [code: string, as: Kind, template: unknown, isWarned: boolean][] = [
  ['WARN_RAW_IN_URL', 'value', `postgres://app:${R}@db/x`, true],
  ['WARN_RAW_IN_URL', 'value', { connection: `postgres://app:${R}@db/x` }, true],
  ['WARN_RAW_IN_URL', 'value', `A=1\nDATABASE_URL="redis://:${R}@db"\n`, true],
  ['WARN_RAW_IN_URL', 'env', { U: `postgres://<< secrets.user >>:${R}@db/x` }, true],
  ['WARN_RAW_IN_URL', 'env', { U: `postgres://h/db?user=u&password=${R}` }, true],
  ['WARN_RAW_IN_URL', 'request', { url: 'https://h/', body: { to: `amqp://u:${R}@mq` } }, true],
  ['WARN_RAW_IN_URL', 'value', { connection: 'postgres://app:<< secrets.pw | urlencode >>@db/x' }, false],
  ['WARN_RAW_IN_URL', 'value', { connection: 'postgres://app:<< secrets.pw | hex >>@db/x' }, false],
  ['WARN_RAW_IN_URL', 'value', { connection: 'postgres://app:<< secrets.pw | base64url >>@db/x' }, false],
  ['WARN_RAW_IN_URL', 'value', { connection: 'postgres://app:<< secrets.pw | urlencode | base64 >>@db/x' }, true],
  ['WARN_RAW_IN_URL', 'url', `postgres://app:${R}@db/x`, false],
  ['WARN_RAW_IN_URL', 'request', { path: `/open?to=postgres://app:${R}@db/x` }, false],
  ['WARN_RAW_IN_URL', 'form', `to=postgres://app:${R}@db/x`, false],
  ['WARN_RAW_IN_URL', 'value', { mail: `see https://docs.dev/x and ${R}@acme.dev` }, false],
  ['WARN_RAW_IN_URL', 'value', { hook: `https://h/x?key=${R}` }, false],
  ['WARN_NESTED_JSON', 'json', JSON.stringify({ Detail: `{"p":"${R}"}` }), true],
  ['WARN_NESTED_JSON', 'json', JSON.stringify({ query: `mutation { login(pw: "${R}") }` }), true],
  ['WARN_NESTED_JSON', 'form', `payload={"text":"${R}"}`, true],
  ['WARN_NESTED_JSON', 'form', `payload=%7B%22text%22%3A%22${R}%22%7D`, true],
  ['WARN_NESTED_JSON', 'request', { url: 'https://h/', json: { Detail: `{"p":"Bearer ${R}"}` } }, true],
  ['WARN_NESTED_JSON', 'request', { url: `https://h/?filter={"a":"${R}"}` }, true],
  ['WARN_NESTED_JSON', 'json', JSON.stringify({ Detail: '{"p":<< secrets.pw | json >>}' }), false],
  ['WARN_NESTED_JSON', 'json', JSON.stringify({ Detail: '{"p":"<< secrets.pw | base64 >>"}' }), false],
  ['WARN_NESTED_JSON', 'env', { CONFIG: `{"p":"${R}"}` }, true],
  ['WARN_NESTED_JSON', 'json', `{"p":"${R}"}`, false],
  ['WARN_NESTED_JSON', 'json', JSON.stringify({ text: `he said "${R}" to me` }), false],
  ['WARN_NESTED_JSON', 'value', `{"p":"${R}"}`, false],
  ['WARN_NESTED_JSON', 'form', `text="${R}"`, false],
  ['WARN_UNQUOTED', 'value', 'env:\n  DB_PASSWORD: {{ secrets.db }}\n', true],
  ['WARN_UNQUOTED', 'value', 'keys:\n  - {{ secrets.db }}\n  - name: {{ secrets.db }}', true],
  ['WARN_UNQUOTED', 'value', 'DB_PASSWORD: "{{ secrets.db }}"\nX: << secrets.db >>\nY={{ secrets.db }}', false],
  ['WARN_UNQUOTED', 'value', 'A: Bearer {{ secrets.db }}\n"n": {{ secrets.db }}', false],
  ['WARN_UNQUOTED', 'headers', { A: '{{ secrets.db }}' }, false],
  [
    'WARN_BASIC_IN_CLEAR',
    'headers',
    { Authorization: 'Basic << secrets.l.username >>:<< secrets.l.password >>' },
    true,
  ],
  ['WARN_BASIC_IN_CLEAR', 'headers', [['proxy-authorization', `basic bob:${R}`]], true],
  ['WARN_BASIC_IN_CLEAR', 'headers', { Authorization: `Basic bob ${R}` }, true],
  ['WARN_BASIC_IN_CLEAR', 'headers', { Authorization: 'Basic << secrets.l | basic >>' }, false],
  ['WARN_BASIC_IN_CLEAR', 'headers', { Authorization: `Basic ${R}`, 'X-Note': `Basic a:${R}` }, false],
]

it.each(CASES)('%s, as %s: %j: %s', (code, as, template, isWarned) => {
  const found = codesOf(template, as).filter((each) => each.startsWith(code))
  expect(found).toHaveLength(isWarned ? 1 : 0)
})

it.each(['base64url', 'hex', 'urlencode', 'basic', 'oauthBasic', 'json'])(
  'within the JSON of a text nothing that %s writes ends a string',
  (filter) => {
    const template = JSON.stringify({ Detail: `{"p":"<< secrets.pw | ${filter} >>"}` })
    expect(codesOf(template, 'json')).not.toContain('WARN_NESTED_JSON Detail')
  },
)

it.each<[string, number]>([
  [`sqlserver://h:1433;database=shop;user=sa;password=${R};encrypt=true`, 1],
  [`jdbc:sqlserver://h:1433;password=${R}`, 1],
  [`jdbc:sqlserver://${R};password=x`, 0],
  [`sqlserver://<< secrets.host >>:1433;database=x`, 0],
  [`postgres://u:a;b=${R}@h/db`, 0],
  [`https://h/a;v=${R}`, 0],
  [`jdbc:postgresql://h/db?user=a;b&password=${R}`, 0],
])('a property of a connection string is no part of a URL: %s', (url, count) => {
  expect(lint(url, 'url', DEFAULT_SYNTAX).findings.filter(({ code }) => code === 'ERR_INVALID_INPUT')).toHaveLength(
    count,
  )
})

it('has its line and a caret', () => {
  const [finding] = lint(`A=1\nU=postgres://app:${R}@db/x`, 'value', DEFAULT_SYNTAX).findings
  expect(finding).toMatchObject({ code: 'WARN_RAW_IN_URL', line: 2, column: 18 })
  expect(finding?.caret).toBe(`…${R}…\n ^^^^^^^^^^^^^^^^`)
})

it.each<[Kind, unknown]>([
  ['env', { DB: { '{ secrets.db }': null } }],
  ['value', { a: [{ '{ secrets.db | trim }': null }] }],
  ['request', { url: 'https://h/', headers: { Authorization: { '{secrets.db}': null } } }],
  ['headers', { Authorization: { '[object Object]': null } }],
])('what YAML has made of a reference in braces is an error, as %s', (as, template) => {
  expect(errorOf(() => compile(template, as, DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
})

it('a key in braces that is none of ours passes', () => {
  const template = { a: { '{ vars.x }': null, '[object Object]': 1, '{}': 2 } }
  expect(compile(template, 'value', DEFAULT_SYNTAX).root).toBeUndefined()
})

it('reads long texts in linear time', () => {
  const text = `{"p":"${'[{:, "'.repeat(200_000)}${`${R} ${'a'.repeat(1_000)}`.repeat(500)}"}`
  expect(codesOf({ text }, 'value')).toEqual([])
})
