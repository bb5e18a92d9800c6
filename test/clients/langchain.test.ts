import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
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
  // #region langchain
  const configuration = { fetch: vaultFetch(vault), baseURL }
  const model = new ChatOpenAI({ model: 'gpt-4o', apiKey: '<< secrets.key >>', configuration, maxRetries: 0 })
  // #endregion
  return { ...set, model }
}

it('prompts and tool results are text, and the key arrives', async () => {
  const { model, ...set } = await stage((_, response) => json(response, 200, COMPLETION))
  for (const batch of batches(100)) {
    await model.invoke(
      batch.flatMap((content, index): BaseMessage[] => {
        if (index % 2 === 0) return [new HumanMessage(content)]
        const id = `t${index}`
        const call = new AIMessage({ content: '', tool_calls: [{ id, name: 'f', args: { q: content } }] })
        return [call, new ToolMessage({ content, tool_call_id: id })]
      }),
    )
  }
  expectPromptsAsWritten(set)
  expect(set.arrived.map(({ headers }) => headers.authorization)).toEqual(Array(10).fill(`Bearer ${KEY}`))
})

it('the echo of a 401 is masked in its own error', async () => {
  const { model } = await stage(({ headers }, response) =>
    json(response, 401, { error: { message: `no: ${headers.authorization}` } }),
  )
  expectMasked(await model.invoke('hi').catch((thrown: unknown) => thrown))
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
  for await (const { content } of await model.stream('hi')) text += content as string
  expect(text).toBe('It is [secret:key]')
})

it('a server that answers with references gets no secret for them', async () => {
  const { model, arrived } = await stage((_, response) => json(response, 200, COMPLETION, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) await model.invoke('hi')
  expectNoOtherSecret(arrived)
})
