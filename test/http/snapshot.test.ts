/** The option `snapshot`: requests without reading the storage, held to every rule as ever. */

import { expect, it } from 'vitest'
import { type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import type { SnapshotUse } from '../../src/vault/api.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { backstage, failure, listener, thrown } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+'
const headers = { Authorization: 'Bearer << secrets.a >>' }

/** A fetch with a snapshot, and a network that answers 200, or redirects from `/away` to another host. */
async function stage({ options = {}, use }: { options?: Partial<VaultOptions>; use?: SnapshotUse } = {}) {
  const { vault, storage, clock } = backstage(options)
  const allow = { hosts: ['h.example', 'other.example'] }
  await vault.create({ tag: 'a', value: VALUE, allow, expiresAt: '2026-02-01T00:00:00.000Z' })
  await vault.create({ tag: 'later', value: 'later-0123456789' })
  const sent: [url: string, authorization: string | null][] = []
  const network = async (url: string, init?: RequestInit): Promise<Response> => {
    sent.push([url, new Headers(init?.headers).get('authorization')])
    if (!url.endsWith('/away')) return Response.json({ echo: new Headers(init?.headers).get('authorization') })
    return new Response(null, { status: 302, headers: { location: 'https://other.example/' } })
  }
  const snapshot = await vault.snapshot(['a'], use)
  const fetchBy = (more: VaultFetchOptions = {}) => vaultFetch(vault, { fetch: network, snapshot, ...more })
  return { vault, storage, clock, sent, snapshot, fetchBy, send: fetchBy() }
}

it('resolves without reading the storage, and masks what comes back', async () => {
  const { vault, storage, send, fetchBy, sent } = await stage()
  const before = storage.reads.count
  for (let count = 0; count < 3; count++) {
    expect(await (await send('https://h.example/', { headers })).json()).toEqual({ echo: 'Bearer [secret:a]' })
  }
  expect(storage.reads.count).toBe(before)
  expect(sent).toEqual(Array(3).fill(['https://h.example/', `Bearer ${VALUE}`]))
  // it is the storage that the snapshot saves, so a new value is seen by a new one only
  await vault.update('a', { value: 'n-9876543210' })
  await send('https://h.example/', { headers })
  await fetchBy({ snapshot: await vault.snapshot(['a']) })('https://h.example/', { headers })
  expect(sent.slice(3).map(([, authorization]) => authorization)).toEqual([`Bearer ${VALUE}`, 'Bearer n-9876543210'])
})

it('is given to a fetch of its own', async () => {
  const { vault } = await stage()
  // #region snapshot
  const snapshot = await vault.snapshot(['a'], { destination: 'https://h.example', locations: ['header'] })
  const send = vaultFetch(vault, { snapshot })
  // #endregion
  expect(await failure(send('https://other.example/', { headers }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
})

it('holds every request to the rule and the state of its secrets', async () => {
  const { send, fetchBy, clock, sent } = await stage()
  expect(await failure(send('https://evil.example/', { headers }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
  expect(await failure(send('http://h.example/', { headers }))).toMatchObject({ code: 'ERR_INSECURE_SCHEME' })
  const inX = await failure(send('https://h.example/', { headers: { 'x-other': '<< secrets.a >>' } }))
  expect(inX).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  const authored = fetchBy({ authored: [] })('https://h.example/', { headers })
  expect(await failure(authored)).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE' })
  const later = { Authorization: 'Bearer << secrets.later >>' }
  expect(await failure(send('https://h.example/', { headers: later }))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
  clock.now = Date.parse('2026-03-01T00:00:00.000Z')
  expect(await failure(send('https://h.example/', { headers }))).toMatchObject({ code: 'ERR_SECRET_EXPIRED' })
  expect(sent).toEqual([])
})

it('keeps to what the policy was asked about, which is asked again about a redirect', async () => {
  const asked: (string | undefined)[] = []
  const policy: VaultOptions['policy'] = ({ action, destination }) => {
    if (action === 'use') asked.push(destination)
    return destination !== 'https://other.example'
  }
  const onEvent = listener()
  const use = { destination: 'https://h.example', locations: ['header'] } as const
  const { send, sent } = await stage({ options: { policy, onEvent }, use })
  await send('https://h.example/away', { headers })
  expect(asked).toEqual(['https://h.example', 'https://other.example'])
  expect(sent).toEqual([
    ['https://h.example/away', `Bearer ${VALUE}`],
    ['https://other.example/', null],
  ])
  expect(onEvent).toHaveBeenCalledWith(expect.objectContaining({ action: 'use', destination: 'https://h.example' }))
  expect(await failure(send('https://other.example/', { headers }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
})

it('has the policy asked about an origin that a server has led to, whatever follows', async () => {
  const asked: (string | undefined)[] = []
  const policy: VaultOptions['policy'] = ({ action, destination }) => {
    if (action === 'use') asked.push(destination)
    return destination !== 'https://other.example'
  }
  const { fetchBy, sent } = await stage({ options: { policy } })
  const send = fetchBy({ in: ['query'] })
  const init = { headers, redirect: 'manual' as const }
  for (const url of ['https://h.example/away', 'https://other.example/', 'https://h.example/']) await send(url, init)
  expect(sent.map(([, authorization]) => authorization)).toEqual([`Bearer ${VALUE}`, null, `Bearer ${VALUE}`])
  expect(asked).toEqual(['unknown', 'https://other.example'])
  const { vault } = await stage({ options: { policy } })
  await vault.update('a', { allow: { hosts: ['h.example', 'other.example'], in: ['header', 'query'] } })
  const network = async () => new Response(null, { status: 302, headers: { location: 'https://other.example/' } })
  const inUrl = vaultFetch(vault, { fetch: network, in: ['query'], snapshot: await vault.snapshot(['a']) })
  await inUrl('https://h.example/away', init)
  const error = await failure(inUrl('https://other.example/?k=<< secrets.a >>', { redirect: 'manual' }))
  expect(error).toMatchObject({ code: 'ERR_REDIRECT_DENIED', tag: 'a' })
})

it('of another vault or view, or none at all, is refused when the fetch is made', async () => {
  const { vault, fetchBy } = await stage()
  const ofView = await vault.with({ actor: { id: 'u1' } }).snapshot(['a'])
  const ofOther = (await stage()).snapshot
  for (const snapshot of [ofView, ofOther, { ...ofView }, null, 'a']) {
    const error = thrown(() => fetchBy({ snapshot: snapshot as never }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'snapshot' })
  }
})

it('that is closed sends nothing but what holds no reference', async () => {
  const { snapshot, send, sent } = await stage()
  snapshot.close()
  expect(await failure(send('https://h.example/', { headers }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  await send('https://h.example/', { headers: { Authorization: 'Bearer own' } })
  expect(sent).toEqual([['https://h.example/', 'Bearer own']])
})

it('is asked with the template of each request, whatever the last one was', async () => {
  const { vault, sent, fetchBy } = await stage()
  await vault.create({ tag: 'b', value: 'w-0123456789/+' })
  const send = fetchBy({ snapshot: await vault.snapshot(['a', 'b']), headers: ['x-b'], redactResponse: false })
  const b = 'Bearer << secrets.b >>'
  const requests: [RequestInit, string | null][] = [
    [{ headers }, `Bearer ${VALUE}`],
    [{ headers: { Authorization: b } }, 'Bearer w-0123456789/+'],
    [{ headers }, `Bearer ${VALUE}`],
    [{ headers: { ...headers, 'x-b': b } }, `Bearer ${VALUE}`],
    [{ method: 'POST', headers: { 'x-b': b } }, null],
    [{ headers, method: 'POST' }, `Bearer ${VALUE}`],
  ]
  for (const [init] of requests) await send('https://h.example/', init)
  expect(sent.map(([, authorization]) => authorization)).toEqual(requests.map(([, expected]) => expected))
  const error = await failure(send('https://h.example/', { headers: { Authorization: 'Bearer << secrets.b' } }))
  expect(error).toMatchObject({ code: 'ERR_UNCLOSED_REFERENCE' })
})
