import { describe, expect, it } from 'vitest'
import type { SecretValue } from '../../src/secret-value.ts'
import { FILTERS } from '../../src/template/filter-names.ts'
import { filteredText } from '../../src/template/values.ts'
import { references } from '../../src/template.ts'
import { errorOf, resolveAs, resolveText } from './harness.ts'

const pair = { username: 'Aladdin', password: 'open sesame' }

describe('a filter', () => {
  it.each([
    ['base64', 'a:b', 'YTpi'],
    ['base64', 'ä?>', 'w6Q/Pg=='],
    ['base64url', 'ä?>', 'w6Q_Pg'],
    ['hex', 'ä?', 'c3a43f'],
    ['trim', ' \n a b\u00a0', 'a b'],
    ['urlencode', 'a b+c/ä', 'a%20b%2Bc%2F%C3%A4'],
    ['json', 'a"\n', '"a\\"\\n"'],
    ['shell', "it's", "'it'\\''s'"],
    ['raw', 'a b', 'a b'],
    ['xml', `a&b<c>"d"'e'`, 'a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;'],
    ['base64decode', 'w6Q/Pg==', 'ä?>'],
    ['base64decode', 'w6Q_\n Pg', 'ä?>'],
    ['base64decode | hex', 'w6Q', 'c3a4'],
    ['trim | base64 | urlencode', ' a?', 'YT8%3D'],
    ['json | json', 'a', '"\\"a\\""'],
    ['raw | hex', 'a', '61'],
    ['urlencode | base64', ' ', 'JTIw'],
  ])('%s of %j is %j', (filters, value, expected) => {
    expect(resolveText(`{{ secrets.a | ${filters} }}`, { a: value })).toBe(expected)
  })

  it('works on a field, and on a number or boolean by its text', () => {
    const secrets = { db: { port: 5432, tls: true, name: 'x' } }
    expect(resolveText('{{ secrets.db.port | hex }} {{ secrets.db.tls | base64 }}', secrets)).toBe('35343332 dHJ1ZQ==')
    expect(resolveText('{{ secrets.db.port | json }} {{ secrets.db.tls | raw }}', secrets)).toBe('5432 true')
  })

  it('json takes a secret with all its fields, in their order', () => {
    const secrets = { db: { b: 'x', a: 1, c: false } }
    expect(resolveText('{{ secrets.db | json }}', secrets)).toBe('{"b":"x","a":1,"c":false}')
    expect(resolveText('{{ secrets.db | json | base64 }}', secrets)).toBe('eyJiIjoieCIsImEiOjEsImMiOmZhbHNlfQ==')
  })

  it('basic takes user name and password, whatever else there is', () => {
    expect(resolveText('{{ secrets.a | basic }}', { a: pair })).toBe('QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(resolveText('{{ secrets.a | basic }}', { a: { ...pair, realm: 'x' } })).toBe('QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(resolveText('{{ secrets.a | basic | trim }}', { a: { username: '', password: '' } })).toBe('Og==')
  })

  it.each([[{ username: 'x' }], [{ password: 'x' }], ['a:b'], [{ other: 'x' }]])(
    'basic names the fields it needs where they are not: %j',
    (a) => {
      const error = errorOf(() => resolveText('{{ secrets.a | basic }}', { a }))
      expect(error).toMatchObject({ code: 'ERR_FIELD_REQUIRED', tag: 'a' })
      expect(error.fields).toEqual(typeof a === 'string' ? [] : Object.keys(a))
      expect(error.message).toContain('username and password')
    },
  )

  it('basic refuses a user name with a colon, which would move into the password', () => {
    const secrets = { a: { username: 'a:b', password: 'hunter2' } }
    const error = errorOf(() => resolveAs('headers', { X: 'Basic {{ secrets.a | basic }}' }, secrets))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 'a', path: 'X' })
    expect(error.message).toContain('RFC 7617')
  })

  it('needs a field of a secret with fields, unless it takes them all', () => {
    expect(errorOf(() => resolveText('{{ secrets.a | trim | json }}', { a: pair }))).toMatchObject({
      code: 'ERR_FIELD_REQUIRED',
      tag: 'a',
      fields: ['username', 'password'],
    })
  })

  it.each(['base64', 'base64url', 'hex', 'urlencode'])(
    '%s refuses a lone surrogate, which UTF-8 cannot carry',
    (filter) => {
      expect(errorOf(() => resolveText(`{{ secrets.a | ${filter} }}`, { a: '\ud800' }))).toMatchObject({
        code: 'ERR_INVALID_INPUT',
        tag: 'a',
      })
    },
  )

  it.each(['basic', 'oauthBasic'])('%s refuses the line end of a paste, which trim before it removes', (filter) => {
    for (const a of [
      { username: 'ann\n', password: 'open' },
      { username: 'ann', password: 'open\r\n' },
      { client_id: 'ann', client_secret: ' open\x7f' },
    ]) {
      const error = errorOf(() => resolveText(`{{ secrets.a | ${filter} }}`, { a }))
      expect(error.code).toBe('ERR_UNSAFE_HEADER_VALUE')
      expect(error.message).toContain(`"| trim | ${filter}" removes`)
      if (!Object.values(a).join().includes('\x7f'))
        expect(atob(resolveText(`{{ secrets.a | trim | ${filter} }}`, { a }) as string)).toBe('ann:open')
    }
    expect(errorOf(() => resolveText(`{{ secrets.a | trim | ${filter} }}`, { a: 'x' })).code).toBe('ERR_FIELD_REQUIRED')
  })

  it('basic refuses a lone surrogate too', () => {
    const secrets = { a: { username: '\udc00', password: '' } }
    expect(errorOf(() => resolveText('{{ secrets.a | basic }}', secrets)).code).toBe('ERR_INVALID_INPUT')
  })

  it('cannot make a value grow without bound', () => {
    // JSON doubles each backslash, in native code: the fourth of the filters makes more than what is allowed
    const text = `{{ secrets.a ${'| json '.repeat(8)}}}`
    expect(errorOf(() => resolveText(text, { a: '\\'.repeat(1_100_000) })).code).toBe('ERR_INVALID_INPUT')
  })

  it('may stand eight times', () => {
    expect(resolveText(`{{ secrets.a ${'| trim '.repeat(8)}}}`, { a: 'x' })).toBe('x')
  })

  it.each(['not base64!', 'abcde', '/w=='])('base64decode refuses %j, which is no text in Base64', (value) => {
    const error = errorOf(() => resolveText('{{ secrets.a | base64decode }}', { a: value }))
    expect(error.code).toBe('ERR_INVALID_INPUT')
    expect(error.message).not.toContain(value)
  })

  it('oauthBasic percent-encodes both parts, and takes a client id and secret as well', () => {
    const encoded = 'Basic bXklMjBhcHAlMkYxOmslMkY5JTNBeCUzRCUyQg=='
    for (const [user, password] of [
      ['username', 'password'],
      ['client_id', 'client_secret'],
    ] as const) {
      const secrets = { c: { note: 'x', [user]: 'my app/1', [password]: 'k/9:x=+' } }
      expect(resolveText('Basic {{ secrets.c | oauthBasic }}', secrets)).toBe(encoded)
      expect(resolveText('{{ secrets.c | basic | base64decode }}', secrets)).toBe('my app/1:k/9:x=+')
    }
    const colon = { c: { username: 'a:b', password: 'p' } }
    expect(resolveText('{{ secrets.c | oauthBasic | base64decode }}', colon)).toBe('a%3Ab:p')
    expect(errorOf(() => resolveText('{{ secrets.c.username | oauthBasic }}', colon)).code).toBe(
      'ERR_MALFORMED_REFERENCE',
    )
    expect(errorOf(() => resolveText('{{ secrets.c | oauthBasic }}', { c: { username: 'a' } })).code).toBe(
      'ERR_FIELD_REQUIRED',
    )
  })

  it('is known by twelve names, and none of them is a default', () => {
    expect(FILTERS).toHaveLength(12)
    expect(FILTERS).not.toContain('default')
  })
})

