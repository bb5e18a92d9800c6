/** axios with references: its configs and errors hold them too, so that a log, a retry or an error report shows no key. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios, { isAxiosError } from 'axios'
import { createVault, generateKey } from 'guillemet'
import { vaultAdapter } from 'guillemet/http/axios'
import { memoryStorage } from 'guillemet/storage/memory'

/** A server that refuses the key, and shows it. */
const server = createServer((request, response) => {
  response.writeHead(401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: `not authorized: ${request.headers.authorization}` }))
})
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'acme', value: 'acme-7f3e9a1c5b', allow: { hosts: [baseURL] } })

// #region axios
const client = axios.create({ adapter: vaultAdapter(vault, { axios }), baseURL })
try {
  await client.get('/me', { headers: { Authorization: 'Bearer << secrets.acme >>' } })
} catch (error) {
  if (!isAxiosError(error)) throw error
  console.log(error.config?.headers.get('Authorization')) // prints: Bearer << secrets.acme >>
  console.log(error.response?.data.error) // prints: not authorized: Bearer [secret:acme]
}
// #endregion

server.closeAllConnections()
server.close()
await vault.close()
