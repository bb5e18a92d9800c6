/** What a secret that is bound to hosts does not go out beside: every member, header and trick, each with its twins that are let through. */

import { describe, expect, it } from 'vitest'
import { type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import { backstage, failure } from '../vault/fixture.ts'

const URL_HERE = 'https://h.example/'

async function stage(options: VaultFetchOptions = {}) {
  const behind = backstage()
  const { vault } = behind
  await vault.create({
    tag: 'bound',
    value: 'bound-0123456789',
    allow: { hosts: ['h.example'], in: ['header', 'host'] },
  })
  await vault.create({ tag: 'get', value: 'get-0123456789ab', allow: { methods: ['GET'] } })
  await vault.create({ tag: 'free', value: 'free-0123456789' })
  await vault.create({ tag: 'url', value: 'https://h.example', allow: { hosts: ['h.example'], in: ['host'] } })
  const sent: { url: string; headers: Record<string, string> }[] = []
  const fetch = async (url: string, { headers }: { headers: [string, string][] }) => {
    sent.push({ url, headers: Object.fromEntries(headers) })
    return new Response('page')
  }
  return { ...behind, sent, send: vaultFetch(vault, { fetch, in: ['host'], ...options }) }
}

const key = (tag: string) => ({ 'x-api-key': `<< secrets.${tag} >>` })

/** What is said of it, and the call. */
const DIVERTED: readonly (readonly [what: string, url: string, init: object])[] = [
  ...['dispatcher', 'agent', 'client', 'proxy', 'unix', 'tls'].map(
    (name) => [`member "${name}"`, URL_HERE, { [name]: {} }] as const,
  ),
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'].map(
    (name) => [`header "${name}"`, URL_HERE, { headers: { [name]: 'x' } }] as const,
  ),
  ...['x-http-method-override', 'X-Method-Override', 'x-http-method'].map(
    (name) => [`header "${name.toLowerCase()}"`, URL_HERE, { headers: { [name]: 'DELETE' } }] as const,
  ),
  ...['X-Original-URL', 'x-rewrite-url'].map(
    (name) => [`header "${name.toLowerCase()}"`, URL_HERE, { headers: { [name]: '/admin' } }] as const,
  ),
  ...[
    'evil.example',
    'h.example:8443',
    'h.example.evil.example',
    'x@h.example',
    'h.example/x',
    'h.example, evil.example',
    'h example',
    '',
  ].map((host) => ['header "host"', URL_HERE, { headers: { host } }] as const),
  ...[
    'https://h.example\\@evil.example/',
    'https:\\\\h.example/',
    'https:/\\h.example/',
    'https://h.exa\tmple/',
    'https://h.example\t/',
    'https://h.example\r\n/',
    'ht\ntps://h.example/',
    '\nhttps://h.example/',
    'https:/\t/h.example/',
    'https:\\/h.example/',
  ].map((url) => ['backslash, tab or line break', url, {}] as const),
]

/** Leads nowhere else. */
const PLAIN: readonly (readonly [url: string, init: object])[] = [
  ...['h.example', 'H.EXAMPLE', 'h.example:443'].map((host) => [URL_HERE, { headers: { host } }] as const),
  ...[undefined, null, false].map((agent) => [URL_HERE, { agent }] as const),
  ['https://h.example/a\\b?c\\d', {}],
  ['https://h.example?\t', {}],
  ['https://h.example/#\\', {}],
  [URL_HERE, { headers: { 'x-http-method-overridden': 'x', 'x-connection': 'y' } }],
]

function withKey(init: object, tag: string): RequestInit {
  const { headers = {} } = init as { headers?: object }
  return { ...init, headers: { ...headers, ...key(tag) } }
}

describe('a secret that is bound to hosts', () => {
  it.each(DIVERTED)('is not sent with the %s: %j', async (what, url, init) => {
    const { send, sent } = await stage()
    const error = await failure(send(url, withKey(init, 'bound')))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT', tag: 'bound', path: 'headers.x-api-key' })
    expect(error.message).toContain(what)
    expect(error.message).toContain('unsafeTransport of vaultFetch')
    expect(sent).toEqual([])
    // one without a rule goes where its author says
    await send(url, withKey(init, 'free'))
    expect(sent.map(({ headers }) => headers['x-api-key'])).toEqual(['free-0123456789'])
  })

  it.each(DIVERTED)('is sent with the %s where the option says so: %j', async (_, url, init) => {
    const { send, sent } = await stage({ unsafeTransport: true })
    await send(url, withKey(init, 'bound')).catch(() => undefined)
    // the rule is held against the URL as ever
    const isElsewhere = new URL(url).host !== 'h.example'
    expect(sent.map(({ headers }) => headers['x-api-key'])).toEqual(isElsewhere ? [] : ['bound-0123456789'])
  })

  it.each(PLAIN)('goes out to %j with %j', async (url, init) => {
    const { send, sent } = await stage()
    await send(url, withKey(init, 'bound'))
    expect(sent.map(({ headers }) => headers['x-api-key'])).toEqual(['bound-0123456789'])
  })

  it('is not opened for it', async () => {
    const { send, stored, overwrite } = await stage()
    const record = await stored('bound')
    overwrite({ ...record, body: record.body.replace(/(gm1\.[\w-]+)[\w-]{8}/, '$1AAAAAAAA') })
    expect(await failure(send(URL_HERE, withKey({}, 'bound')))).toMatchObject({ code: 'ERR_RECORD_UNREADABLE' })
    const error = await failure(send(URL_HERE, withKey({ proxy: 'http://p.example' }, 'bound')))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
  })

  it('is held to it in the host of the URL too, where nobody can compare a Host', async () => {
    const { send, sent } = await stage()
    const url = '<< secrets.url >>/path'
    expect(await failure(send(url, { headers: { host: 'h.example' } }))).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    await send(url)
    expect(sent.map((each) => each.url)).toEqual(['https://h.example/path'])
  })

  it('does not keep other errors from being told', async () => {
    const { send } = await stage()
    const error = await failure(send('https://other.example/', withKey({ headers: { upgrade: 'x' } }, 'gone')))
    expect(error).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
  })
})

it('a secret that is bound to methods is not sent with what overrides the method', async () => {
  const { send, sent } = await stage()
  const override = { 'x-http-method-override': 'DELETE' }
  // nor where something else comes first that matters to hosts alone
  for (const init of [
    { headers: override },
    { headers: { te: 'x', ...override } },
    { headers: override, proxy: 'x' },
  ]) {
    const error = await failure(send(URL_HERE, withKey(init, 'get')))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT', tag: 'get', path: 'headers.x-api-key' })
  }
  expect(sent).toEqual([])
  await send(URL_HERE, withKey({ headers: { upgrade: 'x' } }, 'get'))
  expect(sent).toHaveLength(1)
})
