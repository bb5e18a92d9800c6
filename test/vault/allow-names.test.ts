/** Rules that name a header, a parameter, a member of a body; paths; and how often one resolve may use a secret. */

import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import { backstage, failure } from './fixture.ts'

const A = '<< secrets.a >>'
const VALUE = 'v-0123456789'
const URL_OF_H = 'https://h.example/'

async function stageWith(allow: AllowRule) {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE, allow })
  await vault.create({ tag: 'b', value: 'b-0123456789' })
  return vault
}

/** What a rule says to a template: nothing, or the code of its refusal. */
async function codeOf(allow: AllowRule, template: unknown, as: Kind): Promise<string | undefined> {
  const vault = await stageWith(allow)
  const error = await vault.resolve(template, { as }).then(
    () => undefined,
    (thrown: { code: string }) => thrown.code,
  )
  const [finding] = (await vault.check(template, { as })).filter(({ severity }) => severity === 'error')
  expect(finding?.code).toBe(error)
  const snapshot = await vault.snapshot(['a', 'b'])
  const inSnapshot = () => snapshot.resolve(template, { as })
  if (error === undefined) inSnapshot()
  else expect(inSnapshot).toThrow(expect.objectContaining({ code: error }))
  return error
}

describe('a letter that becomes one of ASCII in lower case', () => {
  // `toLowerCase` makes a k of the Kelvin sign, and undici sends the name that it is in
  const KELVIN = 'X-Api-\u212aey'

  it.each<[string, unknown, Kind]>([
    ['a map', { [KELVIN]: A }, 'headers'],
    ['pairs', [[KELVIN, A]], 'headers'],
    ['a flat list', [KELVIN, A], 'headers'],
    ['records', [{ name: KELVIN, value: A }], 'headers'],
    ['a request', { url: URL_OF_H, headers: { [KELVIN]: A } }, 'request'],
  ])('makes another name of a header in %s', async (_what, template, as) => {
    expect(await codeOf({ in: ['header:x-api-key'] }, template, as)).toBe('ERR_LOCATION_DENIED')
  })

  it('is in no rule', async () => {
    const { vault } = backstage()
    const allow = { in: [`header:${KELVIN}`] } as unknown as AllowRule
    const created = vault.create({ tag: 'a', value: VALUE, allow })
    expect(await failure(created)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('a rule with the name of a header', () => {
  const rule: AllowRule = { in: ['header:Authorization'] }

  it.each<[string, unknown, Kind]>([
    ['a map', { Authorization: `Bearer ${A}` }, 'headers'],
    ['another case', { ' AUTHORIZATION ': A }, 'headers'],
    ['a list of values', { authorization: ['x', A] }, 'headers'],
    ['pairs', [['authorization', A]], 'headers'],
    ['a flat list', ['x', 'y', 'authorization', A], 'headers'],
    ['lines', [`Authorization: ${A}`], 'headers'],
    ['records of name', [{ name: 'Authorization', value: A }], 'headers'],
    ['records of key', [{ key: 'Authorization', value: A }], 'headers'],
    ['records of both', [{ key: 'authorization', name: 'Authorization', value: A }], 'headers'],
    ['a Map', new Map([['authorization', A]]), 'headers'],
    ['Headers', new Headers({ authorization: A }), 'headers'],
    ['a request', { url: URL_OF_H, headers: { authorization: A } }, 'request'],
    ["axios' nested headers", { url: URL_OF_H, headers: { common: { Authorization: A } } }, 'request'],
    ['Headers within a value', { deep: [new Headers({ authorization: A })] }, 'value'],
    ['a URL in it', { Authorization: new URL(`https://x.example/?q=${A}`) }, 'headers'],
  ])('permits it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBeUndefined()
  })

  it.each<[string, unknown, Kind]>([
    ['another header', { 'X-Api-Key': A }, 'headers'],
    ['another of a pair', [['x', A]], 'headers'],
    ['a no-break space around it', { 'Authorization\u00a0': A }, 'headers'],
    ['another of a flat list', ['authorization', 'y', 'x', A], 'headers'],
    ['another line', [`X: ${A}`], 'headers'],
    ['a record with a name and another key', [{ key: 'x-evil', name: 'Authorization', value: A }], 'headers'],
    ['a record with a key and another name', [{ key: 'Authorization', name: 'x-evil', value: A }], 'headers'],
    ['a cookie', { cookie: A }, 'headers'],
    ['a member of a body of that name', { url: URL_OF_H, json: { authorization: A } }, 'request'],
    ['a parameter of that name', `https://h.example/?authorization=${A}`, 'url'],
    ['an environment', { authorization: A }, 'env'],
  ])('refuses it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBe('ERR_LOCATION_DENIED')
  })

  it('leaves every header open where it names none', async () => {
    expect(await codeOf({ in: ['header'] }, { Anything: A }, 'headers')).toBeUndefined()
  })
})

describe('a rule with the name of a parameter', () => {
  const rule: AllowRule = { in: ['query:api_key', 'query:filter[token]'] }

  it.each<[string, unknown, Kind]>([
    ['a URL', `https://h.example/x?a=b&api_key=${A}`, 'url'],
    ['a URL with an encoded name', `https://h.example/x?api%5Fkey=${A}`, 'url'],
    ['a URL within text', `https://h.example/x?api_key=pre-${A}-post&z=1`, 'url'],
    ['a path', { origin: 'https://h.example', path: `/x?api_key=${A}` }, 'request'],
    ['query', { url: URL_OF_H, query: { api_key: A } }, 'request'],
    ['params with a list', { url: URL_OF_H, params: { api_key: ['x', A] } }, 'request'],
    ['URLSearchParams', { url: URL_OF_H, searchParams: new URLSearchParams({ api_key: A }) }, 'request'],
    ['pairs', { url: URL_OF_H, qs: [['api_key', A]] }, 'request'],
    ['a text', { url: URL_OF_H, query: `a=1&api_key=${A}` }, 'request'],
    ['nested members', { url: URL_OF_H, params: { filter: { token: A } } }, 'request'],
    ['nested members as a URL has them', `https://h.example/?filter[token]=${A}`, 'url'],
  ])('permits it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBeUndefined()
  })

  it.each<[string, unknown, Kind]>([
    ['another parameter', `https://h.example/?q=${A}`, 'url'],
    ['another case', `https://h.example/?API_KEY=${A}`, 'url'],
    ['the name itself', `https://h.example/?${A}`, 'url'],
    ['the name before a sign', `https://h.example/?api_key${A}=x`, 'url'],
    ['another parameter after a semicolon', `https://h.example/?api_key=x;q=${A}`, 'url'],
    ['a semicolon before', `https://h.example/?q;api_key=${A}`, 'url'],
    ['the fragment', `https://h.example/?x#api_key=${A}`, 'url'],
    ['the fragment of a URL without query', `https://h.example/#?api_key=${A}`, 'url'],
    ['the path', `https://h.example/api_key=${A}`, 'url'],
    ['what an open value may have begun', `https://h.example/?api_key=<< secrets.b | raw >>${A}`, 'url'],
    ['a broken escape', `https://h.example/?api_key%zz=${A}`, 'url'],
    ['params of another name', { url: URL_OF_H, params: { key: A } }, 'request'],
    ['members below', { url: URL_OF_H, params: { api_key: { x: A } } }, 'request'],
    ['a record of two names', { url: URL_OF_H, params: [{ name: 'api_key', key: 'q', value: A }] }, 'request'],
    ['a text', { url: URL_OF_H, query: `api_key=1&a=${A}` }, 'request'],
  ])('refuses it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBe('ERR_LOCATION_DENIED')
  })
})

describe('a rule with the name of a member', () => {
  const rule: AllowRule = { in: ['body:client_secret', 'body:auth.key'] }
  const request = (body: unknown, type?: string) => ({
    url: URL_OF_H,
    method: 'POST',
    headers: type === undefined ? {} : { 'content-type': type },
    body,
  })
  const FORM = 'application/x-www-form-urlencoded'

  it.each<[string, unknown, Kind]>([
    ['an object', request({ client_secret: A }), 'request'],
    ['a nested object', { url: URL_OF_H, json: { auth: { key: A } } }, 'request'],
    ['lists', { url: URL_OF_H, data: { auth: [{ key: [A] }] } }, 'request'],
    ['JSON', request(`{"x": 1, "auth": [{"key": "${A}"}]}`, 'application/json'), 'request'],
    ['JSON, as a literal', request(`{"client_secret": ${A}, "y": "z"}`, 'application/json'), 'request'],
    ['JSON without a content type', request(`{"client_secret": "${A}"}`), 'request'],
    ['a form', request(`a=b&client_secret=${A}`, FORM), 'request'],
    ['form', { url: URL_OF_H, form: { client_secret: A } }, 'request'],
    ['pairs of a form', { url: URL_OF_H, form: [['client_secret', A]] }, 'request'],
    ['URLSearchParams', request(new URLSearchParams({ client_secret: A })), 'request'],
    ['the kind json', { auth: { key: A } }, 'json'],
    ['the kind form', `client_secret=${A}`, 'form'],
  ])('permits it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBeUndefined()
  })

  it('permits it in FormData', async () => {
    const form = new FormData()
    form.append('client_secret', A)
    expect(await codeOf(rule, request(form), 'request')).toBeUndefined()
  })

  it.each<[string, unknown, Kind]>([
    ['another member', request({ note: A }), 'request'],
    ['a deeper one', request({ client_secret: { x: A } }), 'request'],
    ['a key that only looks nested', request({ 'auth.key': A }), 'request'],
    ['JSON', request(`{"client_secret": "x", "note": "${A}"}`, 'application/json'), 'request'],
    ['what is no JSON yet', request(`{"client_secret": "${A}", "x": {{ steps.a }}}`, 'application/json'), 'request'],
    [
      'what an open value may have begun',
      request(`{"a": "<< secrets.b | raw >>", "client_secret": "${A}"}`),
      'request',
    ],
    ['the whole body', request(A, 'text/plain'), 'request'],
    ['XML', request(`<client_secret>${A}</client_secret>`, 'application/xml'), 'request'],
    ['another parameter', request(`client_secret=x&a=${A}`, FORM), 'request'],
    [
      'a form that calls itself JSON as well',
      {
        ...request(`{"client_secret":"&a=${A}"}`),
        headers: { 'content-type': 'application/json', 'Content-Type': FORM },
      },
      'request',
    ],
    [
      'one that says both in one header',
      request(`{"client_secret":"&a=${A}"}`, `application/json;, ${FORM}`),
      'request',
    ],
    ['a text of multipart', request(`name="client_secret"\r\n\r\n${A}`, 'multipart/form-data'), 'request'],
    ['the kind json, as a whole', A, 'json'],
    [
      'an object that says itself what it is in JSON',
      request({ auth: { key: A, toJSON: () => ({ x: 1 }) } }),
      'request',
    ],
    ['one around it', request({ toJSON: () => ({}), auth: { key: A } }), 'request'],
  ])('refuses it in %s', async (_what, template, as) => {
    expect(await codeOf(rule, template, as)).toBe('ERR_LOCATION_DENIED')
  })
})

