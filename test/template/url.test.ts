import { describe, expect, it } from 'vitest'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { errorOf, resolveAs, type Secrets } from './harness.ts'

const resolveUrl = (text: string, secrets: Secrets = {}) => resolveAs('url', text, secrets)
const refused = (text: string, secrets: Secrets) => errorOf(() => resolveUrl(text, secrets))
const locationsOf = (template: unknown) =>
  compile(template, 'url', DEFAULT_SYNTAX).references.map(({ location }) => location)

describe('a reference in a URL', () => {
  it.each([
    ['https://h/{{ secrets.a }}', ['path']],
    ['https://h/x?k={{ secrets.a }}', ['query']],
    ['https://h/x#{{ secrets.a }}', ['query']],
    ['https://h?{{ secrets.a }}/{{ secrets.b }}', ['query', 'query']],
    ['https://{{ secrets.a }}/{{ secrets.b }}?{{ secrets.c }}', ['host', 'path', 'query']],
    ['https://{{ secrets.a }}.example.com:{{ secrets.b }}/', ['host', 'host']],
    ['https://{{ secrets.a }}:{{ secrets.b }}@{{ secrets.c }}/', ['auth', 'auth', 'host']],
    ['https://u@{{ secrets.a }}@h/', ['auth']],
    ['https:{{ secrets.a }}/', ['host']],
    ['https:\\/{{ secrets.a }}\\\\{{ secrets.b }}', ['host', 'path']],
    ['HTTPS:////{{ secrets.a }}', ['host']],
    ['//{{ secrets.a }}/{{ secrets.b }}', ['host', 'path']],
    ['/\\\\{{ secrets.a }}', ['host']],
    ['///{{ secrets.a }}', ['host']],
    ['/{{ secrets.a }}', ['path']],
    ['x/{{ secrets.a }}', ['path']],
    ['?{{ secrets.a }}', ['query']],
    ['postgres://u:{{ secrets.a }}@{{ secrets.b }}:5432/{{ secrets.c }}', ['auth', 'host', 'path']],
    ['file:///{{ secrets.a }}', ['path']],
    ['file:/{{ secrets.a }}', ['path']],
    ['mailto:{{ secrets.a }}?subject={{ secrets.b }}', ['path', 'query']],
    ['{{ secrets.a }}', ['host']],
    ['{{ secrets.a }}/x/{{ secrets.b }}?{{ secrets.c }}', ['host', 'path', 'query']],
    ['{{ secrets.a }}{{ secrets.b }}', ['host', 'path']],
    ['https://[{{ secrets.a }}]:{{ secrets.b }}/', ['host', 'host']],
  ])('%s stands at %j', (text, locations) => {
    expect(locationsOf(text)).toEqual(locations)
  })

  it('is percent-encoded so that the parser gives it back, and the literal parts are left alone', () => {
    const a = 'a/b?c#d&e=f%20 +ä\\@:\t\n'
    const text = resolveUrl(
      'https://u:{{ secrets.a }}@h/%41/ä/{{ secrets.a }}/x?k=1%20&q={{ secrets.a }}#{{secrets.a}}',
      {
        a,
      },
    )
    expect(text.startsWith('https://u:')).toBe(true)
    expect(text).toContain('@h/%41/ä/')
    expect(text).toContain('?k=1%20&q=')
    const url = new URL(text)
    expect(decodeURIComponent(url.password)).toBe(a)
    expect(decodeURIComponent(url.pathname.split('/')[3]!)).toBe(a)
    expect(url.searchParams.get('q')).toBe(a)
    expect(decodeURIComponent(url.hash.slice(1))).toBe(a)
  })

  it('may be empty where that leads nowhere else', () => {
    expect(resolveUrl('https://h/{{ secrets.a }}/x?{{ secrets.a }}', { a: '' })).toBe('https://h//x?')
    expect(refused('/{{ secrets.a }}/evil.example/', { a: '' })).toMatchObject({
      code: 'ERR_UNSAFE_URL_VALUE',
      tag: 'a',
    })
  })
})

