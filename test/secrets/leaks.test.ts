/** No refusal of this room shows anything of what was given. */

import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseAllow } from '../../src/secrets/allow.ts'
import { readBody } from '../../src/secrets/body.ts'
import { parseInput, parseListFilter, parsePatch } from '../../src/secrets/input.ts'
import { SECRET_TYPES } from '../../src/secrets/secret.ts'

const CANARY = 'cAnArY-4711'

/** Throws away what is accepted; gives everything that a refusal would print. */
function printOf(use: () => unknown): string {
  try {
    use()
    return ''
  } catch (error) {
    const { message, stack, cause } = error as Error
    expect(error).toMatchObject({ name: 'GuillemetError' })
    return [message, stack, String(cause), JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })].join()
  }
}

const leaf = fc.constantFrom<unknown>(
  CANARY,
  `${CANARY}:x`,
  `${CANARY} x`,
  `http://${CANARY}`,
  `${CANARY}\ud800`,
  CANARY.repeat(500),
  Number.NaN,
  null,
  Symbol(CANARY),
  new Error(CANARY),
  new Date(Number.NaN),
)
const key = fc.constantFrom(
  'tag',
  'value',
  'type',
  'visibility',
  'name',
  'description',
  'allow',
  'enabled',
  'expiresAt',
  'hosts',
  'in',
  'methods',
  'username',
  'password',
  'jwksUri',
  'audience',
  'mode',
  'uri',
  'environment',
  'search',
  CANARY,
  `${CANARY} x`,
  '__proto__',
)
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(key, tie('anything'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

it('whatever is given, a refusal does not hold it', () => {
  const type = fc.constantFrom(...SECRET_TYPES)
  fc.assert(
    fc.property(anything, type, (given, secretType) => {
      const tag = secretType === 'authentication' || secretType === 'database' ? secretType : 'tag'
      const uses = [
        () => parseInput(given),
        () => parseInput({ tag, value: given, type: secretType }),
        () => parseInput({ tag: 'tag', value: 'v', ...(typeof given === 'object' ? given : {}) }),
        () => parsePatch(given, secretType),
        () => parsePatch({ value: given }, secretType),
        () => parsePatch({ allow: given }, secretType),
        () => parseListFilter(given),
        () => parseAllow(given),
        () => readBody(given as string),
        () =>
          readBody(typeof given === 'object' ? JSON.stringify({ format: 1, state: 'live', ...given }) : `"${CANARY}`),
      ]
      // a field name of the grammar is not a value: it is stored in clear, and named in the message and the path
      for (const use of uses) {
        const print = printOf(use).replaceAll(`value.${CANARY}`, '').replaceAll(`field "${CANARY}"`, '')
        // JSON and inspect escape the quotes of the message
        expect(print.replaceAll(`field \\"${CANARY}\\"`, '')).not.toContain(CANARY)
      }
    }),
    { numRuns: 300 },
  )
})

it.each<[string, () => unknown]>([
  ['an unknown member', () => parseInput({ tag: 'a', value: 'v', [CANARY]: 'x' })],
  ['a value under an unknown member', () => parseInput({ tag: 'a', value: 'v', password: CANARY })],
  ['a secret given in place of the input', () => parseInput(CANARY)],
  ['a secret in the tag', () => parseInput({ tag: `${CANARY}=`, value: 'v' })],
  ['a secret in the type', () => parseInput({ tag: 'a', value: 'v', type: CANARY })],
  ['a secret as a field name', () => parseInput({ tag: 'a', value: { [`${CANARY}=`]: 'x' } })],
  [
    'a user name with a colon',
    () => parseInput({ tag: 'a', type: 'basicAuth', value: { username: `${CANARY}:`, password: CANARY } }),
  ],
  ['a database mode', () => parseInput({ tag: 'database', value: { mode: CANARY, uri: CANARY } })],
  ['a host with a password', () => parseAllow({ hosts: [`https://user:${CANARY}@a.example`] })],
  ['a method', () => parseAllow({ methods: [`${CANARY} `] })],
  ['an expiry', () => parsePatch({ expiresAt: CANARY }, 'text')],
])('%s is refused without being shown', (_what, use) => {
  const print = printOf(use)
  expect(print).toContain('ERR_INVALID_INPUT')
  expect(print).not.toContain(CANARY)
})
