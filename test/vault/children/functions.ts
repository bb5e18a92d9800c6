/**
 * Resolves the same request again and again, then counts what runs in one more call.
 *
 * `functions.ts <plain | prepared>` prints as JSON, for each file of `src`, the names of its functions that ran. A process
 * of its own, since the engine counts for everyone at once.
 */

import { Session } from 'node:inspector/promises'
import { generateKey } from '../../../src/crypto/local-key.ts'
import { memoryStorage } from '../../../src/storage/memory.ts'
import { createVault } from '../../../src/vault/vault.ts'

const WARM_CALLS = 50

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'zendesk', value: 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4' })
const request = {
  url: 'https://acme.zendesk.com/api/v2/tickets.json',
  headers: { Authorization: 'Bearer << secrets.zendesk >>' },
}
const template = process.argv[2] === 'prepared' ? vault.prepare(request, { as: 'request' }) : request
for (let call = 0; call < WARM_CALLS; call++) await vault.resolveRequest(template)

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
await vault.resolveRequest(template)
await session.post('Profiler.takePreciseCoverage') // the first take also has what ran before
await vault.resolveRequest(template)
const { result } = await session.post('Profiler.takePreciseCoverage')

const ran = result.flatMap(({ url, functions }) => {
  const file = /\/src\/(.+)$/.exec(url)?.[1]
  const names = functions
    .filter(({ ranges: [whole] }) => whole !== undefined && whole.count > 0 && whole.startOffset > 0)
    .map(({ functionName }) => functionName || '(anonymous)')
    .filter((name) => name !== '__name') // the loader's, which names functions
  return file === undefined || names.length === 0 ? [] : [[file, names] as const]
})
process.stdout.write(JSON.stringify(Object.fromEntries(ran)))
