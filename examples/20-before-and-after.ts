/** One request three times: as you keep it, as it is sent, as it is logged. The README shows what this prints. */

import { inspect } from 'node:util'
import { createVault, generateKey } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'zendesk', value: 'zd-7f3e9a1c5b', allow: { hosts: ['acme.zendesk.com'] } })

// A server that quotes the token in its answer.
globalThis.fetch = async (input, init) => {
  const { method, url, headers } = new Request(input, init)
  show('what is sent', `${method} ${url}\nAuthorization: ${headers.get('authorization')}`)
  throw new TypeError(`rejected: ${headers.get('authorization')}`)
}

const request = {
  url: 'https://acme.zendesk.com/api/v2/tickets.json',
  headers: { Authorization: 'Bearer << secrets.zendesk >>' },
}
show('your config', request)
const resolved = await vault.resolveRequest(request)
const error: unknown = await vaultFetch(vault)(request.url, request).catch((reason: unknown) => reason)
show('what your log shows', resolved, String(error))

/** Prints things under each other, to the right of a title. */
function show(title: string, ...things: unknown[]): void {
  const lines = things.flatMap((thing) => (typeof thing === 'string' ? thing : inspect(thing)).split('\n'))
  console.log(lines.map((line, index) => (index === 0 ? title : '').padEnd(22) + line).join('\n'))
}
