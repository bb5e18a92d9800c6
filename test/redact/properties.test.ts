/** Values under sensitive names: in structures, in JSON, and in what stands in texts as a query, a header or a cookie. */

import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, sensitiveProperties } from '../../src/redact.ts'

const VALUE = 'hunter2-long-pw'
const refused = expect.objectContaining({ code: 'ERR_INVALID_INPUT' })

describe('a name', () => {
  const isMasked = (property: string | RegExp, name: string): boolean =>
    createRedactor({ properties: [property] })
      .json(JSON.stringify({ [name]: 'v' }))
      .includes('[secret]')

  it.each<[string | RegExp, readonly string[], readonly string[]]>([
    ['apiKey', ['apiKey', 'api_key', 'API-KEY', 'apikey', 'Api_Key'], ['apiKeys', 'myApiKey', 'api.key', 'key']],
    ['*token*', ['token', 'accessToken', 'ACCESS_TOKEN', 'x-token-id', 'csrftoken'], ['tok', 'toke']],
    ['*api_key*', ['xApiKey', 'API-KEY-2', 'my_apikey'], ['api', 'key']],
    ['*key', ['apiKey', 'KEY'], ['keys', 'keyId']],
    ['key*', ['keys', 'KEY_ID'], ['apiKey']],
    [/^x-.*-key$/, ['x-api-key'], ['X-Api-Key', 'api-key']],
    [/token/gi, ['token', 'TOKEN', 'aTokenB'], ['key']],
    ['a.b+c', ['a.b+c', 'A.B+C'], ['aXbbc']],
    ['constructor', ['constructor'], ['__proto__', 'toString']],
  ])('%s matches in any spelling', (property, matching, others) => {
    for (const name of [...matching, ...matching]) expect([name, isMasked(property, name)]).toEqual([name, true])
    for (const name of others) expect([name, isMasked(property, name)]).toEqual([name, false])
  })

  it.each(['token', [''], ['*'], ['**'], ['a*b'], [1], null, {}])('properties %j are refused', (properties) => {
    expect(() => createRedactor({ properties: properties as never })).toThrow(refused)
  })
})

const names = ['access_token', 'authorization', 'cookie', 'password', 'session', 'x-api-key', 'set-cookie', 'token']
const redactor = createRedactor({ properties: names, secrets: { db: VALUE } })

