/** What arrives where when servers redirect: every way of leaving an origin, status, place of a secret, and rule. */

import { beforeAll, beforeEach, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/redactor.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage } from '../vault/fixture.ts'
import type { KitClient, KitRequest, KitSend } from './client-kit.ts'
import { type KitArrival, type KitServers, redirectPath } from './kit-servers.ts'

/** By tag; `bound` may only go to where the request starts, `wide` to two.test too, `free` has no rule. */
export const REDIRECT_SECRETS = {
  free: 'free-7f3e9a1c5b8d2e4f',
  bound: 'bound-0a1b2c3d4e5f6071',
  wide: 'wide-99aa88bb77cc66dd',
} as const
type Tag = keyof typeof REDIRECT_SECRETS

const STATUSES = [301, 302, 303, 307, 308]

/** A redirect, by the ports of the servers. */
interface Route {
  readonly from: string
  readonly to: string
  /** The whole location, where it is more than the path `/end` of `to`. */
  readonly location?: (status: number) => string
}

const ROUTES: Readonly<Record<string, (ports: KitServers['ports']) => Route>> = {
  'the same origin': ({ plain }) => ({ from: `http://one.test:${plain}`, to: `http://one.test:${plain}` }),
  'another host': ({ plain }) => ({ from: `http://one.test:${plain}`, to: `http://two.test:${plain}` }),
  'another port': ({ plain, other }) => ({ from: `http://one.test:${plain}`, to: `http://one.test:${other}` }),
  'a sub-domain': ({ plain }) => ({ from: `http://one.test:${plain}`, to: `http://sub.one.test:${plain}` }),
  'a host that begins alike': ({ plain }) => ({
    from: `http://one.test:${plain}`,
    to: `http://one.test.evil.test:${plain}`,
  }),
  'http from https': ({ plain, tls }) => ({ from: `https://one.test:${tls}`, to: `http://one.test:${plain}` }),
  'https from http': ({ plain, tls }) => ({ from: `http://one.test:${plain}`, to: `https://one.test:${tls}` }),
  'five hops, the last ones elsewhere and back': ({ plain }) => {
    const one = `http://one.test:${plain}`
    const two = `http://two.test:${plain}`
    const through = (status: number) =>
      [two, two, one, two].reduceRight((next, origin) => origin + redirectPath(status, next), `${one}/end`)
    return { from: one, to: one, location: through }
  },
}

const REFERENCE = (tag: Tag): string => `<< secrets.${tag} >>`
const MULTIPART = (tag: Tag): string =>
  `--x\r\nContent-Disposition: form-data; name="k"\r\n\r\n${REFERENCE(tag)}\r\n--x--\r\n`
const PLACES: Readonly<Record<string, (tag: Tag) => Omit<KitRequest, 'url'>>> = {
  authorization: (tag) => ({ headers: { authorization: `Bearer ${REFERENCE(tag)}` } }),
  'basic auth': (tag) => ({ headers: { authorization: `Basic ${btoa(`me:${REFERENCE(tag)}`)}` } }),
  'x-api-key': (tag) => ({ headers: { 'x-api-key': REFERENCE(tag) } }),
  cookie: (tag) => ({ headers: { cookie: `session=${REFERENCE(tag)}` } }),
  'a header that the option names': (tag) => ({ headers: { 'x-acme-key': REFERENCE(tag) } }),
  'a JSON body': (tag) => posted('application/json', `{"key":"${REFERENCE(tag)}"}`),
  'a form body': (tag) => posted('application/x-www-form-urlencoded', `key=${REFERENCE(tag)}`),
  'a multipart text': (tag) => posted('multipart/form-data; boundary=x', MULTIPART(tag)),
}

function posted(type: string, body: string): Omit<KitRequest, 'url'> {
  return { method: 'POST', headers: { 'content-type': type }, body }
}

/** Finds which of the secrets an arrival holds, however they are written. */
const redactor = createRedactor({ secrets: REDIRECT_SECRETS })

/** The tags of the secrets that have arrived there. */
export function tagsIn({ url, headers, body }: KitArrival): readonly string[] {
  const shown = `${url}\n${Object.values(headers).join('\n')}\n${body.toString()}`
  return [...new Set(redactor.find(shown).map(({ label }) => label))]
}

