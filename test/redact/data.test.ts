/** `data`: what a program goes on computing with loses its secrets and nothing else. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { stepOutputs } from './step-outputs.ts'

const VALUE = 'hunter2-long-pw'
const RUNS = 10_000
const secrets = {
  main: VALUE,
  user: 'app',
  host: 'db',
  port: '5432',
  ttl: '3600',
  flag: 'false',
  pin: 'pin7',
  code: '48213377',
  none: '',
}
const { data, value, text } = createRedactor({ secrets, properties: ['password', 'token', 'authorization'] })

it(`${RUNS} step outputs come back deeply equal, and none is changed`, () => {
  fc.assert(
    fc.property(stepOutputs, (output) => {
      const before = structuredClone(output)
      expect(data(output)).toStrictEqual(output)
      expect(output).toStrictEqual(before)
    }),
    { numRuns: RUNS },
  )
})

it('every value of 8 characters or more is gone, wherever and however it stands', () => {
  const hidden = fc.constantFrom(
    VALUE,
    `x${VALUE}y`,
    encodeURIComponent(`&${VALUE}&`),
    btoa(VALUE),
    48213377,
    '48213377',
  )
  const outputs = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      hidden,
      stepOutputs,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(hidden.map(String), tie('value'), { maxKeys: 4 }),
    ),
  })).value
  fc.assert(
    fc.property(outputs, (output) => {
      const redacted = JSON.stringify(data(output))
      for (const found of [VALUE, btoa(VALUE), '"48213377"']) expect(redacted).not.toContain(found)
      expect(redacted).not.toMatch(/[:[,]48213377[\],}]/)
    }),
    { numRuns: 2_000 },
  )
})

describe('data', () => {
  it.each<[what: string, input: unknown, expected: unknown]>([
    ['a number that is a value', { n: 48213377 }, { n: '[secret:code]' }],
    ['a number that holds one', { n: 148213377, m: 4821337.7 }, { n: 148213377, m: 4821337.7 }],
    ['a bigint', [48213377n, 5432n], ['[secret:code]', 5432n]],
    ['booleans', [true, false], [true, false]],
    [
      'a Map',
      new Map<unknown, unknown>([
        [VALUE, VALUE],
        [5432, 'app'],
      ]),
      new Map<unknown, unknown>([
        ['[secret:main]', '[secret:main]'],
        [5432, 'app'],
      ]),
    ],
    ['a sensitive name', { password: 'x', url: '/?token=abc' }, { password: 'x', url: '/?token=abc' }],
    ['dates', [new Date(5432)], [new Date(5432)]],
    ['bytes', Uint8Array.from([1, 2, 3]), Uint8Array.from([1, 2, 3])],
    ['bytes of a value', Buffer.from(`a ${VALUE}`), Buffer.from('a [secret:main]')],
    ['a Buffer', { file: Buffer.from('id,name') }, { file: Buffer.from('id,name') }],
    ['undefined members', { a: undefined }, { a: undefined }],
  ])('%s', (_, input, expected) => {
    expect(data(input)).toStrictEqual(expected)
  })

  it('makes no key equal to another', () => {
    const input = { [VALUE]: 1, [`${VALUE} `]: 2, '[secret:main]': 3, [encodeURIComponent(VALUE)]: 4, [btoa(VALUE)]: 5 }
    expect(Object.values(data(input))).toEqual(Object.values(input))
  })

  it('is less than value, which is for logs', () => {
    const input = { host: 'db', port: 5432, user: 'app', password: 'x' }
    expect(data(input)).toEqual(input)
    expect(value(input)).toEqual({
      host: '[secret:host]',
      port: '[secret:port]',
      user: '[secret:user]',
      password: '[secret]',
    })
    expect(text('db app 5432')).toBe('[secret:host] [secret:user] [secret:port]')
  })
})
