/** The interceptor among those of undici, inside and outside. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent, type Dispatcher, interceptors } from 'undici'
import { describe, expect, it } from 'vitest'
import { type DispatchLike, vaultInterceptor } from '../../src/http/undici.ts'
import { backstage, failure } from '../vault/fixture.ts'
import { A, undiciStage, VALUE } from './undici-stage.ts'

const get = { path: '/', method: 'GET', headers: { authorization: A, 'x-api-key': A } } as const

/** With all its options: undici would read them from a polluted prototype too. */
function deduplicate() {
  return interceptors.deduplicate({
    methods: ['GET'],
    skipHeaderNames: [],
    excludeHeaderNames: [],
    maxBufferSize: 1_000,
  })
}

/** Two tenants with equal tags behind one dispatcher; who asks is known by the call that is running. */
async function tenants(answer: Parameters<typeof undiciStage>[0]) {
  const stage = await undiciStage(answer)
  const asking = new AsyncLocalStorage<'a' | 'b'>()
  const inner = { a: vaultInterceptor(stage.vault), b: vaultInterceptor(await otherVault()) }
  const byTenant = (dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] => {
    const dispatches = { a: inner.a(dispatch), b: inner.b(dispatch) }
    return (options, handler) => dispatches[asking.getStore()!](options, handler)
  }
  const ask = (dispatcher: Dispatcher, tenant: 'a' | 'b', method: 'GET' | 'HEAD' = 'GET') =>
    asking.run(tenant, async () => {
      const { headers, body } = await dispatcher.request({ ...get, method, origin: stage.origin })
      return `${await body.text()}${String(headers['x-for'] ?? '')}`
    })
  return { ...stage, byTenant, ask }
}

async function otherVault(options: Parameters<typeof backstage>[0] = {}) {
  const { vault } = backstage(options)
  await vault.create({ tag: 'a', value: 'w-9876543210/+' })
  return vault
}

/** What the server knows of who has asked, without the key itself, which comes back masked. */
function pageOf(authorization: string | undefined): string {
  return authorization === VALUE ? 'the page of a' : 'the page of b'
}

describe('a cache', () => {
  const cacheable = { 'cache-control': 'public, max-age=60', vary: 'authorization', etag: '"1"' }

  it.each(['memory', 'a stale entry'])('outside keeps no answer of one tenant for another (%s)', async (kind) => {
    const { arrived, byTenant, ask, closing } = await tenants((response, { headers }) => {
      const maxAge = kind === 'memory' ? 60 : 0
      const page = pageOf(headers.authorization)
      response.writeHead(200, { ...cacheable, 'cache-control': `public, max-age=${maxAge}`, 'x-for': page }).end(page)
    })
    const cache = interceptors.cache({ methods: ['GET', 'HEAD'] })
    const dispatcher = closing(new Agent().compose(byTenant, cache))
    expect(await ask(dispatcher, 'a')).toBe('the page of athe page of a')
    expect(await ask(dispatcher, 'b')).toBe('the page of bthe page of b')
    expect(await ask(dispatcher, 'a', 'HEAD')).toBe('the page of a')
    expect(await ask(dispatcher, 'b', 'HEAD')).toBe('the page of b')
    expect(arrived).toHaveLength(4)
  })

  it('inside serves each tenant its own', async () => {
    const { arrived, byTenant, ask, closing } = await tenants((response, { headers }) =>
      response.writeHead(200, cacheable).end(pageOf(headers.authorization)),
    )
    const dispatcher = closing(new Agent().compose(interceptors.cache({ methods: ['GET'] }), deduplicate(), byTenant))
    for (const tenant of ['a', 'b', 'a', 'b'] as const) {
      expect(await ask(dispatcher, tenant)).toBe(`the page of ${tenant}`)
    }
    expect(arrived).toHaveLength(2)
  })

  it('outside of the interceptor is undone for requests with secrets alone', async () => {
    const { origin, arrived, vault, closing } = await undiciStage((response) =>
      response.writeHead(200, cacheable).end('page'),
    )
    const dispatcher = closing(new Agent().compose(vaultInterceptor(vault), interceptors.cache({ methods: ['GET'] })))
    for (let turn = 0; turn < 2; turn++) {
      await (await dispatcher.request({ origin, path: '/plain', method: 'GET' })).body.dump()
    }
    expect(arrived).toHaveLength(1)
  })
})

