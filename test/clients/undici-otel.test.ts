/** What tracing, timing and debug output below the vault see of a request: plaintext, and what takes it out again. */

import { PerformanceObserver, performance } from 'node:perf_hooks'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { Agent, request } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { vaultInterceptor } from '../../src/http/undici.ts'
import { redactSpans } from '../../src/log/opentelemetry.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { clientStage, json, KEY, REFERENCE } from './stage.ts'

const headers = { authorization: `Bearer ${REFERENCE}`, 'x-api-key': REFERENCE }

/** Traces every request of the process: into one exporter as it is, into the other one redacted. */
function traced(redactor: Parameters<typeof redactSpans>[0]) {
  const [plain, redacted] = [new InMemorySpanExporter(), new InMemorySpanExporter()]
  const provider = new NodeTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(plain),
      // #region spans
      new SimpleSpanProcessor(redactSpans(redactor, redacted)),
      // #endregion
    ],
  })
  const requestHeaders = ['authorization', 'x-api-key']
  const undici = new UndiciInstrumentation({
    headersToSpanAttributes: { requestHeaders, responseHeaders: ['x-echo'] },
    requestHook: (span, { path }) => void span.updateName(`GET ${path}`).addEvent('sent', { list: [path, 'b'] }),
  })
  const http = new HttpInstrumentation({ headersToSpanAttributes: { client: { requestHeaders } } })
  for (const instrumentation of [undici, http]) {
    instrumentation.setTracerProvider(provider)
    instrumentation.enable()
  }
  onTestFinished(async () => {
    undici.disable()
    http.disable()
    await provider.shutdown()
  })
  return { plain, redacted }
}

it('spans hold plaintext, array attributes, events and names included; redactSpans takes it out', async () => {
  const { vault, origin, arrived } = await clientStage((got, response) =>
    json(response, 200, {}, { 'x-echo': `${got.headers.authorization}` }),
  )
  const { plain, redacted } = traced(vault.redactor)
  const places = { in: ['query'] } as const
  const dispatcher = new Agent().compose(vaultInterceptor(vault, places))
  onTestFinished(() => void dispatcher.close())
  await (await vaultFetch(vault, places)(`${origin}/a?k=${REFERENCE}`, { headers })).text()
  await (await dispatcher.request({ origin, path: `/b?k=${REFERENCE}`, method: 'GET', headers })).body.dump()
  expect(arrived.map(({ headers: got }) => got['x-api-key'])).toEqual([KEY, KEY])
  const shown = (exporter: InMemorySpanExporter) =>
    exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events: [...events], status }))
  await expect.poll(() => redacted.getFinishedSpans().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
  const control = await leakProbe({ key: KEY }, (probe) => probe.output(shown(plain), 'spans'))
  const leakedAt = control.leaks.map(({ path }) => path.replace(/^\[\d+\]\./, ''))
  expect(leakedAt).toEqual(
    expect.arrayContaining(['name', expect.stringMatching(/url\.full/), expect.stringMatching(/^events/)]),
  )
  const report = await leakProbe({ key: KEY }, (probe) => probe.output(shown(redacted), 'spans'))
  expect(report.leaks).toEqual([])
  expect(JSON.stringify(shown(redacted))).toContain('[secret:key]')
})

it('undici.request marks no resource timing; the fetch of the platform marks each URL', async () => {
  const { vault, origin } = await clientStage((_, response) => json(response, 200, {}))
  performance.clearResourceTimings()
  const seen: string[] = []
  const observer = new PerformanceObserver((list) => void seen.push(...list.getEntries().map(({ name }) => name)))
  observer.observe({ entryTypes: ['resource'] })
  onTestFinished(() => {
    observer.disconnect()
    performance.clearResourceTimings()
  })
  const dispatcher = new Agent().compose(vaultInterceptor(vault, { in: ['query'] }))
  onTestFinished(() => void dispatcher.close())
  await (await dispatcher.request({ origin, path: `/?k=${REFERENCE}`, method: 'GET', headers })).body.dump()
  await (await request(`${origin}/plain`, { dispatcher, headers })).body.dump()
  // the control: what is fetched after them is marked, so they would have been
  await (await fetch(`${origin}/control?k=${KEY}`)).text()
  await expect.poll(() => seen.length, { timeout: 60_000 }).toBeGreaterThan(0)
  expect(seen).toEqual([`${origin}/control?k=${KEY}`])
  const marked = performance.getEntriesByType('resource').map(({ name }) => name)
  expect(marked).toEqual([`${origin}/control?k=${KEY}`])
})
