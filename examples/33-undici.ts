/** A dispatcher of undici whose requests may hold references, and the place of the interceptor among the others. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault, generateKey } from 'guillemet'
import { vaultInterceptor } from 'guillemet/http/undici'
import { memoryStorage } from 'guillemet/storage/memory'
import { Agent, Client, interceptors, request } from 'undici'

/** A server that shows what it got. */
const server = createServer(({ headers }, response) => {
  response.setHeader('content-type', 'text/plain').end(`invalid key ${headers.authorization?.slice(7)}`)
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'acme', value: 'tok-7f3e9a1c5b8d', allow: { hosts: [origin] } })
const headers = { authorization: 'Bearer << secrets.acme >>' }

// #region order
const dispatcher = new Agent().compose(
  // below the vault: they see the value, and each tenant's own
  interceptors.dns(),
  interceptors.cache(),
  vaultInterceptor(vault),
  // above it: each hop and each attempt is resolved and checked anew
  interceptors.redirect({ maxRedirections: 5 }),
  interceptors.retry(),
)
// #endregion
const { body } = await request(origin, { dispatcher, headers })
console.log(await body.text()) // prints: invalid key [secret:acme]

// #region client
const client = new Client(origin).compose(vaultInterceptor(vault, { origin }))
const answer = await client.request({ path: '/', method: 'GET', headers })
// #endregion
console.log(await answer.body.text()) // prints: invalid key [secret:acme]

await Promise.all([client.close(), dispatcher.close()])
server.close()