describe('in a text', () => {
  it.each([
    // queries
    ['/cb?access_token=abc&state=1', '/cb?access_token=[secret]&state=1'],
    ['GET /cb?a=1&ACCESS-TOKEN=abc,d;e HTTP/1.1', 'GET /cb?a=1&ACCESS-TOKEN=[secret] HTTP/1.1'],
    ['/cb?next=%2Fx%3Faccess_token%3Dabc%26b%3D1&c=2', '/cb?next=%2Fx%3Faccess_token%3D[secret]%26b%3D1&c=2'],
    ['https://x.example/#access_token=abc&b', 'https://x.example/#access_token=[secret]&b'],
    ['"GET /a?token=abc" 200', '"GET /a?token=[secret]" 200'],
    ['user[password]=abc&user[name]=x', 'user[password]=[secret]&user[name]=x'],
    ['?user%5Bpassword%5D=abc&b=1', '?user%5Bpassword%5D=[secret]&b=1'],
    [
      '::1 - - [1] "GET /x?access_token=abc HTTP/1.1" 200 5',
      '::1 - - [1] "GET /x?access_token=[secret] HTTP/1.1" 200 5',
    ],
    // headers
    ['Authorization: Bearer abc def', 'Authorization: [secret]'],
    ['GET / HTTP/1.1\r\nauthorization: Basic YTpi\r\nHost: x', 'GET / HTTP/1.1\r\nauthorization: [secret]\r\nHost: x'],
    ['> X-Api-Key: abc\n> Host: x', '> X-Api-Key: [secret]\n> Host: x'],
    ["curl -H 'Authorization: Bearer abc' -v", "curl -H 'Authorization: [secret]' -v"],
    ['sent authorization: Bearer abc, then more', 'sent authorization: [secret], then more'],
    ['sent Authorization: Digest username="a", nonce="b"', 'sent Authorization: [secret]'],
    ["{ authorization: 'Bearer a', host: 'x' }", "{ authorization: '[secret]', host: 'x' }"],
    ["{ authorization: [ 'a', 'b' ], host: 'x' }", "{ authorization: [secret], host: 'x' }"],
    // cookies
    ['Cookie: session=abc; theme=dark\nHost: x', 'Cookie: [secret]\nHost: x'],
    ['theme=dark; session=abc; lang=en', 'theme=dark; session=[secret]; lang=en'],
    ['session=abc; theme=dark', 'session=[secret]; theme=dark'],
    // other texts
    ['{"password":"a\\"b","n":1} tail', '{"password":"[secret]","n":1} tail'],
    ['{\\"password\\":\\"a b\\",\\"n\\":1}', '{\\"password\\":\\"[secret]\\",\\"n\\":1}'],
    [
      '{"raw":"GET /\\r\\nCookie: a=\\"b\\"\\r\\nHost: x\\r\\nToken: c","n":1}',
      '{"raw":"GET /\\r\\nCookie: [secret]\\r\\nHost: x\\r\\nToken: [secret]","n":1}',
    ],
    ['level=info password=abc user=x', 'level=info password=[secret] user=x'],
    ['{"token": 12 monkeys, "n": 1 }', '{"token": [secret], "n": 1 }'],
    ['{ "token": 12 , "n": 1 }', '{ "token": [secret] , "n": 1 }'],
    ['password="a b" user=x', 'password="[secret]" user=x'],
    ['--password=abc --user=x', '--password=[secret] --user=x'],
    ['password = abc', 'password = [secret]'],
    ['(password=abc)', '(password=[secret])'],
    // credentials of two words
    ['level=info authorization=Bearer abc status=200', 'level=info authorization=[secret] status=200'],
    ['headers={Authorization=ApiKey abc, Host=x}', 'headers={Authorization=[secret], Host=x}'],
    ['authorization=Basic dXNlcjpwdw==; x', 'authorization=[secret]; x'],
    ['a=1 authorization=Digest username="a", nonce="b"\nnext', 'a=1 authorization=[secret]\nnext'],
    ['?authorization=Bearer%20abc&x=1', '?authorization=[secret]&x=1'],
    // numbers and words without quotes
    ['{"token":5}\n{"b":1}', '{"token":[secret]}\n{"b":1}'],
    ['{"user":{"session":true},"b":2}', '{"user":{"session":[secret]},"b":2}'],
    ['{"n":[{"token": -1.5e3},{"b":2}]}', '{"n":[{"token": [secret]},{"b":2}]}'],
    ['{"body":"{\\"token\\":5,\\"a\\":1}"}', '{"body":"{\\"token\\":[secret],\\"a\\":1}"}'],
    ["{'token': True, 'b': None}", "{'token': [secret], 'b': None}"],
    ['{"token":abc d,"b":1}\n{"c":1}', '{"token":[secret],"b":1}\n{"c":1}'],
    ['"token": a b c\n"b": 1', '"token": [secret]\n"b": 1'],
    // paths
    ['request.headers.authorization=abc', 'request.headers.authorization=[secret]'],
    // quotes within a word
    ["GET /?password=it's-abc&x=1", 'GET /?password=[secret]&x=1'],
    ['a password=pa"ss\'wd b', 'a password=[secret] b'],
    ["Config(password=b'abc', n=1)", "Config(password=[secret]', n=1)"],
    ['Config { password: Some("abc"), n: 1 }', 'Config { password: [secret]"), n: 1 }'],
    // maps
    ["Map(2) { 'password' => 'a b', 'n' => 1 }", "Map(2) { 'password' => '[secret]', 'n' => 1 }"],
    ['{"password"=>"abc", "token"=>5, "n"=>1}', '{"password"=>"[secret]", "token"=>[secret], "n"=>1}'],
    // columns and colours
    ['Password    : abc\nName        : x', 'Password    : [secret]\nName        : x'],
    ["{ n: 1, password: \x1b[32m'a b'\x1b[39m }", "{ n: 1, password: \x1b[32m'[secret]'\x1b[39m }"],
    ['a \x1b[35mpassword\x1b[39m: "abc"', 'a \x1b[35mpassword\x1b[39m: "[secret]"'],
    [
      '\x1b[34;1m"token"\x1b[0m\x1b[1;39m:\x1b[0m 5\x1b[1;39m,',
      '\x1b[34;1m"token"\x1b[0m\x1b[1;39m:\x1b[0m [secret]\x1b[1;39m,',
    ],
    ['a \x1b[36mtoken=\x1b[39mabc b', 'a \x1b[36mtoken=\x1b[39m[secret] b'],
    ['Token: \x1b[Kabc\nnext ]', 'Token: \x1b[K[secret]\nnext ]'],
  ])('%j', (input, expected) => {
    expect(redactor.text(input)).toBe(expected)
    expect(redactor.text(expected)).toBe(expected)
  })

  it.each([
    'token == null, token => 1, token::x',
    'password: null, session: undefined',
    'no token here; https://token.example/token?x=1',
    'passwords=1 mytoken=2 tokens: 3',
    '?password=&token=#',
    'ab=cd: ef',
    '',
  ])('%j stays', (input) => {
    expect(redactor.text(input)).toBe(input)
  })

  it('a known value is told by its label', () => {
    expect(redactor.text(`password=${VALUE}&token=x${VALUE}`)).toBe('password=[secret:db]&token=[secret:db]')
    expect(redactor.find(`token=abc ${VALUE}`)).toEqual([
      { label: '', form: 'property', start: 6, end: 9 },
      { label: 'db', form: 'raw', start: 10, end: 25 },
    ])
  })

  it('a value that only begins under the name is masked whole', () => {
    const { text } = createRedactor({ properties: ['token'], secrets: { k: 'abc&def+ghi-jkl' } })
    expect(text('?token=abc&def+ghi-jkl&b=1')).toBe('?token=[secret:k]&b=1')
  })

  it('nothing but known values is masked without names', () => {
    const { text } = createRedactor({ secrets: { db: VALUE } })
    expect(text('Authorization: x\n?password=abc')).toBe('Authorization: x\n?password=abc')
  })
})

