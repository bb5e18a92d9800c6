import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FetchLike, type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import type { ReferenceLocation } from '../../src/location.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import { backstage, failure, thrown } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+'
const A = '<< secrets.a >>'

const EVERYWHERE: readonly ReferenceLocation[] = ['header', 'host', 'path', 'query', 'auth', 'body']

interface Call {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: unknown
}

/** A vault with one secret, and a network whose answers are written down: each URL gives a redirect or a page. */
async function stage(
  redirects: Record<string, [status: number, location: string]>,
  allow?: AllowRule,
  options: VaultFetchOptions = {},
) {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE, ...(allow && { allow }) })
  await vault.create({ tag: 'free', value: 'free-0123456789' })
  await vault.create({ tag: 'svc', type: 'basicAuth', value: { username: 'Aladdin', password: 'open sesame' } })
  const calls: Call[] = []
  const network: FetchLike = async (input, init) => {
    const request = new Request(input, init)
    const headers = Object.fromEntries(request.headers)
    calls.push({ url: request.url, method: request.method, headers, body: await request.text() })
    const redirect = redirects[String(input)]
    if (redirect === undefined) return new Response('page')
    return new Response(null, { status: redirect[0], headers: { location: redirect[1] } })
  }
  return { vault, calls, network, send: vaultFetch(vault, { fetch: network, in: EVERYWHERE, ...options }) }
}

