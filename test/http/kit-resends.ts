/** A secret that was rotated while a request was on its way: it goes out once more, byte for byte, where that may be. */

import { expect, it } from 'vitest'
import { backstage } from '../vault/fixture.ts'
import type { KitClient, KitRequest } from './client-kit.ts'
import type { KitServers } from './kit-servers.ts'

const HEADERS = { 'x-api-key': '<< secrets.key >>', 'content-type': 'application/json' }
const TEXT = '{"quote":"\u20ac << secrets.key >>"}'

/** Registers the cases. */
export function resendCases(client: KitClient, servers: KitServers): void {
  /** Sends one request, and rotates before it is answered for the first time. */
  async function sent(request: Omit<KitRequest, 'url'>, retryUnauthorized: boolean | readonly string[]) {
    const { vault, another } = backstage()
    await vault.create({ tag: 'key', value: 'old-7f3e9a1c5b8d2e4f' })
    const send = client.create(vault, { retryUnauthorized })
    servers.arrived.length = 0
    servers.onRotated = () => another().update('key', { value: 'new-0a1b2c3d4e5f6071' })
    const url = `http://one.test:${servers.ports.plain}/rotated`
    const answer = await send({ url, headers: HEADERS, ...request }).catch((error: unknown) => error)
    const keys = servers.arrived.map(({ headers }) => headers['x-api-key'])
    return { answer, keys, bodies: servers.arrived.map(({ body }) => body.toString()) }
  }

  it.each([
    ['nothing', { method: 'GET' }, ''],
    ['text', { method: 'PUT', body: TEXT }, TEXT],
    ['bytes', { method: 'PUT', body: new TextEncoder().encode(TEXT) }, TEXT],
  ] as const)('%s is sent again with the newest secret', async (_, request, body) => {
    const { answer, keys, bodies } = await sent(request, true)
    expect(answer).toMatchObject({ status: 200 })
    expect(JSON.stringify(answer)).toContain('[secret:key]')
    expect(keys).toEqual(['old-7f3e9a1c5b8d2e4f', 'new-0a1b2c3d4e5f6071'])
    expect(bodies).toEqual([body, body])
  })

  it('a POST only where the option names it, and nothing without the option', async () => {
    const post = { method: 'POST', body: TEXT }
    expect((await sent(post, true)).keys).toHaveLength(1)
    expect((await sent(post, ['POST'])).bodies).toEqual([TEXT, TEXT])
    expect((await sent({}, false)).keys).toHaveLength(1)
  })
}
