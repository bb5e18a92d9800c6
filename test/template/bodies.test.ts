import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { lint } from '../../src/template/lint.ts'
import { errorOf, resolveAs } from './harness.ts'

const R = '<< secrets.a >>'
const QUOTES = 'say "hi"\n& <x> é'
const IN_JSON = 'say \\"hi\\"\\n& <x> é'
const IN_XML = 'say &quot;hi&quot;\n&amp; &lt;x&gt; é'

function bodyOf(type: string | undefined, body: string, value = QUOTES): unknown {
  const headers = type === undefined ? {} : { headers: { 'Content-Type': type } }
  return resolveAs('request', { url: 'https://h/', method: 'POST', ...headers, body }, { a: value }).body
}

/** A row of headers that says what the body is. */
const on = (value: string) => ({ name: 'Content-Type', value, enabled: true })
const off = (value: string) => ({ ...on(value), enabled: false })
/** As axios nests headers. */
const nested = (method: string, value: string) => ({
  common: { 'Content-Type': 'text/plain' },
  [method]: { 'Content-Type': value },
})

describe('a text body', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/json',
    'application/vnd.api+json',
    'application/problem+json;x=y',
    'application/x-amz-json-1.1',
    undefined,
  ])('is JSON by the type %s', (type) => {
    expect(bodyOf(type, `{"a":"${R}","b":[${R}]}`)).toBe(`{"a":"${IN_JSON}","b":["${IN_JSON}"]}`)
  })

  it.each(['application/x-ndjson', 'application/jsonl', 'application/x-jsonlines', 'application/json-seq'])(
    'is JSON line by line by the type %s',
    (type) => {
      expect(bodyOf(type, `{"index":{}}\n\x1e{"pw":"${R}"}\n`)).toBe(`{"index":{}}\n\x1e{"pw":"${IN_JSON}"}\n`)
    },
  )

  it.each(['text/xml', 'application/xml; charset=utf-8', 'application/soap+xml'])('is XML by the type %s', (type) => {
    expect(bodyOf(type, `<p a="${R}">${R}</p>`)).toBe(`<p a="${IN_XML}">${IN_XML}</p>`)
  })

  it('of XML has a CDATA section written as it is, unless the value ends it', () => {
    expect(bodyOf('text/xml', `<![CDATA[${R}]]>${R}`, '<&')).toBe('<![CDATA[<&]]>&lt;&amp;')
    expect(errorOf(() => bodyOf('text/xml', `<![CDATA[${R}]]>`, 'a]]>b')).code).toBe('ERR_INVALID_INPUT')
  })

  it.each(['<!-- <![CDATA[ -->', '<?x <![CDATA[ ?>', '<![CDATA[ <!-- ]]>'])(
    'of XML is not led out of its place by a section within another: %s',
    (marks) => {
      expect(bodyOf('text/xml', `<r>${marks}<a>${R}</a></r>`, '</a><admin/>')).toBe(
        `<r>${marks}<a>&lt;/a&gt;&lt;admin/&gt;</a></r>`,
      )
    },
  )

  it('of XML knows where a section ends that references stand in, and is read in linear time', () => {
    expect(bodyOf('text/xml', `<![CDATA[${R} ${R}]]><a>${R}</a><![CDATA[ ]]>${R}`, '<')).toBe(
      '<![CDATA[< <]]><a>&lt;</a><![CDATA[ ]]>&lt;',
    )
    expect(bodyOf('text/xml', `<a>${R}</a>`.repeat(50_000), '<')).toBe('<a>&lt;</a>'.repeat(50_000))
  })

  it.each([
    ['text/plain', `x ${R}`],
    ['multipart/form-data; boundary=X', `--X\r\n\r\n${R}\r\n--X--`],
    [undefined, `x ${R}`],
    [undefined, R],
    [undefined, `"${R}"`],
    [undefined, `{'a': '${R}'}`],
  ])('is written as it is by the type %s: %s', (type, body) => {
    expect(bodyOf(type, body)).toBe(body.replace(R, QUOTES))
  })

  it('has its type from headers of any shape', () => {
    const json = 'application/json'
    for (const headers of [
      [['content-type', json]],
      ['Content-Type', json],
      [`Content-Type: ${json}`],
      [{ name: 'content-type', value: json }],
      new Headers({ 'content-type': json }),
      { common: { Accept: 'x' }, post: { 'Content-Type': json } },
      Object.create({ 'Content-Type': json }),
    ]) {
      const request = { url: 'https://h/', method: 'POST', headers, data: `"${R}"` }
      expect(resolveAs('request', request, { a: '"' }).data).toBe('"\\""')
    }
  })

  it.each<[string, object, string]>([
    ['not one that is switched off', { headers: [off('text/plain'), on('application/json')] }, '\\"<'],
    ['not one that is disabled', { headers: [{ ...off('text/xml'), disabled: true }, on('application/json')] }, '\\"<'],
    ['only ones that are switched off', { headers: [off('application/json')] }, '"<'],
    ['that of the method', { headers: nested('post', 'application/json') }, '\\"<'],
    ['the common one', { headers: nested('put', 'application/json') }, '"<'],
    ['their own', { headers: { ...nested('post', 'text/plain'), 'content-type': 'text/xml' } }, '&quot;&lt;'],
    ['that of GET where there is no method', { headers: nested('get', 'text/xml'), method: undefined }, '&quot;&lt;'],
  ])('is of the type that is sent: %s', (_, config, written) => {
    const request = { url: 'https://h/', method: 'POST', body: `x"${R}"`, ...config }
    // with a type of JSON, the text around the reference has to be JSON
    const body = written.startsWith('\\') ? `"${R}"` : `x"${R}"`
    expect(resolveAs('request', { ...request, body }, { a: '"<' }).body).toBe(body.replace(R, written))
  })

  it('of which nothing says what it is gets a warning, and no other does', () => {
    const found = (config: object) =>
      lint({ url: 'https://h/', ...config }, 'request', DEFAULT_SYNTAX).findings.map(
        ({ code, path }) => `${code} ${path}`,
      )
    expect(found({ data: `a=${R}` })).toEqual(['WARN_BODY_KIND data'])
    expect(found({ data: `{"a":"${R}"}` })).toEqual([])
    expect(found({ data: `a=${R}`, headers: { 'content-type': 'text/plain' } })).toEqual([])
    expect(found({ data: 'nothing of ours' })).toEqual([])
    for (const type of ['{{ steps.a.type }}', R, 'application/json5', 'application/jsonc', 'application/x+jsonc; a=b'])
      expect(found({ body: `{a:'${R}'}`, headers: { 'content-type': type } })).toEqual(['WARN_BODY_KIND body'])
  })
})