describe('deduplicate', () => {
  it('outside is refused, before a secret is opened, with a retry between too', async () => {
    const { arrived, byTenant, ask, closing } = await tenants(undefined)
    for (const between of [[], [interceptors.retry()]]) {
      const dispatcher = closing(new Agent().compose([byTenant, ...between, deduplicate()]))
      const error = await failure(ask(dispatcher, 'a'))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
      expect(String(error)).toContain('compose(interceptors.deduplicate(), vaultInterceptor(vault))')
    }
    expect(arrived).toEqual([])
  })

  it('inside gives each of those who ask at once an answer of its own', async () => {
    const { byTenant, ask, closing } = await tenants((response, { headers }) =>
      setImmediate(() => response.end(pageOf(headers.authorization))),
    )
    const dispatcher = closing(new Agent().compose(deduplicate(), byTenant))
    const answers = await Promise.all((['a', 'b', 'a', 'b'] as const).map((tenant) => ask(dispatcher, tenant)))
    expect(answers).toEqual(['the page of a', 'the page of b', 'the page of a', 'the page of b'])
  })
})

describe('dns', () => {
  const lookup = ((_origin: unknown, _options: unknown, done: (error: null, found: object[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4, ttl: 1_000 }])) as never

  it('inside: the rule is held against the name that was asked for', async () => {
    const { origin, arrived, vault, closing } = await undiciStage()
    const named = `http://api.example.test:${new URL(origin).port}`
    await vault.update('a', { allow: { hosts: [named] } })
    const dispatcher = closing(new Agent().compose(interceptors.dns({ lookup }), vaultInterceptor(vault)))
    for (const headers of [get.headers, Object.entries(get.headers).flat(), new Map(Object.entries(get.headers))]) {
      await (await dispatcher.request({ ...get, origin: named, headers })).body.dump()
    }
    for (const { headers } of arrived) {
      expect(headers).toMatchObject({ authorization: VALUE, host: new URL(named).host })
    }
    expect(arrived).toHaveLength(3)
  })

  it.each([['http://api.example.test'], ['http://127.0.0.1'], [undefined]])(
    'outside is refused, whatever the rule says (%s)',
    async (host) => {
      const { origin, arrived, vault, closing } = await undiciStage()
      const { port } = new URL(origin)
      if (host !== undefined) await vault.update('a', { allow: { hosts: [`${host}:${port}`] } })
      const dispatcher = closing(new Agent().compose(vaultInterceptor(vault), interceptors.dns({ lookup })))
      const error = await failure(dispatcher.request({ ...get, origin: `http://api.example.test:${port}` }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
      expect(String(error)).toContain('compose(interceptors.dns(), vaultInterceptor(vault))')
      await (
        await dispatcher.request({ origin: `http://api.example.test:${port}`, path: '/', method: 'GET' })
      ).body.dump()
      expect(arrived.map(({ headers }) => headers.authorization)).toEqual([undefined])
    },
  )

  it('an IP address that the author wrote is one like any other', async () => {
    const { origin, arrived, agent } = await undiciStage()
    const headers = { ...get.headers, host: new URL(origin).host }
    await (await agent().request({ ...get, origin, headers })).body.dump()
    const named = { ...get.headers, host: 'other.test' }
    expect(await failure(agent().request({ ...get, origin, headers: named }))).toMatchObject({
      code: 'ERR_UNSAFE_TRANSPORT',
    })
    await (await agent({ unsafeTransport: true }).request({ ...get, origin, headers: named })).body.dump()
    expect(arrived.map(({ headers: { host } }) => host)).toEqual([new URL(origin).host, 'other.test'])
  })
})

describe('redirect', () => {
  it('inside is refused before anything is sent', async () => {
    const { origin, arrived, vault, closing } = await undiciStage((response) =>
      response.writeHead(302, { location: '/next' }).end(),
    )
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    for (const outside of [[], [interceptors.retry()]]) {
      const dispatcher = closing(new Agent().compose([redirect, vaultInterceptor(vault), ...outside]))
      const error = await failure(dispatcher.request({ ...get, origin }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
      expect(String(error)).toContain('interceptors.redirect')
    }
    expect(arrived).toEqual([])
  })

  it('outside: a secret is at the third host no more than at the second, and back at the first', async () => {
    const third = await undiciStage()
    const second = await undiciStage((response, { url }) =>
      response.writeHead(302, { location: `${url === '/back' ? first.origin : third.origin}/end` }).end(),
    )
    const first = await undiciStage((response, { url }) =>
      url === '/end' ? response.end() : response.writeHead(302, { location: `${second.origin}${url}` }).end(),
    )
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(new Agent().compose(vaultInterceptor(first.vault), redirect))
    const keys = async (path: string) => {
      await (await dispatcher.request({ ...get, origin: first.origin, path })).body.dump()
      return [first, second, third].map(({ arrived }) => arrived.splice(0).map(({ headers }) => headers['x-api-key']))
    }
    expect(await keys('/on')).toEqual([[VALUE], [undefined], [undefined]])
    expect(await keys('/back')).toEqual([[VALUE, VALUE], [undefined], []])
    // what a server has said in one request is of that request alone
    await (await dispatcher.request({ ...get, origin: third.origin })).body.dump()
    expect(third.arrived[0]!.headers['x-api-key']).toBe(VALUE)
  })

  it('outside, with an interceptor between that resolves nothing of the request: no more than without it', async () => {
    const third = await undiciStage()
    const second = await undiciStage((response) => response.writeHead(302, { location: third.origin }).end())
    const first = await undiciStage((response) => response.writeHead(302, { location: second.origin }).end())
    const other = await otherVault({ prefixes: ['other.'] })
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(
      new Agent().compose(
        vaultInterceptor(first.vault),
        vaultInterceptor(other, { in: ['header', 'query'] }),
        redirect,
      ),
    )
    await (await dispatcher.request({ ...get, origin: first.origin })).body.dump()
    const keys = [first, second, third].map(({ arrived }) => arrived.map(({ headers }) => headers['x-api-key']))
    expect(keys).toEqual([[VALUE], [undefined], [undefined]])
  })

  it('outside: a bound secret is left out at the second host and the third, and the redirect goes on', async () => {
    const third = await undiciStage()
    const second = await undiciStage((response) => response.writeHead(302, { location: third.origin }).end())
    const first = await undiciStage((response) => response.writeHead(302, { location: second.origin }).end())
    await first.vault.update('a', { allow: { hosts: [first.origin] } })
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(new Agent().compose(vaultInterceptor(first.vault), redirect))
    const { statusCode, body } = await dispatcher.request({ ...get, origin: first.origin })
    await body.dump()
    expect(statusCode).toBe(200)
    const keys = [first, second, third].map(({ arrived }) => arrived.map(({ headers }) => headers['x-api-key']))
    expect(keys).toEqual([[VALUE], [undefined], [undefined]])
  })

  it('outside, where a handler hides the others: what a server has said is remembered', async () => {
    const second = await undiciStage()
    const first = await undiciStage((response) => response.writeHead(302, { location: second.origin }).end())
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(
      new Agent().compose(vaultInterceptor(first.vault), interceptors.responseError(), redirect),
    )
    await (await dispatcher.request({ ...get, origin: first.origin })).body.dump()
    expect(second.arrived[0]!.headers['x-api-key']).toBeUndefined()
  })

  it('outside: a secret that the policy denies at the second host is not at the third either', async () => {
    const third = await undiciStage()
    const second = await undiciStage((response) => response.writeHead(302, { location: third.origin }).end())
    const first = await undiciStage((response) => response.writeHead(302, { location: second.origin }).end())
    const vault = await otherVault({
      policy: (request) => request.action !== 'use' || request.destination !== second.origin,
    })
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(new Agent().compose(vaultInterceptor(vault), redirect))
    const { statusCode, body } = await dispatcher.request({ ...get, origin: first.origin })
    await body.dump()
    expect(statusCode).toBe(200)
    const keys = [first, second, third].map(({ arrived }) => arrived.map(({ headers }) => headers['x-api-key']))
    expect(keys).toEqual([['w-9876543210/+'], [undefined], [undefined]])
  })

  it('outside: a header is left out where the path of its rule ends, and the redirect goes on', async () => {
    const { origin, arrived, vault, closing } = await undiciStage((response, { url }) =>
      url === '/v2/x' ? response.writeHead(302, { location: '/sign-in' }).end() : response.end('page'),
    )
    await vault.update('a', { allow: { hosts: [`${origin}/v2`] } })
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = closing(new Agent().compose(vaultInterceptor(vault), redirect))
    const { body } = await dispatcher.request({ ...get, origin, path: '/v2/x' })
    expect(await body.text()).toBe('page')
    expect(arrived.map(({ url, headers }) => [url, headers['x-api-key']])).toEqual([
      ['/v2/x', VALUE],
      ['/sign-in', undefined],
    ])
  })

  it('outside: of several headers Location each may be the one that is followed, and all of them as one', async () => {
    const second = await undiciStage()
    const { port } = new URL(second.origin)
    for (const [locations, follow] of [
      [['http://127.0.0.1:1', `@127.0.0.1:${port}`], ([a, b]) => `${a},${b}`],
      [['http://127.0.0.1:1', `@127.0.0.1:${port}`], ([a, b]) => `${a}, ${b}`],
      [[second.origin, '/here'], ([a]) => a!],
      [['/here', '/there', second.origin], (all) => all.at(-1)!],
    ] as [string[], (locations: string[]) => string][]) {
      for (const lifecycle of ['older', 'newer'] as const) {
        const first = await undiciStage((response) =>
          response.writeHead(302, locations.map((each) => ['location', each]) as never).end(),
        )
        const dispatcher = first.agent()
        const asIs = lifecycle === 'older' ? dispatcher : dispatcher.compose(interceptors.responseError())
        await (await asIs.request({ ...get, origin: first.origin })).body.dump()
        const { origin } = new URL(follow(locations), first.origin)
        await (await dispatcher.request({ ...get, origin })).body.dump()
        expect([first.arrived.length, second.arrived.splice(0).map(({ headers }) => headers['x-api-key'])]).toEqual([
          1,
          [undefined],
        ])
      }
    }
  })

  it('outside: a secret in the body ends the redirect where it may not go', async () => {
    const second = await undiciStage()
    const first = await undiciStage((response) => response.writeHead(307, { location: second.origin }).end())
    await first.vault.update('a', { allow: { hosts: [first.origin], in: ['body'] } })
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const dispatcher = first.closing(new Agent().compose(vaultInterceptor(first.vault, { in: ['body'] }), redirect))
    const error = await failure(dispatcher.request({ path: '/', method: 'POST', body: A, origin: first.origin }))
    expect(error).toMatchObject({ code: 'ERR_REDIRECT_DENIED', tag: 'a' })
    expect([first.arrived.length, second.arrived.length]).toEqual([1, 0])
  })
})

describe('retry', () => {
  it('outside resolves again: a token that was rotated meanwhile goes out new', async () => {
    const { origin, arrived, vault, closing } = await undiciStage(async (response) => {
      if (arrived.length > 1) return response.end('page')
      await vault.update('a', { value: 'rotated-0123456789' })
      return response.writeHead(503).end()
    })
    const retry = interceptors.retry({ minTimeout: 1, maxRetries: 1, methods: ['GET'] })
    const dispatcher = closing(new Agent().compose(vaultInterceptor(vault), retry))
    const { body } = await dispatcher.request({ ...get, origin })
    expect(await body.text()).toBe('page')
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual([VALUE, 'rotated-0123456789'])
  })

  it('outside gives a refusal at once, as it is', async () => {
    const { origin, vault, closing } = await undiciStage()
    const dispatcher = closing(new Agent().compose(vaultInterceptor(vault), interceptors.retry()))
    const headers = { authorization: '<< secrets.gone >>' }
    const error = await failure(dispatcher.request({ ...get, origin, headers }))
    expect(error).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
  })
})

it('a dispatch that throws is told to the handler, without the value', async () => {
  const { vault } = await undiciStage()
  const failing: DispatchLike = (options: { headers: object }) => {
    throw new Error(JSON.stringify(options.headers))
  }
  const error = await new Promise<unknown>((done) => {
    vaultInterceptor(vault)(failing)({ ...get, origin: 'https://h.example' }, { onError: done, onHeaders: () => true })
  })
  expect(String(error)).toContain('[secret:a]')
  expect(String(error)).not.toContain(VALUE)
})
