import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllow } from '../../src/secrets/allow.ts'
import { MAX_BODY_LENGTH, readBody, writeBody } from '../../src/secrets/body.ts'
import type { StoredBody } from '../../src/secrets/secret.ts'
import { MAX_VALUE_BYTES } from '../../src/secrets/values.ts'
import { allow, storedBody } from './arbitraries.ts'

const LIVE = {
  format: 1,
  state: 'live',
  type: 'text',
  visibility: 'restricted',
  fields: null,
  enabled: true,
  createdAt: '2026-01-02T03:04:05.006Z',
  updatedAt: '2026-01-02T03:04:05.006Z',
  sealed: 'gm1.AAAA',
}
const CLAIM = { format: 1, state: 'claim', before: 'absent', at: '2026-01-02T03:04:05.006Z' }
const DELETED = { format: 1, state: 'deleted', at: '2026-01-02T03:04:05.006Z' }

const without = (body: object, key: string): object =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== key))

describe('the body of a record', () => {
  it('is JSON with its members in a fixed order', () => {
    const body: StoredBody = {
      state: 'live',
      sealed: 'gm1.AAAA',
      info: {
        updatedBy: 'bob',
        createdBy: 'ann',
        publicFields: ['username'],
        updatedAt: '2026-02-03T04:05:06.007Z',
        createdAt: '2026-01-02T03:04:05.006Z',
        expiresAt: '2027-01-01T00:00:00.000Z',
        enabled: true,
        allow: parseAllow({ hosts: ['api.zendesk.com'] }),
        description: 'd',
        name: 'n',
        fields: ['username', 'password'],
        visibility: 'masked',
        type: 'basicAuth',
      },
    }
    expect(writeBody(body)).toBe(
      '{"format":1,"state":"live","type":"basicAuth","visibility":"masked","fields":["username","password"],' +
        '"name":"n","description":"d","allow":{"hosts":["api.zendesk.com"]},"enabled":true,' +
        '"expiresAt":"2027-01-01T00:00:00.000Z","publicFields":["username"],"createdAt":"2026-01-02T03:04:05.006Z",' +
        '"updatedAt":"2026-02-03T04:05:06.007Z","createdBy":"ann","updatedBy":"bob","sealed":"gm1.AAAA"}',
    )
  })

  it('of a claim and of a tombstone has a time and no value', () => {
    expect(writeBody({ state: 'claim', before: 'deleted', at: CLAIM.at })).toBe(
      JSON.stringify({ ...CLAIM, before: 'deleted' }),
    )
    expect(writeBody({ state: 'deleted', at: DELETED.at })).toBe(JSON.stringify(DELETED))
  })

  it('of a claim and of a tombstone holds what tells it from any other, where it was written with it', () => {
    const writeId = 'AAECAwQFBgcICQoLDA0ODw'
    for (const body of [
      { state: 'claim', before: 'absent', at: CLAIM.at, writeId },
      { state: 'deleted', at: CLAIM.at, writeId },
    ] as const) {
      expect(writeBody(body)).toBe(JSON.stringify({ format: 1, ...body }))
      expect(readBody(writeBody(body))).toEqual(body)
    }
    expect(Object.hasOwn(readBody(JSON.stringify(CLAIM)), 'writeId')).toBe(false)
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(storedBody(allow.map(parseAllow)), (body) => {
        expect(readBody(writeBody(body))).toEqual(body)
      }),
    )
  })

  it('gives information and rule without a prototype, and undefined for what was not there', () => {
    const body = readBody(JSON.stringify({ ...LIVE, allow: {} }))
    if (body.state !== 'live') throw new Error('the body was of a live record')
    expect(Object.getPrototypeOf(body.info)).toBeNull()
    expect(Object.getPrototypeOf(body.info.allow)).toBeNull()
    expect(Object.hasOwn(body.info, 'name') && body.info.name === undefined).toBe(true)
    expect(Object.values(body.info.allow!)).toEqual([undefined, undefined, undefined, undefined])
  })

  it('has room for the largest value, whatever JSON makes of it', () => {
    // six characters for each control character, and four for three bytes
    expect((MAX_VALUE_BYTES * 6 * 4) / 3).toBeLessThan(MAX_BODY_LENGTH * 0.6)
    expect(readBody(JSON.stringify({ ...LIVE, sealed: 'A'.repeat(9_000_000) })).state).toBe('live')
  })
})

