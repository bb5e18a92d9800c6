import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, type GuillemetError } from '../../src/errors.ts'
import { parseInput, parseListFilter, parsePatch } from '../../src/secrets/input.ts'
import { SECRET_TYPES } from '../../src/secrets/secret.ts'
import { MAX_FIELDS } from '../../src/secrets/untrusted.ts'
import { MAX_VALUE_BYTES } from '../../src/secrets/values.ts'
import { fields, name, text } from './arbitraries.ts'

const BASIC_AUTH = { username: 'agent', password: 'p:w' }
const AUTHENTICATION = { jwksUri: 'https://id.example/keys', audience: 'app' }
const URI = { name: 'main', mode: 'uri', uri: 'postgres://u:p@db/main' }
const ATLAS = { name: 'main', mode: 'atlas', projectId: 'i', publicKey: 'p', privateKey: 'k', clusterName: 'c' }

function refusalOf(use: () => unknown): GuillemetError {
  try {
    use()
  } catch (error) {
    return error as GuillemetError
  }
  throw new Error('nothing was refused')
}

/** The path of a refused value. */
function refusedAt(value: unknown, type: string, tag = 'tag'): string | undefined {
  const refusal = refusalOf(() => parseInput({ tag, value, type }))
  expect(refusal.code).toBe('ERR_INVALID_INPUT')
  return refusal.path
}

