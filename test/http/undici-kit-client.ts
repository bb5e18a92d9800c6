/** undici through the interceptor, for the cases of every client; it follows redirects above the vault. */

import { Agent, interceptors } from 'undici'
import { vaultInterceptor } from '../../src/http/undici.ts'
import type { KitClient } from './client-kit.ts'

export const client: KitClient = {
  name: 'vaultInterceptor',
  module: import.meta.url,
  decodes: false,
  dropsCredentials: true,
  create(vault, options) {
    const redirect = interceptors.redirect({ maxRedirections: 20 })
    const dispatcher = new Agent().compose(vaultInterceptor(vault, options), redirect)
    return async ({ url, method = 'GET', ...rest }) => {
      // the function `request` makes a URL of it, in which a reference is percent-encoded
      const [, origin, path] = /^([^/]*\/\/[^/?#]*)([^#]*)/.exec(url)!
      const options = { ...rest, origin: origin!, path: path!.replace(/^(?!\/)/, '/'), method: method as 'GET' }
      const { statusCode, headers, body } = await dispatcher.request(options)
      const flat = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
      return { status: statusCode, headers: Object.fromEntries(flat), text: await body.text() }
    }
  },
}
