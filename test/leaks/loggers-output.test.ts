/** How output, telemetry and a second copy of this package let a value out (`cases/leak-paths.json`). */

import { inspect } from 'node:util'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { addBreadcrumb, captureException, createTransport, getIsolationScope, setCurrentClient } from '@sentry/core'
import { ServerRuntimeClient } from '@sentry/core/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { redactSpans } from '../../src/log/opentelemetry.ts'
import { redactSentry } from '../../src/log/sentry.ts'
import { redactStdio } from '../../src/log/stdio.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, expectNo, TRICKY, VALUE } from '../log/capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

describe('stdout and stderr', () => {
  /** What arrives of some writes. */
  function written(act: (out: Capture) => void): string {
    const out = new Capture()
    const { restore } = redactStdio(redactor, [out])
    onTestFinished(restore)
    act(out)
    restore()
    return out.text
  }

  it('LP-040 mask a value that is split over two writes', () => {
    const text = written((out) => {
      out.write(VALUE.slice(0, 8))
      out.write(VALUE.slice(8))
    })
    expect(text).toBe('[secret:token]')
  })

  it('LP-041 mask a value in bytes', () => {
    expect(written((out) => void out.write(Buffer.from(`a ${TRICKY} b`)))).toBe('a [secret:tricky] b')
  })

  it('LP-035 mask a stack that a logger prints past its own formatter (Nest)', () => {
    const { stack } = new Error(VALUE)
    const text = written((out) => void out.write(`${stack}\n`))
    expect(text).toContain('Error: [secret:token]\n    at ')
  })

  it('LP-048 mask the lines of a value that util.inspect has cut and quoted', () => {
    const lines = ['first line of the key', 'second "line" of it', 'third line of it']
    const safe = createRedactor({ secrets: { key: lines.join('\n') } })
    const text = safe.text(`${inspect({ a: lines.join('\n') })} ${inspect({ deep: { list: [lines.join('\r\n')] } })}`)
    for (const line of lines) expectNo(line, text)
  })
})

describe('telemetry', () => {
  it('LP-107 masks parameters that no list names in the URL of a span', () => {
    const memory = new InMemorySpanExporter()
    const processor = new SimpleSpanProcessor(redactSpans(redactor, memory))
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('http')
    const query = `token=${encodeURIComponent(TRICKY)}`
    tracer.startSpan('GET', { attributes: { 'url.full': `https://h/?${query}`, 'url.query': query } }).end()
    expect(memory.getFinishedSpans()[0]!.attributes).toEqual({
      'url.full': 'https://h/?token=[secret:tricky]',
      'url.query': 'token=[secret:tricky]',
    })
  })

  async function sentBy(act: () => void): Promise<string> {
    const sent: string[] = []
    const client = new ServerRuntimeClient(
      redactSentry(redactor, {
        enabled: true,
        dsn: 'https://public@sentry.invalid/1',
        integrations: [],
        // what `includeLocalVariables` adds
        stackParser: () => [{ filename: 'app.js', vars: { token: VALUE, deep: { list: [TRICKY] } } }],
        transport: (options) =>
          createTransport(options, async ({ body }) => {
            sent.push(String(body))
            return { statusCode: 200 }
          }),
      }),
    )
    setCurrentClient(client)
    client.init()
    getIsolationScope().clearBreadcrumbs()
    act()
    await client.flush(1000)
    return sent.join('\n')
  }

  it('LP-109 masks the URL of a breadcrumb', async () => {
    const text = await sentBy(() => {
      addBreadcrumb({ category: 'http', data: { url: `https://h/?token=${VALUE}`, 'http.query': `?token=${VALUE}` } })
      captureException(new Error('x'))
    })
    expectNo(VALUE, text)
    expect(text).toContain('"url":"https://h/?token=[secret:token]"')
  })

  it('LP-110 masks the local variables of stack frames', async () => {
    const text = await sentBy(() => void captureException(new Error('x')))
    expectNo(VALUE, text)
    expectNo(TRICKY, text)
    expect(text).toContain('"vars":{"token":"[secret:token]","deep":{"list":["[secret:tricky]"]}}')
  })
})

describe('two copies of this package', () => {
  it('LP-135 share what they know, since a leaf is given the redactor and there is no registry', async () => {
    const path = '../../src/log/console.ts?another-copy'
    const { redactConsole } = (await import(/* @vite-ignore */ path)) as typeof import('../../src/log/console.ts')
    expect(redactConsole).not.toBe((await import('../../src/log/console.ts')).redactConsole)
    const printed: unknown[] = []
    const late = createRedactor()
    const safe = redactConsole(late, { log: (text: string) => void printed.push(text) })
    late.add('late', VALUE)
    safe.log(VALUE)
    expect(printed).toEqual(['[secret:late]'])
  })
})
