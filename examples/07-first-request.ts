/** The first request of the README, with a secret stored before it and a fetch that sends nothing. */

import { generateKey } from 'guillemet'

process.env.GUILLEMET_KEY = generateKey()
const set = { tag: 'zendesk', value: 'zd-7f3e9a1c5b', allow: { hosts: ['acme.zendesk.com'] } }
await createVault({ storage: fileStorage('.secrets'), keys: process.env.GUILLEMET_KEY }).set(set)
globalThis.fetch = async (_input, init) => Response.json([...new Headers(init?.headers).keys()])

// #region use
import { createVault } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { fileStorage } from 'guillemet/storage/file'

const vault = createVault({ storage: fileStorage('.secrets'), keys: process.env.GUILLEMET_KEY })
const request = {
  url: 'https://acme.zendesk.com/api/v2/tickets.json',
  headers: { Authorization: 'Bearer << secrets.zendesk >>' },
}
console.log(await vault.resolveRequest(request)) // prints: Authorization: 'Bearer [secret:zendesk]'
const response = await vaultFetch(vault)(request.url, request) // sends the token; every redirect is checked
// #endregion
console.log(response.status, await response.json()) // prints: 200 [ 'authorization' ]
