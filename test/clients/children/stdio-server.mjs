/** An MCP server over stdio that shows on stderr what it was started with, and has one tool that says it. */

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'

process.stderr.write(`argv ${JSON.stringify(process.argv.slice(2))}\n`)
process.stderr.write(`env ${JSON.stringify(process.env)}\n`)
const server = new McpServer({ name: 'shows', version: '1.0.0' })
server.registerTool('length', { description: 'how long the token is' }, () => ({
  content: [{ type: 'text', text: String(process.env.API_TOKEN?.length) }],
}))
await server.connect(new StdioServerTransport())
