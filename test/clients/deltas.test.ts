/** Deltas of the SDKs of OpenAI and Anthropic, cleaned on the way to whoever reads them. */

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { redactDeltas } from '../../src/agents/ai.ts'
import { createRedactor, type ReadonlyRedactor } from '../../src/redact/redactor.ts'
import { clientStage, events, OTHERS } from './stage.ts'

/** A value that no request carries: a model has it from elsewhere. */
const VALUE = OTHERS.github
const redactor = createRedactor({ secrets: { github: VALUE } })

// #region openai
async function* cleanChunks(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>, redactor: ReadonlyRedactor) {
  const deltas = redactDeltas(redactor)
  const tools = new Set<string>()
  for await (const given of chunks) {
    const chunk = redactor.data(given)
    for (const [at, { index, delta, finish_reason }] of given.choices.entries()) {
      const choice = chunk.choices[at]!
      delete choice.logprobs // each token is a piece
      for (const member of ['content', 'refusal'] as const) {
        const name = `${index} ${member}`
        const text = deltas.push(name, delta[member] ?? '') + (finish_reason === null ? '' : deltas.end(name))
        if (delta[member] != null || text !== '') choice.delta[member] = text
      }
      const calls = choice.delta.tool_calls ?? []
      for (const [nth, { index: tool, function: call }] of (delta.tool_calls ?? []).entries()) {
        tools.add(`${index} ${tool}`)
        if (call?.arguments) calls[nth]!.function!.arguments = deltas.push(`${index} ${tool}`, call.arguments, 'json')
      }
      for (const name of finish_reason === null ? [] : tools) {
        const [of, tool] = name.split(' ').map(Number)
        const rest = of === index ? deltas.end(name) : ''
        if (rest !== '') calls.push({ index: tool!, function: { arguments: rest } })
      }
      if (calls.length > 0) choice.delta.tool_calls = calls
    }
    yield chunk
  }
}
// #endregion

// #region anthropic
const MEMBERS: Record<string, string> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
}

async function* cleanEvents(stream: AsyncIterable<Anthropic.RawMessageStreamEvent>, redactor: ReadonlyRedactor) {
  const deltas = redactDeltas(redactor)
  const types = new Map<number, string>()
  for await (const given of stream) {
    const event = redactor.data(given)
    if (given.type === 'content_block_delta' && event.type === 'content_block_delta') {
      const delta = given.delta as unknown as Record<string, string>
      const member = MEMBERS[delta.type!]
      const kind = member === 'partial_json' ? 'json' : 'text'
      if (member !== undefined) {
        Object.assign(event.delta, { [member]: deltas.push(`${given.index}`, delta[member]!, kind) })
        types.set(given.index, delta.type!)
      }
    }
    const rest = event.type === 'content_block_stop' ? deltas.end(`${event.index}`) : ''
    if (event.type === 'content_block_stop' && rest !== '') {
      const type = types.get(event.index)!
      const delta = { type, [MEMBERS[type]!]: rest } as unknown as Anthropic.RawContentBlockDelta
      yield { type: 'content_block_delta' as const, index: event.index, delta }
    }
    yield event
  }
}
// #endregion

it('OpenAI: no delta of a text or a tool has the value, and the arguments are JSON', async () => {
  for (let at = 0; at <= VALUE.length; at += 3) {
    const pieces = [VALUE.slice(0, at), VALUE.slice(at)]
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    })
    const call = (text: string) => ({ tool_calls: [{ index: 0, id: 't', function: { name: 'f', arguments: text } }] })
    const { origin } = await clientStage((_, response) =>
      events(response, [
        chunk({ content: `it is ${pieces[0]}` }),
        chunk(call(`{"key":"${pieces[0]}`)),
        chunk({ content: pieces[1] }),
        chunk(call(`${pieces[1]}"}`)),
        chunk({}, 'tool_calls'),
        '[DONE]',
      ]),
    )
    const openai = new OpenAI({ apiKey: 'k', baseURL: origin })
    const chunks = await openai.chat.completions.create({ model: 'm', stream: true, messages: [] })
    let [text, input] = ['', '']
    for await (const { choices } of cleanChunks(chunks, redactor)) {
      text += choices[0]!.delta.content ?? ''
      input += choices[0]!.delta.tool_calls?.[0]?.function?.arguments ?? ''
    }
    expect(text).toBe('it is [secret:github]')
    expect(JSON.parse(input)).toEqual({ key: '[secret:github]' })
  }
})

