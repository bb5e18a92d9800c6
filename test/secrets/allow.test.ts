import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GuillemetError } from '../../src/errors.ts'
import { LOCATIONS, type ReferenceLocation } from '../../src/location.ts'
import { digestParts, MAX_HOSTS, MAX_METHODS, parseAllow } from '../../src/secrets/allow.ts'
import { MAX_LOCATIONS } from '../../src/secrets/allowed-location.ts'
import { type Destination, denialOf, locationDenialOf, type SecretUse } from '../../src/secrets/denial.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import { allow } from './arbitraries.ts'

const to = (url: string, method?: string): Destination => ({ url: new URL(url), method })

const use = (given: Partial<SecretUse> & Pick<SecretUse, 'location'>): SecretUse => ({
  name: undefined,
  path: undefined,
  destination: undefined,
  shownHost: undefined,
  urlPaths: undefined,
  ...given,
})

function codeAt(rule: unknown, location: ReferenceLocation, destination?: Destination): string | undefined {
  return denialAt(rule, location, destination)?.code
}

function denialAt(rule: unknown, location: ReferenceLocation, destination?: Destination): GuillemetError | undefined {
  return denialOf(parseAllow(rule), 'zendesk', use({ location, destination }))
}

describe('a rule from a caller', () => {
  it('is copied in one form, its lists in a fixed order', () => {
    const given = Object.freeze({
      methods: Object.freeze(['get', 'POST', 'm-search']),
      in: Object.freeze(['header', 'env']),
      hosts: Object.freeze(['HTTPS://API.Zendesk.com:443', '*.Acme.dev', 'http://localhost:8080']),
    })
    const rule = parseAllow(given)
    expect(rule).toEqual({
      hosts: ['api.zendesk.com', '*.acme.dev', 'http://localhost:8080'],
      in: ['header', 'env'],
      methods: ['GET', 'POST', 'M-SEARCH'],
    })
    expect(Object.keys(rule)).toEqual(['hosts', 'in', 'methods', 'maxUses'])
    expect(Object.getPrototypeOf(rule)).toBeNull()
    expect(rule.in).not.toBe(given.in)
  })

  it('keeps what is absent absent and what is empty empty', () => {
    expect(Object.values(parseAllow({}))).toEqual([undefined, undefined, undefined, undefined])
    expect(parseAllow({ hosts: [], in: [], methods: [] })).toEqual({ hosts: [], in: [], methods: [] })
  })

  it('does not change when it is read again', () => {
    fc.assert(
      fc.property(allow, (given) => {
        const rule = parseAllow(given)
        expect(parseAllow(JSON.parse(JSON.stringify(rule)))).toEqual(rule)
      }),
    )
  })

  it('may have 100 hosts', () => {
    const hosts = Array.from({ length: MAX_HOSTS }, (_, index) => `h${index}.example`)
    expect(parseAllow({ hosts }).hosts).toEqual(hosts)
  })

  const throwing = new Proxy([], {
    get() {
      throw new Error('s3cret-in-an-error')
    },
  })
  const revoked = Proxy.revocable([], {})
  revoked.revoke()

  it.each<[string, unknown, string]>([
    ['no object', 'api.zendesk.com', 'allow'],
    ['null', null, 'allow'],
    ['a list', ['api.zendesk.com'], 'allow'],
    ['a class instance', new Map(), 'allow'],
    ['an unknown member', { host: ['api.zendesk.com'] }, 'allow'],
    ['a list that is undefined, which must not open the rule', { hosts: undefined }, 'allow.hosts'],
    ['a list that is null', { in: null }, 'allow.in'],
    ['a text for a list', { hosts: 'api.zendesk.com' }, 'allow.hosts'],
    ['too many hosts', { hosts: Array(MAX_HOSTS + 1).fill('a.example') }, 'allow.hosts'],
    ['too many locations', { in: Array(MAX_LOCATIONS + 1).fill('header') }, 'allow.in'],
    ['too many methods', { methods: Array(MAX_METHODS + 1).fill('GET') }, 'allow.methods'],
    ['a host with an encoded path', { hosts: ['a.example', 'a.example/%78'] }, 'allow.hosts[1]'],
    ['a star alone', { hosts: ['*'] }, 'allow.hosts[0]'],
    ['a host that is not text', { hosts: [new URL('https://a.example')] }, 'allow.hosts[0]'],
    ['a hole in a list', { hosts: new Array(1) }, 'allow.hosts[0]'],
    ['a location that is none', { in: ['headers'] }, 'allow.in[0]'],
    ['a method with a space', { methods: ['GET '] }, 'allow.methods[0]'],
    ['a method behind a space', { methods: [' GET'] }, 'allow.methods[0]'],
    ['a method behind a number', { methods: ['1GET'] }, 'allow.methods[0]'],
    ['two methods in one text', { methods: ['GET,POST'] }, 'allow.methods[0]'],
    ['a method with a line feed', { methods: ['GET\n'] }, 'allow.methods[0]'],
    ['a method of 33 letters', { methods: ['G'.repeat(33)] }, 'allow.methods[0]'],
    ['a star for a method', { methods: ['*'] }, 'allow.methods[0]'],
    ['an empty method', { methods: [''] }, 'allow.methods[0]'],
    ['a method that is not text', { methods: [1] }, 'allow.methods[0]'],
    ['a list that throws', { hosts: throwing }, 'allow.hosts'],
    ['a revoked list', { methods: revoked.proxy }, 'allow.methods'],
  ])('with %s is refused by its path', (_what, given, path) => {
    const expected = { code: 'ERR_INVALID_INPUT', path, message: expect.not.stringContaining('s3cret') }
    expect(() => parseAllow(given)).toThrow(expect.objectContaining(expected))
  })

  it('names the members it knows when it refuses another, and not that one', () => {
    expect(() => parseAllow({ 's3cret-key': [] })).toThrow(
      'The allow rule holds something unknown; it may hold hosts, in, methods, maxUses.',
    )
  })
})