describe('in JSON', () => {
  it.each([
    [{ url: '/cb?access_token=abc&x=1' }, { url: '/cb?access_token=[secret]&x=1' }],
    [
      { raw: 'GET /\r\nAuthorization: Bearer "a" b\r\nHost: x' },
      { raw: 'GET /\r\nAuthorization: [secret]\r\nHost: x' },
    ],
    [{ html: '<a href="/x?token=abc">' }, { html: '<a href="/x?token=[secret]">' }],
    [{ inner: '{"password":"a\\\\b","n":1}' }, { inner: '{"password":"[secret]","n":1}' }],
    [
      { headers: { Cookie: { session: 'abc' }, Authorization: ['Bearer x', 'Bearer y'], Host: 'h' }, tail: 'kept' },
      { headers: { Cookie: '[secret]', Authorization: '[secret]', Host: 'h' }, tail: 'kept' },
    ],
    [
      { list: ['a', { token: 1, n: 2 }], password: null, b: true },
      { list: ['a', { token: '[secret]', n: 2 }], password: null, b: true },
    ],
    // lists of names and values
    [
      { raw: ['host', 'h', 'authorization', 'Bearer x'], odd: ['host', 'authorization', 'x'], even: ['authorization'] },
      { raw: ['host', 'h', 'authorization', '[secret]'], odd: ['host', 'authorization', 'x'], even: ['authorization'] },
    ],
    [
      {
        entries: [
          ['host', 'h'],
          ['authorization', 'Bearer x'],
          ['X-API-KEY', 5],
          ['token', null],
          ['token', ['a']],
        ],
      },
      {
        entries: [
          ['host', 'h'],
          ['authorization', '[secret]'],
          ['X-API-KEY', '[secret]'],
          ['token', null],
          ['token', '[secret]'],
        ],
      },
    ],
    [
      [
        { name: 'authorization', value: 'x' },
        { value: { a: ['b'] }, key: 'pass\u0077ord' },
        { name: 'token', value: null },
        { name: 'a', value: 'b' },
        { name: '', key: 'token', value: 'x' },
        { key: 'a', name: 'token', value: 'x' },
        { name: null, key: 'token', value: 'x' },
      ],
      [
        { name: 'authorization', value: '[secret]' },
        { value: '[secret]', key: 'pass\u0077ord' },
        { name: 'token', value: null },
        { name: 'a', value: 'b' },
        { name: '', key: 'token', value: '[secret]' },
        { key: 'a', name: 'token', value: '[secret]' },
        { name: null, key: 'token', value: '[secret]' },
      ],
    ],
    [
      { token: { password: 'a', list: ['session', 'b'] }, list: ['password', ['session', 'b']] },
      { token: '[secret]', list: ['password', '[secret]'] },
    ],
    // paths
    [
      { 'http.request.header.authorization': ['Bearer x'], 'user.password': 'x', 'user[token]': 1, 'a.b': 'c' },
      {
        'http.request.header.authorization': '[secret]',
        'user.password': '[secret]',
        'user[token]': '[secret]',
        'a.b': 'c',
      },
    ],
  ])('%j keeps its shape', (input, expected) => {
    for (const space of [0, 2]) expect(JSON.parse(redactor.json(JSON.stringify(input, null, space)))).toEqual(expected)
    expect(redactor.value(input)).toEqual(expected)
  })

  it('the value of a pair stays masked where `value` is itself a sensitive name', () => {
    const { json, value } = createRedactor({ properties: ['value'] })
    const pair = { name: 'a', value: ['b'] }
    expect(value(pair)).toEqual({ name: 'a', value: '[secret]' })
    expect(json(JSON.stringify(pair))).toBe('{"name":"a","value":"[secret]"}')
  })

  it('masks as in a structure, whatever is in lists of names and values', () => {
    const name = fc.constantFrom('token', 'password', 'a', 'name', 'key', 'value', 'x.token')
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(name, fc.constantFrom(null, 1, true), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 5 }),
      object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }))
    fc.assert(
      fc.property(value, (input) => {
        const masked: unknown = redactor.value(input)
        expect(JSON.parse(redactor.json(JSON.stringify(input)))).toEqual(masked)
      }),
      { numRuns: 500 },
    )
  })

  it('stays JSON, whatever stands in it', () => {
    const pieces = fc.constantFrom(
      'token',
      'password',
      '=',
      ':',
      ' ',
      '"',
      "'",
      '\\',
      '\n',
      '&',
      '?',
      '[',
      '}',
      'ab',
      ';',
      '%3D',
    )
    const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.integer())), (value) => {
        const redacted = redactor.json(JSON.stringify(value))
        expect(Object.keys(JSON.parse(redacted) as object)).toHaveLength(Object.keys(value).length)
      }),
    )
  })
})

