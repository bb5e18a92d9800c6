/**
 * Redaction for OpenTelemetry: spans on their way to an exporter, log records on their way to a processor.
 *
 * Both hand on copies, since other processors see the same objects. Identifiers, times and the instrumentation scope
 * pass as they are.
 *
 * @module guillemet/log/opentelemetry
 */

import { defineOwn } from '../plain-object.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireMethods, requireRedactor } from './require-arguments.ts'

/** What a span exporter has; `S` is the span and `R` the result of the SDK in use. */
export interface SpanExporterLike<S, R> {
  /** Sends spans. */
  export(spans: S[], done: (result: R) => void): void
  /** Ends it. */
  shutdown(): Promise<void>
  /** Sends what waits. */
  forceFlush?(): Promise<void>
}

/** What a log record processor has; `L` is the record of the SDK in use. */
export interface LogProcessorLike<L, C, F, E> {
  /** Takes one record. */
  onEmit(record: L, context?: C): void
  /** Ends it. */
  shutdown(): Promise<void>
  /** Passes on what waits. */
  forceFlush(options?: F): Promise<void>
  /** Whether records of this kind are wanted. */
  enabled?(options: E): boolean
}

const SPANS_CALL = 'redactSpans(redactor, exporter)'
const LOGS_CALL = 'redactLogs(redactor, processor)'

/** Something with attributes: an event or a link of a span. */
interface Attributed {
  readonly name?: string
  readonly attributes?: object
}

interface Resource {
  readonly attributes: object
  readonly asyncAttributesPending?: boolean
  waitForAsyncAttributes?(): Promise<void>
}

interface SpanData {
  readonly name: string
  readonly attributes: object
  readonly status: { readonly message?: string }
  readonly events: readonly Attributed[]
  readonly links: readonly Attributed[]
  readonly resource: Resource
}

interface LogRecord {
  readonly body?: unknown
  readonly attributes: object
  readonly severityText?: string
  readonly eventName?: string
  readonly resource: Resource
}

/**
 * An exporter that redacts name, status, attributes, events, links and resource of each span, and the exporter's own
 * errors.
 *
 * @param redactor what it knows when a span is exported is masked
 * @param exporter where the copies go; give the result to the span processor in its place
 * @throws ERR_INVALID_INPUT when the first is not a redactor, or the second not an exporter
 * @example
 * ```ts
 * new BatchSpanProcessor({ exporter: redactSpans(redactor, new OTLPTraceExporter()) })
 * ```
 */
export function redactSpans<S extends object, R extends object>(
  redactor: ReadonlyRedactor,
  exporter: SpanExporterLike<S, R>,
): SpanExporterLike<S, R> {
  requireRedactor(redactor, SPANS_CALL)
  requireMethods(exporter, ['export', 'shutdown'], SPANS_CALL, 'The second argument is not a span exporter')
  const resourceOf = createResources(redactor)
  const cleanAttributed = <T extends Attributed>(part: T): T => ({
    ...part,
    ...(part.name !== undefined && { name: redactor.text(part.name) }),
    attributes: redactor.value(part.attributes),
  })
  const clean = (span: S): S => {
    const { name, attributes, status, events, links, resource } = span as unknown as SpanData
    return over(span, {
      name: redactor.text(name),
      attributes: redactor.value(attributes),
      status: redactor.value(status),
      events: events.map(cleanAttributed),
      links: links.map(cleanAttributed),
      resource: resourceOf(resource),
    })
  }
  return {
    export: (spans, done) => exporter.export(spans.map(clean), (result) => done(redactor.value(result))),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

/**
 * A processor that redacts body, attributes, event name, severity text and resource of each log record.
 *
 * @param redactor what it knows when a record is emitted is masked
 * @param processor where the copies go; make it the last of yours, since those after it see the record as it was
 * @throws ERR_INVALID_INPUT when the first is not a redactor, or the second not a processor
 * @example
 * ```ts
 * new LoggerProvider({ processors: [redactLogs(redactor, new BatchLogRecordProcessor({ exporter }))] })
 * ```
 */
export function redactLogs<L extends object, C, F, E>(
  redactor: ReadonlyRedactor,
  processor: LogProcessorLike<L, C, F, E>,
): LogProcessorLike<L, C, F, E> {
  requireRedactor(redactor, LOGS_CALL)
  const methods = ['onEmit', 'shutdown', 'forceFlush']
  requireMethods(processor, methods, LOGS_CALL, 'The second argument is not a log record processor')
  const resourceOf = createResources(redactor)
  const clean = (record: L): L => {
    const { body, attributes, severityText, eventName, resource } = record as unknown as LogRecord
    return over(record, {
      body: redactor.value(body),
      attributes: redactor.value(attributes),
      severityText: redactor.value(severityText),
      eventName: redactor.value(eventName),
      resource: resourceOf(resource),
    })
  }
  return {
    onEmit: (record, context) => processor.onEmit(clean(record), context),
    shutdown: () => processor.shutdown(),
    forceFlush: (options) => processor.forceFlush(options),
    enabled: (options) => (typeof processor.enabled === 'function' ? processor.enabled(options) : true),
  }
}

/** An object that has the methods and the times of the original, and these members in place of its own. */
function over<T extends object>(original: T, members: object): T {
  const copy = Object.create(original) as T
  for (const [name, value] of Object.entries(members)) {
    defineOwn(copy, name, { value, writable: true, enumerable: true, configurable: true })
  }
  return copy
}

/**
 * One copy per resource, since exporters group by identity; it is read late, since a resource may still be waiting for
 * its attributes, and the redactor may learn until then.
 */
function createResources(redactor: ReadonlyRedactor): (resource: Resource) => Resource {
  const copies = new WeakMap<Resource, Resource>()
  return (resource) => {
    let copy = copies.get(resource)
    if (copy === undefined) {
      const attributes = (): object => redactor.value(resource.attributes)
      copy = over(resource, {
        getRawAttributes: () => Object.entries(attributes()),
        waitForAsyncAttributes: async () => resource.waitForAsyncAttributes?.(),
      })
      defineOwn(copy, 'attributes', { get: attributes, enumerable: true, configurable: true })
      const isPending = (): boolean | undefined => resource.asyncAttributesPending
      defineOwn(copy, 'asyncAttributesPending', { get: isPending, enumerable: true, configurable: true })
      copies.set(resource, copy)
    }
    return copy
  }
}
