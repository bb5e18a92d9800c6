/** What a model reads and writes, with parts as providers of the AI SDK give them. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { boundTags, concealModel, redactDeltas } from '../../src/agents/ai.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { concealedStage, joined, KEY, type Part, PIN, partsOf, streamOf } from './parts.ts'

/** A value as the JSON of a tool's input has it. */
const IN_JSON = JSON.stringify(KEY).slice(1, -1)

/** Cuts a text in three, the middle one a single character, so that each place is an edge on both sides. */
const cutAt = (text: string, at: number): string[] => [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]

/** The pieces of several blocks, by turns. */
function interleaved(blocks: readonly (readonly Part[])[]): Part[] {
  const longest = Math.max(...blocks.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block.slice(at, at + 1))).flat()
}

const block = (kind: string, id: string, pieces: readonly string[]): Part[] => [
  { type: `${kind}-start`, id },
  ...pieces.map((delta) => ({ type: `${kind}-delta`, id, delta })),
  { type: `${kind}-end`, id },
]

const { vault, of, middleware } = await concealedStage()

/** What comes of a stream through the middleware. */
async function streamed(parts: readonly Part[], params: object = {}): Promise<Part[]> {
  const { stream } = await middleware.wrapStream({ doStream: async () => ({ stream: streamOf(parts) }), params })
  return partsOf(stream)
}