describe('a stream', () => {
  const lines = 'GET /cb?access_token=abc&x=1\nAuthorization: Bearer a b\nplain hunter2-long-pw\nsession=abc; theme=x'
  const further = [
    'password="-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----"\nnext\n',
    '{\n  "token": [\n    "abc",\n    "def"\n  ],\n  "n": 1\n}\n',
    "-H 'x-api-key: abc\ndef' -v\n",
    'token: "never closed\nnext\n',
    'token: [never closed\nnext\n',
    '10%\rtoken: abc\r20%\r\nAuthorization: Bearer a\r\nHost: x\r\n',
    // the end of the line may be the beginning of a known value
    'token=hunter\nnext\n',
    '\ntoken=hunter2-long\n\n-pw\n',
  ].map((text) => [text, redactor.text(text)])

  it.each([1, 2, 3, 7, 100])('masks in pieces of %i what text masks', (size) => {
    for (const [text, expected] of [[lines, redactor.text(lines)], ...further]) {
      const { push, end } = redactor.chunks<string>()
      let output = ''
      for (let at = 0; at < text!.length; at += size) output += push(text!.slice(at, at + size))
      expect(output + (end() ?? '')).toBe(expected)
    }
  })

  it.each(further)('%j is masked line by line', (text, expected) => {
    const { push, end } = redactor.chunks<string>()
    const output = text!.split(/(?<=[\r\n])/).map(push)
    expect(output.join('') + (end() ?? '')).toBe(expected)
  })

  it('gives what text gives, whatever stands in the lines', () => {
    const words =
      'token password Cookie x hunter2-long-pw hunter -H = : => " \' ` \\ [ ] { } & ? %3D \x1b[32m \\n ab null 5 , ; é'.split(
        ' ',
      )
    const piece = fc.constantFrom(...words, ' ', '\n', '\r', '\r\n', ': "')
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 8 }), (pieces) => {
        const texts = pieces.map((parts) => parts.join(''))
        const { push, end } = redactor.chunks<string>()
        const output = texts.map(push).join('')
        expect(output + (end() ?? '')).toBe(redactor.text(texts.join('')))
      }),
      { numRuns: 1_000 },
    )
  })

  it('a progress bar is released as it is drawn', () => {
    expect(redactor.chunks<string>().push('\r10% \r20% \r')).toBe('\r10% \r20% \r')
  })

  it('a line that comes in many pieces is not searched again for each', () => {
    const { push } = redactor.chunks<string>()
    let length = 0
    // a quadratic way takes minutes here
    for (let count = 0; count < 200_000; count++) length += push('token="x" ').length
    expect(length).toBeGreaterThan(200_000)
  })

  it('does not wait for ever for what closes a value', () => {
    for (const open of ['"', '[']) {
      const { push } = redactor.chunks<string>()
      const output = [`token: ${open}abc\n`, ...Array<string>(200).fill(`${'x'.repeat(99)}\n`)].map(push)
      expect(output[0]).toBe('')
      expect(output.join('')).toMatch(/^token: "?\[secret\]/)
      expect(output.at(-1)).not.toBe('')
    }
  })

  it('waits for the end of a line only where names are given, and not for ever', () => {
    expect(redactor.chunks<string>().push('a plain line without an end ')).toBe('')
    expect(
      createRedactor({ secrets: { db: VALUE } })
        .chunks<string>()
        .push('plain, no end '),
    ).toBe('plain, no end ')
    expect(redactor.chunks<string>().push('x'.repeat(70_000)).length).toBeGreaterThan(60_000)
  })
})

