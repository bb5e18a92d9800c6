import { randomUUID } from 'node:crypto'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import {
  type Arrived,
  clientStage,
  events,
  expectMasked,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  PROMPTS,
} from './stage.ts'

/** A server of the streamable HTTP transport: answers with JSON or events, as it is told. */
function mcpServer(sessionId: string, more: object = {}, withEvents = false) {
  return ({ method, body, headers: given }: Arrived, response: Parameters<typeof json>[0]): void => {
    const headers = { 'mcp-session-id': sessionId, ...more }
    if (method !== 'POST') return void response.writeHead(method === 'GET' ? 405 : 200).end()
    const { id, method: call, params } = JSON.parse(body)
    if (id === undefined) return void response.writeHead(202, headers).end()
    const result =
      call === 'initialize'
        ? {
            protocolVersion: params.protocolVersion,
            capabilities: { tools: {} },
            serverInfo: { name: 's', version: '1' },
          }
        : { content: [{ type: 'text', text: `echo ${given.authorization} ${params.arguments?.q ?? ''}` }] }
    if (withEvents) events(response, [{ jsonrpc: '2.0', id, result }])
    else json(response, 200, { jsonrpc: '2.0', id, result }, headers)
  }
}

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault } = set
  const url = new URL(`${set.origin}/mcp`)
  // #region mcp
  const requestInit = { headers: { Authorization: 'Bearer << secrets.key >>' } }
  const transport = new StreamableHTTPClientTransport(url, { fetch: vaultFetch(vault), requestInit })
  // #endregion
  const client = new Client({ name: 'c', version: '1' })
  return { ...set, client, transport, connect: () => client.connect(transport as Parameters<Client['connect']>[0]) }
}

it('arguments and results are text, and the key arrives with POST, GET and DELETE', async () => {
  const session = randomUUID()
  const { client, connect, transport, ...set } = await stage(mcpServer(session))
  await connect()
  for (const q of PROMPTS) {
    const { content } = await client.callTool({ name: 'f', arguments: { q } })
    expect(content).toEqual([{ type: 'text', text: `echo Bearer [secret:key] ${q}` }])
  }
  await transport.terminateSession()
  await client.close()
  expectPromptsAsWritten({ ...set, arrived: set.arrived.filter(({ body }) => body !== '') })
  expect(new Set(set.arrived.map(({ method }) => method))).toEqual(new Set(['POST', 'GET', 'DELETE']))
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
  expect(set.arrived.at(-1)!.headers['mcp-session-id']).toBe(session)
})

it('an answer as an event stream is masked', async () => {
  const { client, connect } = await stage(mcpServer('s', {}, true))
  await connect()
  const { content } = await client.callTool({ name: 'f', arguments: { q: 'x' } })
  expect(content).toEqual([{ type: 'text', text: 'echo Bearer [secret:key] x' }])
  await client.close()
})

it('the echo of a 500 is masked in its own error', async () => {
  const { connect } = await stage(({ headers }, response) =>
    response.writeHead(500, { 'content-type': 'text/plain' }).end(`cannot handle ${headers.authorization}`),
  )
  expectMasked(await connect().catch((thrown: unknown) => thrown))
})

it.each(['<< secrets.stripe >>', '{{ secrets.key }}', '{{ secrets.'])(
  'a server that calls its session %s gets no secret for it, and is refused',
  async (sessionId) => {
    const { connect, arrived } = await stage(mcpServer(sessionId, HOSTILE_HEADERS))
    const error = await connect().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_LOCATION_DENIED', path: 'headers.mcp-session-id' })
    expect((error as Error).message).toContain('option headers')
    expectNoOtherSecret(arrived)
    expect(arrived.filter(({ headers }) => headers['mcp-session-id']?.includes(KEY))).toEqual([])
  },
)
