/** Credentials whose name stands next to them: entries of environments, headers and parameters. */

import { describe, expect, it, vi } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { lint } from '../../src/template.ts'

const VALUE = 'kT7pX2vQ9sLw4mZe'
const literalsOf = (template: unknown, as: Kind = 'value') =>
  lint(template, { as }).filter(({ code }) => code === 'WARN_LITERAL_SECRET')

describe('a credential with its name next to it', () => {
  it.each<[string, unknown, Kind, string]>([
    ['a record of an environment', [{ name: 'A_PASSWORD', value: VALUE }], 'env', '[0].value'],
    ['a pair of one', [['A_PASSWORD', VALUE]], 'env', '[0][1]'],
    ['a record anywhere', { env: [{ name: 'A_PASSWORD', value: VALUE }] }, 'value', 'env[0].value'],
    ['a record with a key', { variable: [{ key: 'A_PASSWORD', value: VALUE }] }, 'value', 'variable[0].value'],
    ['a record in capitals', [{ Name: 'A_PASSWORD', Value: VALUE }], 'value', '[0].Value'],
    ['an option', [{ OptionName: 'A_PASSWORD', Value: VALUE }], 'value', '[0].Value'],
    ['a parameter', [{ ParameterKey: 'A_PASSWORD', ParameterValue: VALUE }], 'value', '[0].ParameterValue'],
    [
      'a pair among pairs',
      {
        x: [
          ['A', 'b'],
          ['A_PASSWORD', VALUE],
        ],
      },
      'value',
      'x[1][1]',
    ],
    ['a record under its name', { A_PASSWORD: { value: VALUE } }, 'value', 'A_PASSWORD.value'],
    ['an argument after its option', { args: ['-y', '--A_PASSWORD', VALUE] }, 'value', 'args[2]'],
    [
      'a member of JSON',
      { url: 'https://h.example', json: [{ name: 'A_PASSWORD', value: VALUE }] },
      'request',
      'json[0].value',
    ],
  ])('is found as %s', (_what, template, as, path) => {
    const found = literalsOf(template, as)
    expect(found.map((each) => [each.path, each.suggestion])).toEqual([[path, '<< secrets.A_PASSWORD >>']])
    expect(JSON.stringify(found)).not.toContain(VALUE)
  })

  it.each([
    `- name: A_PASSWORD\n  value: ${VALUE}`,
    `- name: A_PASSWORD\r\n  value: "${VALUE}"\r\n`,
    `- name: "A_PASSWORD"\n  description: the password\n  value: '${VALUE}'`,
    `- value: ${VALUE}\n  name: A_PASSWORD`,
    `env: [{name: A_PASSWORD, value: ${VALUE}}]`,
    `{"name":"A_PASSWORD","type":"SECRET","value":"${VALUE}"}`,
    `{"value":"${VALUE}","name":"A_PASSWORD"}`,
    `{\n  "key": "A_PASSWORD",\n  "value": "${VALUE}"\n}`,
    `- ParameterKey: A_PASSWORD\n  ParameterValue: ${VALUE}`,
    `"body": "{\\"name\\":\\"A_PASSWORD\\",\\"value\\":\\"${VALUE}\\"}"`,
    `set_sensitive {\n  name  = "A_PASSWORD"\n  value = "${VALUE}"\n}`,
    `<add key="A_PASSWORD" value="${VALUE}" />`,
  ])('is found in a file: %j', (text) => {
    const found = literalsOf(text)
    expect(found.map((each) => each.suggestion)).toEqual(['<< secrets.A_PASSWORD >>'])
    const before = text.slice(0, text.indexOf(VALUE)).split('\n')
    expect(found).toMatchObject([{ line: before.length, column: before.at(-1)!.length + 1 }])
    expect(JSON.stringify(found)).not.toContain(VALUE)
  })

  it.each([
    ['metadata:\n  name: my-secret\nspec:\n  value: a1b2c3d4e5'],
    ['- name: A_PASSWORD\n- name: B\n  value: a1b2c3d4e5'],
    ['- name: A_PASSWORD\n  options:\n    value: a1b2c3d4e5'],
    ['{"name":"password","options":{"value":"a1b2c3d4e5"}}'],
    ['{"name":"password"},{"value":"a1b2c3d4e5"}'],
    ['<a name="password"/><b value="a1b2c3d4e5"/>'],
    ['- name: A_PASSWORD\n  value: << secrets.a >>'],
    ['- name: A_PASSWORD\n  value: "{{ secrets.a }}"'],
    ['- name: A_PASSWORD\n  valueFrom: { secretKeyRef: { name: a, key: b } }'],
    ['{"name": "Access Token", "value": "a1b2c3d4e5"}'],
    [['password', 'username']],
    [{ required: ['token', 'a1b2c3d4e5'] }],
    [[{ name: 'password', other: { value: 'a1b2c3d4e5' } }]],
    [['--password', '--verbose1234']],
  ])('is not in what only stands near a name: %j', (template) => {
    expect(literalsOf(template)).toEqual([])
  })

  it('is looked for without a call of a getter', () => {
    const get = vi.fn(() => 'A_PASSWORD')
    expect(literalsOf([Object.defineProperty({ value: VALUE }, 'name', { get })])).toEqual([])
    expect(get).not.toHaveBeenCalled()
  })

  it.each([
    ['names', 'name: a_password\n'.repeat(5_000)],
    ['names in one line', '"name":"token",'.repeat(6_000)],
    ['pairs in one line', 'name=token value='.repeat(5_000)],
    ['values', '"value":"a", '.repeat(6_000)],
    ['white space', `name:${' '.repeat(80_000)}`],
    ['columns', `${' '.repeat(300)}name: token\n`.repeat(300)],
  ])('costs no more than its length: %s', (_what, text) => {
    // a quadratic search would not end within the time that a test has
    expect(lint(text).length).toBeLessThanOrEqual(1_100)
  })
})
