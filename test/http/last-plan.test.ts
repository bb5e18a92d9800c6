/** What a client remembers of its last request changes nothing of the next one, and holds nobody's key. */

import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import type { HttpCall } from '../../src/http/http-call.ts'
import { LastPlan } from '../../src/http/last-plan.ts'
import type { RequestPlan } from '../../src/http/request-plan.ts'
import { DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { parserOf } from '../../src/template/parse.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage, failure } from '../vault/fixture.ts'

const A = '<< secrets.a >>'
const BASIC = `Basic ${btoa(`user:${A}`)}`
const AUTHORED = [{ tag: 'a', filters: [], path: 'headers.Authorization', index: 7, location: 'header' }] as const
const SETTINGS: readonly VaultFetchOptions[] = [
  {},
  { in: ['body'] },
  { in: ['header', 'host', 'path', 'query', 'auth'] },
  { tags: ['a'] },
  { authored: AUTHORED },
  { headers: ['x-other'] },
  { redactResponse: false },
]

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: BodyInit | undefined
}

const absent = fc.constant(undefined)
const headerArbitrary = fc.record({
  Authorization: fc.oneof(absent, fc.constantFrom(`Bearer ${A}`, 'Bearer << secrets.b >>', 'Bearer literal', BASIC)),
  authorization: fc.oneof({ weight: 5, arbitrary: absent }, { weight: 1, arbitrary: fc.constant(`Bearer ${A}`) }),
  'X-Api-Key': fc.oneof(absent, fc.constantFrom(A, 'literal', `\\${A}`)),
  'x-other': fc.oneof(absent, fc.constantFrom('text', 'other text', A, '<< secrets.')),
})
const callArbitrary: fc.Arbitrary<Sent> = fc.record({
  url: fc.constantFrom('https://h.example/', 'https://h.example/b', `https://h.example/${A}`, 'https://u:p@h.example/'),
  method: fc.constantFrom('GET', 'POST'),
  headers: headerArbitrary.map(
    (headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as never,
  ),
  body: fc.oneof(absent, fc.constantFrom('text', 'other text', `{"a":"${A}"}`, new URLSearchParams({ a: A }))),
})

/** Calls of which each differs from the one before in some of its parts. */
const callsArbitrary = fc
  .tuple(
    callArbitrary,
    fc.array(fc.tuple(fc.subarray(['url', 'method', 'headers', 'body'] as const, { maxLength: 2 }), callArbitrary), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([first, changes]) => {
    const calls = [first]
    for (const [parts, other] of changes) {
      calls.push({ ...calls.at(-1)!, ...Object.fromEntries(parts.map((part) => [part, other[part]])) })
    }
    return calls
  })

/** What goes out, or the code of the error. */
function recorder(vault: Vault, options: VaultFetchOptions): (call: Sent) => Promise<unknown> {
  let sent: unknown
  const network = async (url: string, init: RequestInit): Promise<Response> => {
    sent = { url, method: init.method, headers: [...new Headers(init.headers)], body: String(init.body) }
    return new Response('page')
  }
  const send = vaultFetch(vault, { ...options, fetch: network })
  return async ({ url, method, headers, body }) => {
    sent = undefined
    const error = await send(url, { method, headers, ...(method === 'POST' && body !== undefined && { body }) }).then(
      () => undefined,
      ({ code, path }: { code?: string; path?: string }) => ({ code, path }),
    )
    return error ?? sent
  }
}

it('sends every request as a client would that has sent none before', async () => {
  const { vault } = backstage()
  await vault.create({
    tag: 'a',
    value: 'v-0123456789/+',
    allow: { hosts: ['h.example'], in: ['header', 'path', 'auth'] },
  })
  await vault.create({ tag: 'b', value: 'w-9876543210/+' })
  const snapshot = await vault.snapshot()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SETTINGS),
      fc.boolean(),
      callsArbitrary,
      async (settings, isFromSnapshot, calls) => {
        const options = isFromSnapshot ? { ...settings, snapshot } : settings
        const remembering = recorder(vault, options)
        for (const call of calls) expect(await remembering(call)).toEqual(await recorder(vault, options)(call))
      },
    ),
    { numRuns: 60 },
  )
})