describe('a new secret', () => {
  it('is a restricted, enabled text, or a custom map, when nothing else is said', () => {
    expect(parseInput({ tag: 'zendesk', value: 'token' })).toEqual({
      tag: 'zendesk',
      value: 'token',
      type: 'text',
      visibility: 'restricted',
      enabled: true,
    })
    expect(parseInput({ tag: 'zendesk', value: { a: 1 } })).toMatchObject({ type: 'custom', value: { a: 1 } })
  })

  it('holds all that was said, normalised', () => {
    const secret = parseInput({
      tag: 'zendesk',
      value: 'token',
      type: 'token',
      visibility: 'masked',
      name: 'Zendesk',
      description: '',
      allow: { hosts: ['API.zendesk.com'] },
      enabled: false,
      expiresAt: new Date(0),
    })
    expect(secret).toEqual({
      tag: 'zendesk',
      value: 'token',
      type: 'token',
      visibility: 'masked',
      name: 'Zendesk',
      description: '',
      allow: { hosts: ['api.zendesk.com'] },
      enabled: false,
      expiresAt: '1970-01-01T00:00:00.000Z',
    })
  })

  it('does not take undefined for something said', () => {
    const secret = parseInput({
      tag: 'a',
      value: 'v',
      type: undefined,
      name: undefined,
      allow: undefined,
      enabled: undefined,
    })
    expect(secret).toEqual({
      tag: 'a',
      value: 'v',
      type: 'text',
      visibility: 'restricted',
      enabled: true,
    })
    expect(Object.hasOwn(secret, 'name')).toBe(true)
  })

  it('shares no object with the caller and changes none of his', () => {
    const input = Object.freeze({
      tag: 'a',
      value: Object.freeze({ k: 'v' }),
      allow: Object.freeze({ hosts: Object.freeze(['a.example']) }),
    })
    const secret = parseInput(input)
    expect(secret.value).not.toBe(input.value)
    expect(secret.allow?.hosts).not.toBe(input.allow.hosts)
    for (const copy of [secret, secret.value, secret.allow]) expect(Object.getPrototypeOf(copy)).toBeNull()
  })

  it('is read once, member by member, so that a value cannot change after it was checked', () => {
    let reads = 0
    const value = {
      get key() {
        reads += 1
        return reads === 1 ? 'text' : { nested: true }
      },
    }
    expect(parseInput({ tag: 'a', value }).value).toEqual({ key: 'text' })
    expect(reads).toBe(1)
  })

  it.each<[string, unknown, string | undefined]>([
    ['no object', 's3cret', undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a list', ['a'], undefined],
    ['a class instance', new (class Secret {})(), undefined],
    ['an unknown member', { tag: 'a', value: 'v', tags: [] }, undefined],
    ['an unknown member that is undefined', { tag: 'a', value: 'v', expires: undefined }, undefined],
    ['an own __proto__', JSON.parse('{"tag":"a","value":"","__proto__":{"type":"password"}}'), undefined],
    ['no tag', { value: 'v' }, 'tag'],
    ['an empty tag', { tag: '', value: 'v' }, 'tag'],
    ['a tag with a dot', { tag: 'a.b', value: 'v' }, 'tag'],
    ['a tag of 129 characters', { tag: 'a'.repeat(129), value: 'v' }, 'tag'],
    ['a tag that is not text', { tag: 1, value: 'v' }, 'tag'],
    ['a tag with a line feed', { tag: 'a\n', value: 'v' }, 'tag'],
    ['an unknown type', { tag: 'a', value: 'v', type: 'certificate' }, 'type'],
    ['a type that every object inherits', { tag: 'a', value: 'v', type: 'constructor' }, 'type'],
    ['a type that is null', { tag: 'a', value: 'v', type: null }, 'type'],
    ['an unknown visibility', { tag: 'a', value: 'v', visibility: 'public' }, 'visibility'],
    ['a name that is null', { tag: 'a', value: 'v', name: null }, 'name'],
    ['a name that is too long', { tag: 'a', value: 'v', name: 'n'.repeat(257) }, 'name'],
    ['a name with a lone surrogate', { tag: 'a', value: 'v', name: '\udc00' }, 'name'],
    ['a description that is too long', { tag: 'a', value: 'v', description: 'n'.repeat(4_097) }, 'description'],
    ['an empty text', { tag: 'a', value: '' }, 'value'],
    ['a rule with a fault', { tag: 'a', value: 'v', allow: { hosts: ['*'] } }, 'allow.hosts[0]'],
    ['enabled as a text', { tag: 'a', value: 'v', enabled: 'false' }, 'enabled'],
    ['an expiry that is not a time', { tag: 'a', value: 'v', expiresAt: 'soon' }, 'expiresAt'],
    ['an expiry that is null', { tag: 'a', value: 'v', expiresAt: null }, 'expiresAt'],
    ['no value', { tag: 'a' }, 'value'],
  ])('with %s is refused', (_what, input, path) => {
    const refusal = refusalOf(() => parseInput(input))
    expect(refusal).toMatchObject({ name: 'GuillemetError', code: 'ERR_INVALID_INPUT' })
    expect(Object.hasOwn(refusal, 'path') ? refusal.path : undefined).toBe(path)
  })

  it('may have a name of 256 and a description of 4,096 characters', () => {
    const input = { tag: 'a', value: 'v', name: 'n'.repeat(256), description: 'd'.repeat(4_096) }
    expect(parseInput(input)).toMatchObject({ name: input.name, description: input.description })
  })

  it('is refused in words that name the rule', () => {
    expect(refusalOf(() => parseInput({ tag: 'a', value: 'v', name: 'n'.repeat(257) })).message).toBe(
      'The name must be valid Unicode text of at most 256 characters.',
    )
    expect(refusalOf(() => parseInput({ tag: 'a', value: 'v', key: 1 })).message).toBe(
      'The input holds something unknown; it may hold tag, type, visibility, value, name, description, allow, enabled, expiresAt, publicFields.',
    )
    expect(refusalOf(() => parseInput({ tag: 'a', value: 'v', version: 2 })).message).toBe(
      'The input holds "version", which can only be read; leave it out.',
    )
    expect(refusalOf(() => parseInput({ tag: 'a', value: 'v', type: 1 })).message).toBe(
      `The type must be one of ${SECRET_TYPES.join(', ')}.`,
    )
  })
})

describe('the tags authentication and database', () => {
  it('have their own type, and need not name it', () => {
    expect(parseInput({ tag: 'authentication', value: AUTHENTICATION }).type).toBe('authentication')
    expect(parseInput({ tag: 'database', value: URI }).type).toBe('database')
    expect(parseInput({ tag: 'database', value: ATLAS, type: 'database' }).value).toEqual(ATLAS)
  })

  it('take no other type', () => {
    expect(refusedAt('x', 'text', 'authentication')).toBe('type')
    expect(refusedAt({ a: 1 }, 'custom', 'database')).toBe('type')
    expect(refusedAt(AUTHENTICATION, 'authentication', 'database')).toBe('tag')
  })

  it('are the only ones of their type', () => {
    expect(refusedAt(AUTHENTICATION, 'authentication', 'auth')).toBe('tag')
    expect(refusedAt(URI, 'database', 'Database')).toBe('tag')
  })
})

describe('a value', () => {
  it.each(['text', 'password', 'apiKey', 'token'])(
    'of the type %s is one well-formed text that is not empty',
    (type) => {
      for (const value of [' ', ' x\n', '\0', '😀']) expect(parseInput({ tag: 'a', value, type }).value).toBe(value)
      for (const value of ['', { a: 'x' }, 1, null, ['x'], '\ud83d', Object('x')])
        expect(refusedAt(value, type)).toBe('value')
    },
  )

  it('of the type basicAuth has a user name without colon and a password, both perhaps empty', () => {
    for (const value of [BASIC_AUTH, { password: '', username: '' }]) {
      expect(parseInput({ tag: 'a', type: 'basicAuth', value }).value).toEqual(value)
    }
    expect(refusedAt({ ...BASIC_AUTH, username: 'a:b' }, 'basicAuth')).toBe('value.username')
    expect(refusedAt({ username: 'a' }, 'basicAuth')).toBe('value.password')
    expect(refusedAt({ ...BASIC_AUTH, password: 1 }, 'basicAuth')).toBe('value.password')
    expect(refusedAt({ ...BASIC_AUTH, realm: 'x' }, 'basicAuth')).toBe('value')
    expect(refusedAt('agent:p:w', 'basicAuth')).toBe('value')
  })

  it.each([
    ['https://id.example/.well-known/jwks.json?v=1', true],
    ['https://id.example', true],
    ['http://localhost:8080/keys', true],
    ['http://127.0.0.1/keys', true],
    ['http://[::1]/keys', true],
    ['http://id.example/keys', false],
    ['http://localhost.evil.example/keys', false],
    ['ftp://id.example/keys', false],
    ['/keys', false],
    ['', false],
    [' https://id.example', false],
    ['https://id.example/\n', false],
    ['\ud800', false],
  ])('of the type authentication with the key set at %j is accepted: %s', (jwksUri, isAccepted) => {
    const input = { tag: 'authentication', value: { jwksUri, audience: 'app' } }
    if (isAccepted) expect(parseInput(input).value).toEqual(input.value)
    else expect(refusedAt(input.value, 'authentication', 'authentication')).toBe('value.jwksUri')
  })

  it('of the type authentication has an audience and nothing else', () => {
    const at = (value: unknown) => refusedAt(value, 'authentication', 'authentication')
    expect(at({ ...AUTHENTICATION, audience: '' })).toBe('value.audience')
    expect(at({ jwksUri: AUTHENTICATION.jwksUri })).toBe('value.audience')
    expect(at({ ...AUTHENTICATION, issuer: 'x' })).toBe('value')
    expect(at({ ...AUTHENTICATION, jwksUri: 1 })).toBe('value.jwksUri')
  })

  it('of the type database has the fields of its mode, none empty', () => {
    const at = (value: unknown) => refusedAt(value, 'database', 'database')
    for (const value of [URI, ATLAS]) {
      expect(parseInput({ tag: 'database', value }).value).toEqual(value)
      for (const field of Object.keys(value)) {
        expect(at({ ...value, [field]: '' })).toBe(`value.${field}`)
        expect(at({ ...value, [field]: undefined })).toBe(`value.${field}`)
      }
    }
    expect(at({ ...URI, mode: 'file' })).toBe('value.mode')
    expect(at({ ...URI, projectId: 'p' })).toBe('value')
    expect(at({ ...ATLAS, uri: 'u' })).toBe('value')
  })

  it('of the type custom keeps names, types and order of its fields, whatever they are called', () => {
    fc.assert(
      fc.property(fields, (value) => {
        const copy = parseInput({ tag: 'a', value }).value as object
        expect(Object.entries(copy)).toEqual(Object.entries(value))
      }),
    )
  })

  it('of the type custom keeps an own __proto__ as data', () => {
    const value = JSON.parse('{"__proto__":"x","constructor":"y"}')
    const copy = parseInput({ tag: 'a', value }).value
    expect(Object.entries(copy)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it.each<[string, unknown, string]>([
    ['an empty map', {}, 'value'],
    ['a list', ['a'], 'value'],
    ['a Map', new Map([['a', 'b']]), 'value'],
    ['bytes', new Uint8Array([1, 2]), 'value'],
    ['a Date', new Date(0), 'value'],
    ['null', null, 'value'],
    ['a number', 1, 'value'],
    ['a function', () => 'x', 'value'],
    ['a nested value', { a: { b: 'c' } }, 'value.a'],
    ['a list in it', { a: ['b'] }, 'value.a'],
    ['null in it', { a: null }, 'value.a'],
    ['undefined in it', { a: 'x', b: undefined }, 'value.b'],
    ['a bigint in it', { a: 1n }, 'value.a'],
    ['NaN', { a: Number.NaN }, 'value.a'],
    ['Infinity', { a: Number.NEGATIVE_INFINITY }, 'value.a'],
    ['a lone surrogate', { a: '\ud800' }, 'value.a'],
    ['a field name with a space', { 'a b': 'c' }, 'value'],
    ['an empty field name', { '': 'c' }, 'value'],
    ['a field name of 129 characters', { ['a'.repeat(129)]: 'c' }, 'value'],
    [
      'too many fields',
      Object.fromEntries(Array.from({ length: MAX_FIELDS + 1 }, (_, index) => [`f${index}`, 1])),
      'value',
    ],
  ])('of the type custom is not %s', (_what, value, path) => {
    expect(refusedAt(value, 'custom')).toBe(path)
  })

  it('may have 1,024 fields', () => {
    const value = Object.fromEntries(Array.from({ length: MAX_FIELDS }, (_, index) => [`f${index}`, true]))
    expect(parseInput({ tag: 'a', value }).value).toEqual(value)
  })

  it('has at most 1 MiB of UTF-8 in its texts together', () => {
    const full = 'é'.repeat(MAX_VALUE_BYTES / 2)
    expect(parseInput({ tag: 'a', value: full }).value).toBe(full)
    expect(refusedAt(`${full}x`, 'text')).toBe('value')
    expect(refusedAt('x'.repeat(MAX_VALUE_BYTES + 1), 'text')).toBe('value')
    expect(parseInput({ tag: 'a', value: { a: full, b: '', c: 1, d: true } }).type).toBe('custom')
    expect(refusedAt({ a: full, b: 'x' }, 'custom')).toBe('value')
  })

  it('is of the grammar of tags in every name', () => {
    fc.assert(
      fc.property(name, text, (tag, value) => {
        fc.pre(tag !== 'authentication' && tag !== 'database')
        expect(parseInput({ tag, value: { [`_${tag.slice(1)}`]: value } }).tag).toBe(tag)
      }),
    )
  })
})

describe('a patch', () => {
  it('holds what it names, copied and normalised, and nothing else', () => {
    expect(Object.values(parsePatch({}, 'text')).every((member) => member === undefined)).toBe(true)
    const patch = parsePatch(
      { value: 'new', enabled: false, expiresAt: '2027-01-01', allow: { methods: ['get'] } },
      'text',
    )
    expect(patch).toEqual({
      value: 'new',
      enabled: false,
      expiresAt: '2027-01-01T00:00:00.000Z',
      allow: { methods: ['GET'] },
    })
    expect(Object.getPrototypeOf(patch)).toBeNull()
  })

  it('removes by null what can be absent', () => {
    const nulls = { name: null, description: null, allow: null, expiresAt: null }
    expect(parsePatch(nulls, 'text')).toEqual(nulls)
    for (const member of ['value', 'enabled']) {
      expect(refusalOf(() => parsePatch({ [member]: null }, 'text'))).toMatchObject({ path: member })
    }
  })

  it('does not name what is undefined', () => {
    const patch = parsePatch({ value: undefined, allow: undefined, tag: undefined }, 'text')
    expect(Object.values(patch).every((member) => member === undefined)).toBe(true)
  })

  it('holds a value of the type of the secret', () => {
    expect(parsePatch({ value: BASIC_AUTH }, 'basicAuth').value).toEqual(BASIC_AUTH)
    expect(refusalOf(() => parsePatch({ value: BASIC_AUTH }, 'text')).path).toBe('value')
    expect(refusalOf(() => parsePatch({ value: 'x' }, 'custom')).path).toBe('value')
  })

  it.each(['tag', 'type', 'visibility'])('never names the %s, which is fixed', (field) => {
    const refusal = refusalOf(() => parsePatch({ [field]: 'text', unknown: 1 }, 'text'))
    expect(refusal).toMatchObject({ code: 'ERR_IMMUTABLE_FIELD', field })
  })

  it('with an unknown member is refused by the names it may have', () => {
    expect(refusalOf(() => parsePatch({ expires: 1 }, 'text')).message).toBe(
      'The input holds something unknown; did you mean "expiresAt"?',
    )
    expect(refusalOf(() => parsePatch('x', 'text')).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('a list filter', () => {
  it('may be absent, or empty, or name what is wanted', () => {
    for (const absent of [undefined, {}, { type: undefined }]) {
      expect(Object.values(parseListFilter(absent))).toEqual(Array(7).fill(undefined))
    }
    const filter = { environment: 'preview', type: 'token', search: '', enabled: false, after: 'a', limit: 1 }
    expect(parseListFilter(filter)).toEqual(filter)
    const expiresBefore = '2026-01-01T00:00:00.000Z'
    expect(parseListFilter({ expiresBefore: new Date(expiresBefore) })).toEqual({ expiresBefore })
  })

  it.each<[unknown, string | undefined]>([
    [null, undefined],
    ['preview', undefined],
    [{ tag: 'a' }, undefined],
    [{ environment: '$' }, 'environment'],
    [{ type: 'x' }, 'type'],
    [{ search: 1 }, 'search'],
    [{ search: 's'.repeat(257) }, 'search'],
  ])('%j is none', (filter, path) => {
    const refusal = refusalOf(() => parseListFilter(filter))
    expect(refusal.code).toBe('ERR_INVALID_INPUT')
    expect(Object.hasOwn(refusal, 'path') ? refusal.path : undefined).toBe(path)
  })
})

describe('an input that throws while it is read', () => {
  const evil = (): never => {
    throw new Error('s3cret-4711')
  }
  const handler: ProxyHandler<object> = { get: evil, ownKeys: evil, getPrototypeOf: evil }
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  it.each<[string, () => unknown]>([
    ['a proxy', () => parseInput(new Proxy({}, handler))],
    ['a revoked proxy', () => parseInput(revoked.proxy)],
    [
      'a getter',
      () =>
        parseInput({
          tag: 'a',
          get value() {
            return evil()
          },
        }),
    ],
    ['a value that is a proxy', () => parseInput({ tag: 'a', value: new Proxy({}, handler) })],
    [
      'a field that is a getter',
      () =>
        parseInput({
          tag: 'a',
          value: {
            get key() {
              return evil()
            },
          },
        }),
    ],
    ['a rule that is a proxy', () => parseInput({ tag: 'a', value: 'v', allow: new Proxy({}, handler) })],
    ['a patch', () => parsePatch(new Proxy({}, handler), 'text')],
    ['a filter', () => parseListFilter(new Proxy({}, handler))],
  ])('%s is refused without the message of what it threw', (_what, use) => {
    const refusal = refusalOf(use)
    expect(codeOf(refusal)).toBe('ERR_INVALID_INPUT')
    expect(refusal.stack).not.toContain('4711')
    expect(refusal.cause).toBeUndefined()
  })
})
