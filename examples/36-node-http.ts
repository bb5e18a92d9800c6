/** node:http with a secret that stands in no options object: what tracing and NODE_DEBUG see of the options is the reference's place. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createVault, generateKey } from 'guillemet'
import { vaultRequest } from 'guillemet/http/node'
import { memoryStorage } from 'guillemet/storage/memory'

/** A server that refuses the key, and shows it. */
const server = createServer((request, response) => {
  response.writeHead(401, { 'content-type': 'text/plain' }).end(`not authorized: ${request.headers.authorization}`)
})
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
const { port } = server.address() as AddressInfo

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'acme', value: 'acme-7f3e9a1c5b', allow: { hosts: [`http://127.0.0.1:${port}`] } })

// #region request
const request = vaultRequest(vault)
const response = await request({
  protocol: 'http:', // https: where none is named
  hostname: '127.0.0.1',
  port,
  path: '/me',
  headers: { Authorization: 'Bearer << secrets.acme >>' },
})
console.log(response.statusCode, await text(response)) // prints: 401 not authorized: Bearer [secret:acme]
// #endregion

server.closeAllConnections()
server.close()
await vault.close()
