/** OpenTelemetry: spans on their way to an exporter, log records on their way to a processor. */

import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { redactLogs, redactSpans } from 'guillemet/log/opentelemetry'
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b' } })
const spanExporter = new InMemorySpanExporter()
const logExporter = new InMemoryLogRecordExporter()

// #region opentelemetry
const tracing = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(redactSpans(redactor, spanExporter))],
})
const logging = new LoggerProvider({
  processors: [redactLogs(redactor, new SimpleLogRecordProcessor({ exporter: logExporter }))],
})
// #endregion

tracing
  .getTracer('example')
  .startSpan('GET', { attributes: { 'url.full': 'https://h/?key=sk-4c1f0e9d2b' } })
  .end()
logging.getLogger('example').emit({ body: { token: 'sk-4c1f0e9d2b' } })
console.log(spanExporter.getFinishedSpans()[0]?.attributes) // prints: { 'url.full': 'https://h/?key=[secret:stripe]' }
console.log(logExporter.getFinishedLogRecords()[0]?.body) // prints: { token: '[secret:stripe]' }