it('Anthropic: no event of a text, a thought or a tool has the value, and the rest comes before the end', async () => {
  const half = VALUE.length / 2
  const pieces = [VALUE.slice(0, half), VALUE.slice(half)]
  const delta = (index: number, type: string, member: string, text: string) => ({
    type: 'content_block_delta',
    index,
    delta: { type, [member]: text },
  })
  const data = [
    ...pieces.flatMap((piece, at) => [
      delta(0, 'thinking_delta', 'thinking', piece),
      delta(1, 'text_delta', 'text', piece),
      delta(2, 'input_json_delta', 'partial_json', at === 0 ? `{"k":"${piece}` : `${piece}"}`),
    ]),
    delta(1, 'text_delta', 'text', pieces[0]!),
    ...[0, 1, 2].map((index) => ({ type: 'content_block_stop', index })),
    { type: 'message_stop' },
  ]
  const { origin } = await clientStage((_, response) =>
    events(
      response,
      data,
      data.map(({ type }) => type),
    ),
  )
  const anthropic = new Anthropic({ apiKey: 'k', baseURL: origin })
  const stream = await anthropic.messages.create({ model: 'm', max_tokens: 9, messages: [], stream: true })
  const blocks = ['', '', '']
  const ended: number[] = []
  for await (const event of cleanEvents(stream, redactor)) {
    if (event.type === 'content_block_stop') ended.push(event.index)
    if (event.type !== 'content_block_delta') continue
    expect(ended).not.toContain(event.index)
    blocks[event.index] += Object.values(event.delta)[1]
  }
  expect(blocks).toEqual(['[secret:github]', `[secret:github]${pieces[0]}`, '{"k":"[secret:github]"}'])
})

/** What comes of chunks or events, as an SDK gives them. */
async function cleaned<T>(
  clean: (given: AsyncIterable<T>) => AsyncIterable<T>,
  given: readonly object[],
): Promise<T[]> {
  async function* source() {
    yield* given as T[]
  }
  const parts: T[] = []
  for await (const part of clean(source())) parts.push(part)
  return parts
}

it('OpenAI: refusals and everything beside the deltas are clean, and nothing that was held back is lost', async () => {
  const half = VALUE.slice(0, 9)
  const call = (text: string) => ({ index: 0, function: { arguments: text } })
  const chunks = [
    { choices: [{ index: 0, delta: { content: null, refusal: `not with ${half}` }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { refusal: VALUE.slice(9) }, finish_reason: null, logprobs: { content: [half] } }] },
    { choices: [{ index: 0, delta: { tool_calls: [call(`{"q":"${half}`)] }, finish_reason: null }], note: VALUE },
    { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] },
  ]
  expect(
    await cleaned((given: AsyncIterable<OpenAI.ChatCompletionChunk>) => cleanChunks(given, redactor), chunks),
  ).toEqual([
    { choices: [{ index: 0, delta: { content: null, refusal: 'not with ' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { refusal: '[secret:github]' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: { tool_calls: [call('{"q":"')] }, finish_reason: null }], note: '[secret:github]' },
    { choices: [{ index: 0, delta: { tool_calls: [call(half)] }, finish_reason: 'length' }] },
  ])
})

it('Anthropic: what comes as a whole is clean, such as a citation and what a tool gave', async () => {
  const given = (value: string) => [
    { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation: { cited_text: value } } },
    { type: 'content_block_start', index: 1, content_block: { type: 'mcp_tool_result', content: [{ text: value }] } },
    { type: 'content_block_stop', index: 1 },
  ]
  const clean = (events: AsyncIterable<Anthropic.RawMessageStreamEvent>) => cleanEvents(events, redactor)
  expect(await cleaned(clean, given(`is ${VALUE}`))).toEqual(given('is [secret:github]'))
})
