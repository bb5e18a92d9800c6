/** axios with the adapter of the vault, over each of its own adapters, as the client kit calls it. */

import axios, { type AxiosResponse } from 'axios'
import { vaultAdapter } from '../../src/http/axios.ts'
import type { KitAnswer, KitClient } from './client-kit.ts'

/** @param module of the file that exports it as `client` */
export function axiosKitClient(adapter: 'http' | 'fetch', module: string): KitClient {
  return {
    name: `axios over ${adapter}`,
    module,
    takesBase: true,
    showsEncoding: adapter !== 'http', // axios takes it away by itself
    create(vault, options) {
      const client = axios.create({ adapter: vaultAdapter(vault, { ...options, axios, adapter }) })
      return async ({ url, base, method, headers, body, signal }) => {
        const response = await client.request<string>({
          url,
          method: method ?? 'GET',
          responseType: 'text',
          // axios would quote what is no JSON before its references are filled in
          transformRequest: (data: unknown) => (data instanceof Uint8Array ? Buffer.from(data) : data),
          transformResponse: (data: unknown) => data,
          ...(base !== undefined && { baseURL: base }),
          ...(headers && { headers }),
          ...(body !== undefined && { data: body }),
          ...(signal && { signal }),
          // what the kit asks for is an answer, whatever its status
          validateStatus: (status) => status < 400,
        })
        return answerOf(response)
      }
    },
  }
}

function answerOf({ status, headers, data }: AxiosResponse<string>): KitAnswer {
  const entries = Object.entries({ ...headers }).map(([name, value]) => [name.toLowerCase(), String(value)])
  return { status, headers: Object.fromEntries(entries) as Record<string, string>, text: data }
}