describe('the refusal of a name', () => {
  it.each<[AllowRule, unknown, Kind, string]>([
    [{ in: ['header:authorization'] }, { 'X-Api-Key': A }, 'headers', 'add "header:x-api-key" to allow.in'],
    [{ in: ['header'] }, `https://h.example/?api_key=${A}`, 'url', 'add "query:api_key" to allow.in'],
    [{ in: ['header'] }, `https://h.example/?s%203cret=${A}`, 'url', 'add "query" to allow.in'],
    [{ in: ['header'] }, { a: { b: A } }, 'json', 'add "body:a.b" to allow.in'],
    [{ in: [] }, { A }, 'env', 'add "env" to allow.in'],
  ])('by %j says what to add', async (allow, template, as, advice) => {
    const vault = await stageWith(allow)
    expect((await failure(vault.resolve(template, { as }))).message).toContain(advice)
  })

  it('says the whole list where the rule has none', async () => {
    const vault = await stageWith({ hosts: ['h.example'] })
    const error = await failure(vault.resolveRequest({ url: `https://h.example/?k=${A}` }))
    expect(error.message).toContain('set allow.in to ["header", "auth", "query:k"]')
  })
})

describe('a rule with a path', () => {
  const rule: AllowRule = { hosts: ['h.example/v2'], in: ['header', 'path', 'host', 'body'] }
  const headers = { A }

  it.each<[string, object]>([
    ['a URL', { url: 'https://h.example/v2/x' }],
    ['a base and a URL', { baseURL: 'https://h.example/v2/', url: 'x' }],
    ['an origin and a path', { origin: 'https://h.example', path: '/v2/x?y' }],
    ["node's members", { protocol: 'https:', hostname: 'h.example', path: '/v2/x' }],
    ['a base alone', { prefixUrl: 'https://h.example/v2/' }],
    ['a value after the prefix', { url: 'https://h.example/v2/<< secrets.b >>' }],
  ])('permits %s', async (_what, request) => {
    expect(await codeOf(rule, { ...request, headers }, 'request')).toBeUndefined()
  })

  it.each<[string, object]>([
    ['a URL', { url: 'https://h.example/v1/x' }],
    ['a URL that leaves its base', { baseURL: 'https://h.example/v2/', url: '/v1/x' }],
    ['a base that some clients write in front', { baseURL: 'https://h.example/v1', url: '/v2/x' }],
    ['two paths', { url: 'https://h.example/v2/x', path: '/v1' }],
    ['a path that looks like a host', { protocol: 'https:', hostname: 'h.example', path: '//x/v2/y' }],
    ["node's members without a path", { protocol: 'https:', hostname: 'h.example' }],
    ['a value in place of the prefix', { url: 'https://h.example/<< secrets.b >>/v2' }],
  ])('refuses %s', async (_what, request) => {
    expect(await codeOf(rule, { ...request, headers }, 'request')).toBe('ERR_PATH_DENIED')
  })

  it('holds once the values are in it, and shows none', async () => {
    const vault = await stageWith(rule)
    for (const value of ['..%2fadmin', '../admin', '..\\admin', '..;', '．．/x']) {
      await vault.set({ tag: 'b', value })
      const request = { url: 'https://h.example/v2/<< secrets.b >>/x', headers }
      const error = await failure(vault.resolveRequest(request))
      expect(error).toMatchObject({ code: 'ERR_PATH_DENIED', tag: 'a' })
      expect(error.message).not.toContain('admin')
    }
  })

  it('holds for a URL that is a secret, and for the option destination', async () => {
    const vault = await stageWith(rule)
    await vault.set({ tag: 'b', value: 'https://h.example/v2' })
    const under = (path: string) => vault.resolveRequest({ url: `<< secrets.b >>${path}`, headers })
    expect((await under('/x')).expose()).toMatchObject({ headers: { A: VALUE } })
    expect((await failure(under('/..%2fx'))).code).toBe('ERR_PATH_DENIED')
    const to = (destination: string) => vault.resolveHeaders(headers, { destination })
    expect((await to('https://h.example/v2/x')).expose()).toEqual({ A: VALUE })
    expect((await failure(to('https://h.example'))).code).toBe('ERR_PATH_DENIED')
    const relative = (url: string) => vault.resolveRequest({ url, headers }, { destination: 'https://h.example/v2/' })
    expect((await relative('x')).expose().url).toBe('x')
    expect((await failure(relative('/x'))).code).toBe('ERR_PATH_DENIED')
  })
})

