/** Sends one request with a secret through a client of the kit, and one without the vault. Arguments: the module, the port. */

import { get } from 'node:http'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import type { KitClient } from './client-kit.ts'
import { DEBUG_SECRETS } from './kit-debug-secrets.ts'

const [, , module = '', port = ''] = process.argv
const { client } = (await import(module)) as { client: KitClient }
const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
const url = `http://127.0.0.1:${port}/`
await vault.create({ tag: 'key', value: DEBUG_SECRETS.key, allow: { hosts: [url] } })
await client.create(vault, {})({ url, headers: { 'x-api-key': '<< secrets.key >>' } })
await new Promise((done) =>
  get(url, { agent: false, headers: { 'x-api-key': DEBUG_SECRETS.control } }, (got) => got.resume().on('end', done)),
)
process.exit()
