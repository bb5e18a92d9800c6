/** The config of an MCP host with references in it: a server as a process, and one that is reached by HTTP. */

import { createVault, generateKey } from 'guillemet'
import { checkMcpServers, resolveMcpServers } from 'guillemet/agents/mcp'
import { memoryStorage } from 'guillemet/storage/memory'

const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
await vault.create({ tag: 'github', value: 'ghp_16C7e42F292c6912E7' })
await vault.create({ tag: 'linear', value: 'lin_api_4kVb7Qe2mZ81' })
globalThis.fetch = async (input, init) => {
  console.log(String(input), new Headers(init?.headers).get('authorization'))
  return new Response()
}

// #region servers
const config = {
  mcpServers: {
    github: { command: 'npx', args: ['-y', 'mcp-github'], env: { GITHUB_TOKEN: '<< secrets.github >>' } },
    linear: { url: 'https://mcp.linear.example/mcp', headers: { Authorization: 'Bearer << secrets.linear >>' } },
  },
}
console.log(await checkMcpServers(vault, config)) // prints: []
const { github, linear } = await resolveMcpServers(vault, config, { inherit: { PATH: '/usr/bin' } })
console.log(github) // prints: env: { GITHUB_TOKEN: '[secret:github]' }
if (github?.type === 'stdio') console.log(Object.keys(github.parameters.env)) // prints: [ 'PATH', 'GITHUB_TOKEN' ]
// #endregion
if (linear?.type === 'stdio' || linear === undefined) throw new Error('it has a url')

// what a client does, and where a server that answers 401 sends it to
const { fetch, requestInit } = linear.options
await fetch(linear.url, { ...requestInit, method: 'POST' }) // prints: https://mcp.linear.example/mcp Bearer lin_api_4kVb7Qe2mZ81
await fetch('https://evil.example/.well-known/oauth-protected-resource', requestInit) // prints: https://evil.example/.well-known/oauth-protected-resource null
await vault.close()