it('is told again what it knows, and no other request', () => {
  const { scan, call, plan } = stage()
  const last = new LastPlan(scan)
  expect(last.of(call)).toBeUndefined()
  last.keep(call, plan)
  // the body is that of each request
  expect(last.of({ ...call, url: 'https://other.example/', body: 'text' })).toEqual({ ...plan, body: undefined })
  expect(last.of({ ...call, body: null })).toBeDefined()
  const differing: Partial<HttpCall>[] = [
    { method: 'POST' },
    { url: `https://h.example/${A}` },
    { body: A },
    { body: new URLSearchParams() },
    { bodyOf: new Request('https://h.example/') },
    { params: { url: '', value: {}, key: 'params', write: String } },
    { headers: [] },
    { headers: [...call.headers, { name: 'x-more', value: A, keys: ['headers', 'x-more'] }] },
    { headers: [{ ...call.headers[0]!, keys: ['headers', 'AUTHORIZATION'] }, call.headers[1]!] },
    { headers: [{ ...call.headers[0]!, keys: ['headers', 0, 1] }, call.headers[1]!] },
    { headers: [{ ...call.headers[0]!, keys: ['auth'] }, call.headers[1]!] },
    { headers: [call.headers[0]!, call.headers[0]!] },
    { headers: [{ ...call.headers[0]!, name: 'x-other' }, call.headers[1]!] },
    { headers: [...call.headers, { name: 'proxy-authorization', value: BASIC, keys: ['headers', 'x'] }] },
    { headers: [{ ...call.headers[0]!, value: `Bearer ${A} ` }, call.headers[1]!] },
  ]
  for (const change of differing) expect(last.of({ ...call, ...change }), JSON.stringify(change)).toBeUndefined()
})

it('keeps no header that holds no reference, and none of basic auth', () => {
  const { scan, call, plan } = stage()
  const last = new LastPlan(scan)
  const filter = vi.spyOn(Array.prototype, 'filter')
  last.keep(call, plan)
  const kept = JSON.stringify(filter.mock.results.map(({ value }) => value))
  filter.mockRestore()
  expect(kept).toContain(A)
  expect(kept).not.toContain('somebody-elses-key')
  const basic = new Map([['authorization', { literals: [], references: [A], inUserName: 0, scheme: 'Basic ' }]])
  const other = new LastPlan(scan)
  other.keep(call, { ...plan, basic })
  expect(other.of(call)).toBeUndefined()
})

it('resolves no secret that only the request before carried', async () => {
  const asked: string[] = []
  const policy = ({ action, tag }: { action: string; tag: string }) => action !== 'use' || asked.push(tag) > 0
  const { vault } = backstage({ policy })
  for (const tag of ['a', 'b']) await vault.create({ tag, value: `${tag}-0123456789` })
  const send = vaultFetch(vault, { headers: ['set-cookie'], fetch: async () => new Response('page') })
  const B = '<< secrets.b >>'
  await send('https://h.example/', {
    headers: [
      ['authorization', A],
      ['set-cookie', B],
    ],
  })
  asked.length = 0
  await send('https://h.example/', {
    headers: [
      ['set-cookie', B],
      ['set-cookie', B],
    ],
  })
  expect(asked).toEqual(['b'])
})

it('asks about each place that an author wrote', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'a-0123456789' })
  const authored = [{ ...AUTHORED[0], path: 'headers[0][1]', index: 0 }]
  const send = vaultFetch(vault, { authored, fetch: async () => new Response('page') })
  await send('https://h.example/', { headers: [['authorization', A]] })
  const elsewhere = send('https://h.example/', {
    headers: [
      ['accept', '*/*'],
      ['authorization', A],
    ],
  })
  expect(await failure(elsewhere)).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE' })
})

it('does not keep a closed snapshot open', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'v-0123456789/+' })
  const snapshot = await vault.snapshot(['a'])
  const send = vaultFetch(vault, { snapshot, fetch: async () => new Response('page') })
  const headers = { Authorization: `Bearer ${A}` }
  await send('https://h.example/', { headers })
  await send('https://h.example/', { headers })
  snapshot.close()
  expect(await failure(send('https://h.example/', { headers }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
})

/** One call with a reference and somebody's key beside it, and a plan to be known again. */
function stage() {
  const call: HttpCall = {
    url: 'https://h.example/',
    method: 'GET',
    headers: [
      { name: 'authorization', value: `Bearer ${A}`, keys: ['headers', 'Authorization'] },
      { name: 'x-api-key', value: 'somebody-elses-key', keys: ['headers', 'X-Api-Key'] },
    ],
    body: undefined,
    bodyOf: undefined,
    diversions: [],
  }
  const template = { method: 'GET', headers: { Authorization: `Bearer ${A}` } }
  const body = { text: 'text', bytes: undefined, form: undefined, body: 'text', type: undefined, withText: String }
  const plan: RequestPlan = { template, basic: new Map(), body, skipped: [] }
  const parser = parserOf(DEFAULT_SYNTAX)
  return { scan: (text: string) => parser.cuts(text), call, plan }
}
