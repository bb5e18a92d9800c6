/** What Node and packages print while somebody looks for a fault in the network: in a process of its own, since they ask once. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/redactor.ts'
import type { KitClient } from './client-kit.ts'
import { DEBUG_SECRETS } from './kit-debug-secrets.ts'
import type { KitServers } from './kit-servers.ts'

const CHILD = fileURLToPath(new URL('./kit-debug-child.ts', import.meta.url))
const DEBUG = { NODE_DEBUG: 'http,http2,net,tls,undici,fetch', DEBUG: '*' }

/** Registers the case. */
export function debugCases(client: KitClient, servers: KitServers): void {
  it('a secret in a header is in no line of NODE_DEBUG and DEBUG', async () => {
    servers.arrived.length = 0
    const args = ['--import', 'tsx', CHILD, client.module, String(servers.ports.plain)]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...DEBUG } })
    const { find } = createRedactor({ secrets: DEBUG_SECRETS })
    // the last of them is sent by node:http as it is: what it prints is looked for where it is
    expect([...new Set(find(`${stdout}${stderr}`).map(({ label }) => label))]).toEqual(['control'])
    expect(servers.arrived.map(({ headers }) => headers['x-api-key'])).toEqual(Object.values(DEBUG_SECRETS))
  })
}
