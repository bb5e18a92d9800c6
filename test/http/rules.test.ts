/** Rules that name paths, headers, parameters and members hold in what a client sends, and on every redirect. */

import { describe, expect, it } from 'vitest'
import { type FetchLike, vaultFetch } from '../../src/http/fetch.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import { backstage, failure } from '../vault/fixture.ts'

const VALUE = 'v-0123456789'
const A = '<< secrets.a >>'

async function stage(allow: AllowRule, redirects: Record<string, string> = {}) {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE, allow })
  const calls: { readonly url: string; readonly key: string | null; readonly body: string }[] = []
  const network: FetchLike = async (input, init) => {
    const request = new Request(input, init)
    calls.push({ url: request.url, key: request.headers.get('x-api-key'), body: await request.text() })
    const location = redirects[request.url]
    return location === undefined ? new Response('page') : new Response(null, { status: 307, headers: { location } })
  }
  return { calls, send: vaultFetch(vault, { in: ['header', 'query', 'path', 'body'], fetch: network }) }
}

describe('a rule with a path', () => {
  const rule: AllowRule = { hosts: ['h.example/v2', 'other.example/v2'], in: ['header', 'path', 'query'] }
  const headers = { 'x-api-key': A }

  it('holds for the first request', async () => {
    const { send, calls } = await stage(rule)
    await send('https://h.example/v2/x', { headers })
    for (const url of ['https://h.example/v1', 'https://h.example/v2/../v1', 'https://h.example/v2/..%2fv1']) {
      expect((await failure(send(url, { headers }))).code).toBe('ERR_PATH_DENIED')
    }
    expect(calls.map(({ url, key }) => [url, key])).toEqual([['https://h.example/v2/x', VALUE]])
  })

  it('holds for where a wrapper follows to by itself, and for no other path of that host', async () => {
    const there = 'https://other.example/'
    const { send, calls } = await stage(rule, { 'https://h.example/v2/x': there })
    const init = { headers, redirect: 'manual' as const }
    for (const url of ['https://h.example/v2/x', there, `${there}v2/me`, there]) await send(url, init)
    expect(calls.map(({ key }) => key)).toEqual([VALUE, null, VALUE, null])
  })

  it.each([
    ['/v2/y', 'https://h.example/v2/y', VALUE],
    ['https://other.example/v2/y', 'https://other.example/v2/y', VALUE],
    ['/v1', 'https://h.example/v1', null],
    ['../v1', 'https://h.example/v1', null],
    ['/v2/..%2fv1', 'https://h.example/v2/..%2fv1', null],
    ['/v2x', 'https://h.example/v2x', null],
    ['https://other.example/', 'https://other.example/', null],
  ])('holds for a redirect to %s', async (location, url, key) => {
    const { send, calls } = await stage(rule, { 'https://h.example/v2/x': location })
    await send('https://h.example/v2/x', { headers })
    expect(calls[1]).toMatchObject({ url, key })
  })

  it('refuses a redirect that would carry the secret in its URL elsewhere', async () => {
    const { send, calls } = await stage(rule, { [`https://h.example/v2/${VALUE}`]: `/v1/${VALUE}` })
    expect((await failure(send(`https://h.example/v2/${A}`))).code).toBe('ERR_REDIRECT_DENIED')
    expect(calls).toHaveLength(1)
  })
})

describe('a rule with names', () => {
  const hosts = ['h.example']

  it('holds for headers', async () => {
    const { send, calls } = await stage({ hosts, in: ['header:X-Api-Key'] })
    await send('https://h.example/', { headers: { 'X-API-KEY': A } })
    const other = await failure(send('https://h.example/', { headers: { Authorization: `Bearer ${A}` } }))
    expect(other.message).toContain('add "header:authorization" to allow.in')
    expect(calls.map(({ key }) => key)).toEqual([VALUE])
  })

  it('holds for parameters', async () => {
    const { send, calls } = await stage({ hosts, in: ['query:key'] })
    await send(`https://h.example/?key=${A}`)
    expect((await failure(send(`https://h.example/?q=${A}`))).code).toBe('ERR_LOCATION_DENIED')
    expect(calls.map(({ url }) => url)).toEqual([`https://h.example/?key=${VALUE}`])
  })

  it.each<[string, BodyInit, BodyInit]>([
    ['JSON', JSON.stringify({ auth: { key: A } }), JSON.stringify({ note: A, auth: { key: '' } })],
    ['a form', new URLSearchParams({ 'auth.key': A }), new URLSearchParams({ note: A })],
  ])('holds for members of %s', async (_what, body, other) => {
    const { send, calls } = await stage({ hosts, in: ['body:auth.key'] })
    await send('https://h.example/', { method: 'POST', body })
    expect((await failure(send('https://h.example/', { method: 'POST', body: other }))).code).toBe(
      'ERR_LOCATION_DENIED',
    )
    expect(calls.map(({ body: sent }) => sent.includes(VALUE))).toEqual([true])
  })

  it('knows no name of what a server has put into the URL of a redirect', async () => {
    const redirects = { 'https://h.example/': `https://h.example/?key=${VALUE}` }
    const named = await stage({ hosts, in: ['header:x-api-key', 'query:key'] }, redirects)
    const headers = { 'x-api-key': A }
    expect((await failure(named.send('https://h.example/', { headers }))).code).toBe('ERR_REDIRECT_DENIED')
    const whole = await stage({ hosts, in: ['header:x-api-key', 'query'] }, redirects)
    await whole.send('https://h.example/', { headers })
    expect(whole.calls).toHaveLength(2)
  })
})

it('a number of uses holds for a request', async () => {
  const { send, calls } = await stage({ hosts: ['h.example'], in: ['query'], maxUses: 3 })
  await send(`https://h.example/?${`k=${A}&`.repeat(3)}`)
  expect((await failure(send(`https://h.example/?${`k=${A}&`.repeat(4)}`))).code).toBe('ERR_TOO_MANY_USES')
  expect(calls).toHaveLength(1)
})
