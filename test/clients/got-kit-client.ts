/** got with `vaultRequest` in its hook, for the kit. */

import got from 'got'
import { type NodeBody, vaultRequest } from '../../src/http/node.ts'
import type { KitClient } from '../http/client-kit.ts'

export const client: KitClient = {
  name: 'got',
  module: import.meta.url,
  takesBase: true,
  dropsCredentials: true,
  followsAbove: true,
  create(vault, options) {
    const request = vaultRequest(vault, options)
    const send = got.extend({
      retry: { limit: 0 },
      throwHttpErrors: false,
      methodRewriting: true,
      hooks: {
        beforeRequest: [
          ({ url, method, headers, body, signal }) =>
            request(url as URL, { method, headers, body: body as NodeBody, signal }) as Promise<never>,
        ],
      },
    })
    return async ({ url, base, method = 'GET', headers, body, signal }) => {
      const response = await send(url, {
        method: method as 'GET',
        headers: { ...headers },
        ...(base !== undefined && { prefixUrl: base }),
        ...(body !== undefined && { body: body as Buffer }),
        ...(signal !== undefined && { signal }),
      })
      const shown = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
      return {
        status: response.statusCode,
        headers: Object.fromEntries(shown) as Record<string, string>,
        text: response.body,
      }
    }
  },
}