/** A vault with the three secrets. */
export async function redirectVault({ plain, tls }: KitServers['ports']): Promise<Vault> {
  const { vault } = backstage()
  const start = [`http://one.test:${plain}`, `https://one.test:${tls}`]
  const rules = { free: undefined, bound: start, wide: [...start, `http://two.test:${plain}`] }
  for (const [tag, value] of Object.entries(REDIRECT_SECRETS)) {
    const hosts = rules[tag as Tag]
    await vault.create({ tag, value, ...(hosts && { allow: { hosts, in: ['header', 'auth', 'body'] } }) })
  }
  return vault
}

/** Where a secret may arrive at all. */
function mayArrive(tag: string, origin: string, route: Route, { plain, tls }: KitServers['ports']): boolean {
  if (tag === 'free') return origin === route.from
  if (origin === `http://one.test:${plain}` || origin === `https://one.test:${tls}`) return true
  return tag === 'wide' && origin === `http://two.test:${plain}`
}

/** Registers the cases. */
export function redirectCases(client: KitClient, servers: KitServers): void {
  let vault: Vault
  let send: KitSend
  beforeAll(async () => {
    vault = await redirectVault(servers.ports)
  })
  // a new one for each route: a client remembers where redirects that it gave back have led
  beforeEach(() => {
    send = client.create(vault, { headers: ['x-acme-key', 'cookie'], in: ['body'] })
  })

  it.each(Object.keys(ROUTES))('to %s: no secret arrives where it may not go', async (name) => {
    const route = ROUTES[name]!(servers.ports)
    for (const place of Object.keys(PLACES)) {
      for (const status of STATUSES) {
        for (const tag of Object.keys(REDIRECT_SECRETS) as Tag[]) await sendOne(route, { name, place, status, tag })
      }
    }
  })

  interface Case {
    readonly name: string
    readonly place: string
    readonly status: number
    readonly tag: Tag
  }

  async function sendOne(route: Route, { name, place, status, tag }: Case): Promise<void> {
    const said = `${name}, ${place}, ${status}, ${tag}`
    servers.arrived.length = 0
    const url = route.from + redirectPath(status, route.location?.(status) ?? `${route.to}/end`)
    const ending = await send({ url, ...PLACES[place]!(tag) }).then(
      (answer) => answer.status,
      (error: { code?: unknown }) => error.code,
    )
    const { arrived, ports } = servers
    const seen = arrived.map((arrival) => ({ origin: arrival.origin, tags: tagsIn(arrival) }))
    expect(seen[0], said).toEqual({ origin: route.from, tags: [tag] })
    const astray = seen.filter(({ origin, tags }) => tags.some((each) => !mayArrive(each, origin, route, ports)))
    expect(astray, said).toEqual([])
    if (client.followsRedirects === false) {
      expect([ending, seen.length], said).toEqual([status, 1])
      return
    }
    const refusals = client.followsAbove === true ? ['ERR_REDIRECT_DENIED', 'ERR_HOST_DENIED'] : ['ERR_REDIRECT_DENIED']
    expect([200, ...refusals], said).toContain(ending)
    const isBodyLost = place.endsWith('body') || place.endsWith('text') ? status < 307 : false
    const isDropped = client.dropsCredentials === true && ['authorization', 'basic auth', 'cookie'].includes(place)
    const hasGone = name === 'the same origin' || (name === 'another host' && tag === 'wide' && !isDropped)
    if (hasGone) expect([ending, seen.at(-1)], said).toEqual([200, { origin: route.to, tags: isBodyLost ? [] : [tag] }])
  }

  it('a loop ends with an error', async ({ skip }) => {
    if (client.followsRedirects === false) skip('the client follows no redirects')
    servers.arrived.length = 0
    const url = `http://one.test:${servers.ports.plain}/loop`
    const error = await send({ url, headers: { 'x-api-key': REFERENCE('bound') } }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(servers.arrived.length).toBeLessThanOrEqual(25)
    expect(servers.arrived.length).toBeGreaterThan(0)
  })
}
