/** Spans of @opentelemetry/instrumentation-http over `vaultRequest`: they are below it, so that only `redactSpans` keeps a key out of them. */

import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { SpanKind } from '@opentelemetry/api'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { expect, it, onTestFinished } from 'vitest'
import { vaultRequest } from '../../src/http/node.ts'
import { redactSpans } from '../../src/log/opentelemetry.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { clientStage, json, KEY, REFERENCE } from './stage.ts'

it('headers and URLs of spans are masked, although the key was resolved after the span began', async () => {
  const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, {}))
  const exporter = new InMemorySpanExporter()
  const plain = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({
    spanProcessors: [
      // #region spans
      new SimpleSpanProcessor(redactSpans(vault.redactor, exporter)),
      // #endregion
      new SimpleSpanProcessor(plain),
    ],
  })
  const client = { requestHeaders: ['authorization', 'x-api-key'] }
  const instrumentation = new HttpInstrumentation({ headersToSpanAttributes: { client } })
  const stop = registerInstrumentations({ instrumentations: [instrumentation], tracerProvider: provider })
  onTestFinished(async () => {
    stop()
    instrumentation.disable()
    await provider.shutdown()
  })
  createRequire(import.meta.url)('http') // it is patched when it is required
  const headers = { Authorization: `Bearer ${REFERENCE}`, 'X-Api-Key': REFERENCE }
  await text(await vaultRequest(vault, { in: ['query'] })(`${origin}/me?key=${REFERENCE}`, { headers }))
  // its own server is instrumented as well, and has seen the key
  expect(arrived[0]!.url).toContain(KEY)
  await provider.forceFlush()
  const found = await leakProbe({ key: KEY }, ({ output }) => {
    const shown = (spans: InMemorySpanExporter) =>
      spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    output(shown(exporter), 'redacted')
    output(shown(plain), 'plain')
  })
  const sent = plain.getFinishedSpans().find(({ kind }) => kind === SpanKind.CLIENT)
  expect(sent?.attributes).toMatchObject({
    'http.request.header.x-api-key': [KEY],
    'http.request.header.authorization': [`Bearer ${KEY}`],
    'url.full': `${origin}/me?key=%5Bsecret%3Akey%5D`, // from the options, in which no secret stands
  })
  expect(new Set(found.leaks.map(({ where }) => where))).toEqual(new Set(['plain']))
})