describe('a path segment', () => {
  it.each([
    ['https://h/{{ secrets.a }}', '.'],
    ['https://h/{{ secrets.a }}', '..'],
    ['https://h/x/{{ secrets.a }}/y', '..'],
    ['https://h/{{ secrets.a }}?q', '..'],
    ['https://h/{{ secrets.a }}#q', '.'],
    ['https://h/.{{ secrets.a }}/y', '.'],
    ['https://h/%2e{{ secrets.a }}/y', '.'],
    ['https://h/{{ secrets.a }}%2E/y', '.'],
    ['https://h/{{ secrets.a }}{{ secrets.a }}/y', '.'],
    ['https://h\\\\{{ secrets.a }}\\y', '..'],
    ['/{{ secrets.a }}', '..'],
    ['{{ secrets.a }}', '..'],
    ['x/{{ secrets.a | urlencode }}', '..'],
    ['x/{{ secrets.a | trim }}', ' .. '],
  ])('%s is refused with %j', (text, value) => {
    expect(refused(text, { a: value })).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a', path: '' })
  })

  it('may hold dots among other characters, and be what it likes under raw', () => {
    expect(resolveUrl('https://h/{{ secrets.a }}/y', { a: '...' })).toBe('https://h/.../y')
    expect(resolveUrl('https://h/v{{ secrets.a }}/y', { a: '..' })).toBe('https://h/v../y')
    expect(resolveUrl('https://h/{{ secrets.a }}', { a: '..%2f' })).toBe('https://h/..%252f')
    expect(resolveUrl('https://h/a/{{ secrets.a | raw }}', { a: '..' })).toBe('https://h/a/..')
    expect(resolveUrl('https://h/x?{{ secrets.a }}', { a: '..' })).toBe('https://h/x?..')
  })
})