describe('a stream', () => {
  it('has no value in any block, wherever it is cut and whatever is between its pieces', async () => {
    const text = `key ${KEY} ok`
    const first = JSON.stringify({ auth: `Bearer ${KEY}`, n: 1 })
    const second = `{"list":["${IN_JSON}"],"pin": ${PIN}}`
    for (let at = 0; at <= Math.max(text.length, first.length, second.length); at++) {
      const parts = interleaved([
        block('text', '1', cutAt(text, at)),
        block('reasoning', '1', cutAt(text, at)),
        block('tool-input', 'a', cutAt(first, at)),
        block('tool-input', 'b', cutAt(second, at)),
      ])
      const doStream = async () => ({ stream: streamOf(parts) })
      const clean = await partsOf((await middleware.wrapStream({ doStream, params: {} })).stream)
      expect(joined(clean, 'text', '1')).toBe('key [secret:crm] ok')
      expect(joined(clean, 'reasoning', '1')).toBe('key [secret:crm] ok')
      expect(JSON.parse(joined(clean, 'tool-input', 'a'))).toEqual({ auth: 'Bearer [secret:crm]', n: 1 })
      expect(JSON.parse(joined(clean, 'tool-input', 'b'))).toEqual({ list: ['[secret:crm]'], pin: '[secret:pin]' })
      const kinds = clean.map(({ type, id }) => `${type} ${id}`)
      for (const end of ['text-end 1', 'reasoning-end 1', 'tool-input-end a', 'tool-input-end b']) {
        const delta = end.replace('-end', '-delta')
        expect(kinds.lastIndexOf(delta)).toBeLessThan(kinds.indexOf(end))
      }
    }
  })

  it('whose blocks hold parts of a value that are not one is what it was', async () => {
    const parts = interleaved([
      block('text', '1', [KEY.slice(0, 5), 'x']),
      block('text', '2', [KEY.slice(5), 'y']),
      block('tool-input', '1', ['{"a', '":tr', 'ue,"b":[1', '.5e3 ]', '}']),
    ])
    const clean = await streamed(parts)
    expect(joined(clean, 'text', '1')).toBe(`${KEY.slice(0, 5)}x`)
    expect(joined(clean, 'text', '2')).toBe(`${KEY.slice(5)}y`)
    expect(joined(clean, 'tool-input', '1')).toBe('{"a":true,"b":[1.5e3 ]}')
  })

  it('releases clean text before anything else comes, and before any time passes', async () => {
    let controller!: ReadableStreamDefaultController<Part>
    const source = new ReadableStream<Part>({
      start(given) {
        controller = given
      },
    })
    const { stream } = await middleware.wrapStream({ doStream: async () => ({ stream: source }), params: {} })
    const reader = stream.getReader()
    const seen: unknown[] = []
    let isTimeUp = false
    setImmediate(() => {
      isTimeUp = true
    })
    for (const [kind, delta] of [
      ['text', 'clean '],
      ['reasoning', 'also clean '],
      ['tool-input', '{"text":"in a string that is not yet '],
    ]) {
      controller.enqueue({ type: `${kind}-delta`, id: '1', delta })
      seen.push((await reader.read()).value!['delta'])
    }
    expect(isTimeUp).toBe(false)
    expect(seen).toEqual(['clean ', 'also clean ', '{"text":"in a string that is not yet '])
    await reader.cancel('enough')
  })

  it('has no value in its other parts', async () => {
    const tool = { toolCallId: 't', toolName: 'f' }
    const parts: Part[] = [
      { type: 'stream-start', warnings: [{ type: 'other', message: KEY }] },
      { type: 'response-metadata', id: KEY, timestamp: new Date(0) },
      { type: 'raw', rawValue: { delta: KEY.slice(0, 4) } },
      { type: 'tool-call', ...tool, input: JSON.stringify({ k: KEY, pin: Number(PIN) }) },
      { type: 'tool-result', ...tool, result: { text: `got ${KEY}`, n: 5 } },
      { type: 'source', sourceType: 'url', id: 's', url: `https://a.example/?k=${encodeURIComponent(KEY)}` },
      { type: 'file', mediaType: 'text/plain', data: new TextEncoder().encode(KEY) },
      { type: 'error', error: new Error(`failed with ${KEY}`) },
      { type: 'finish', usage: { inputTokens: { total: 7 } }, providerMetadata: { p: { echo: KEY } } },
    ]
    const clean = await streamed(parts)
    expect(inspect(clean, { depth: 9 })).not.toContain(KEY.slice(0, 4))
    expect(inspect(clean, { depth: 9 })).not.toContain(PIN)
    const by = Object.fromEntries(clean.map((part) => [part.type, part])) as Record<string, Part>
    expect(JSON.parse(by['tool-call']!['input'] as string)).toEqual({ k: '[secret:crm]', pin: '[secret:pin]' })
    expect(by['tool-result']).toMatchObject({ result: { text: 'got [secret:crm]', n: 5 } })
    expect(by['error']!['error']).toBeInstanceOf(Error)
    expect(by['finish']).toMatchObject({ usage: { inputTokens: { total: 7 } } })
    expect(by['raw']!['rawValue']).toBe('[raw chunk]')
    expect(by['response-metadata']).toMatchObject({ timestamp: new Date(0) })
  })

  it('releases the rest of a block that nobody ends, before the call, before it finishes, or when it breaks off', async () => {
    const held = KEY.slice(0, 6)
    const open: Part[] = [{ type: 'text-delta', id: '1', delta: held }]
    const call: Part[] = [
      { type: 'tool-input-delta', id: 't', delta: '{"a":"b"' },
      { type: 'tool-input-delta', id: 't', delta: '}' },
      { type: 'tool-call', toolCallId: 't', toolName: 'f', input: '{"a":"b"}' },
    ]
    expect(await streamed([...open, { type: 'finish' }])).toEqual([...open, { type: 'finish' }])
    expect(await streamed(open)).toEqual(open)
    expect(await streamed([{ type: 'tool-input-delta', id: 't', delta: '12' }, call[2]!])).toEqual([
      { type: 'tool-input-delta', id: 't', delta: '12' },
      call[2],
    ])
    expect(await streamed(call)).toEqual(call)
  })

  it('keeps a delta without a text, and one that carries metadata though its text is held back', async () => {
    const metadata = { providerMetadata: { p: { signature: 's' } } }
    const parts: Part[] = [
      { type: 'reasoning-delta', id: '1', delta: '' },
      { type: 'reasoning-delta', id: '1', delta: KEY.slice(0, 6), ...metadata },
      { type: 'reasoning-end', id: '1' },
    ]
    expect(await streamed(parts)).toEqual([
      parts[0],
      { type: 'reasoning-delta', id: '1', delta: '', ...metadata },
      { type: 'reasoning-delta', id: '1', delta: KEY.slice(0, 6) },
      parts[2],
    ])
  })

  it('of an object is JSON, and so is the input of a tool unless it is said to be text', async () => {
    const params = { responseFormat: { type: 'json' } }
    const pieces = [`{"pin":${PIN.slice(0, 3)}`, `${PIN.slice(3)}}`]
    expect(joined(await streamed(block('text', '1', pieces), params), 'text', '1')).toBe('{"pin":"[secret:pin]"}')
    const asText = block('tool-input', '1', [`not "JSON: ${KEY}`])
    const start = { ...asText[0]!, inputEncoding: 'text' }
    expect(joined(await streamed([start, ...asText.slice(1)]), 'tool-input', '1')).toBe('not "JSON: [secret:crm]')
  })

  it.each([
    ['a name without quotes', `{key: ${KEY}}`, '{key: [secret:crm]}'],
    ['an escape that is none', `{"a":"\\x ${KEY}"}`, '{"a":"\\x [secret:crm]"}'],
    ['a number without end', '1'.repeat(2_000), '1'.repeat(2_000)],
    ['a string without end', `{"a":"${IN_JSON}`, '{"a":"[secret:crm]'],
    ['a value that nobody has escaped', `{"a":"${KEY}","b":1}`, '{"a":"[secret:crm]","b":1}'],
    ['numbers that hold one', `{"a":-${PIN},"b":[${PIN}.50]}`, '{"a":"-[secret:pin]","b":["[secret:pin].50"]}'],
    ['half an escape at the end', '{"a":"b\\u00', '{"a":"b\\u00'],
    ['a scalar alone', PIN, '"[secret:pin]"'],
    ['escapes of every kind', '{"a":"\\n\\u00e9\\"\\\\"}', '{"a":"\\né\\"\\\\"}'],
  ])('of an input with %s is still clean, cut anywhere', async (_, input, expected) => {
    const step = Math.max(1, Math.floor(input.length / 40))
    for (let at = 0; at <= input.length; at += step) {
      const clean = await streamed(block('tool-input', '1', [input.slice(0, at), input.slice(at)]))
      expect(joined(clean, 'tool-input', '1')).toBe(expected)
    }
  })

  it('that fails has no value in its error; an abort is given as it is', async () => {
    const failing = (error: unknown) => async () => ({
      stream: new ReadableStream<Part>({ pull: (controller) => controller.error(error) }),
    })
    const { stream } = await middleware.wrapStream({ doStream: failing(new Error(`broke ${KEY}`)), params: {} })
    await expect(partsOf(stream)).rejects.toThrow('broke [secret:crm]')
    const abort = new AbortController()
    abort.abort(new Error('stopped'))
    const params = { abortSignal: abort.signal }
    const aborted = await middleware.wrapStream({ doStream: failing(abort.signal.reason), params })
    const error = await partsOf(aborted.stream).catch((thrown: unknown) => thrown)
    expect(error).toBe(abort.signal.reason)
    const refused = middleware.wrapStream({ doStream: () => Promise.reject(new Error(KEY)), params: {} })
    await expect(refused).rejects.toThrow('[secret:crm]')
  })
})