describe('a rule with a number of uses', () => {
  it('permits that many references in one resolve, and no more', async () => {
    const twice = { maxUses: 2 }
    expect(await codeOf(twice, [A, `${A}`], 'value')).toBeUndefined()
    expect(await codeOf(twice, [A, '<< secrets.b >>', A, { x: A }], 'value')).toBe('ERR_TOO_MANY_USES')
    expect(await codeOf(twice, `https://h.example/${`${A}/`.repeat(1_000)}`, 'url')).toBe('ERR_TOO_MANY_USES')
  })

  it('says where the first one too many is, and what would allow them', async () => {
    const vault = await stageWith({ maxUses: 1 })
    const error = await failure(vault.resolve({ a: A, b: A, c: A }))
    expect(error).toMatchObject({ code: 'ERR_TOO_MANY_USES', status: 403, tag: 'a', path: 'b' })
    expect(error.message).toBe(
      'The secret "a" may be used at most 1 times in one resolve, and has 3 references; set allow.maxUses to 3, or use it less often.',
    )
    expect(await vault.check({ a: A, b: A, c: A })).toMatchObject([{ code: 'ERR_TOO_MANY_USES', path: 'b', tag: 'a' }])
  })
})

it('a rule may say all of it at once', async () => {
  const { vault } = backstage()
  const value = VALUE
  // #region rule
  await vault.set({
    tag: 'acme',
    value,
    allow: {
      hosts: ['api.acme.dev/v2', 'http://localhost:8080'],
      in: ['header:x-api-key', 'query:api_key', 'body:auth.client_secret'],
      methods: ['GET', 'POST'],
      maxUses: 1,
    },
  })
  // #endregion
  const request = { url: 'https://api.acme.dev/v2/users', headers: { 'X-API-Key': '<< secrets.acme >>' } }
  expect((await vault.resolveRequest(request)).expose().headers).toEqual({ 'X-API-Key': VALUE })
})