describe('JSON text', () => {
  it('may have comments and trailing commas, in which a value ends nothing', () => {
    const text = `{\n  // 5" ${R}\n  "a": "${R}", /* ${R} " */ "url": "https://h//x",\n}`
    const resolved = resolveAs('json', text, { a: '*/ "x\n' })
    expect(resolved).toBe(
      '{\n  // 5" *\\/ \\"x\\n\n  "a": "*/ \\"x\\n", /* *\\/ \\"x\\n " */ "url": "https://h//x",\n}',
    )
  })

  it('is read in linear time, comments too', () => {
    const text = `[1${'/**/ '.repeat(200_000)},"${R}"]`
    expect(resolveAs('json', text, { a: '"' })).toBe(text.replace(R, '\\"'))
  })

  it.each([`{'a': '${R}'}`, `<${R}>`, `{"a": "${R}"`, `{"a": ${R} ${R}}`, `{"a": x${R}}`])(
    'is refused where it is none: %s',
    (text) => {
      expect(errorOf(() => compile(text, 'json', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    },
  )

  it.each([`{"a": {{ steps.x }}, "b": "${R}"}`, `{% if x %}"${R}"`, `{"n": \${n}, "b": "${R}"}`])(
    'may still wait for another engine: %s',
    (text) => {
      expect(resolveAs('json', text, { a: '"' })).toBe(text.replace(R, '\\"'))
    },
  )

  it('gives the value back to a parser, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const parsed = JSON.parse(resolveAs('json', `{"a":"x${R}","b":${R}}`, { a: value })) as object
        expect(parsed).toEqual({ a: `x${value}`, b: value })
      }),
    )
  })
})

