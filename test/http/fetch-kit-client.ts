/** `vaultFetch` on the platform's fetch, for the kit. */

import { vaultFetch } from '../../src/http/fetch.ts'
import type { KitClient } from './client-kit.ts'

export const client: KitClient = {
  name: 'vaultFetch',
  module: import.meta.url,
  create(vault, options) {
    const send = vaultFetch(vault, options)
    return async ({ url, base: _, ...init }) => {
      const response = await send(url, init as RequestInit)
      const { status, headers } = response
      return { status, headers: Object.fromEntries(headers), text: await response.text() }
    }
  },
}
