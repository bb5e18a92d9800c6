/** Law: whatever a value is, the parser of the server gives it back, in every place. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backstage } from '../vault/fixture.ts'
import type { KitClient } from './client-kit.ts'
import type { KitArrival, KitServers } from './kit-servers.ts'

const REF = '<< secrets.any >>'

/** Any text that is Unicode, and not a segment that URLs take away. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'&=+%#?/\\ "\'\r\n\t€🚀<>.:;@{}'), minLength: 1, maxLength: 20 }),
  )
  .filter((text) => text !== '.' && text !== '..')
/** What a header can carry: Latin-1 without controls, and no space at its ends (RFC 9110 §5.5). */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }), fc.constant(9)), {
    minLength: 1,
    maxLength: 40,
  })
  .map((codes) => String.fromCharCode(...codes))
  .filter((text) => !/^[\s]|[\s]$/.test(text))
/** Basic auth has no control characters, and no colon in a user name (RFC 7617 §2). */
const password = anyText.filter((text) => !/[\0-\x1f\x7f]/.test(text))
const userName = password.filter((text) => !text.includes(':'))

/** Registers the case. */
export function valueCases(client: KitClient, servers: KitServers): void {
  it('in a header, basic auth, a query, a path, JSON and a form', async () => {
    const { vault } = backstage()
    const send = client.create(vault, { in: ['query', 'path', 'body', 'auth'] })
    const host = `one.test:${servers.ports.plain}`
    const pair = btoa('<< secrets.login.username >>:<< secrets.login.password >>')
    const law = fc.asyncProperty(anyText, headerText, userName, password, async (any, header, username, own) => {
      await vault.set({ tag: 'any', value: any })
      await vault.set({ tag: 'header', value: header })
      await vault.set({ tag: 'login', type: 'basicAuth', value: { username, password: own } })
      servers.arrived.length = 0
      await send({
        url: `http://${host}/p/${REF}?a=b&q=${REF}&c`,
        method: 'POST',
        headers: {
          authorization: `Basic ${pair}`,
          'x-api-key': '<< secrets.header >>',
          'content-type': 'application/json',
        },
        body: `{"a":"${REF}","b":["x ${REF} \\"y\\""],"c":${REF}}`,
      })
      await send({
        url: `http://<< secrets.login.username >>:<< secrets.login.password >>@${host}/`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `a=${REF}&b=x+${REF}`,
      })
      const [json, form] = servers.arrived as [KitArrival, KitArrival]
      expect(json.headers['x-api-key']).toBe(header)
      expect(pairOf(json)).toEqual([username, own])
      expect(pairOf(form)).toEqual([username, own])
      const { pathname, searchParams } = new URL(json.url, json.origin)
      expect([decodeURIComponent(pathname), searchParams.get('q')]).toEqual([`/p/${any}`, any])
      expect(JSON.parse(json.body.toString())).toEqual({ a: any, b: [`x ${any} "y"`], c: any })
      expect([...new URLSearchParams(form.body.toString())]).toEqual([
        ['a', any],
        ['b', `x ${any}`],
      ])
    })
    await fc.assert(law, { numRuns: 50 })
  })
}

/** User name and password, as RFC 7617 reads them. */
function pairOf({ headers: { authorization = '' } }: KitArrival): readonly string[] {
  const text = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1)]
}
