/** Rules are judged on clear information: the value of a secret that is refused is not opened. */

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { backstage, failure } from './fixture.ts'

const opens = vi.hoisted(() => ({ count: 0 }))
vi.mock('../../src/crypto/seal.ts', async (original) => {
  const module = await original<typeof import('../../src/crypto/seal.ts')>()
  const open: typeof module.open = (...call) => {
    opens.count++
    return module.open(...call)
  }
  return { ...module, open }
})

beforeEach(() => {
  opens.count = 0
})

const A = '<< secrets.a >>'
const HOSTS = { hosts: ['api.acme.dev', '*.acme.io', 'http://localhost:8080'] }

async function stageWith(allow: object) {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v-0123456789', allow })
  return stage
}

describe('a secret bound to hosts', () => {
  it.each(['https://api.acme.dev/x', 'https://API.acme.dev:443/x', 'https://a.b.acme.io/', 'http://localhost:8080/'])(
    'goes to %s',
    async (url) => {
      const { vault } = await stageWith(HOSTS)
      expect((await vault.resolveRequest({ url, headers: { A } })).expose().headers).toEqual({ A: 'v-0123456789' })
    },
  )

  it.each([
    ['https://evil.example/', 'ERR_HOST_DENIED'],
    ['https://acme.io/', 'ERR_HOST_DENIED'],
    ['https://evilacme.io/', 'ERR_HOST_DENIED'],
    ['https://api.acme.dev:8443/', 'ERR_HOST_DENIED'],
    ['https://api.acme.dev@evil.example/', 'ERR_HOST_DENIED'],
    ['https://evil.example\\@api.acme.dev/', 'ERR_HOST_DENIED'],
    ['http://api.acme.dev/', 'ERR_INSECURE_SCHEME'],
    ['http://localhost:8081/', 'ERR_HOST_DENIED'],
  ])('does not go to %s and is not opened', async (url, code) => {
    const { vault } = await stageWith(HOSTS)
    expect(await failure(vault.resolveRequest({ url, headers: { A } }))).toMatchObject({ code, tag: 'a' })
    expect(opens.count).toBe(0)
  })

  it('needs a destination', async () => {
    const { vault } = await stageWith(HOSTS)
    for (const call of [
      vault.resolve(A),
      vault.resolveHeaders({ A }),
      vault.resolveEnv({ A }),
      vault.resolve(`https://h/?k=${A}`, { as: 'url' }),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'a' })
    }
    expect(opens.count).toBe(0)
    const destination = new URL('https://api.acme.dev/')
    expect((await vault.resolveHeaders({ A }, { destination })).expose()).toEqual({ A: 'v-0123456789' })
    const wrong = { destination: 'https://evil.example/' }
    expect(await failure(vault.resolveHeaders({ A }, wrong))).toMatchObject({ code: 'ERR_HOST_DENIED' })
  })

  it('takes the destination of a relative request from the option, and no other origin than the request’s own', async () => {
    const { vault } = await stageWith(HOSTS)
    const relative = { url: '/v1', headers: { A } }
    expect(await failure(vault.resolveRequest(relative))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    await vault.resolveRequest(relative, { destination: 'https://api.acme.dev/' })
    const absolute = { url: 'https://evil.example/', headers: { A } }
    expect(await failure(vault.resolveRequest(absolute, { destination: 'https://api.acme.dev/' }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
    })
    await vault.resolveRequest({ ...absolute, url: 'https://api.acme.dev/' }, { destination: 'https://api.acme.dev/' })
  })

  it('stays out of other places, unless its rule names them', async () => {
    const { vault } = await stageWith({ ...HOSTS, in: ['header'] })
    const request = { url: 'https://api.acme.dev/', method: 'POST', body: { A } }
    expect(await failure(vault.resolveRequest(request))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      location: 'body',
    })
    expect(await failure(vault.resolve(A))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    const env = await stageWith({ ...HOSTS, in: ['header', 'env'] })
    expect((await env.vault.resolveEnv({ A })).expose()).toEqual({ A: 'v-0123456789' })
  })

  it('with an empty list goes nowhere', async () => {
    const { vault } = await stageWith({ hosts: [] })
    const request = { url: 'https://api.acme.dev/', headers: { A } }
    expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_HOST_DENIED' })
  })
})

describe('a secret bound to methods', () => {
  it('goes with these only, GET where a request names none, and not without a method', async () => {
    const { vault } = await stageWith({ methods: ['get', 'HEAD'] })
    const url = 'https://h.example/'
    await vault.resolveRequest({ url, headers: { A } })
    await vault.resolveHeaders({ A }, { destination: { url, method: 'head' } })
    const refused = [
      [vault.resolveRequest({ url, method: 'POST', headers: { A } }), 'ERR_METHOD_DENIED'],
      [vault.resolveHeaders({ A }, { destination: url }), 'ERR_METHOD_DENIED'],
      [vault.resolveHeaders({ A }), 'ERR_HOST_DENIED'],
    ] as const
    for (const [call, code] of refused) expect(await failure(call)).toMatchObject({ code, tag: 'a' })
  })
})

describe('a secret in the host', () => {
  const request = { url: 'https://<< secrets.host >>/x', headers: { A } }

  it('is opened first and alone, then the others are held against it, and errors do not tell it', async () => {
    const { vault } = await stageWith(HOSTS)
    await vault.create({ tag: 'host', value: 'evil.example' })
    const error = await failure(vault.resolveRequest(request))
    expect(error).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'a', host: '[secret:host]' })
    expect(JSON.stringify(error) + error.message).not.toContain('evil')
    expect(opens.count).toBe(1)
    await vault.set({ tag: 'host', value: 'api.acme.dev' })
    const resolved = await vault.resolveRequest(request)
    expect(resolved.expose()).toEqual({ url: 'https://api.acme.dev/x', headers: { A: 'v-0123456789' } })
    expect(resolved.redacted).toEqual({ url: 'https://[secret:host]/x', headers: { A: '[secret:a]' } })
  })

  it('needs its own rule to name that place, and the host it gives', async () => {
    const { vault } = await stageWith({})
    const url = { hosts: ['api.acme.dev'] }
    await vault.create({ tag: 'host', value: 'evil.example', allow: url })
    expect(await failure(vault.resolveRequest(request))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      location: 'host',
    })
    expect(opens.count).toBe(0)
    await vault.set({ tag: 'host', value: 'evil.example', allow: { ...url, in: ['host'] } })
    opens.count = 0
    expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'host' })
    expect(opens.count).toBe(1)
    await vault.set({ tag: 'host', value: 'api.acme.dev' })
    expect((await vault.resolveRequest(request)).expose().url).toBe('https://api.acme.dev/x')
  })

  it('may be the whole URL', async () => {
    const { vault } = await stageWith(HOSTS)
    await vault.create({ tag: 'hook', value: 'https://api.acme.dev/hook?x=1' })
    const resolved = await vault.resolveRequest({ url: '{{ secrets.hook }}', headers: { A } })
    expect(resolved.expose().url).toBe('https://api.acme.dev/hook?x=1')
    await vault.set({ tag: 'hook', value: 'https://evil.example/' })
    const error = await failure(vault.resolveRequest({ url: '{{ secrets.hook }}', headers: { A } }))
    expect(error).toMatchObject({ code: 'ERR_HOST_DENIED', host: '[secret:hook]' })
  })

  it('that is missing is missing', async () => {
    const { vault } = await stageWith(HOSTS)
    expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
    expect(await failure(vault.resolveRequest(request, { onMissing: 'keep' }))).toMatchObject({
      code: 'ERR_HOST_DENIED',
    })
    expect(opens.count).toBe(0)
  })
})

it('a disabled, expired or denied secret is not opened', async () => {
  const { vault, another, clock } = await stageWith({})
  const denied = another({ policy: () => false })
  expect(await failure(denied.resolve(A))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  expect(opens.count).toBe(0)
  await vault.update('a', { enabled: false })
  opens.count = 0
  expect(await failure(vault.resolve(A))).toMatchObject({ code: 'ERR_SECRET_DISABLED' })
  expect(opens.count).toBe(0)
  await vault.update('a', { enabled: true, expiresAt: new Date(clock.now) })
  opens.count = 0
  expect(await failure(vault.resolve(A))).toMatchObject({ code: 'ERR_SECRET_EXPIRED' })
  expect(opens.count).toBe(0)
})

it('each record is opened once, however often it is used', async () => {
  const { vault } = await stageWith({})
  await vault.resolve([A, A, A, { x: A }])
  expect(opens.count).toBe(1)
})
