/** What secrets are made of, for laws. */

import fc from 'fast-check'
import { LOCATIONS } from '../../src/location.ts'
import { nullRecord } from '../../src/plain-object.ts'
import type { SecretValue } from '../../src/secret-value.ts'
import type { ClearInfo, SecretType, StoredBody, StoredRule } from '../../src/secrets/secret.ts'

export const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '1', '01', '-', 'value'),
)

export const text = fc.string({ unit: 'binary', maxLength: 40 })

/** A text that a secret may be: not empty. */
export const secretText = text.filter((given) => given !== '')

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((given) => (Object.is(given, -0) ? 0 : given))

export const fields = fc
  .uniqueArray(fc.tuple(name, fc.oneof(text, number, fc.boolean())), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 8,
  })
  .map((entries) => nullRecord(entries))

export const value: fc.Arbitrary<SecretValue> = fc.oneof(secretText, fields)

export const instant = fc
  .date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** The id of an actor. */
const actorId = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/).filter((given) => !given.startsWith('xn--'))
const hostName = fc.tuple(label, fc.stringMatching(/^[a-z]{2,8}$/)).map(([first, last]) => `${first}.${last}`)
export const hostRule = fc
  .tuple(
    fc.constantFrom('', 'https://', 'http://', 'HTTPS://', 'Http://'),
    fc.oneof(
      hostName,
      hostName.map((host) => `*.${host}`),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    ),
    fc.constantFrom('', '.'),
    fc.oneof(
      fc.constant(''),
      fc.integer({ min: 0, max: 65_535 }).map((port) => `:${port}`),
    ),
    fc.boolean(),
    fc.constantFrom('', '/', '/v2', '/V2/a.b/', '/~x/@y'),
  )
  .map(([scheme, host, dot, port, isUpper, path]) => {
    const dotted = host.startsWith('[') ? host : host + dot
    return scheme + (isUpper ? dotted.toUpperCase() : dotted) + port + path
  })

/** A rule as a caller may write it. */
export const allow = fc.record(
  {
    hosts: fc.array(hostRule, { maxLength: 4 }),
    in: fc.subarray([...LOCATIONS, 'header:X-Key', 'header:authorization', 'query:Api_Key', 'body:a.b']),
    methods: fc.array(fc.constantFrom('GET', 'get', 'Post', 'M-SEARCH'), { maxLength: 3 }),
    maxUses: fc.integer({ min: 1, max: 1_000_000 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)

const TEXT_TYPES: readonly SecretType[] = ['text', 'password', 'apiKey', 'token']
const FIELD_TYPES: readonly SecretType[] = ['basicAuth', 'authentication', 'database', 'custom']

/** The clear information of some secret, its rule in the form that is stored. */
export function clearInfo(storedRule: fc.Arbitrary<StoredRule>): fc.Arbitrary<ClearInfo> {
  const shape = fc.oneof(
    fc.record({ type: fc.constantFrom(...TEXT_TYPES), fields: fc.constant(null) }),
    fc.record({
      type: fc.constantFrom(...FIELD_TYPES),
      fields: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    }),
  )
  const optional = <T>(part: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(part, { nil: undefined })
  const rest = fc.record({
    visibility: fc.constantFrom('masked' as const, 'restricted' as const),
    name: optional(text),
    description: optional(text),
    allow: optional(storedRule),
    enabled: fc.boolean(),
    expiresAt: optional(instant),
    createdAt: instant,
    updatedAt: instant,
    createdBy: optional(actorId),
    updatedBy: optional(actorId),
  })
  // every second field is public, where there is more than one
  const publicOf = (names: readonly string[] | null) =>
    names?.[1] === undefined ? undefined : names.filter((_, at) => at % 2 === 1)
  return fc.tuple(shape, rest).map(([first, second]) => ({ ...first, ...second, publicFields: publicOf(first.fields) }))
}

export function storedBody(storedRule: fc.Arbitrary<StoredRule>): fc.Arbitrary<StoredBody> {
  return fc.oneof(
    fc.record({
      state: fc.constant('live' as const),
      info: clearInfo(storedRule),
      sealed: fc.base64String().map((given) => `gm1.${given}`),
    }),
    fc.record({
      state: fc.constant('claim' as const),
      before: fc.constantFrom('absent' as const, 'deleted' as const),
      at: instant,
    }),
    fc.record({ state: fc.constant('deleted' as const), at: instant }),
  )
}
