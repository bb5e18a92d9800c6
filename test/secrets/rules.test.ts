import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readBody, writeBody } from '../../src/secrets/body.ts'
import { parseInput } from '../../src/secrets/input.ts'
import * as rules from '../../src/secrets/rules.ts'
import { type ClearInfo, fieldsOf } from '../../src/secrets/secret.ts'
import { withPollution } from '../tooling/pollution.ts'
import { allow, instant, name, text, value } from './arbitraries.ts'

it('what is accepted from a caller is accepted from a storage: both ask the same rules', () => {
  const optional = <T>(part: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(part, { nil: undefined })
  const input = fc.record({
    tag: name.filter((tag) => tag !== 'authentication' && tag !== 'database'),
    value,
    visibility: optional(fc.constantFrom('masked', 'restricted')),
    name: optional(text),
    description: optional(text),
    allow: optional(allow),
    enabled: optional(fc.boolean()),
    expiresAt: optional(instant),
  })
  fc.assert(
    fc.property(input, (given) => {
      const { tag: _tag, value, ...secret } = parseInput(given)
      const at = '2026-01-02T03:04:05.006Z'
      const info: ClearInfo = {
        ...secret,
        fields: fieldsOf(value),
        createdAt: at,
        updatedAt: at,
        createdBy: 'ann',
        updatedBy: undefined,
      }
      expect(readBody(writeBody({ state: 'live', info, sealed: 'gm1.A' }))).toMatchObject({ state: 'live', info })
    }),
  )
})

const RULES = Object.entries(rules).flatMap(([name, rule]) => (typeof rule === 'object' ? [[name, rule] as const] : []))

it.each(RULES)('the rule %s refuses what is of another type, and says what it asks for', (_name, rule) => {
  for (const given of [undefined, null, {}, [], () => '', Symbol('x'), Object('x'), 1n, Number.NaN]) {
    expect(rules.accepts<unknown>(rule, given)).toBe(false)
  }
  expect(rule.says).toMatch(/^must be /)
})

it.each<[string, unknown]>([
  ['skipChecks', true],
  ['aborted', true],
  ['memo', true],
  ['direction', 'backward'],
  ['when', () => false],
  ['coerce', true],
])('no rule accepts more when %s is inherited', async (key, polluted) => {
  const accepted = await withPollution({ [key]: polluted }, () => [
    ...RULES.map(([, rule]) => rules.accepts<unknown>(rule, {})),
    rules.accepts(rules.name, 'not a name'),
  ])
  expect(accepted.filter(Boolean)).toEqual([])
})
