/** `vaultRequest`, for the kit. */

import { Buffer } from 'node:buffer'
import { vaultRequest } from '../../src/http/node.ts'
import type { KitClient } from './client-kit.ts'

export const client: KitClient = {
  name: 'vaultRequest',
  module: import.meta.url,
  followsRedirects: false,
  create(vault, options) {
    const request = vaultRequest(vault, options)
    return async ({ url, base: _, ...rest }) => {
      const response = await request(url, rest)
      const pieces: Uint8Array[] = []
      for await (const piece of response) pieces.push(piece as Uint8Array)
      const headers = Object.entries(response.headersDistinct).map(([name, values]) => [name, values!.join(', ')])
      return {
        status: response.statusCode,
        headers: Object.fromEntries(headers) as Record<string, string>,
        text: Buffer.concat(pieces).toString(),
      }
    }
  },
}
