/** Requests to a model's provider that hold the credential of a third server. */

import { expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'

const REFERENCE = '<< secrets.github >>'

async function codes(body: object): Promise<readonly (readonly [string, string])[]> {
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await vault.create({ tag: 'github', value: 'ghp_16C7e42F292c6912E7' })
  const findings = await vault.check({ url: 'https://api.model.example/v1', method: 'POST', body }, { as: 'request' })
  return findings.map(({ code, path }) => [code, path] as const)
}

it.each([
  [{ mcp_servers: [{ authorization_token: REFERENCE }] }, 'body.mcp_servers[0].authorization_token'],
  [{ tools: [{}, { headers: { Authorization: `Bearer ${REFERENCE}` } }] }, 'body.tools[1].headers.Authorization'],
  [{ tools: [{ authorization: REFERENCE }] }, 'body.tools[0].authorization'],
])('the check warns that the provider is handed %j', async (body, path) => {
  expect(await codes(body)).toEqual([['WARN_HOSTED_TOOL', path]])
})

it('the check does not warn of any other place', async () => {
  expect(await codes({ tools: [{ description: REFERENCE }], messages: [{ content: REFERENCE }] })).toEqual([])
})