describe('filteredText', () => {
  const of = (text: string, secret: SecretValue) => filteredText(references(text)[0]!, secret)

  it('is what the filters of a reference make of a secret', () => {
    expect(of('{{ secrets.a | trim | base64 }}', ' x ')).toBe('eA==')
    expect(of('{{ secrets.a.n | hex }}', { n: 7 })).toBe('37')
    expect(of('{{ secrets.a | json }}', { n: 7 })).toBe('{"n":7}')
    expect(of('{{ secrets.a }}', 'x')).toBe('x')
  })

  it('is nothing where the field is not there, or one would be needed', () => {
    expect(of('{{ secrets.a.m }}', { n: 7 })).toBeUndefined()
    expect(of('{{ secrets.a.toString }}', { n: 7 })).toBeUndefined()
    expect(of('{{ secrets.a.m }}', 'x')).toBeUndefined()
    expect(of('{{ secrets.a | trim }}', { n: 7 })).toBeUndefined()
  })
})

describe('a filter in the encoder’s place', () => {
  const url = (filters: string) => `https://h/p?q={{ secrets.a${filters} }}`

  it.each([
    ['', 'a b&c', 'https://h/p?q=a%20b%26c'],
    [' | urlencode', 'a b&c', 'https://h/p?q=a%20b%26c'],
    [' | urlencode | trim', 'a b', 'https://h/p?q=a%2520b'],
    [' | raw', 'a=1&b=2', 'https://h/p?q=a=1&b=2'],
    [' | json', 'x', 'https://h/p?q="x"'],
    [' | shell', 'x', "https://h/p?q='x'"],
    [' | base64', '??>', 'https://h/p?q=Pz8%2B'],
    [' | raw | hex', 'a', 'https://h/p?q=61'],
  ])('%j of %j in a query', (filters, value, expected) => {
    expect(resolveAs('url', url(filters), { a: value })).toBe(expected)
  })

  it('is json outside of a JSON string, and not inside of one', () => {
    const secrets = { a: 'x"y' }
    expect(resolveAs('json', '[{{ secrets.a | json }}]', secrets)).toBe('["x\\"y"]')
    const inside = resolveAs('json', '["{{ secrets.a | json }}"]', secrets)
    expect(JSON.parse(inside)).toEqual(['"x\\"y"'])
    expect(resolveAs('json', '["{{ secrets.a | raw }}", {{ secrets.n | raw }}]', { a: '\\n', n: '[1]' })).toBe(
      '["\\n", [1]]',
    )
    expect(resolveAs('json', '[{{ secrets.a | trim }}]', { a: ' 1 ' })).toBe('["1"]')
  })

  it('is urlencode in form text', () => {
    expect(resolveAs('form', 'a={{ secrets.a | urlencode }}&b={{ secrets.a }}', { a: 'x y' })).toBe('a=x%20y&b=x%20y')
  })

  it('lifts no refusal of a header or an environment', () => {
    expect(errorOf(() => resolveAs('headers', 'x{{ secrets.a | raw }}', { a: '\n' })).code).toBe(
      'ERR_UNSAFE_HEADER_VALUE',
    )
    expect(errorOf(() => resolveAs('env', '{{ secrets.a | raw }}', { a: '\0' })).code).toBe('ERR_UNSAFE_ENV_VALUE')
    expect(resolveAs('headers', '{{ secrets.a | trim }}', { a: 'x\n' })).toBe('x')
  })
})