describe('a cookie', () => {
  const cookie = (value: string, text = `sid=${R}; theme=dark`) => resolveAs('headers', { Cookie: text }, { a: value })
  it.each([';', ',', '"', '\\', ' ', '\t'])('is not ended by %j in a value', (character) => {
    expect(errorOf(() => cookie(`a${character}b`)).code).toBe('ERR_UNSAFE_HEADER_VALUE')
    expect(errorOf(() => resolveAs('headers', new Headers({ cookie: `x=${R}` }), { a: `a${character}b` })).code).toBe(
      'ERR_UNSAFE_HEADER_VALUE',
    )
  })

  it('takes any other value, and a whole header as it is', () => {
    expect(cookie('a=b%3B')).toEqual({ Cookie: 'sid=a=b%3B; theme=dark' })
    expect(cookie('a=1; b=2', R)).toEqual({ Cookie: 'a=1; b=2' })
    expect(resolveAs('headers', { Cookie: 'sid=<< secrets.a | urlencode >>' }, { a: 'a;b' })).toEqual({
      Cookie: 'sid=a%3Bb',
    })
  })
})

describe('lines', () => {
  it.each([
    ['env', ['DB=<< secrets.a >>', 'B=2', 'C'], ['DB=A', 'B=2', 'C']],
    ['headers', ['X-Key: << secrets.a >>', 'Accept: x'], ['X-Key: A', 'Accept: x']],
    ['headers', [':path', '/', 'X', R], [':path', '/', 'X', 'A']],
  ] as const)('of %s are read as names with values: %j', (as, template, expected) => {
    expect(resolveAs(as, template, { a: 'A' })).toEqual(expected)
  })

  it.each([
    ['env', [`${R}=x`, 'A=1']],
    ['env', ['A=1', R]],
    ['headers', ['A: x', `X-${R}: x`]],
    ['headers', [`Host: ${R}`]],
  ] as const)('hold no reference in a name: %s %j', (as, template) => {
    expect(errorOf(() => compile(template, as, DEFAULT_SYNTAX)).code).toBe('ERR_REFERENCE_IN_KEY')
  })
})

it('an entry that its client leaves out is left alone', () => {
  const off = { name: 'B', value: '<< secrets.nope >>', enabled: false }
  const disabled = { key: 'C', value: '<< secrets.nope >>', disabled: true }
  const result = resolveAs('headers', [{ name: 'A', value: R, enabled: true }, off, disabled], { a: 'A' })
  expect(result).toEqual([{ name: 'A', value: 'A', enabled: true }, off, disabled])
})

describe('credentials in one text', () => {
  const auth = (text: string, secrets: Record<string, string>) =>
    resolveAs('request', { url: 'https://h/', auth: text }, secrets).auth
  it('hold no colon in the user name that their author ended with one', () => {
    expect(auth(`${R}:x<< secrets.b >>`, { a: 'user', b: 'a:b' })).toBe('user:xa:b')
    expect(errorOf(() => auth(`${R}:<< secrets.b >>`, { a: 'a:b', b: 'c' })).code).toBe('ERR_UNSAFE_HEADER_VALUE')
    expect(auth(R, { a: 'user:password' })).toBe('user:password')
  })

  it('are a certificate, a key and its passphrase too', () => {
    const config = { url: 'https://h/', cert: R, key: R, passphrase: R, pfx: R }
    const locations = compile(config, 'request', DEFAULT_SYNTAX).references.map(({ location }) => location)
    expect(locations).toEqual(['auth', 'auth', 'auth', 'auth'])
  })
})
