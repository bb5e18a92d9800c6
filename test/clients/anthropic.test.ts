import Anthropic from '@anthropic-ai/sdk'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import {
  batches,
  clientStage,
  events,
  expectMasked,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
} from './stage.ts'

const MESSAGE = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
}

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region anthropic
  const anthropic = new Anthropic({ apiKey: '<< secrets.key >>', fetch: vaultFetch(vault), baseURL })
  // #endregion
  return { ...set, anthropic: anthropic.withOptions({ maxRetries: 0 }) }
}

it('prompts and tool results are text, and the key arrives', async () => {
  const { anthropic, ...set } = await stage((_, response) => json(response, 200, MESSAGE))
  for (const batch of batches(100)) {
    await anthropic.messages.create({
      model: 'm',
      max_tokens: 9,
      messages: batch.flatMap((content, index): Anthropic.MessageParam[] => [
        { role: 'assistant', content: [{ type: 'tool_use', id: `t${index}`, name: 'f', input: { q: content } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: `t${index}`, content },
            { type: 'text', text: content },
          ],
        },
      ]),
    })
  }
  expectPromptsAsWritten(set)
  expect(set.arrived.map(({ headers }) => headers.authorization)).toEqual(Array(10).fill(`Bearer ${KEY}`))
})

it('a refusal of the vault is the cause of its connection error', async () => {
  const { anthropic, vault } = await stage((_, response) => json(response, 200, MESSAGE))
  await vault.update('key', { enabled: false })
  const error = await anthropic.models.list().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Anthropic.APIConnectionError)
  expect(error).toMatchObject({ cause: { code: 'ERR_SECRET_DISABLED', tag: 'key' } })
})

it('the echo of a 401 is masked in its own error', async () => {
  const { anthropic } = await stage(({ headers }, response) =>
    json(response, 401, {
      type: 'error',
      error: { type: 'authentication_error', message: `no: ${headers.authorization}` },
    }),
  )
  const error = await anthropic.models.list().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
  expectMasked(error)
})

it('streams', async () => {
  const { anthropic } = await stage((_, response) => {
    const delta = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
    const data = [
      { type: 'message_start', message: { ...MESSAGE, content: [] } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      delta('It is '),
      delta(KEY),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ]
    events(
      response,
      data,
      data.map(({ type }) => type),
    )
  })
  const message = await anthropic.messages.stream({ model: 'm', max_tokens: 9, messages: [] }).finalMessage()
  expect(message.content).toMatchObject([{ type: 'text', text: 'It is [secret:key]' }])
})

it('a server that answers with references gets no secret for them', async () => {
  const { anthropic, arrived } = await stage((_, response) => json(response, 200, MESSAGE, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) await anthropic.messages.create({ model: 'm', max_tokens: 9, messages: [] })
  expectNoOtherSecret(arrived)
})

it('a hosted tool gets the secret that its author wrote, and no message does', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, MESSAGE))
  const server = { type: 'url', name: 'gh', url: 'https://mcp.example/', authorization_token: '<< secrets.github >>' }
  // #region hosted-tool
  const config = { headers: { Authorization: 'Bearer << secrets.key >>' }, body: { mcp_servers: [server] } }
  const authored = vault.references(config, { as: 'request' })
  const anthropic = new Anthropic({
    apiKey: '<< secrets.key >>',
    fetch: vaultFetch(vault, { authored }),
    baseURL: origin,
  })
  // #endregion
  const messages = [{ role: 'user', content: 'what is << secrets.github >>?' }]
  await anthropic.post('/v1/messages', { body: { messages, mcp_servers: [server] } })
  expect(JSON.parse(arrived[0]!.body)).toEqual({
    messages,
    mcp_servers: [{ ...server, authorization_token: 'ghp_16C7e42F292c6912E7' }],
  })
  expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
})
