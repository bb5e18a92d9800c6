import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { GuillemetError } from '../../src/errors.ts'
import { vaultFetch } from '../../src/http/fetch.ts'
import {
  type Arrived,
  batches,
  clientStage,
  events,
  expectMasked,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  REFERENCE,
} from './stage.ts'

const COMPLETION = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi', refusal: null } }],
}
const chunk = (content: string) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
})

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault } = set
  const baseURL = `${set.origin}/v1`
  // #region openai
  const openai = new OpenAI({ apiKey: '<< secrets.key >>', fetch: vaultFetch(vault), baseURL })
  // #endregion
  return { ...set, openai: openai.withOptions({ maxRetries: 0 }) }
}

it('prompts and tool results are text, and the key arrives', async () => {
  const { openai, ...set } = await stage((_, response) => json(response, 200, COMPLETION))
  for (const batch of batches(100)) {
    await openai.chat.completions.create({
      model: 'm',
      messages: batch.flatMap((content, index): OpenAI.ChatCompletionMessageParam[] => {
        const id = `t${index}`
        if (index % 2 === 0) return [{ role: 'user', content }]
        const call = {
          id,
          type: 'function' as const,
          function: { name: 'f', arguments: JSON.stringify({ q: content }) },
        }
        return [
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: id, content },
        ]
      }),
    })
  }
  expectPromptsAsWritten(set)
  expect(set.arrived.map(({ headers }) => headers.authorization)).toEqual(Array(10).fill(`Bearer ${KEY}`))
  // one use and one skipped for each request
  expect(set.events.filter(({ action }) => action === 'skipped')).toHaveLength(10)
  expect(set.events.filter(({ action }) => action === 'use')).toHaveLength(10)
})

it('the echo of a 401 is masked in its own error', async () => {
  const { openai } = await stage(({ headers }, response) =>
    json(response, 401, {
      error: { message: `Incorrect API key provided: ${headers.authorization}`, code: 'invalid' },
    }),
  )
  const error = await openai.models.list().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
  expectMasked(error)
})

it('a refusal of the vault is the cause of its connection error, after every retry of the client', async () => {
  const { openai, vault, arrived, events: told } = await stage((_, response) => json(response, 200, COMPLETION))
  await vault.update('key', { enabled: false })
  // #region reason
  const reasonOf = (error: unknown): unknown =>
    error instanceof OpenAI.APIConnectionError && error.cause instanceof GuillemetError ? error.cause : error
  // #endregion
  for (const maxRetries of [0, 1]) {
    told.length = 0
    const error = await openai.withOptions({ maxRetries }).models.list().catch(reasonOf)
    expect(error).toMatchObject({ code: 'ERR_SECRET_DISABLED', tag: 'key' })
    expect(told.filter(({ outcome }) => outcome !== 'ok')).toHaveLength(maxRetries + 1)
  }
  expect(arrived).toEqual([])
})

it('streams', async () => {
  const { openai } = await stage((_, response) =>
    events(response, [chunk('Your key is '), chunk(KEY), chunk('!'), '[DONE]']),
  )
  const stream = await openai.chat.completions.create({ model: 'm', stream: true, messages: [] })
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  expect(text).toBe('Your key is [secret:key]!')
})

it('uploads files, and downloads what is not text as it is', async () => {
  const bytes = Buffer.from(`\0binary ${KEY}`)
  const { openai, arrived } = await stage(({ url }, response) => {
    if (url.endsWith('/content')) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes)
    else json(response, 200, { id: 'f', object: 'file' })
  })
  await openai.files.create({ purpose: 'user_data', file: new File(['{{ secrets.stripe }}'], 'notes.txt') })
  expect(arrived[0]!.body).toContain('{{ secrets.stripe }}')
  const content = await openai.files.content('f')
  expect(Buffer.from(await content.arrayBuffer())).toEqual(bytes)
})

it('a server that answers with references gets no secret for them', async () => {
  const { openai, arrived } = await stage((_, response) => json(response, 200, COMPLETION, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) await openai.chat.completions.create({ model: 'm', messages: [] })
  expectNoOtherSecret(arrived)
  expect(arrived.map(({ headers }: Arrived) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${KEY}`))
})

it('takes a key with either delimiter', async () => {
  for (const apiKey of [REFERENCE, '{{ secrets.key }}', '{{secrets.key}}']) {
    const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, { data: [] }))
    await new OpenAI({ apiKey, fetch: vaultFetch(vault), baseURL: origin }).models.list()
    expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
  }
})

it('a hosted tool gets the secret that its author wrote, and no message, tool call or result does', async () => {
  const { vault, origin, arrived, events } = await clientStage((_, response) =>
    json(response, 200, { id: 'r', object: 'response', output: [] }),
  )
  const tool = {
    type: 'mcp',
    server_label: 'gh',
    server_url: 'https://mcp.example/',
    headers: { Authorization: 'Bearer << secrets.github >>' },
    require_approval: 'never',
  } as const
  const config = { headers: { Authorization: 'Bearer << secrets.key >>' }, body: { tools: [tool] } }
  const authored = vault.references(config, { as: 'request' })
  const input = [
    { role: 'user', content: 'what is << secrets.github >>?' },
    { type: 'function_call_output', call_id: 'c', output: '{"headers":{"Authorization":"<< secrets.github >>"}}' },
  ] as const
  const apiKey = '<< secrets.key >>'
  const request = { model: 'gpt-4o', tools: [tool], input: [...input] }
  const recipe = new OpenAI({ apiKey, fetch: vaultFetch(vault, { authored }), baseURL: origin, maxRetries: 0 })
  await recipe.responses.create(request)
  const filled = { ...tool, headers: { Authorization: 'Bearer ghp_16C7e42F292c6912E7' } }
  expect(JSON.parse(arrived[0]!.body)).toMatchObject({ tools: [filled], input })
  // without the recipe all of it is text, and the listener is told
  events.length = 0
  const plain = new OpenAI({ apiKey, fetch: vaultFetch(vault), baseURL: origin, maxRetries: 0 })
  await plain.responses.create(request)
  expect(JSON.parse(arrived[1]!.body)).toMatchObject({ tools: [tool], input })
  expect(events.map(({ action }) => action)).toContain('skipped')
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
})