describe('a host', () => {
  it.each([
    ['https://{{ secrets.a }}/', 'api.example.com', 'https://api.example.com/'],
    ['https://{{ secrets.a }}/', 'API.Example.com', 'https://API.Example.com/'],
    ['https://{{ secrets.a }}/', 'h:8443', 'https://h:8443/'],
    ['https://{{ secrets.a }}', 'h:443', 'https://h:443'],
    ['https://{{ secrets.a }}/', '127.0.0.1', 'https://127.0.0.1/'],
    ['https://{{ secrets.a }}/', '[::1]:80', 'https://[::1]:80/'],
    ['https://[{{ secrets.a }}]/', '::1', 'https://[::1]/'],
    ['https://{{ secrets.a }}:8443/', 'h', 'https://h:8443/'],
    ['https://h:{{ secrets.a }}/', '443', 'https://h:443/'],
    ['https://{{ secrets.a }}.example.com/', 'eu-1', 'https://eu-1.example.com/'],
    ['https://api.{{ secrets.a }}/', 'example.com:8443', 'https://api.example.com:8443/'],
    ['https://{{ secrets.a }}/', 'example.com.', 'https://example.com./'],
    ['https://u:p@{{ secrets.a }}/', 'h', 'https://u:p@h/'],
    ['//{{ secrets.a }}/', 'h', '//h/'],
    ['redis://{{ secrets.a }}/0', 'Cache.internal:6379', 'redis://Cache.internal:6379/0'],
  ])('%s may be %s', (text, value, expected) => {
    expect(resolveUrl(text, { a: value })).toBe(expected)
  })

  it.each([
    ['https://{{ secrets.a }}/', 'api.example.com@evil.com'],
    ['https://{{ secrets.a }}/', 'evil.com/'],
    ['https://{{ secrets.a }}/', 'evil.com#'],
    ['https://{{ secrets.a }}/', 'evil.com\\'],
    ['https://{{ secrets.a }}/', ''],
    ['https://{{ secrets.a }}/', 'a b'],
    ['https://{{ secrets.a }}/', 'bücher.example'],
    ['https://{{ secrets.a }}/', 'ｅvil.com'],
    ['https://{{ secrets.a }}/', '%65vil.com'],
    ['https://{{ secrets.a }}/', '127.1'],
    ['https://{{ secrets.a }}/', '0x7f000001'],
    ['https://{{ secrets.a }}/', '[::0001]'],
    ['https://{{ secrets.a }}/', 'h:99999'],
    ['https://{{ secrets.a }}/', 'h:'],
    // a host of which the parser of Node 24 makes itself
    ['https://{{ secrets.a }}/', URL.canParse('https://xn--a/') ? '\u00ad' : 'xn--a'],
    ['https://{{ secrets.a }}:8443/', 'h:1'],
    ['https://{{ secrets.a }}.example.com/', 'evil.com/.'],
    ['https://{{ secrets.a }}.example.com/', 'h:1'],
    ['https://h:{{ secrets.a }}/', '80@evil.com'],
    ['https://h:{{ secrets.a }}/', 'x'],
    ['https://[{{ secrets.a }}]/', 'h]'],
    ['https://[{{ secrets.a }}]/', 'zz'],
    ['https://{{ secrets.a | raw }}/', 'evil.com/x'],
    ['https://{{ secrets.a | urlencode }}/', 'a/b'],
  ])('%s may not be %j', (text, value) => {
    const error = refused(text, { a: value })
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
    if (value !== '') expect(`${error.message}${JSON.stringify({ ...error, stack: '' })}`).not.toContain(`${value}"`)
  })

  it('that its author wrote in another form than ASCII holds no reference', () => {
    for (const text of ['https://bücher.{{ secrets.a }}/', 'https://%61.{{ secrets.a }}/']) {
      expect(errorOf(() => compile(text, 'url', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    }
    expect(resolveUrl('https://bücher.example/{{ secrets.a }}', { a: 'x' })).toBe('https://bücher.example/x')
  })
})

describe('a user name', () => {
  it('holds no colon, which would move into the password', () => {
    expect(refused('https://{{ secrets.a }}:x@h/', { a: 'u:v' })).toMatchObject({
      code: 'ERR_UNSAFE_HEADER_VALUE',
      tag: 'a',
    })
    expect(refused('https://{{ secrets.a }}@h/', { a: 'u:v' }).code).toBe('ERR_UNSAFE_HEADER_VALUE')
    expect(resolveUrl('https://u:{{ secrets.a }}@h/', { a: 'p:w' })).toBe('https://u:p%3Aw@h/')
    expect(resolveUrl('https://{{ secrets.a | raw }}@h/', { a: 'u:v' })).toBe('https://u:v@h/')
  })

  it('cannot lead elsewhere, not even raw', () => {
    expect(refused('https://{{ secrets.a | raw }}@h/', { a: 'evil.com/' })).toMatchObject({
      code: 'ERR_UNSAFE_URL_VALUE',
      tag: 'a',
    })
    expect(resolveUrl('https://{{ secrets.a }}@h/', { a: 'evil.com/' })).toBe('https://evil.com%2F@h/')
  })
})

describe('a whole URL, or its beginning', () => {
  it.each(['https://hooks.example/T0/x?y=1&z=2#f', 'http://u:p@h:8080', 'HTTPS://h'])('may be %s', (value) => {
    expect(resolveUrl('{{ secrets.a }}', { a: value })).toBe(value)
  })

  it.each([
    '',
    'x',
    '/x',
    '//h/x',
    'https:h',
    'https:/h',
    'ftp:h',
    'file:///etc/passwd',
    'https://',
    ' https://h/',
    'https://h/\n',
    'https://h/a b',
    'http://[x]/',
  ])('may not be %j', (value) => {
    expect(refused('{{ secrets.a }}', { a: value })).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
  })

  const others = [
    'postgres://u:p@db.acme.dev/x',
    'mongodb://u:p@h1,h2/db',
    'jdbc:postgresql://h/db',
    'redis:///0',
    'mailto:a@b',
  ]
  it.each(others)('may be of another scheme where nothing is requested: %s', (value) => {
    expect(resolveUrl('{{ secrets.a }}', { a: value })).toBe(value)
    const error = errorOf(() => resolveAs('request', { url: '{{ secrets.a }}' }, { a: value }))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
  })

  it('may be of a web socket in a request', () => {
    const value = 'wss://h/socket'
    expect(resolveAs('request', { url: '{{ secrets.a }}' }, { a: value })).toEqual({ url: value })
  })

  it('is followed by a path, a query or a fragment', () => {
    expect(resolveUrl('{{ secrets.a }}/v1/{{ secrets.b }}', { a: 'https://h', b: 'x/y' })).toBe('https://h/v1/x%2Fy')
    expect(resolveUrl('{{ secrets.a }}?k={{ secrets.b }}', { a: 'https://h/p', b: '&' })).toBe('https://h/p?k=%26')
    expect(resolveUrl('{{ secrets.a }}v1', { a: 'https://h/api/' })).toBe('https://h/api/v1')
    expect(resolveUrl('{{ secrets.a }}{{ secrets.b }}', { a: 'https://h/', b: 'x/y' })).toBe('https://h/x%2Fy')
  })

  it.each([
    ['{{ secrets.a }}.evil.com/', 'https://h'],
    ['{{ secrets.a }}@evil.com/', 'https://h'],
    ['{{ secrets.a }}:1/', 'https://h'],
    ['{{ secrets.a }}{{ secrets.a }}', 'https://h'],
    ['{{ secrets.a }}/x', 'https://h?x='],
    ['{{ secrets.a }}/x', 'https://h#'],
    ['{{ secrets.a }}/x', 'h'],
    ['{{ secrets.a }}\\\\x', 'https://h'],
  ])('%s is refused with %s', (text, value) => {
    expect(refused(text, { a: value })).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
  })
})

describe('URLs in a list or an object', () => {
  it('are URLs each of its own', () => {
    const template = { a: ['https://h/{{ secrets.a }}', new URL('https://h/{{ secrets.a }}'), 7], b: 'https://h/' }
    const result = resolveAs('url', template, { a: 'x y' })
    expect(result.a.map(String)).toEqual(['https://h/x%20y', 'https://h/x%20y', '7'])
    expect(result.b).toBe('https://h/')
  })
})

describe('the last lock', () => {
  it.each([
    ['/{{ secrets.a | raw }}', '/evil.com'],
    ['/{{ secrets.a | raw }}', '\\evil.com'],
    ['x{{ secrets.a | raw }}//evil.com', ':'],
    ['https://{{ secrets.a | raw }}@h/', 'x@evil.com?'],
  ])('%s cannot lead elsewhere with %j', (text, value) => {
    expect(refused(text, { a: value })).toMatchObject({ code: 'ERR_UNSAFE_URL_VALUE', tag: 'a' })
  })

  it('holds although a reference is kept', () => {
    const keep = { onMissing: 'keep' } as const
    const kept = (text: string, secrets: Secrets) => resolveAs('url', text, secrets, keep)
    const text = 'https://{{ secrets.h }}/{{ secrets.a }}/{{ secrets.b }}'
    expect(kept(text, { a: 'x y' })).toBe('https://{{ secrets.h }}/x%20y/{{ secrets.b }}')
    expect(kept('{{ secrets.h }}x', {})).toBe('{{ secrets.h }}x')
    for (const same of [
      'https://h:{{ secrets.p }}/',
      'https://[{{ secrets.p }}]/',
      '{{ secrets.p }}',
      '{{ secrets.p }}/x',
    ]) {
      expect(kept(same, {})).toBe(same)
    }
    const unsafe = expect.objectContaining({ code: 'ERR_UNSAFE_URL_VALUE' })
    expect(() => kept(text, { a: '..' })).toThrow(unsafe)
    const moved = 'https://{{ secrets.u | raw }}@{{ secrets.h }}/'
    expect(() => kept(moved, { u: 'evil.example/' })).toThrow(unsafe)
    expect(() =>
      resolveAs('url', new URL('https://{{secrets.u|raw}}@{{secrets.h}}/'), { u: 'evil.example/' }, keep),
    ).toThrow(unsafe)
    expect(kept(moved, { u: 'x:y' })).toBe('https://x:y@{{ secrets.h }}/')
  })
})

describe('the text of a URL', () => {
  it.each([
    'https://h/\t{{ secrets.a }}',
    'ht\ntps://{{ secrets.a }}',
    ' https://h/{{ secrets.a }}',
    'https://h/{{ secrets.a }} ',
  ])('holds nothing that the URL parser would drop: %j', (text) => {
    expect(errorOf(() => compile(text, 'url', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
  })

  it('must be a URL once it holds references', () => {
    expect(errorOf(() => compile('https://[x/{{ secrets.a }}', 'url', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    expect(resolveUrl(' no \t url at all')).toBe(' no \t url at all')
    expect(resolveUrl('https://h/a b/{{ secrets.a }}', { a: 'x' })).toBe('https://h/a b/x')
    expect(resolveUrl('https://h/\\{{ secrets.a }}')).toBe('https://h/{{ secrets.a }}')
  })
})

describe('a URL instance', () => {
  const resolveInstance = (href: string, secrets: Secrets) => resolveAs('url', new URL(href), secrets)

  it('has its references found in their percent-encoded form', () => {
    const a = 'a/b c&"'
    const url = resolveInstance(
      'https://u:{{ secrets.a }}@h/x/{{ secrets.a }}?q=<< secrets.a | trim >>#{{ secrets.a }}',
      { a },
    )
    expect(url).toBeInstanceOf(URL)
    expect(url.hostname).toBe('h')
    expect(decodeURIComponent(url.password)).toBe(a)
    expect(decodeURIComponent(url.pathname)).toBe(`/x/${a}`)
    expect(url.searchParams.get('q')).toBe(a)
    expect(decodeURIComponent(url.hash)).toBe(`#${a}`)
  })

  it('knows the plus that URLSearchParams writes for a space', () => {
    const url = new URL('https://h/a+b')
    url.searchParams.set('x+y', '1 + 2')
    url.searchParams.set('k', '{{ secrets.a }}')
    const result = resolveAs('url', url, { a: 'v' })
    expect(result.href).toBe('https://h/a+b?x%2By=1+%2B+2&k=v')
    expect(url.searchParams.get('k')).toBe('{{ secrets.a }}')
  })

  it('may hold one in its host', () => {
    expect(resolveInstance('https://{{secrets.h}}/', { h: 'example.com' }).href).toBe('https://example.com/')
    expect(locationsOf(new URL('https://{{secrets.h}}/{{ secrets.a }}'))).toEqual(['host', 'path'])
  })

  it('points into its href', () => {
    const [first, second] = compile(
      new URL('https://h/ä {{ secrets.a }}?{{secrets.b}}'),
      'url',
      DEFAULT_SYNTAX,
    ).references
    const { href } = new URL('https://h/ä {{ secrets.a }}?{{secrets.b}}')
    expect(href.slice(first!.index).startsWith('%7B%7B%20secrets.a')).toBe(true)
    expect(href.slice(second!.index).startsWith('{{secrets.b}}')).toBe(true)
  })

  it('keeps a reference in the form it has there', () => {
    const url = new URL('https://h/{{ secrets.a }}?{{ secrets.b }}')
    expect(resolveAs('url', url, { b: 'x' }, { onMissing: 'keep' }).href).toBe(
      'https://h/%7B%7B%20secrets.a%20%7D%7D?x',
    )
  })

  it('is the same object without references, and another one with an escape', () => {
    const plain = new URL('https://h/{{ user }}?secrets.a')
    expect(resolveAs('url', plain, {})).toBe(plain)
    expect(resolveInstance('https://h/?\\{{ secrets.a }}', {}).href).toBe(new URL('https://h/?{{ secrets.a }}').href)
  })

  it('is a URL wherever it stands', () => {
    const template = { next: new URL('https://h/{{ secrets.a }}') }
    expect(resolveAs('value', template, { a: 'x/y' }).next.href).toBe('https://h/x%2Fy')
  })

  it('has faults like any text', () => {
    expect(errorOf(() => compile(new URL('https://h/x/{{ secrets.a b }}'), 'url', DEFAULT_SYNTAX))).toMatchObject({
      code: 'ERR_MALFORMED_REFERENCE',
      index: 12,
    })
    expect(
      errorOf(() => compile({ method: new URL('https://h/{{ secrets.a }}') }, 'request', DEFAULT_SYNTAX)).code,
    ).toBe('ERR_INVALID_INPUT')
    expect(
      errorOf(() => compile({ httpVersion: new URL('https://h/{{ secrets.a }}') }, 'request', DEFAULT_SYNTAX)).code,
    ).toBe('ERR_REFERENCE_IN_KEY')
  })
})

describe('a URL of another scheme than those of the web', () => {
  const secrets = { pw: 'p@ss:/?#%w{}', host: 'db.acme.dev', at: 'x@evil/' }
  const written = 'p%40ss%3A%2F%3F%23%25w%7B%7D'
  it.each([
    ['mongodb://app:<< secrets.pw >>@h1:1,h2:2/db?rs=r', `mongodb://app:${written}@h1:1,h2:2/db?rs=r`],
    ['postgresql://u:<< secrets.pw >>@/db?host=/cloudsql/p:r:i', `postgresql://u:${written}@/db?host=/cloudsql/p:r:i`],
    ['mysql://u:<< secrets.pw >>@tcp(127.0.0.1:3306)/db', `mysql://u:${written}@tcp(127.0.0.1:3306)/db`],
    ['postgres://u@<< secrets.host >>:5432/db', 'postgres://u@db.acme.dev:5432/db'],
    ['amqp://h/%2f<< secrets.pw >>', `amqp://h/%2f${written}`],
  ])('is read as it is written: %s', (text, expected) => {
    expect(resolveUrl(text, secrets)).toBe(expected)
  })

  it('is held to its host, also by a value that nothing encodes', () => {
    for (const text of ['mongodb://u:<< secrets.at | raw >>@h1,h2/db', 'mongodb://u@<< secrets.at >>,h2/db']) {
      expect(refused(text, secrets).code).toBe('ERR_UNSAFE_URL_VALUE')
    }
  })
})

describe('a tag of another engine in a URL', () => {
  it.each([
    'https://{{ vars.host }}/x?k=<< secrets.a >>',
    'https://api.{{ vars.region }}.acme.dev/<< secrets.a >>',
    'https://h:{{ vars.port }}/<< secrets.a >>',
    'https://<< vars.host >>/<< secrets.a >>',
    '{{ baseUrl }}/<< secrets.a >>',
    '${BASE}/<< secrets.a >>',
    '{{ vars.scheme }}://h/<< secrets.a >>',
    'https://<< secrets.a >>.{{ vars.zone }}/',
  ])('stays as it is: %s', (text) => {
    expect(resolveUrl(text, { a: 'x' })).toBe(text.replace('<< secrets.a >>', 'x'))
    expect(resolveAs('request', { url: text }, { a: 'x' })).toEqual({ url: text.replace('<< secrets.a >>', 'x') })
  })

  it('does not let a value choose the host', () => {
    expect(refused('https://<< secrets.a | raw >>@{{ vars.host }}/', { a: 'evil/' }).code).toBe('ERR_UNSAFE_URL_VALUE')
  })
})