describe('keep', () => {
  const { text, value, json, add, weak } = createRedactor({
    properties: ['session', '*token*'],
    secrets: { db: 'production', doc: '{"env":"production","key":"hunter2-long-pw"}' },
    keep: ['production', 'anonymous', '42'],
  })

  it('is never masked, neither as a value nor under a name nor as a part of another', () => {
    expect(text('production ?token=anonymous&session=abc')).toBe('production ?token=anonymous&session=[secret]')
    expect(value({ session: 'anonymous', max_tokens: 42, token: 43, env: 'production' })).toEqual({
      session: 'anonymous',
      max_tokens: 42,
      token: '[secret]',
      env: 'production',
    })
    expect(JSON.parse(json('{"session":"anonymous","tokens":42,"token":{"a":1}}'))).toEqual({
      session: 'anonymous',
      tokens: 42,
      token: '[secret]',
    })
    expect(text('key hunter2-long-pw')).toBe('key [secret:doc]')
  })

  it('is told as common', () => {
    expect(weak.get('db')).toBe('common')
    expect(add('other', ' production ')).toBe('common')
  })

  it.each(['production', [1], null])('%j is refused', (keep) => {
    expect(() => createRedactor({ keep: keep as never })).toThrow(refused)
  })
})

it('the ready list holds names in one spelling each', () => {
  const { value } = createRedactor({ properties: sensitiveProperties })
  expect(value({ accessToken: 'a', 'X-Api-Key': 'b', client_secret: 'c', name: 'd' })).toEqual({
    accessToken: '[secret]',
    'X-Api-Key': '[secret]',
    client_secret: '[secret]',
    name: 'd',
  })
})