describe('vaultFetch', () => {
  it('listens to a signal of many requests less often than Node takes for a leak', async () => {
    const { send } = await stage({}, undefined, { fetch: async () => new Response('page') })
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const init = { headers: { Authorization: `Bearer ${A}` }, signal }
    await Promise.all(Array.from({ length: 20 }, () => send('https://h.example/', init)))
    expect(added.mock.calls.length).toBeLessThan(10)
  })

  it('gives back what a made-up fetch answers with a status and headers, and nothing else that a Response has', async () => {
    const answer = { status: 200, headers: new Headers({ 'x-a': '1' }), json: async () => ({ ok: true }) }
    const { send } = await stage({}, undefined, { fetch: async () => answer })
    expect(await send('https://h.example/', { headers: { Authorization: `Bearer ${A}` } })).toBe(answer)
  })

  it('passes on headers that an iterator gave, which gives them once', async () => {
    const { send, calls } = await stage({})
    const headers = new Map([['x-plain', '1']]).entries() as never
    await send('https://h.example/', { method: 'POST', headers, body: 'text' })
    expect(calls).toMatchObject([{ method: 'POST', headers: { 'x-plain': '1' }, body: 'text' }])
  })

  it('sends what fetch would send, with the secrets in it', async () => {
    const { send, calls } = await stage({})
    const init = {
      method: 'post',
      headers: { Authorization: `Bearer ${A}`, 'content-type': 'application/json' },
      body: `{"key":"${A}","quote":"\\"${A}\\""}`,
    }
    const frozen = JSON.stringify(init)
    const response = await send(`https://h.example/<< secrets.free >>?k=${A}`, init)
    expect(await response.text()).toBe('page')
    expect(calls).toMatchObject([
      {
        url: 'https://h.example/free-0123456789?k=v-0123456789%2F%2B',
        method: 'POST',
        headers: { authorization: `Bearer ${VALUE}`, 'content-type': 'application/json' },
        body: JSON.stringify({ key: VALUE, quote: `"${VALUE}"` }),
      },
    ])
    expect(JSON.stringify(init)).toBe(frozen)
    // the response does not tell what the URL held
    expect(response.url).toBe('https://h.example/[secret:free]?k=[secret:a]')
    expect(inspect(response)).not.toContain('free-0123456789')
  })

  it('takes a URL, a Request, Headers, pairs and forms', async () => {
    const { send, calls } = await stage({})
    await send(new URL('https://h.example/'), { headers: new Headers({ x: A }) })
    const request = new Request('https://h.example/', { method: 'PUT', headers: { x: A }, body: 'plain' })
    await send(request, { headers: [['y', A]] })
    await send(new Request('https://h.example/', { headers: { x: A } }))
    await send('https://h.example/', { method: 'POST', body: new URLSearchParams({ k: A }) })
    const form = new FormData()
    form.append('k', A)
    form.append('f', new File(['file'], 'name.txt'))
    await send('https://h.example/', { method: 'POST', body: form })
    expect(calls).toMatchObject([
      { url: 'https://h.example/', headers: { x: VALUE } },
      { url: 'https://h.example/', method: 'PUT', headers: { y: VALUE }, body: 'plain' },
      { url: 'https://h.example/', method: 'GET', headers: { x: VALUE } },
      { method: 'POST', body: 'k=v-0123456789%2F%2B' },
      { method: 'POST' },
    ])
    expect(calls.at(-1)!.body).toContain(VALUE)
    expect(calls.at(-1)!.body).toContain('filename="name.txt"')
  })

  it.each([
    [201, '/items/7'],
    [302, '/items/7'],
    [303, 'https://other.example/'],
    [302, 'https://['],
  ])('gives the answer to a relative URL: %i, location %s', async (status, location) => {
    // a browser, a service worker and `fetch: app.request` take one, and the request is sent by then
    const answer = new Response(null, { status, headers: { location } })
    const { send } = await stage({}, undefined, { fetch: async () => answer })
    expect(await send('/items', { method: 'POST', redirect: 'manual' })).toBe(answer)
  })

  it('leaves a URL alone that the answer to a relative one has named', async () => {
    const named = 'https://h.example/?next={{secrets.a}}'
    const asked: unknown[] = []
    const network = async (url: unknown): Promise<Response> => {
      asked.push(url)
      return new Response(null, { status: 302, headers: { location: named } })
    }
    const { send } = await stage({}, undefined, { fetch: network })
    await send('/items', { redirect: 'manual' })
    await send(named, { redirect: 'manual' })
    expect(asked).toEqual(['/items', named])
  })

  it('what a URL, a Request or a form has encoded correctly stays text', async () => {
    const { send, calls } = await stage({})
    const url = new URL('https://h.example/')
    url.searchParams.set('q', A)
    const sent = { headers: { x: A } }
    await send(url, sent)
    await send(new Request(url, sent))
    await send(url.href, sent)
    await send('https://h.example/', { method: 'POST', body: new URLSearchParams({ k: A }).toString(), ...sent })
    for (const call of calls.slice(0, 3)) expect(call.url).toBe(url.href)
    expect(calls[3]!.body).toBe('k=%3C%3C+secrets.a+%3E%3E')
    expect(calls.map(({ headers }) => headers['x'])).toEqual([VALUE, VALUE, VALUE, VALUE])
  })

  it('sends userinfo as basic auth, which fetch itself refuses', async () => {
    const { send, calls } = await stage({})
    await send('https://<< secrets.svc.username >>:<< secrets.svc.password >>@h.example/')
    await send('https://<< secrets.svc.username >>:x@h.example/', { headers: { authorization: A } })
    expect(calls).toMatchObject([
      { url: 'https://h.example/', headers: { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' } },
      { url: 'https://h.example/', headers: { authorization: VALUE } },
    ])
  })

  it('refuses the line end of a paste in userinfo, which nobody would see in Base64', async () => {
    const { vault, send, calls } = await stage({})
    await vault.create({ tag: 'pasted', value: 'open-sesame-1\n' })
    const error = await failure(send('https://bob:<< secrets.pasted >>@h.example/'))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 'pasted', path: 'url' })
    expect(calls).toEqual([])
  })

  it('hands a request without references straight to fetch', async () => {
    const { send, calls } = await stage({ 'https://h.example/': [302, 'https://other.example/'] })
    const response = await send('https://h.example/', { headers: { Authorization: 'Bearer x' } })
    expect(response.status).toBe(302)
    expect(calls).toHaveLength(1)
  })

  it('rejects as resolveRequest does, before anything is sent', async () => {
    const { send, calls } = await stage({}, { hosts: ['h.example'] })
    expect(await failure(send('https://evil.example/', { headers: { A } }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    expect(await failure(send('https://h.example/', { headers: { A: '<< secrets.gone >>' } }))).toMatchObject({
      code: 'ERR_MISSING_SECRETS',
    })
    expect(calls).toEqual([])
  })

  it('needs a vault of the same copy of the package', async () => {
    const { vault } = await stage({})
    expect(thrown(() => vaultFetch({ ...vault }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('a redirect', () => {
  const FROM = 'https://one.example/'

  it('within the origin keeps everything, and the response says that it was redirected', async () => {
    const { send, calls } = await stage({ [FROM]: [307, '/next'] })
    const response = await send(FROM, { method: 'POST', headers: { 'x-key': A }, body: A })
    expect(calls[1]).toMatchObject({ url: `${FROM}next`, method: 'POST', headers: { 'x-key': VALUE }, body: VALUE })
    expect(response.redirected).toBe(true)
  })

  it('to another origin drops every header with a secret, custom ones too, and what belongs to the origin', async () => {
    const { send, calls } = await stage({ [FROM]: [302, 'https://two.example/'] })
    const headers = { 'x-key': A, cookie: 'a=b', authorization: 'Bearer literal', accept: 'text/plain' }
    await send(FROM, { headers })
    expect(calls[1]!.headers).toMatchObject({ accept: 'text/plain' })
    for (const name of ['x-key', 'cookie', 'authorization']) expect(calls[1]!.headers).not.toHaveProperty(name)
  })

  it('to another host that the rule names keeps the header', async () => {
    const allow = { hosts: ['one.example', 'two.example'] }
    const { send, calls } = await stage(
      { [FROM]: [302, 'https://two.example/x'], 'https://two.example/x': [302, 'https://three.example/'] },
      allow,
    )
    await send(FROM, { headers: { Authorization: `Bearer ${A}`, 'x-free': '<< secrets.free >>' } })
    expect(calls[1]!.headers).toMatchObject({ authorization: `Bearer ${VALUE}` })
    expect(calls[1]!.headers).not.toHaveProperty('x-free')
    expect(calls[2]!.headers).not.toHaveProperty('authorization')
  })

  it('that changes the method is held against the methods of the rule', async () => {
    const { send, calls } = await stage({ [FROM]: [303, '/next'] }, { methods: ['POST'] })
    await send(FROM, { method: 'POST', headers: { 'x-key': A, 'content-type': 'text/plain' }, body: A })
    expect(calls[1]).toMatchObject({ method: 'GET', body: '' })
    expect(calls[1]!.headers).not.toHaveProperty('x-key')
    expect(calls[1]!.headers).not.toHaveProperty('content-type')
  })

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ])('with %i turns %s into %s', async (status, method, next) => {
    const { send, calls } = await stage({ [FROM]: [status, '/next'] })
    await send(FROM, { method, headers: { 'x-key': A } })
    expect(calls[1]!.method).toBe(next)
  })

  it.each([307, 308])('with %i does not carry a secret in its body to another origin', async (status) => {
    const { send, calls } = await stage({ [FROM]: [status, 'https://two.example/'] })
    const error = await failure(send(FROM, { method: 'POST', body: `k=${A}` }))
    expect(error).toMatchObject({ code: 'ERR_REDIRECT_DENIED', tag: 'a' })
    expect(calls).toHaveLength(1)
    // a body without a secret goes along, as with fetch
    await send(FROM, { method: 'POST', body: 'plain', headers: { 'x-key': A } })
    expect(calls.at(-1)).toMatchObject({ url: 'https://two.example/', body: 'plain' })
  })

  it('carries a secret in its body where the rule names the host', async () => {
    const allow = { hosts: ['one.example', 'two.example'], in: ['body' as const] }
    const { send, calls } = await stage({ [FROM]: [307, 'https://two.example/'] }, allow)
    await send(FROM, { method: 'POST', body: A })
    expect(calls[1]!.body).toBe(VALUE)
  })

  it.each([
    'https://two.example/?k=v-0123456789%2F%2B',
    'https://two.example/v-0123456789/+',
    'https://v-0123456789%2F%2B@two.example/',
  ])('into whose URL the server wrote a secret is refused at another origin: %s', async (location) => {
    const { send, calls } = await stage({ [FROM]: [302, location] })
    expect(await failure(send(FROM, { headers: { 'x-key': A } }))).toMatchObject({
      code: 'ERR_REDIRECT_DENIED',
      tag: 'a',
    })
    expect(calls).toHaveLength(1)
  })

  it('may keep a secret in its query within the origin, unless the rule says otherwise', async () => {
    const location: [number, string] = [302, '/?k=v-0123456789%2F%2B']
    const { send, calls } = await stage({ [FROM]: location })
    await send(FROM, { headers: { 'x-key': A } })
    expect(calls).toHaveLength(2)
    const bound = await stage({ [FROM]: location }, { hosts: ['one.example'], in: ['header'] })
    expect(await failure(bound.send(FROM, { headers: { 'x-key': A } }))).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
  })

  it.each([
    ['http://one.example/', 'from https to http'],
    ['ftp://one.example/', 'another scheme'],
    ['https://[', 'an invalid URL'],
  ])('to %s is refused', async (location, why) => {
    const { send } = await stage({ [FROM]: [302, location] })
    const error = await failure(send(FROM, { headers: { A } }))
    expect(error.code).toBe('ERR_REDIRECT_DENIED')
    expect(error.message).toContain(why)
  })

  it('of a streamed body is refused, since it cannot be sent again', async () => {
    const { send } = await stage({ [FROM]: [307, '/next'] })
    const body = new Blob(['x']).stream()
    const init = { method: 'POST', headers: { A }, body, duplex: 'half' } as RequestInit
    expect(await failure(send(FROM, init))).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
  })

  it('keeps the fragment, and ends after twenty hops', async () => {
    const { send, calls } = await stage({ [`${FROM}#f`]: [302, '/next'], [`${FROM}next#f`]: [302, '/next'] })
    expect(await failure(send(`${FROM}#f`, { headers: { A } }))).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
    expect(calls).toHaveLength(21)
  })

  it('is not followed where the caller said so', async () => {
    const { send, calls } = await stage({ [FROM]: [302, '/next'] })
    expect((await send(FROM, { headers: { A }, redirect: 'manual' })).status).toBe(302)
    expect(calls).toHaveLength(1)
  })

  it('that the runtime hides is refused, as in browsers', async () => {
    const { vault } = await stage({})
    const opaque = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })
    const send = vaultFetch(vault, { in: EVERYWHERE, fetch: async () => opaque })
    expect(await failure(send(FROM, { headers: { A } }))).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
  })
})

describe('an error of fetch', () => {
  it('comes back without plaintext, with its class', async () => {
    const { vault } = await stage({})
    const send = vaultFetch(vault, {
      in: EVERYWHERE,
      fetch: async (input, init) => {
        const headers = JSON.stringify(Object.fromEntries(new Headers(init?.headers)))
        throw new TypeError(`fetch failed: ${input} ${headers}`, { cause: new Error(`invalid ${headers}`) })
      },
    })
    const error = await send(`https://h.example/?k=${A}`, { headers: { A } }).catch((reason) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(inspect(error, { depth: 9 })).not.toContain('v-0123456789')
    expect(error.message).toContain('[secret:a]')
  })

  it('is the caller’s own reason when he aborts', async () => {
    const { vault } = await stage({})
    const reason = { mine: true }
    const controller = new AbortController()
    const send = vaultFetch(vault, {
      in: EVERYWHERE,
      fetch: async () => {
        controller.abort(reason)
        throw reason
      },
    })
    const error = await send('https://h.example/', { headers: { A }, signal: controller.signal }).catch(
      (thrown) => thrown,
    )
    expect(error).toBe(reason)
  })
})

describe('on a real server', () => {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = []
  const handler = (port: () => number) =>
    createServer((request, response) => {
      seen.push({ url: request.url!, headers: request.headers })
      if (request.url === '/away') response.writeHead(302, { location: `http://localhost:${port()}/there` })
      response.end('ok')
    })
  const portOf = (server: ReturnType<typeof createServer>) => (server.address() as AddressInfo).port
  const other = handler(() => 0)
  const server = handler(() => portOf(other))
  beforeAll(() =>
    Promise.all([server, other].map((each) => new Promise<void>((done) => each.listen(0, 'localhost', done)))),
  )
  afterAll(() => {
    server.close()
    other.close()
  })

  it('follows the platform’s own redirects hop by hop', async () => {
    const { vault } = await stage({})
    const response = await vaultFetch(vault, { in: EVERYWHERE })(`http://localhost:${portOf(server)}/away`, {
      headers: { 'x-key': A },
    })
    expect(await response.text()).toBe('ok')
    expect(seen.map(({ url, headers }) => [url, headers['x-key']])).toEqual([
      ['/away', VALUE],
      ['/there', undefined],
    ])
    expect(response.redirected).toBe(true)
  })

  it('says nothing of the value when nobody listens', async () => {
    const { vault } = await stage({})
    const error = await vaultFetch(vault, { in: EVERYWHERE })(`http://localhost:1/${A}`, {
      headers: { 'x-key': A },
    }).catch((reason) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('v-0123456789')
  })
})

describe('what a review found', () => {
  const FROM = 'https://one.example/'

  it('a URL that is not absolute is refused without repeating it', async () => {
    const { send } = await stage({})
    for (const url of [`/api?k=${A}`, `api/${A}`]) {
      const error = await failure(send(url))
      expect(error.code).toBe('ERR_INVALID_INPUT')
      expect(inspect(error, { depth: 9 })).not.toContain('v-0123456789')
    }
    // a percent sign of the author's in the userinfo is not an error of a foreign parser
    expect((await send('https://%zz:<< secrets.svc.password >>@h.example/')).status).toBe(200)
  })

  it('a secret in a redirect is found under each of its tags, in any case, and when it is short', async () => {
    for (const location of [
      'https://evil.example/?k=shared-0123456789',
      'https://shared-0123456789.evil.example/',
      'https://evil.example/x482913y',
      'https://evil.example/?k=SHARED-0123456789',
    ]) {
      const { vault, send } = await stage({ [FROM]: [302, location] })
      await vault.create({ tag: 'one', value: 'Shared-0123456789' })
      await vault.create({ tag: 'two', value: 'Shared-0123456789', allow: { hosts: ['one.example'] } })
      await vault.create({ tag: 'pin', value: '482913' })
      await vault.resolve('<< secrets.one >>')
      const headers = { x: '<< secrets.two >> << secrets.pin >>' }
      expect(await failure(send(FROM, { headers }))).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
    }
  })

  it('another tenant’s value is not masked in an error, which would confirm a guess', async () => {
    const { vault } = await stage({})
    await vault.with({ workspace: 'b' }).create({ tag: 'bsecret', value: 'value-of-tenant-b' })
    await vault.with({ workspace: 'b' }).resolve('<< secrets.bsecret >>')
    const send = vaultFetch(vault.with({ actor: { id: 'ann' } }), {
      in: EVERYWHERE,
      fetch: async () => {
        throw new TypeError(`value-of-tenant-b ${VALUE}`)
      },
    })
    const error = await send(FROM, { headers: { A } }).catch((reason) => reason)
    expect(error.message).toBe('value-of-tenant-b [secret:a]')
  })

  it('a secret that fetch would not send, or would send as a referrer on every hop, is refused', async () => {
    const { send, calls } = await stage({})
    for (const stray of [
      { referrer: `https://h/?t=${A}` },
      { params: { k: A } },
      { json: { k: A } },
      { data: `x ${A}` },
    ]) {
      expect(await failure(send(FROM, stray as never))).toMatchObject({ code: 'ERR_LOCATION_DENIED', tag: 'a' })
    }
    expect(calls).toEqual([])
  })

  it('a copy of the response tells the URL no more than the response does', async () => {
    const { send } = await stage({})
    const response = await send(`${FROM}?k=${A}`)
    expect(response.clone().clone().url).toBe(`${FROM}?k=[secret:a]`)
    expect(await response.clone().text()).toBe('page')
  })

  it('takes the references that the author wrote', async () => {
    const { vault, network, calls } = await stage({})
    const stored = { url: FROM, method: 'POST', headers: { 'X-Key': A }, body: 'note' }
    const authored = vault.references(stored, { as: 'request' })
    const send = vaultFetch(vault, { fetch: network, authored })
    await send(stored.url, stored)
    expect(calls[0]!.headers).toMatchObject({ 'x-key': VALUE })
    // text that was rendered into the body is text, and stops nobody
    await send(stored.url, { ...stored, body: `note << secrets.free >> ${A}` })
    expect(calls[1]!.body).toBe(`note << secrets.free >> ${A}`)
    const rendered = { ...stored, headers: { ...stored.headers, Authorization: '<< secrets.free >>' } }
    expect(await failure(send(FROM, rendered))).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE', tag: 'free' })
    expect(calls).toHaveLength(2)
  })

  it('only the three words themselves say what to do with redirects', async () => {
    const { send, calls } = await stage({ [FROM]: [302, 'https://evil.example/'] })
    for (const redirect of [['follow'], 'FOLLOW', 1, Object('follow')]) {
      const error = await failure(send(FROM, { headers: { A }, redirect } as never))
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
    expect(calls).toEqual([])
  })

  it('headers are what the platform makes of them, and what is secret in them is known', async () => {
    const { send, calls } = await stage({ [FROM]: [302, 'https://evil.example/'] })
    for (const headers of [{ 'X-Key': [A] }, new Map([['X-Key', A]]), [['X-Key', [A]]]]) {
      await send(FROM, { headers } as never)
      expect(calls.at(-2)!.headers).toMatchObject({ 'x-key': VALUE })
      expect(calls.at(-1)!.headers).not.toHaveProperty('x-key')
    }
    calls.length = 0
    for (const headers of [['X-Key', A], [{ name: 'X-Key', value: A }]]) {
      await expect(send(FROM, { headers } as never)).rejects.toBeInstanceOf(TypeError)
    }
    expect(calls).toEqual([])
  })

  it('what filters wrote is found in a redirect', async () => {
    const twice = [...VALUE].map((each) => each.charCodeAt(0).toString(16)).join('')
    const written = [...twice].map((each) => each.charCodeAt(0).toString(16)).join('')
    const echo = await stage({ [`${FROM}?k=${written}`]: [302, `https://evil.example/?k=${written}`] })
    expect(await failure(echo.send(`${FROM}?k=<< secrets.a | hex | hex >>`))).toMatchObject({
      code: 'ERR_REDIRECT_DENIED',
    })
  })
})
