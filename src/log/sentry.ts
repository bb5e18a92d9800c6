/**
 * Redaction for Sentry: every hook through which the SDK sends something, as one bundle.
 *
 * @module guillemet/log/sentry
 */

import { defineOwn, isPromise, ownValue } from '../plain-object.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { refuseCall, requireMethods, requireRedactor } from './require-arguments.ts'

// biome-ignore lint/suspicious/noExplicitAny: the SDK in use says what each hook takes and returns
type Hook = (item: any, hint?: any) => any

/** The hooks of the options of `Sentry.init`. */
export interface SentryHooks {
  /** Redacts an error event. */
  beforeSend: Hook
  /** Redacts a transaction event. */
  beforeSendTransaction: Hook
  /** Redacts a span. */
  beforeSendSpan: Hook
  /** Redacts a log record. */
  beforeSendLog: Hook
  /** Redacts a metric. */
  beforeSendMetric: Hook
  /** Redacts a breadcrumb. */
  beforeBreadcrumb: Hook
}

const HOOK_NAMES = [
  'beforeSend',
  'beforeSendTransaction',
  'beforeSendSpan',
  'beforeSendLog',
  'beforeSendMetric',
  'beforeBreadcrumb',
] as const

/** Headers, and items with a header each; an attachment's says how many bytes follow. */
type SentryEnvelope = [headers: object, items: [header: { length?: number }, payload: string | Uint8Array][]]

/** The part of the SDK's client that an integration needs. */
interface Client {
  on(event: 'beforeEnvelope', listen: (envelope: SentryEnvelope) => void): unknown
}

interface NamedIntegration {
  readonly name: string
  setup?(client: Client): void
}

const CALL = 'redactSentry(redactor, options)'
const INTEGRATION = 'Guillemet'
/** How the SDK's `withStaticSpan` and `withStreamedSpan` mark a hook for spans. */
const SPAN_HOOK_MARKS = ['_static', '_streamed']

/**
 * Options for `Sentry.init` that redact errors, transactions, spans, logs, metrics, breadcrumbs and attachments.
 *
 * Give it all your options: hooks of your own run first, and an integration redacts whole envelopes last, for what the
 * SDK has no hook: the name of a transaction in a header, attributes of a scope, feedback, sessions. Not seen: what the
 * SDK has compressed, such as replays.
 *
 * @param redactor what it knows when something is sent, or a breadcrumb added, is masked
 * @param options options of your own, which are copied
 * @throws ERR_INVALID_INPUT when the first is not a redactor, or an option is not what the SDK takes
 * @example
 * ```ts
 * Sentry.init(redactSentry(redactor, { dsn }))
 * ```
 */
export function redactSentry<T extends object>(redactor: ReadonlyRedactor, options: T): T
/** The hooks alone, to spread into options. */
export function redactSentry(redactor: ReadonlyRedactor): SentryHooks
export function redactSentry(redactor: ReadonlyRedactor, options?: object): object {
  requireRedactor(redactor, CALL)
  requireSentryOptions(options)
  const isStatic = ownValue(options, 'traceLifecycle') === 'static'
  const hooks: Record<string, Hook> = {}
  for (const name of HOOK_NAMES) {
    const given = ownValue(options, name) as Hook | undefined
    // the SDK warns of a hook that its way of sending spans never calls
    const isIdle = name === (isStatic ? 'beforeSendSpan' : 'beforeSendTransaction')
    if (options === undefined || given !== undefined || !isIdle) hooks[name] = createHook(redactor, name, given)
  }
  if (options === undefined) return hooks
  return { ...options, ...hooks, integrations: withEnvelopes(redactor, ownValue(options, 'integrations')) }
}

function requireSentryOptions(options: object | undefined): void {
  if (options === undefined) return
  requireMethods(options, [], CALL, 'The second argument is not an object of options')
  const misfit = HOOK_NAMES.find((name) => !['undefined', 'function'].includes(typeof ownValue(options, name)))
  if (misfit !== undefined) refuseCall(CALL, `The option ${misfit} is not a function`)
  const integrations: unknown = ownValue(options, 'integrations')
  if (integrations === undefined || typeof integrations === 'function' || Array.isArray(integrations)) return
  refuseCall(CALL, 'The option integrations is neither a list nor a function')
}

function createHook(redactor: ReadonlyRedactor, name: string, given: Hook | undefined): Hook {
  const hook: Hook = (item, hint) => {
    let sent: unknown = item
    try {
      if (given !== undefined) sent = given(item, hint)
    } catch (error) {
      if (name !== 'beforeSendSpan') throw error // the SDK drops the item; a span it would send as it was
    }
    // attachments are sent next to the event, and only here can they be replaced
    const attachments = ownValue(hint as { attachments?: unknown }, 'attachments')
    if (attachments !== undefined) hint.attachments = redactor.value(attachments)
    return isPromise(sent) ? sent.then((late) => clean(redactor, late)) : clean(redactor, sent)
  }
  for (const mark of SPAN_HOOK_MARKS) {
    const value = given === undefined ? undefined : ownValue(given, mark)
    if (value !== undefined) defineOwn(hook, mark, { value })
  }
  return hook
}

/** Those of the options, and one for the last step before the transport. */
function withEnvelopes(redactor: ReadonlyRedactor, given: unknown): unknown {
  const added = (others: readonly NamedIntegration[]): NamedIntegration[] => {
    // of integrations with one name the SDK takes the last, so that of another redactor has another name
    const count = others.filter(({ name }) => name.startsWith(INTEGRATION)).length
    return [...others, envelopeIntegration(redactor, count === 0 ? INTEGRATION : `${INTEGRATION}${count + 1}`)]
  }
  if (typeof given === 'function') return (defaults: unknown) => added([given(defaults)].flat())
  return added((given as readonly NamedIntegration[] | undefined) ?? [])
}

/** Whole envelopes, with what no hook of the options sees. */
function envelopeIntegration(redactor: ReadonlyRedactor, name: string): NamedIntegration {
  return {
    name,
    setup(client: Client) {
      client.on('beforeEnvelope', (envelope) => {
        const [headers, items] = redactor.value(envelope)
        for (const [header, payload] of items) {
          if (header.length === undefined) continue
          header.length = typeof payload === 'string' ? new TextEncoder().encode(payload).length : payload.length
        }
        envelope.splice(0, 2, headers, items) // in place: the SDK sends the array that it showed
      })
    },
  }
}

/** A redacted copy; null, which drops the item, stays null. */
function clean(redactor: ReadonlyRedactor, item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  const { sdkProcessingMetadata: metadata, ...sent } = item as { sdkProcessingMetadata?: Record<string, unknown> }
  const copy = redactor.value(sent)
  if (metadata === undefined) return copy
  // the SDK's own notes, scopes among them, are not sent; only this part of them is, as a header
  const dynamicSamplingContext = redactor.value(metadata['dynamicSamplingContext'])
  return { ...copy, sdkProcessingMetadata: { ...metadata, dynamicSamplingContext } }
}