describe('a result', () => {
  it('has no value in any part of it, nor in its error', async () => {
    const result = {
      content: [
        { type: 'text', text: `it is ${KEY}` },
        { type: 'reasoning', text: KEY },
        { type: 'tool-call', toolCallId: 't', toolName: 'f', input: `{"a":"${IN_JSON}","big":12345678901234567890}` },
        { type: 'tool-call', toolCallId: 't', toolName: 'f', input: '{"a":  "\\u0062"}' },
        { type: 'tool-call', toolCallId: 't', toolName: 'f', input: `{"a":"${IN_JSON}","a":"a name twice"}` },
        { type: 'tool-call', toolCallId: 't', toolName: 'f', input: `{"a":"${KEY}"}` },
        { type: 'source', sourceType: 'url', id: '1', url: 'https://a.example/', title: KEY },
      ],
      finishReason: { unified: 'stop', raw: 'stop' },
      request: { body: JSON.stringify({ k: KEY }) },
      response: { body: { echo: KEY }, headers: { 'x-echo': 'ok' } },
      warnings: [],
    }
    const clean = await middleware.wrapGenerate({ doGenerate: async () => result, params: {} })
    expect(inspect(clean, { depth: 9 })).not.toMatch(/51e0|d44b7c/)
    expect(clean.content[0]).toEqual({ type: 'text', text: 'it is [secret:crm]' })
    // numbers and writings that hold no value are those of the model
    expect(clean.content[2]!.input).toBe('{"a":"[secret:crm]","big":12345678901234567890}')
    expect(clean.content[3]).toEqual(result.content[3])
    expect(clean.content[4]!.input).toBe('{"a":"[secret:crm]","a":"a name twice"}')
    expect(clean.content[5]!.input).toBe('{"a":"[secret:crm]"}')
    expect(clean.finishReason).toEqual(result.finishReason)
    const failed = middleware.wrapGenerate({ doGenerate: () => Promise.reject(new Error(KEY)), params: {} })
    await expect(failed).rejects.toThrow('[secret:crm]')
  })

  it('of an object stays JSON', async () => {
    const content = [{ type: 'text', text: `{"pin":${PIN},"k":"${IN_JSON}"}` }]
    const params = { responseFormat: { type: 'json' } }
    const clean = await middleware.wrapGenerate({ doGenerate: async () => ({ content }), params })
    expect(JSON.parse(clean.content[0]!.text)).toEqual({ pin: '[secret:pin]', k: '[secret:crm]' })
  })
})

