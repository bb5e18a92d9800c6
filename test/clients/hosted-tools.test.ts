/** Tools that a model's provider calls by itself: their credentials are fields of the request to the provider. */

import { createOpenAI } from '@ai-sdk/openai'
import { generateText, wrapLanguageModel } from 'ai'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { concealModel } from '../../src/agents/ai.ts'
import { vaultFetch } from '../../src/http/fetch.ts'
import { clientStage, json, KEY, OTHERS } from './stage.ts'

const QUESTION = 'what is << secrets.github >>?'
const TOOL = { type: 'mcp' as const, server_label: 'gh', server_url: 'https://mcp.example/' }
const HEADERS = { Authorization: 'Bearer << secrets.github >>' }
const AUTHORED = { headers: { Authorization: 'Bearer << secrets.key >>' }, body: { tools: [{ headers: HEADERS }] } }
const MESSAGE = { type: 'message', role: 'assistant', id: 'm1', status: 'completed' }
const ANSWER = {
  id: 'r1',
  object: 'response',
  created_at: 1,
  model: 'm',
  status: 'completed',
  output: [{ ...MESSAGE, content: [{ type: 'output_text', text: 'hi', annotations: [] }] }],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
}

it('of openai get their credential only where the author has said so, and no message does', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, ANSWER))
  for (const options of [{ authored: vault.references(AUTHORED, { as: 'request' }) }, {}]) {
    const fetch = vaultFetch(vault, options)
    const openai = new OpenAI({ apiKey: '<< secrets.key >>', baseURL: origin, fetch, maxRetries: 0 })
    await openai.responses.create({ model: 'm', input: QUESTION, tools: [{ ...TOOL, headers: HEADERS }] })
  }
  const bodies = arrived.map(({ body }) => JSON.parse(body))
  expect(bodies.map(({ tools }) => tools[0].headers.Authorization)).toEqual([
    `Bearer ${OTHERS.github}`,
    HEADERS.Authorization,
  ])
  expect(bodies.map(({ input }) => input)).toEqual([QUESTION, QUESTION])
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
})

it('of the AI SDK get it below the middleware, and whatever is traced of the call has the reference', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, ANSWER))
  const authored = vault.references(AUTHORED, { as: 'request' })
  const provider = createOpenAI({
    apiKey: '<< secrets.key >>',
    baseURL: origin,
    fetch: vaultFetch(vault, { authored }),
  })
  const model = wrapLanguageModel({ model: provider.responses('m'), middleware: concealModel(vault, { of: [] }) })
  const tools = { gh: provider.tools.mcp({ serverLabel: 'gh', serverUrl: TOOL.server_url, headers: HEADERS }) }
  const { request } = await generateText({ model, prompt: QUESTION, tools: tools as never, maxRetries: 0 })
  const { tools: sent, input } = JSON.parse(arrived[0]!.body)
  expect(sent[0].headers.Authorization).toBe(`Bearer ${OTHERS.github}`)
  expect(JSON.stringify(input)).toContain('<< secrets.github >>')
  expect(JSON.stringify(request)).not.toContain(OTHERS.github)
  expect(JSON.stringify(request)).toContain(HEADERS.Authorization)
})
