import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchLogRecordProcessor,
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'
import { redactLogs, redactSpans } from '../../src/log/opentelemetry.ts'
import { createRedactor } from '../../src/redact.ts'
import { expectNo, TRICKY, VALUE } from './capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

/** All that an exporter reads of a span. */
function exported(span: ReadableSpan): object {
  const { name, kind, status, attributes, events, links, resource, startTime, endTime, duration, ended } = span
  const { attributes: resourceAttributes, schemaUrl } = resource
  const raw = resource.getRawAttributes()
  const context = span.spanContext()
  return {
    name,
    kind,
    status,
    attributes,
    events,
    links,
    resourceAttributes,
    schemaUrl,
    raw,
    startTime,
    endTime,
    duration,
    ended,
    context,
  }
}

describe('redactSpans', () => {
  const resource = resourceFromAttributes({ 'process.command_args': ['node', `--token=${VALUE}`] })

  function trace(exporter: SpanExporter): void {
    const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const tracer = provider.getTracer('test')
    const linked = tracer.startSpan('linked')
    const span = tracer.startSpan(`GET /${VALUE}`, {
      attributes: {
        'url.full': `https://h/?token=${encodeURIComponent(TRICKY)}`,
        [VALUE]: 1,
        list: [VALUE, 'b'],
        n: 7,
      },
      links: [{ context: linked.spanContext(), attributes: { key: VALUE } }],
    })
    span.addEvent(VALUE, { key: TRICKY })
    span.addEvent('plain')
    span.recordException(new TypeError(VALUE))
    span.setStatus({ code: 2, message: TRICKY })
    span.end()
  }

  it('hands on copies in which nothing is left', () => {
    const memory = new InMemorySpanExporter()
    const raw: ReadableSpan[] = []
    const behind: SpanExporter = {
      export: (spans, done) => {
        raw.push(...spans)
        redactSpans(redactor, memory).export(spans, done)
      },
      shutdown: () => memory.shutdown(),
    }
    trace(behind)
    const [span] = memory.getFinishedSpans()
    expectNo(VALUE, exported(span!))
    expectNo(TRICKY, exported(span!))
    expectNo(VALUE, JSON.stringify(span))
    expect(exported(span!)).toMatchObject({
      name: 'GET /[secret:token]',
      attributes: { 'url.full': 'https://h/?token=[secret:tricky]', list: ['[secret:token]', 'b'], n: 7 },
      status: { code: 2, message: '[secret:tricky]' },
      events: [
        { name: '[secret:token]', attributes: { key: '[secret:tricky]' } },
        { name: 'plain' },
        { name: 'exception', attributes: { 'exception.type': 'TypeError', 'exception.message': '[secret:token]' } },
      ],
      links: [{ context: raw[0]!.links[0]!.context, attributes: { key: '[secret:token]' } }],
      resourceAttributes: { 'process.command_args': ['node', '--token=[secret:token]'] },
      context: raw[0]!.spanContext(),
      startTime: raw[0]!.startTime,
      duration: raw[0]!.duration,
      ended: true,
    })
    expect(raw[0]!.name).toBe(`GET /${VALUE}`)
    expect(raw[0]!.attributes[VALUE]).toBe(1)
  })

  it('shares one resource among spans, since exporters group by it', () => {
    const memory = new InMemorySpanExporter()
    const exporter = redactSpans(redactor, memory)
    trace(exporter)
    trace(exporter)
    const [first, second] = memory.getFinishedSpans()
    expect(first!.resource).toBe(second!.resource)
  })

  it('masks the errors of the exporter, and passes its other calls on', async () => {
    const calls: string[] = []
    const exporter = redactSpans(redactor, {
      export: (_spans: ReadableSpan[], done) => done({ code: 1, error: new RangeError(`POST ?key=${VALUE}`) }),
      shutdown: async () => void calls.push('shutdown'),
      forceFlush: async () => void calls.push('flush'),
    } satisfies SpanExporter)
    const results: { code: number; error?: Error }[] = []
    exporter.export([], (result) => results.push(result))
    expect(results[0]).toMatchObject({ code: 1, error: { message: 'POST ?key=[secret:token]' } })
    expect(results[0]!.error).toBeInstanceOf(RangeError)
    await exporter.forceFlush?.()
    await exporter.shutdown()
    await redactSpans(redactor, { export() {}, shutdown: async () => {} }).forceFlush?.()
    expect(calls).toEqual(['flush', 'shutdown'])
  })
})