describe('what goes to a model', () => {
  it('has references or masks in place of values, and nobody else’s reference is live', async () => {
    const params = {
      prompt: [
        { role: 'system', content: `send << secrets.crm >>, never ${KEY}` },
        { role: 'user', content: [{ type: 'text', text: `my key is ${KEY}, read {{ secrets.stripe }}` }] },
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 't', toolName: 'f', input: { a: KEY } }] },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 't', toolName: 'f', output: { type: 'text', value: btoa(KEY) } },
          ],
        },
        { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: new URL('https://a.example/i.png') }] },
      ],
      tools: [{ type: 'function', name: 'f', description: `takes << secrets.crm >>, not ${KEY}`, inputSchema: {} }],
      providerOptions: { p: { token: '<< secrets.crm >>', echo: KEY } },
      headers: { authorization: KEY },
      temperature: 0.5,
    }
    const before = structuredClone({ ...params, prompt: [] })
    const sent = await middleware.transformParams({ params })
    const [system, user, assistant, tool, file] = sent.prompt
    expect(system).toEqual({ role: 'system', content: 'send << secrets.crm >>, never [secret:crm]' })
    expect(user!.content).toEqual([{ type: 'text', text: 'my key is << secrets.crm >>, read \\{{ secrets.stripe }}' }])
    expect(assistant!.content).toMatchObject([{ input: { a: '<< secrets.crm >>' } }])
    expect(tool!.content).toMatchObject([{ output: { value: '[secret:crm]' } }])
    expect(file!.content).toMatchObject([{ data: new URL('https://a.example/i.png') }])
    expect(sent.tools[0]!.description).toBe('takes << secrets.crm >>, not [secret:crm]')
    expect(sent.providerOptions).toEqual({ p: { token: '<< secrets.crm >>', echo: '[secret:crm]' } })
    // they are for the provider, not for the model
    expect(sent.headers).toBe(params.headers)
    expect(sent.temperature).toBe(0.5)
    expect({ ...params, prompt: [] }).toEqual(before)
  })

  it('leaves a model its own calls as it wrote them, as far as it may name their secrets', async () => {
    const call = (input: unknown) => ({ type: 'tool-call', toolCallId: 't', toolName: 'f', input })
    const inputs = [
      { auth: 'Bearer << secrets.crm >>', deep: ['{{secrets.crm}} and << secrets.crm | base64 >>'] },
      { auth: 'Bearer << secrets.crm >>, << secrets.stripe >> and << secrets.pin >>' },
      { auth: `${KEY} or << secrets.crm >> or \\<< secrets.crm >> or << secrets.cr` },
      '<< secrets.crm >>',
    ]
    const said = { type: 'text', text: '<< secrets.crm >>' }
    const prompt = [{ role: 'assistant', content: [...inputs.map(call), said] }]
    const sent = async (from: typeof prompt) => (await middleware.transformParams({ params: { prompt: from } })).prompt
    const once = await sent(prompt)
    expect(once[0]!.content.map((part) => (part as ReturnType<typeof call>).input)).toEqual([
      inputs[0],
      { auth: 'Bearer << secrets.crm >>, \\<< secrets.stripe >> and \\<< secrets.pin >>' },
      { auth: '<< secrets.crm >> or << secrets.crm >> or \\\\\\<< secrets.crm >> or \\<< secrets.cr' },
      inputs[3],
      undefined,
    ])
    expect(once[0]!.content.at(-1)).toEqual({ type: 'text', text: '\\<< secrets.crm >>' })
    // with a result of a tool, which is somebody else's words, nothing of this
    const result = { ...call('<< secrets.crm >>'), type: 'tool-result' }
    expect((await sent([{ role: 'tool', content: [result] }]))[0]!.content).toMatchObject([
      { input: '\\<< secrets.crm >>' },
    ])
  })

  it('is concealed of what was used by then', async () => {
    const used: typeof of = []
    const middleware = concealModel(vault, { of: () => used })
    const prompt = [{ role: 'user', content: KEY }]
    expect((await middleware.transformParams({ params: { prompt } })).prompt[0]!.content).toBe(KEY)
    used.push(of[0]!)
    expect((await middleware.transformParams({ params: { prompt } })).prompt[0]!.content).toBe('<< secrets.crm >>')
  })

  it('takes results and nothing else', async () => {
    for (const options of [{ of: 'x' }, { of: [{}] }, {}, { of: [], or: 1 }]) {
      expect(() => concealModel(vault, options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
      )
    }
    const later = concealModel(vault, { of: () => [{}] as never })
    await expect(later.transformParams({ params: {} })).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

it('a model may name the secrets that are bound to hosts, and no other', async () => {
  expect(boundTags(of)).toEqual(['crm'])
  expect(() => boundTags([{}] as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
})

it('deltas of another SDK are cleaned block by block', () => {
  const deltas = redactDeltas(createRedactor({ secrets: { key: KEY } }))
  expect(deltas.push('a', `x ${KEY.slice(0, 6)}`)).toBe('x ')
  expect(deltas.push('b', 'so') + deltas.end('b')).toBe('so')
  expect(deltas.push('a', KEY.slice(6)) + deltas.end('a')).toBe('[secret:key]')
  expect(deltas.push('c', `{"k":"${IN_JSON}"}`, 'json')).toBe('{"k":"[secret:key]"}')
  expect(deltas.push('d', KEY.slice(0, 6))).toBe('')
  expect([deltas.end('a'), deltas.end('d'), deltas.end('d'), deltas.end('never')]).toEqual([
    '',
    KEY.slice(0, 6),
    '',
    '',
  ])
})
