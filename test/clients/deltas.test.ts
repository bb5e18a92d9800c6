/** Deltas of the SDKs of OpenAI and Anthropic, cleaned on the way to whoever reads them. */

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { type DeltaRedactor, redactDeltas } from '../../src/agents/ai.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { clientStage, events, OTHERS } from './stage.ts'

/** A value that no request carries: a model has it from elsewhere. */
const VALUE = OTHERS.github
const redactor = createRedactor({ secrets: { github: VALUE } })

// #region openai
async function* cleanChunks(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>, deltas: DeltaRedactor) {
  for await (const chunk of chunks) {
    for (const { index, delta, finish_reason } of chunk.choices) {
      delta.content = deltas.push(`${index}`, delta.content ?? '')
      if (finish_reason !== null) delta.content += deltas.end(`${index}`)
      for (const { index: tool, function: call } of delta.tool_calls ?? []) {
        if (call?.arguments) call.arguments = deltas.push(`${index} ${tool}`, call.arguments, 'json')
      }
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

async function* cleanEvents(stream: AsyncIterable<Anthropic.RawMessageStreamEvent>, deltas: DeltaRedactor) {
  const types = new Map<number, string>()
  for await (const event of stream) {
    if (event.type === 'content_block_delta') {
      const delta = event.delta as unknown as Record<string, string>
      const member = MEMBERS[delta.type!]
      const kind = member === 'partial_json' ? 'json' : 'text'
      if (member !== undefined) delta[member] = deltas.push(`${event.index}`, delta[member]!, kind)
      if (member !== undefined) types.set(event.index, delta.type!)
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
    for await (const { choices } of cleanChunks(chunks, redactDeltas(redactor))) {
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
  for await (const event of cleanEvents(stream, redactDeltas(redactor))) {
    if (event.type === 'content_block_stop') ended.push(event.index)
    if (event.type !== 'content_block_delta') continue
    expect(ended).not.toContain(event.index)
    blocks[event.index] += Object.values(event.delta)[1]
  }
  expect(blocks).toEqual(['[secret:github]', `[secret:github]${pieces[0]}`, '{"k":"[secret:github]"}'])
})