describe('redactLogs', () => {
  it('hands on copies in which nothing is left, and leaves the record to the other processors', async () => {
    const memory = new InMemoryLogRecordExporter()
    const seen: ReadableLogRecord[] = []
    const other: LogRecordProcessor = {
      onEmit: (record) => void seen.push(record),
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const safe = redactLogs(redactor, new SimpleLogRecordProcessor({ exporter: memory }))
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ key: VALUE }),
      processors: [safe, other],
    })
    provider.getLogger('test').emit({
      body: { text: `a ${VALUE}`, deep: [{ key: TRICKY }], bytes: Buffer.from(VALUE) },
      attributes: { [VALUE]: TRICKY, n: 7 },
      severityText: VALUE,
      severityNumber: 9,
      eventName: VALUE,
    })
    provider.getLogger('test').emit({ body: 'second' })
    await provider.forceFlush()
    const [first, second] = memory.getFinishedLogRecords()
    const { body, attributes, severityText, severityNumber, eventName, hrTime, resource, instrumentationScope } = first!
    const read = { body, attributes, severityText, severityNumber, eventName, resource: resource.attributes }
    expectNo(VALUE, read)
    expectNo(TRICKY, read)
    expect(read).toMatchObject({ body: { text: 'a [secret:token]' }, attributes: { n: 7 }, severityNumber: 9 })
    expect(hrTime).toEqual(seen[0]!.hrTime)
    expect(instrumentationScope).toBe(seen[0]!.instrumentationScope)
    expect(second!.resource).toBe(resource)
    expect(second!.body).toBe('second')
    expect(seen[0]!.attributes).toEqual({ [VALUE]: TRICKY, n: 7 })
    await provider.shutdown()
  })

  it('waits for a resource that is still looking for its attributes', async () => {
    const memory = new InMemoryLogRecordExporter()
    const looking = new EventTarget()
    const key = new Promise<string>((resolve) => looking.addEventListener('found', () => resolve(VALUE)))
    const resource = resourceFromAttributes({ key })
    const processors = [redactLogs(redactor, new BatchLogRecordProcessor({ exporter: memory }))]
    const provider = new LoggerProvider({ resource, processors })
    provider.getLogger('test').emit({ body: 'x' })
    looking.dispatchEvent(new Event('found'))
    await provider.forceFlush()
    expect(memory.getFinishedLogRecords()[0]!.resource.attributes).toEqual({ key: '[secret:token]' })
    await provider.shutdown()
  })

  it('lets a processor behind it change its copy', () => {
    const seen: ReadableLogRecord[] = []
    const enriching: LogRecordProcessor = {
      onEmit(record) {
        record.setAttribute('added', true).setBody('changed')
        seen.push(record)
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const provider = new LoggerProvider({ processors: [redactLogs(redactor, enriching)] })
    provider.getLogger('test').emit({ body: VALUE, attributes: { key: VALUE } })
    expect(seen[0]).toMatchObject({ body: 'changed', attributes: { key: '[secret:token]', added: true } })
  })

  it('asks the processor whether it wants a record at all, where it can say', () => {
    const base = { onEmit() {}, forceFlush: async () => {}, shutdown: async () => {} }
    const choosy = { ...base, enabled: (options: { isOpen: boolean }) => options.isOpen }
    expect(redactLogs(redactor, choosy).enabled?.({ isOpen: true })).toBe(true)
    expect(redactLogs(redactor, choosy).enabled?.({ isOpen: false })).toBe(false)
    expect(redactLogs(redactor, base).enabled?.({})).toBe(true)
  })
})