describe('the ready list', () => {
  const { value } = createRedactor({ properties: sensitiveProperties })
  const isMasked = (name: string): boolean => value({ [name]: 'zz-9' })[name] === '[secret]'

  it.each(
    `newPassword currentPassword confirmPassword password_confirmation dbPassword DB_PASSWORD passwd pwd pass passcode passphrase pin
    authToken auth_token bearerToken sessionToken apiToken csrfToken _csrf x-access-token x-vault-token private-token id_token
    secretAccessKey accessKey accountKey masterKey privateKey x-goog-api-key API_KEY signingKey encryptionKey connectionString
    webhookSecret clientSecret otp sig signature x-amz-signature connect.sid set-cookie proxy-authorization user.password
    http.request.header.authorization credentials sessionId jwt`.split(/\s+/),
  )('has %s', (name) => {
    expect(isMasked(name)).toBe(true)
  })

  it.each([
    'max_tokens',
    'tokenizer',
    'passwordResetUrl',
    'secretary',
    'key',
    'id',
    'session_length',
    'compass',
    'design',
    'pinned',
  ])('has not %s', (name) => {
    expect(isMasked(name)).toBe(false)
  })

  it('is printed in the docs', async () => {
    const docs = await readFile(new URL('../../docs/REDACTION.md', import.meta.url), 'utf8')
    for (const name of sensitiveProperties) expect(docs).toContain(`\`${name}\``)
  })
})

it.each([
  ['separators', '='.repeat(200_000)],
  ['names', 'token='.repeat(40_000)],
  ['long names', `${'a'.repeat(127)}=`.repeat(2_000)],
  ['open quotes', 'token: "'.repeat(20_000)],
  ['backslashes', `token=${'\\'.repeat(200_000)}`],
  ['punctuation', `token=${','.repeat(200_000)}x`],
  ['encoded separators', 'a%3D'.repeat(50_000)],
  ['open brackets', 'token: ['.repeat(20_000)],
  ['spaces', `token:${' '.repeat(200_000)}x`],
  ['half a scheme', 'token: bearer '.repeat(15_000)],
  ['names in quotes', "{'token': x,".repeat(80_000)],
  ['names in escaped quotes', '{\\"token\\": x,'.repeat(80_000)],
])(
  'of %s a long text is read once, not again for each name',
  (_, text) => {
    // a quadratic way takes minutes here
    expect(redactor.text(text).length).toBeLessThan(2 * text.length)
  },
  20_000,
)

it('of quotes in ever deeper strings the rest is not read again for each: one is looked for 65,536 characters on', () => {
  const quoted = (length: number): string => `token="${'x\n'.repeat(length / 2)}" end`
  expect(redactor.text(quoted(65_536))).toBe('token="[secret]" end')
  expect(redactor.text(quoted(65_538))).toBe(quoted(65_538).replace('x', '[secret]'))
})

it.each(['token=[secret:db]', 'token: [secret]', '"token":"[secret:db]"', '?token=[secret:db]&x=1'])(
  'what was masked keeps its label: %s',
  (text) => {
    expect(redactor.text(text)).toBe(text)
  },
)

it('of names within names a long JSON text is read once', () => {
  const depth = 100_000
  expect(redactor.json(`${'{"token":'.repeat(depth)}1${'}'.repeat(depth)}`)).toBe('{"token":"[secret]"}')
})

it('a long name is read once', () => {
  const name = `${'a'.repeat(300_000)}.`
  expect(redactor.value({ [name]: 1 })).toEqual({ [name]: 1 })
})