describe('a body that this version did not write', () => {
  const live = (change: object): string => JSON.stringify({ ...LIVE, ...change })
  const ruled = (rule: unknown): string => live({ allow: rule })

  it.each<[string, unknown]>([
    ['no text', undefined],
    ['bytes', new Uint8Array(3)],
    ['an empty text', ''],
    ['half a text', writeBody({ state: 'deleted', at: DELETED.at }).slice(0, -1)],
    ['a write id that is too short', JSON.stringify({ ...CLAIM, writeId: 'AAEC' })],
    ['a write id that is null', JSON.stringify({ ...DELETED, writeId: null })],
    ['a live record with a write id', live({ writeId: 'AAECAwQFBgcICQoLDA0ODw' })],
    ['null', 'null'],
    ['a number', '1'],
    ['a list', `[${JSON.stringify(DELETED)}]`],
    ['no format', JSON.stringify(without(LIVE, 'format'))],
    ['a format to come', live({ format: 2 })],
    ['a format of another type', live({ format: '1' })],
    ['no state', JSON.stringify(without(LIVE, 'state'))],
    ['an unknown state', live({ state: 'archived' })],
    ['a state that every object inherits', live({ state: 'constructor' })],
    ['an unknown member', live({ rotate: true })],
    ['a member named __proto__', `{"__proto__":1,${JSON.stringify(LIVE).slice(1)}`],
    ['a member of another state', live({ at: DELETED.at })],
    ...Object.keys(LIVE).map((key): [string, string] => [
      `a live record without ${key}`,
      JSON.stringify(without(LIVE, key)),
    ]),
    ['an unknown type', live({ type: 'certificate' })],
    ['an unknown visibility', live({ visibility: 'public' })],
    ['enabled as a text', live({ enabled: 'true' })],
    ['a sealed value that is not text', live({ sealed: ['gm1.AAAA'] })],
    ['fields of a text', live({ fields: ['value'] })],
    ['a map without fields', live({ type: 'custom', fields: [] })],
    ['a map whose fields are null', live({ type: 'custom', fields: null })],
    ['a field name that is none', live({ type: 'custom', fields: ['a b'] })],
    ['a field twice', live({ type: 'custom', fields: ['a', 'a'] })],
    ['too many fields', live({ type: 'custom', fields: Array.from({ length: 1_025 }, (_, index) => `f${index}`) })],
    ['a name that is null', live({ name: null })],
    ['a name that is too long', live({ name: 'a'.repeat(257) })],
    ['a name with a lone surrogate', live({ name: '\ud800' })],
    ['a description that is too long', live({ description: 'a'.repeat(4_097) })],
    ['a time that is none', live({ createdAt: '2026-02-30T00:00:00.000Z' })],
    ['a time in another form', live({ updatedAt: '2026-02-03' })],
    ['an expiry that is null', live({ expiresAt: null })],
    ['a rule that is null', ruled(null)],
    ['a rule that is a list', ruled([])],
    ['an unknown part of a rule', ruled({ paths: ['/api'] })],
    ['a part of a rule named __proto__', live({}).replace('"enabled"', '"allow":{"__proto__":[]},"enabled"')],
    ['hosts that are no list', ruled({ hosts: 'api.zendesk.com' })],
    ['a host that is not text', ruled({ hosts: [1] })],
    ['a host that is not ASCII', ruled({ hosts: ['bücher.example'] })],
    ['an empty host', ruled({ hosts: [''] })],
    ['a host that is too long', ruled({ hosts: ['a'.repeat(513)] })],
    ['too many hosts', ruled({ hosts: Array(101).fill('a.example') })],
    ['an unknown location', ruled({ in: ['cookie'] })],
    ['a header in capitals', ruled({ in: ['header:Authorization'] })],
    ['an empty name', ruled({ in: ['query:'] })],
    ['a name at a location that has none', ruled({ in: ['path:x'] })],
    ['no use at all', ruled({ maxUses: 0 })],
    ['half a use', ruled({ maxUses: 1.5 })],
    ['a number of uses that is text', ruled({ maxUses: '3' })],
    ['too many uses', ruled({ maxUses: 1_000_001 })],
    ['too many locations', ruled({ in: Array(101).fill('header') })],
    ['a method in lower case', ruled({ methods: ['get'] })],
    ['a method that is not text', ruled({ methods: [null] })],
    ['too many methods', ruled({ methods: Array(33).fill('GET') })],
    ['a claim on something else', JSON.stringify({ ...CLAIM, before: 'live' })],
    ['a claim without a time', JSON.stringify(without(CLAIM, 'at'))],
    ['a claim with a value', JSON.stringify({ ...CLAIM, sealed: 'gm1.AAAA' })],
    ['a tombstone without a time', JSON.stringify(without(DELETED, 'at'))],
    ['a tombstone with a value', JSON.stringify({ ...DELETED, sealed: 'gm1.AAAA' })],
    ['a text that is too long', `${JSON.stringify(DELETED)}${' '.repeat(MAX_BODY_LENGTH)}`],
    ['a text that is nested without end', '['.repeat(100_000)],
  ])('%s is corrupt', (_what, text) => {
    expect(() => readBody(text as string)).toThrow(
      expect.objectContaining({ name: 'GuillemetError', code: 'ERR_RECORD_CORRUPT' }),
    )
  })

  it('is never repeated in the error', () => {
    for (const text of ['canary-4711 {', live({ 'canary-4711': 1 }), live({ name: ['canary-4711'] })]) {
      let thrown: unknown
      try {
        readBody(text)
      } catch (error) {
        thrown = error
      }
      expect(`${(thrown as Error).stack}${JSON.stringify(thrown)}`).not.toContain('canary')
    }
  })

  it('of any kind is read or is corrupt', () => {
    const member = fc.oneof(fc.constantFrom(...Object.keys(LIVE), 'allow', 'name', 'expiresAt'), fc.string())
    fc.assert(
      fc.property(fc.dictionary(member, fc.jsonValue()), (change) => {
        try {
          readBody(JSON.stringify({ ...LIVE, ...change }))
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
        }
      }),
    )
  })
})