describe('a use', () => {
  it('is free without a rule, and with a rule that restricts nothing', () => {
    for (const location of LOCATIONS) {
      expect(denialOf(undefined, 'zendesk', use({ location }))).toBeUndefined()
      expect(codeAt({}, location)).toBeUndefined()
      expect(codeAt({}, location, to('http://evil.example'))).toBeUndefined()
    }
  })

  it('with hosts stands at header and auth, unless the rule says where', () => {
    const destination = to('https://a.example')
    const permitted = LOCATIONS.filter((location) => !codeAt({ hosts: ['a.example'] }, location, destination))
    expect(permitted).toEqual(['header', 'auth'])
    const named = LOCATIONS.filter(
      (location) => !codeAt({ hosts: ['a.example'], in: ['host', 'env'] }, location, destination),
    )
    expect(named).toEqual(['env', 'host'])
  })

  it('with methods alone may stand anywhere, once the destination is known', () => {
    for (const location of LOCATIONS) {
      expect(codeAt({ methods: ['GET'] }, location, to('https://a.example', 'GET'))).toBeUndefined()
      expect(codeAt({ methods: ['GET'] }, location)).toBe('ERR_HOST_DENIED')
    }
  })

  it('where in is named and nothing else needs no destination', () => {
    expect(codeAt({ in: ['header'] }, 'header')).toBeUndefined()
    expect(codeAt({ in: ['header'] }, 'env')).toBe('ERR_LOCATION_DENIED')
  })

  it('that names no place permits none', () => {
    for (const location of LOCATIONS) expect(codeAt({ in: [] }, location)).toBe('ERR_LOCATION_DENIED')
  })

  it.each<[AllowRule, ReferenceLocation, string | undefined]>([
    [{ hosts: ['a.example'] }, 'header', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'] }, 'env', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'] }, 'value', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'], in: ['header'] }, 'header', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'], in: ['header', 'env'] }, 'env', undefined],
    [{ hosts: ['a.example'], in: ['header', 'env'] }, 'value', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'], in: ['value'] }, 'value', undefined],
    [{ hosts: ['a.example'], in: ['value'] }, 'env', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'], in: ['host'] }, 'host', 'ERR_HOST_DENIED'],
    [{ hosts: ['a.example'], in: ['body'] }, 'body', 'ERR_HOST_DENIED'],
    [{ hosts: [] }, 'header', 'ERR_HOST_DENIED'],
    [{ hosts: [], in: ['env'] }, 'env', undefined],
    [{ methods: ['GET'], in: ['env'] }, 'env', undefined],
    [{ methods: ['GET'] }, 'env', 'ERR_HOST_DENIED'],
  ])('under %j at %s without a destination: %s', (rule, location, code) => {
    expect(codeAt(rule, location)).toBe(code)
  })

  it('at env or value is held against the destination where one is given', () => {
    const rule = { hosts: ['a.example'], in: ['env'] }
    expect(codeAt(rule, 'env', to('https://a.example'))).toBeUndefined()
    expect(codeAt(rule, 'env', to('https://evil.example'))).toBe('ERR_HOST_DENIED')
    expect(codeAt(rule, 'value', to('https://a.example'))).toBe('ERR_LOCATION_DENIED')
  })

  it.each<[readonly string[], string, string | undefined]>([
    [['a.example'], 'https://a.example', undefined],
    [['b.example', 'a.example'], 'https://a.example', undefined],
    [['a.example'], 'https://b.example', 'ERR_HOST_DENIED'],
    [['a.example'], 'https://a.example:8443', 'ERR_HOST_DENIED'],
    [['a.example'], 'http://a.example', 'ERR_INSECURE_SCHEME'],
    [['b.example', 'a.example'], 'http://a.example', 'ERR_INSECURE_SCHEME'],
    [['a.example', 'http://a.example'], 'http://a.example', undefined],
    [['http://a.example'], 'https://a.example', 'ERR_HOST_DENIED'],
    [[], 'https://a.example', 'ERR_HOST_DENIED'],
  ])('under hosts %j to %s: %s', (hosts, url, code) => {
    expect(codeAt({ hosts }, 'header', to(url))).toBe(code)
  })

  it.each<[readonly string[], string | undefined, string | undefined]>([
    [['GET'], 'GET', undefined],
    [['GET'], 'get', undefined],
    [['get', 'patch'], 'PATCH', undefined],
    [['GET'], 'POST', 'ERR_METHOD_DENIED'],
    [['GET'], undefined, 'ERR_METHOD_DENIED'],
    [[], 'GET', 'ERR_METHOD_DENIED'],
  ])('under methods %j by %s: %s', (methods, method, code) => {
    expect(codeAt({ methods }, 'header', to('https://a.example', method))).toBe(code)
  })

  it('is refused by location, then host, then method', () => {
    const rule = { hosts: ['a.example'], in: ['header'], methods: ['GET'] }
    const wrong = to('https://evil.example', 'POST')
    expect(codeAt(rule, 'env', wrong)).toBe('ERR_LOCATION_DENIED')
    expect(codeAt(rule, 'header', wrong)).toBe('ERR_HOST_DENIED')
    expect(codeAt(rule, 'header', to('https://a.example', 'POST'))).toBe('ERR_METHOD_DENIED')
  })

  it('that stands in the host is held against the places alone before the host is known', () => {
    const at = (rule: AllowRule | undefined) =>
      locationDenialOf(rule && parseAllow(rule), 'zendesk', { location: 'host', name: undefined, path: 'url' })
    expect(at(undefined)).toBeUndefined()
    expect(at({})).toBeUndefined()
    expect(at({ methods: ['GET'] })).toBeUndefined()
    expect(at({ hosts: ['a.example'], in: ['host'] })).toBeUndefined()
    expect(at({ in: ['header'] })).toMatchObject({ code: 'ERR_LOCATION_DENIED', location: 'host', path: 'url' })
    expect(at({ hosts: ['a.example'] })).toMatchObject({ code: 'ERR_LOCATION_DENIED', tag: 'zendesk' })
  })
})

