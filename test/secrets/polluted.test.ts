/** Members that only a polluted Object.prototype has are not there. */

import { expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { ReferenceLocation } from '../../src/location.ts'
import { digestParts, parseAllow } from '../../src/secrets/allow.ts'
import { readBody, writeBody } from '../../src/secrets/body.ts'
import { type Destination, denialOf } from '../../src/secrets/denial.ts'
import { parseInput, parseListFilter, parsePatch } from '../../src/secrets/input.ts'
import { decodeValue, encodeValue } from '../../src/secrets/payload.ts'
import { type ClearInfo, infoOf, type SecretInfo } from '../../src/secrets/secret.ts'
import { withPollution } from '../tooling/pollution.ts'

const EVIL = {
  tag: 'evil',
  value: 'evil',
  type: 'password',
  visibility: 'masked',
  name: 'evil',
  description: 'evil',
  allow: {},
  enabled: false,
  expiresAt: '2000-01-01T00:00:00.000Z',
  hosts: ['evil.example'],
  in: ['host'],
  methods: [],
  environment: 'evil',
  search: 'evil',
  destination: { url: new URL('https://a.example') },
  method: 'GET',
  shownHost: '[evil]',
  mode: 'uri',
  username: 'evil',
  password: 'evil',
  0: 'evil.example',
}

const INFO: ClearInfo = {
  type: 'text',
  visibility: 'restricted',
  fields: null,
  name: undefined,
  description: undefined,
  allow: undefined,
  enabled: true,
  expiresAt: undefined,
  publicFields: undefined,
  createdBy: undefined,
  updatedBy: undefined,
  createdAt: '2026-01-02T03:04:05.006Z',
  updatedAt: '2026-01-02T03:04:05.006Z',
}

const codeFrom = (use: () => unknown): string | undefined => {
  try {
    use()
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

it('a secret, a patch and a filter have only what they name', async () => {
  const [secret, patch, filter] = await withPollution(EVIL, () => [
    parseInput({ tag: 'a', value: 'v' }),
    parsePatch({}, 'text'),
    parseListFilter({}),
  ])
  expect(Object.entries(secret!).filter(([, member]) => member !== undefined)).toEqual([
    ['tag', 'a'],
    ['value', 'v'],
    ['type', 'text'],
    ['visibility', 'restricted'],
    ['enabled', true],
  ])
  expect(Object.values(patch!)).toEqual(Array(7).fill(undefined))
  expect(Object.values(filter!)).toEqual(Array(7).fill(undefined))
})

it('a member that is missing is not found elsewhere', async () => {
  const codes = await withPollution(EVIL, () => [
    codeFrom(() => parseInput({ value: 'v' })),
    codeFrom(() => parseInput({ tag: 'a' })),
    codeFrom(() => parseInput({ tag: 'a', type: 'basicAuth', value: { username: 'u' } })),
    codeFrom(() => parseInput({ tag: 'database', value: { name: 'n', uri: 'u' } })),
    codeFrom(() => parseAllow({ hosts: new Array(1) })),
  ])
  expect(codes).toEqual(Array(5).fill('ERR_INVALID_INPUT'))
})

it('a rule is not opened and a use is not helped', async () => {
  const denied = await withPollution(EVIL, () => {
    const rule = parseAllow({ hosts: ['a.example'] })
    const a = { url: new URL('https://a.example'), method: undefined }
    const b = { url: new URL('https://b.example'), method: undefined }
    const use = (location: ReferenceLocation, destination: Destination | undefined) =>
      ({ location, name: undefined, destination, path: undefined, shownHost: undefined, urlPaths: undefined }) as const
    return [
      denialOf(rule, 'zendesk', use('header', undefined))?.code,
      denialOf(rule, 'zendesk', use('host', a))?.code,
      denialOf(rule, 'zendesk', use('header', b))?.host,
      denialOf(parseAllow({ methods: ['GET'] }), 'zendesk', use('env', a))?.code,
      denialOf(parseAllow({}), 'zendesk', use('header', undefined))?.code,
    ]
  })
  expect(denied).toEqual(['ERR_HOST_DENIED', 'ERR_LOCATION_DENIED', 'b.example', 'ERR_METHOD_DENIED', undefined])
})

it('a body is written and read as it is', async () => {
  const before = writeBody({ state: 'live', info: INFO, sealed: 'gm1.A' })
  const [text, read, parts, info] = await withPollution(EVIL, () => {
    const written = writeBody({ state: 'live', info: INFO, sealed: 'gm1.A' })
    const place = { workspace: 'w', environment: 'e', tag: 't', version: 1 }
    return [written, readBody(written), digestParts(INFO), infoOf(place, INFO)] as const
  })
  expect(text).toBe(before)
  expect(read).toEqual({ state: 'live', info: INFO, sealed: 'gm1.A' })
  expect(parts).toEqual([{ name: 'enabled', values: ['true'] }])
  expect(Object.keys(info)).not.toContain('allow')
})

it('a policy that asks for a rule that is not there gets none', async () => {
  const place = { workspace: 'w', environment: 'e', tag: 't', version: 1 }
  const info = infoOf(place, INFO)
  const rule = await withPollution({ allow: { hosts: ['evil.example'] } }, () => [
    (info as SecretInfo).allow,
    infoOf(place, { ...INFO, allow: parseAllow({}) }).allow?.hosts,
  ])
  expect(rule).toEqual([undefined, undefined])
})

it('a body without its required members is not completed', async () => {
  const code = await withPollution(
    { sealed: 'gm1.A', at: INFO.createdAt, before: 'absent', format: 1, state: 'claim' },
    () => [
      codeFrom(() => readBody('{}')),
      codeFrom(() => readBody('{"format":1}')),
      codeFrom(() => readBody('{"format":1,"state":"claim"}')),
    ],
  )
  expect(code).toEqual(Array(3).fill('ERR_RECORD_CORRUPT'))
})

it('accessors on the prototype, which break property descriptors, do not break what is accepted', async () => {
  const [secret, value] = await withPollution({ get: 'evil', set: 'evil' }, () => [
    parseInput({ tag: 'a', value: { __proto__: null, key: 'v' }, name: 'n', allow: { hosts: ['a.example'] } }),
    decodeValue(encodeValue({ key: 'v' })),
  ])
  expect(secret).toMatchObject({ value: { key: 'v' }, name: 'n', allow: { hosts: ['a.example'] } })
  expect(value).toEqual({ key: 'v' })
})
