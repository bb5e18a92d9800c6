/** The mask of tracing tools, with the shapes that they call it with. */

import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { redactSpans } from '../../src/log/opentelemetry.ts'
import { createRedactor } from '../../src/redact/redactor.ts'

const KEY = 'crm-51e0d44b7c9a'
const redactor = createRedactor({ secrets: { crm: KEY } })

/** Langfuse calls its mask with the JSON of inputs and outputs, and with metadata as it is. */
class LangfuseSpanProcessor {
  readonly exported: unknown[]

  constructor({ mask }: { mask: (params: { data: unknown }) => unknown }) {
    const input = JSON.stringify({ messages: [{ role: 'tool', content: `Bearer ${KEY}` }] })
    this.exported = [mask({ data: input }), mask({ data: `said ${KEY}` }), mask({ data: { tries: 2, header: KEY } })]
  }
}

/** LangSmith calls these with what a run was given, and has given back. */
class Client {
  readonly sent: unknown[]

  constructor(options: Record<'hideInputs' | 'hideOutputs', (values: Record<string, unknown>) => unknown>) {
    const message = { lc: 1, kwargs: { content: `Bearer ${KEY}`, tool_calls: [{ args: { key: KEY, n: 1 } }] } }
    this.sent = [options.hideInputs({ messages: [message] }), options.hideOutputs({ output: `it is ${KEY}` })]
  }
}

it('Langfuse gets JSON that is still JSON, and no value', () => {
  // #region langfuse
  const mask = ({ data }: { data: unknown }) => (typeof data === 'string' ? redactor.json(data) : redactor.value(data))
  const processor = new LangfuseSpanProcessor({ mask })
  // #endregion
  const [input, text, metadata] = processor.exported
  expect(JSON.parse(input as string)).toEqual({ messages: [{ role: 'tool', content: 'Bearer [secret:crm]' }] })
  expect([text, metadata]).toEqual(['said [secret:crm]', { tries: 2, header: '[secret:crm]' }])
})

it('LangSmith gets no value', () => {
  // #region langsmith
  const client = new Client({ hideInputs: redactor.value, hideOutputs: redactor.value })
  // #endregion
  expect(inspect(client.sent, { depth: 9 })).not.toContain(KEY)
  expect(client.sent[0]).toMatchObject({
    messages: [{ kwargs: { tool_calls: [{ args: { key: '[secret:crm]', n: 1 } }] } }],
  })
})

it('spans of the GenAI conventions have no value', () => {
  const span = {
    name: 'chat m',
    attributes: {
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: KEY }] }]),
      'gen_ai.tool.call.arguments': JSON.stringify({ authorization: `Bearer ${KEY}` }),
      'gen_ai.usage.input_tokens': 7,
    },
    status: { message: `refused ${KEY}` },
    events: [{ name: 'exception', attributes: { 'exception.message': `refused ${KEY}` } }],
    links: [],
    resource: { attributes: {} },
  }
  const exported: (typeof span)[] = []
  const exporter = {
    export: (spans: (typeof span)[], done: (result: object) => void) => {
      exported.push(...spans)
      done({ code: 0 })
    },
    shutdown: async () => undefined,
  }
  // #region spans
  const clean = redactSpans(redactor, exporter)
  // #endregion
  clean.export([span], () => undefined)
  const { attributes, status, events } = exported[0]!
  expect(inspect([attributes, status, events], { depth: 9 })).not.toContain(KEY)
  expect(JSON.parse(attributes['gen_ai.tool.call.arguments'])).toEqual({ authorization: 'Bearer [secret:crm]' })
  expect(attributes['gen_ai.usage.input_tokens']).toBe(7)
})