describe('a refusal', () => {
  it('of a member of a body that cannot be named says so, and gives no wider entry', () => {
    const destination = to('https://a.example')
    const bound = parseAllow({ hosts: ['a.example'], in: ['body:token'] })
    expect(denialOf(bound, 'zendesk', use({ location: 'body', destination }))!.message).toContain(
      'neither JSON nor a form',
    )
    const other = denialOf(bound, 'zendesk', use({ location: 'body', name: 'note', destination }))!
    expect(other.message).toContain('add "body:note" to allow.in')
  })

  const rule = parseAllow({ hosts: ['a.example'], methods: ['GET'] })

  it('by host names tag, path and the host without its port', () => {
    const destination = to('https://evil.example:8443/x?y')
    const denied = denialOf(rule, 'zendesk', use({ location: 'header', path: 'headers.X-Key', destination }))!
    expect({ ...denied }).toEqual({
      name: 'GuillemetError',
      code: 'ERR_HOST_DENIED',
      status: 403,
      tag: 'zendesk',
      host: 'evil.example',
      path: 'headers.X-Key',
    })
    expect(denied.message).toBe(
      'The secret "zendesk" may not be sent to "evil.example" with this scheme and port; add "evil.example:8443" to allow.hosts, or change the URL.',
    )
  })

  it('shows the mask of a host that came out of a secret, and not the host', () => {
    const destination = to('https://tenant-4711.example/')
    const denied = denialOf(rule, 'zendesk', use({ location: 'header', destination, shownHost: '[secret:host]' }))!
    expect(denied.host).toBe('[secret:host]')
    expect(denied.message).not.toContain('tenant-4711')
    expect(denied.stack).not.toContain('tenant-4711')
  })

  it('by an unknown destination has no host to show', () => {
    const denied = denialAt({ hosts: ['a.example'] }, 'env')!
    expect({ ...denied }).toEqual({ name: 'GuillemetError', code: 'ERR_HOST_DENIED', status: 403, tag: 'zendesk' })
    expect(denied.message).toContain('no destination is known')
  })

  it('by scheme, location or method says what to do', () => {
    expect(denialAt({ hosts: ['a.example'] }, 'header', to('http://a.example'))?.message).toBe(
      'The secret "zendesk" may only be sent over https; use an https URL, or add "http://a.example" to allow.hosts.',
    )
    expect(denialAt({ in: ['header'] }, 'body')).toMatchObject({
      location: 'body',
      message: 'The secret "zendesk" may not be used at "body"; add "body" to allow.in, or move the reference.',
    })
    const denied = denialAt({ methods: ['GET'] }, 'body', to('https://a.example', 'S3CRET'))
    expect(denied?.message).toContain('add that to allow.methods')
    expect(denied?.message).not.toContain('S3CRET')
  })
})

