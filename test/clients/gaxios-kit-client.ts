/** gaxios on `vaultFetch`, for the kit. */

import { Gaxios } from 'gaxios'
import { vaultFetch } from '../../src/http/fetch.ts'
import type { KitClient } from '../http/client-kit.ts'

export const client: KitClient = {
  name: 'gaxios',
  module: import.meta.url,
  create(vault, options) {
    const gaxios = new Gaxios({ fetchImplementation: vaultFetch(vault, options) })
    return async ({ url, method = 'GET', headers, body, signal }) => {
      const response = await gaxios.request<string>({
        url,
        method: method as 'GET',
        responseType: 'text',
        validateStatus: () => true,
        headers: new Headers(headers),
        ...(body !== undefined && { body: body as string }),
        ...(signal !== undefined && { signal }),
      })
      return { status: response.status, headers: Object.fromEntries(response.headers), text: response.data ?? '' }
    }
  },
}
