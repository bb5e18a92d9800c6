import { describe, expect, it } from 'vitest'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { destinationOf } from '../../src/template/destination.ts'
import { render } from '../../src/template/render.ts'
import { lint } from '../../src/template.ts'
import { errorOf, lookupIn, resolveAs, type Secrets } from './harness.ts'

const plan = (template: unknown) => compile(template, 'request', DEFAULT_SYNTAX)
const placesOf = (template: unknown) => plan(template).references.map(({ path, location }) => `${path}=${location}`)
const destination = (template: unknown, secrets: Secrets = {}) => {
  const found = destinationOf(plan(template), lookupIn(secrets))
  return found && `${found.method} ${found.url.href}`
}
const R = '{{ secrets.a }}'

describe('a request', () => {
  it('knows where each of its members goes', () => {
    const template = {
      url: `https://h/${R}?${R}`,
      method: 'POST',
      headers: { A: R },
      params: { p: R, q: { r: [R] } },
      searchParams: `x=${R}`,
      auth: { username: R, password: R },
      username: R,
      password: R,
      data: { d: [R] },
      form: { f: R },
      json: R,
      timeout: 5,
      proxy: { host: R },
    }
    expect(placesOf(template)).toEqual([
      'url=path',
      'url=query',
      'headers.A=header',
      'params.p=query',
      'params.q.r[0]=query',
      'searchParams=query',
      'auth.username=auth',
      'auth.password=auth',
      'username=auth',
      'password=auth',
      'data.d[0]=body',
      'form.f=body',
      'json=body',
      'proxy.host=value',
    ])
    const a = 'x y&z'
    expect(resolveAs('request', template, { a })).toEqual({
      url: 'https://h/x%20y%26z?x%20y%26z',
      method: 'POST',
      headers: { A: a },
      params: { p: a, q: { r: [a] } },
      searchParams: 'x=x%20y%26z',
      auth: { username: a, password: a },
      username: a,
      password: a,
      data: { d: [a] },
      form: { f: a },
      json: a,
      timeout: 5,
      proxy: { host: a },
    })
  })

  it.each(['query', 'params', 'searchParams', 'qs'])(
    'encodes %s as text, and leaves its objects to the client',
    (key) => {
      const secrets = { a: 'x &' }
      expect(resolveAs('request', { [key]: `k=${R}` }, secrets)).toEqual({ [key]: 'k=x%20%26' })
      expect(resolveAs('request', { [key]: { k: R } }, secrets)).toEqual({ [key]: { k: 'x &' } })
      expect(resolveAs('request', { [key]: [['k', R]] }, secrets)).toEqual({ [key]: [['k', 'x &']] })
      expect(resolveAs('request', { [key]: ['x', R] }, secrets)).toEqual({ [key]: ['x', 'x &'] })
      const params = resolveAs('request', { [key]: new URLSearchParams({ k: R }) }, secrets)
      expect(String(params[key])).toBe('k=x+%26')
      expect(errorOf(() => plan({ [key]: [[R, '1']] })).code).toBe('ERR_REFERENCE_IN_KEY')
      expect(errorOf(() => plan({ [key]: [{ name: R, value: '1' }] })).code).toBe('ERR_REFERENCE_IN_KEY')
      expect(errorOf(() => plan({ [key]: { [R]: '1' } })).code).toBe('ERR_REFERENCE_IN_KEY')
    },
  )

  it('takes a form as text, as an object, and as pairs', () => {
    const secrets = { a: 'x &' }
    expect(resolveAs('request', { form: `k=${R}` }, secrets)).toEqual({ form: 'k=x%20%26' })
    expect(resolveAs('request', { form: { k: R } }, secrets)).toEqual({ form: { k: 'x &' } })
  })

  const json = 'application/json'
  it.each([
    [{ 'Content-Type': json }],
    [{ 'content-type': [`${json}; charset=utf-8`] }],
    [{ A: '1', ' CONTENT-TYPE ': 'Application/Vnd.api+JSON ; x' }],
    [[['content-type', json]]],
    [[[1], null, ['a', 'b'], ['content-type', json]]],
    [['a', 'b', 'content-type', json]],
    [[{ name: 'Content-Type', value: json }]],
    [[{ key: 'Content-Type', value: json }]],
    [new Headers({ 'content-type': json })],
    [new Map([['Content-Type', json]])],
  ])('reads the content type of a text body from %j', (headers) => {
    const result = resolveAs('request', { headers, body: `{"a":"${R}"}` }, { a: '"' }) as { body: string }
    expect(JSON.parse(result.body)).toEqual({ a: '"' })
    expect(placesOf({ headers, data: `{"a":"${R}"}` })).toEqual(['data=body'])
  })

  it('takes two content types that mean different texts for that of neither', () => {
    const [form, xml] = ['application/x-www-form-urlencoded', 'text/xml']
    const bodyWith = (headers: unknown) => resolveAs('request', { headers, body: `{"a":"${R}"}` }, { a: '"' })
    for (const other of [form, xml, 'text/plain']) {
      for (const headers of [
        { 'content-type': json, 'Content-Type': other },
        { 'content-type': other, 'Content-Type': json },
        { 'content-type': `${json};, ${other}` },
        { 'content-type': `${json}; a="b", ${other}` },
      ]) {
        expect(bodyWith(headers)).toEqual({ headers, body: '{"a":"""}' })
      }
    }
    for (const headers of [
      { 'content-type': json, 'Content-Type': `${json}; charset=utf-8` },
      { 'content-type': `${json}; profile="a, b"` },
      { post: { 'content-type': form }, 'Content-Type': json },
      { common: { 'Content-Type': form }, get: { 'Content-Type': 'application/vnd.api+json' } },
    ]) {
      expect(bodyWith(headers)).toEqual({ headers, body: '{"a":"\\""}' })
    }
  })

  it('takes a content type that is not known yet for none', () => {
    const template = { headers: { 'content-type': '[[ secrets.type ]]' }, body: 'k=[[ secrets.a ]]' }
    const found = lint(template, { as: 'request', delimiters: [['[[', ']]']] })
    expect(found.map(({ code, path }) => `${code} ${path}`)).toContain('WARN_BODY_KIND body')
  })

  it('sends a text body of any other content type as it is', () => {
    for (const headers of [undefined, null, 'x', {}, { 'content-type': 7 }, { 'content-type': 'text/plain' }, 7]) {
      expect(resolveAs('request', { headers, body: `<${R}>` }, { a: '"&' })).toEqual({ headers, body: '<"&>' })
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(resolveAs('request', { headers: form, body: `k=${R}` }, { a: '"&' })).toEqual({
      headers: form,
      body: 'k=%22%26',
    })
  })

  it('reads the headers once, also for what they say about the body', () => {
    let reads = 0
    const template = {
      get headers() {
        if (reads++ > 0) throw new Error('hunter2')
        return { 'content-type': 'application/json' }
      },
      body: `[${R}]`,
    }
    expect(resolveAs('request', template, { a: '"' }).body).toBe('["\\""]')
  })

  it.each(['method', 'httpVersion'])('never resolves %s', (key) => {
    expect(errorOf(() => plan({ url: 'https://h', [key]: R }))).toMatchObject({
      code: 'ERR_REFERENCE_IN_KEY',
      path: key,
    })
  })

  it('starts a path where undici starts it', () => {
    const config = { origin: 'https://h', path: `/x/${R}?${R}` }
    expect(placesOf(config)).toEqual(['path=path', 'path=query'])
    expect(resolveAs('request', config, { a: 'a/b' })).toEqual({ origin: 'https://h', path: '/x/a%2Fb?a%2Fb' })
    expect(placesOf({ path: `//${R}/` })).toEqual(['path=path'])
    expect(placesOf({ path: R })).toEqual(['path=path'])
    expect(resolveAs('request', { path: R }, { a: 'x/y' })).toEqual({ path: 'x%2Fy' })
    expect(errorOf(() => resolveAs('request', config, { a: '..' })).code).toBe('ERR_UNSAFE_URL_VALUE')
    expect(resolveAs('request', { path: ['a', R] }, { a: 'x/y' })).toEqual({ path: ['a', 'x/y'] })
  })

  it('refuses a user name with a colon, wherever user names stand', () => {
    const secrets = { a: 'x:y' }
    for (const template of [{ username: R }, { auth: { username: R } }, { auth: { user: `${R}` } }]) {
      expect(errorOf(() => resolveAs('request', template, secrets))).toMatchObject({
        code: 'ERR_UNSAFE_HEADER_VALUE',
        tag: 'a',
      })
    }
    expect(errorOf(() => resolveAs('request', { username: `a:${R}` }, { a: 'x' })).code).toBe('ERR_UNSAFE_HEADER_VALUE')
    expect(resolveAs('request', { username: '\\{{ secrets.a }}:' }, secrets)).toEqual({ username: '{{ secrets.a }}:' })
    expect(resolveAs('request', { auth: { password: R, x: R } }, secrets)).toEqual({
      auth: { password: 'x:y', x: 'x:y' },
    })
    expect(resolveAs('request', { auth: R }, secrets)).toEqual({ auth: 'x:y' })
    expect(resolveAs('request', { auth: [R] }, secrets)).toEqual({ auth: ['x:y'] })
  })

  it('may be a URL alone', () => {
    expect(resolveAs('request', `https://h/${R}`, { a: 'x y' })).toBe('https://h/x%20y')
    expect(resolveAs('request', new URL(`https://h/${R}`), { a: 'x y' }).href).toBe('https://h/x%20y')
    expect(destination(`https://h/${R}`)).toBe('GET https://h/')
    expect(destination(new URL(`https://h/${R}`))).toBe('GET https://h/')
  })

  it.each([[null], [undefined], [7], [[R]], [new Map()], [() => 1], [new Date()]])('is an object: %o', (template) => {
    expect(errorOf(() => plan(template)).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('the destination', () => {
  it.each([
    [{ url: 'https://API.example.com:443/x?y' }, 'GET https://api.example.com/'],
    [{ url: `https://u:p@h:8443/${R}?${R}`, method: 'post' }, 'POST https://h:8443/'],
    [{ uri: 'http://h', method: '' }, 'GET http://h/'],
    [{ url: new URL('https://h/x') }, 'GET https://h/'],
    [{ url: new URL(`https://h/${R}`) }, 'GET https://h/'],
    [{ baseURL: 'https://h/api', url: `/v1/${R}` }, 'GET https://h/'],
    [{ prefixUrl: 'https://h/api', url: 'v1' }, 'GET https://h/'],
    [{ prefixUrl: new URL('https://h/api') }, 'GET https://h/'],
    [{ origin: 'https://h', path: `/${R}`, method: 'PUT' }, 'PUT https://h/'],
    [{ baseURL: 'https://h:443', url: 'https://h/x' }, 'GET https://h/'],
    [{ baseURL: '/api', url: 'https://h/x' }, undefined],
    [{ url: 'https:\\\\h\\x' }, 'GET https://h/'],
    [{ url: 'redis://h:6379/0' }, 'GET redis://h:6379/'],
    [{ url: '/x' }, undefined],
    [{ url: 'https://[x' }, undefined],
    [{}, undefined],
    [{ baseURL: '/api', url: '/x' }, undefined],
    [{ host: 'h' }, undefined],
  ])('of %j is %j', (template, expected) => {
    expect(destination(template)).toBe(expected)
  })

  it('is known once the secrets in its host are', () => {
    const template = { url: `https://{{ secrets.h }}/${R}` }
    expect(destination(template)).toBeUndefined()
    expect(destination(template, { h: 'example.com:8443' })).toBe('GET https://example.com:8443/')
    expect(destination({ url: '{{ secrets.h }}' }, { h: 'https://example.com/secret?x' })).toBe(
      'GET https://example.com/',
    )
    expect(destination({ url: '{{ secrets.h }}/x' }, { h: 'https://example.com/secret' })).toBe(
      'GET https://example.com/',
    )
    expect(destination({ url: '{{ secrets.h.url }}' }, { h: { other: 'x' } })).toBeUndefined()
    expect(destination({ baseURL: '{{ secrets.h }}', url: '/x' }, {})).toBeUndefined()
    expect(destination({ url: new URL('https://{{secrets.h}}/') }, { h: 'example.com' })).toBe(
      'GET https://example.com/',
    )
  })

  it('asks for secrets in the host and for no others', () => {
    const asked: string[] = []
    const template = { url: `https://{{ secrets.h }}/${R}`, headers: { A: '{{ secrets.b }}' } }
    destinationOf(plan(template), (tag) => {
      asked.push(tag)
      return 'example.com'
    })
    expect(asked).toEqual(['h'])
    asked.length = 0
    const error = errorOf(() =>
      destinationOf(plan(template), (tag) => {
        asked.push(tag)
        return { name: 'x' }
      }),
    )
    expect(error).toMatchObject({ code: 'ERR_FIELD_REQUIRED', tag: 'h', fields: ['name'] })
    expect(new Set(asked)).toEqual(new Set(['h']))
  })

  it('refuses a value that is not a host', () => {
    expect(errorOf(() => destination({ url: 'https://{{ secrets.h }}/' }, { h: 'a@evil.com/' }))).toMatchObject({
      code: 'ERR_UNSAFE_URL_VALUE',
      tag: 'h',
      path: 'url',
    })
    expect(errorOf(() => destination({ url: '{{ secrets.h }}.evil.com' }, { h: 'https://x' })).code).toBe(
      'ERR_UNSAFE_URL_VALUE',
    )
  })

  it.each([
    [{ baseURL: 'https://a', url: 'https://b/x' }],
    [{ baseURL: 'https://a', url: 'http://a/x' }],
    [{ baseURL: 'https://a', url: 'https://a:8443/x' }],
    [{ baseURL: 'https://a', url: '//b/x' }],
    [{ baseURL: 'https://a', url: '\\\\b/x' }],
    [{ baseURL: 'https://a', url: 'https:b' }],
    [{ prefixUrl: 'https://a', baseURL: 'https://b' }],
    [{ url: 'https://a', uri: 'https://b' }],
    [{ origin: 'https://a', url: new URL('https://b') }],
  ])('is refused where clients could differ: %j', (template) => {
    expect(errorOf(() => destination(template))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('is that of a request only', () => {
    expect(destinationOf(compile('https://h/', 'url', DEFAULT_SYNTAX), () => '')).toBeUndefined()
  })

  it('needs a method that is text', () => {
    expect(errorOf(() => plan({ url: 'https://h', method: 7 }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      path: 'method',
    })
    expect(destination({ url: 'https://h', method: undefined })).toBe('GET https://h/')
  })
})

describe('a URL of a request', () => {
  it.each([
    ['a list', ['https://evil.example/']],
    ['an object of parts', { protocol: 'https:', hostname: 'evil.example' }],
    ['a number', 7],
    ['an instance of a class', new (class Place {})()],
  ])('that is %s makes its destination unreadable, whatever else is known', (_, url) => {
    for (const member of ['url', 'baseURL', 'origin']) {
      const config = { url: 'https://h/', [member]: url, headers: { a: R } }
      const error = expect.objectContaining({ code: 'ERR_INVALID_INPUT' })
      expect(() => destinationOf(plan(config), () => 'v', new URL('https://ok/'))).toThrow(error)
    }
  })

  it('that is relative goes where the fallback leads, and elsewhere where it says so', () => {
    const fallback = new URL('https://ok/')
    const of = (url: unknown) => destinationOf(plan({ url, headers: { a: R } }), () => undefined, fallback)?.url.origin
    expect(of('/x')).toBe('https://ok')
    expect(of(undefined)).toBe('https://ok')
    expect(of('//evil.example/x')).toBe('https://evil.example')
    expect(of(`https://${R}/`)).toBeUndefined()
  })

  it('that is an instance goes out as a copy, so that nobody can turn it after it was judged', () => {
    const url = new URL('https://h/')
    const config = { url, headers: { a: R } }
    const made = plan(config)
    url.host = 'evil.example'
    expect(String((render(made, () => 'v') as typeof config).url)).toBe('https://h/')
    const still = { url, headers: { a: 'x' } }
    expect(render(plan(still), () => 'v')).toBe(still)
  })
})