describe('the parts that the ciphertext authenticates', () => {
  const NOTHING = {
    allow: undefined,
    expiresAt: undefined,
    publicFields: undefined,
    createdBy: undefined,
    updatedBy: undefined,
  }

  it('come in a fixed order, an empty list without values', () => {
    const info = {
      updatedBy: 'bob',
      createdBy: 'ann',
      publicFields: ['user', 'host'],
      expiresAt: '2027-01-01T00:00:00.000Z',
      enabled: false,
      allow: { maxUses: 3, methods: [], in: ['header' as const], hosts: ['b.example', 'a.example'] },
    }
    expect(digestParts(info)).toEqual([
      { name: 'allow', values: [] },
      { name: 'hosts', values: ['b.example', 'a.example'] },
      { name: 'in', values: ['header'] },
      { name: 'methods', values: [] },
      { name: 'maxUses', values: ['3'] },
      { name: 'enabled', values: ['false'] },
      { name: 'expiresAt', values: ['2027-01-01T00:00:00.000Z'] },
      { name: 'publicFields', values: ['user', 'host'] },
      { name: 'createdBy', values: ['ann'] },
      { name: 'updatedBy', values: ['bob'] },
    ])
  })

  it('say nothing of what is absent, and tell an empty rule from none', () => {
    expect(digestParts({ ...NOTHING, enabled: true })).toEqual([{ name: 'enabled', values: ['true'] }])
    expect(digestParts({ ...NOTHING, enabled: true, allow: parseAllow({}) })).toEqual([
      { name: 'allow', values: [] },
      { name: 'enabled', values: ['true'] },
    ])
  })

  it('differ wherever rule or state differ', () => {
    const state = fc.record({
      allow: fc.option(allow.map(parseAllow), { nil: undefined }),
      enabled: fc.boolean(),
      expiresAt: fc.constantFrom(undefined, '2027', '2028'),
      publicFields: fc.constantFrom(undefined, ['a'], ['b'], ['a', 'b']),
      createdBy: fc.constantFrom(undefined, 'a', 'b'),
      updatedBy: fc.constantFrom(undefined, 'a', 'b'),
    })
    fc.assert(
      fc.property(state, state, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        expect(JSON.stringify(digestParts(a)) === JSON.stringify(digestParts(b))).toBe(isSame)
      }),
    )
  })
})