describe('the stored rule', () => {
  const allow: AllowRule = { hosts: ['h.example/v2'], in: ['header:X-Key', 'query:k'], maxUses: 3 }
  const request = { url: 'https://h.example/v2/x', headers: { 'x-key': A } }

  it('comes back as it was given, in its one form', async () => {
    const vault = await stageWith(allow)
    expect((await vault.describe('a'))!.allow).toEqual({ ...allow, in: ['header:x-key', 'query:k'] })
    expect((await vault.resolveRequest(request)).expose().headers).toEqual({ 'x-key': VALUE })
  })

  it.each([
    ['h.example/v2', 'h.example'],
    ['header:x-key', 'header'],
    ['"maxUses":3', '"maxUses":4'],
    [',"maxUses":3', ''],
  ])('is authenticated: %s cannot become %s', async (from, to) => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: VALUE, allow })
    const row = await stage.stored('a')
    expect(row.body).toContain(from)
    stage.overwrite({ ...row, body: row.body.replace(from, to) })
    const error = await failure(stage.another().resolveRequest(request))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'moved' })
  })

  it('with a member that this release does not know is not opened', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: VALUE, allow })
    const row = await stage.stored('a')
    stage.overwrite({ ...row, body: row.body.replace('"maxUses":3', '"maxUses":3,"ports":[443]') })
    expect(await failure(stage.another().resolveRequest(request))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  })
})
