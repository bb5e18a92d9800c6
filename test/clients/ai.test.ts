import { createOpenAI } from '@ai-sdk/openai'
import { generateText, type ModelMessage, streamText } from 'ai'
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

const COMPLETION = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region ai
  const provider = createOpenAI({ apiKey: '<< secrets.key >>', fetch: vaultFetch(vault), baseURL })
  // #endregion
  return { ...set, model: provider.chat('m') }
}

it('prompts and tool results are text, and the key arrives', async () => {
  const { model, ...set } = await stage((_, response) => json(response, 200, COMPLETION))
  for (const batch of batches(100)) {
    const messages = batch.flatMap((value, index): ModelMessage[] => {
      const call = { toolCallId: `t${index}`, toolName: 'f' }
      if (index % 2 === 0) return [{ role: 'user', content: value }]
      return [
        { role: 'assistant', content: [{ type: 'tool-call', ...call, input: { q: value } }] },
        { role: 'tool', content: [{ type: 'tool-result', ...call, output: { type: 'text', value } }] },
      ]
    })
    await generateText({ model, messages, maxRetries: 0 })
  }
  expectPromptsAsWritten(set)
  expect(set.arrived.map(({ headers }) => headers.authorization)).toEqual(Array(10).fill(`Bearer ${KEY}`))
})

it('the echo of a 401 is masked in its own error', async () => {
  const { model } = await stage(({ headers }, response) =>
    json(response, 401, { error: { message: `no: ${headers.authorization}`, type: 'x', code: 'y', param: null } }),
  )
  expectMasked(await generateText({ model, prompt: 'hi', maxRetries: 0 }).catch((thrown: unknown) => thrown))
})

it('streams', async () => {
  const { model } = await stage((_, response) => {
    const chunk = (content: string) => ({
      ...COMPLETION,
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    })
    events(response, [chunk('It is '), chunk(KEY), '[DONE]'])
  })
  let text = ''
  for await (const piece of streamText({ model, prompt: 'hi' }).textStream) text += piece
  expect(text).toBe('It is [secret:key]')
})

it('a server that answers with references gets no secret for them', async () => {
  const { model, arrived } = await stage((_, response) => json(response, 200, COMPLETION, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) await generateText({ model, prompt: 'hi' })
  expectNoOtherSecret(arrived)
})
