/** References in everything that the process sends by fetch: for clients that take neither a fetch nor a dispatcher. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVault, generateKey } from 'guillemet'
import { requireInterceptedFetch, vaultInterceptor } from 'guillemet/http/undici'
import { memoryStorage } from 'guillemet/storage/memory'
import { Agent, setGlobalDispatcher } from 'undici'

/** A server that shows what it got. */
const server = createServer(({ headers }, response) => {
  response.setHeader('content-type', 'text/plain').end(`invalid key ${headers['x-goog-api-key']}`)
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.set({ tag: 'google', value: 'AIza-7f3e9a1c5b8d', allow: { hosts: [origin] } })

// #region global
setGlobalDispatcher(new Agent().compose(vaultInterceptor(vault)))
await requireInterceptedFetch() // throws where this Node's fetch goes another way
// #endregion

/** Some SDK that calls the fetch of the platform. */
const response = await fetch(origin, { headers: { 'x-goog-api-key': '<< secrets.google >>' } })
console.log(await response.text()) // prints: invalid key [secret:google]

server.close()
server.closeAllConnections()
