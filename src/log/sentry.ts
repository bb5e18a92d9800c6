/**
 * Redaction for Sentry: every hook through which the SDK lets go of something, as one bundle.
 *
 * @module guillemet/log/sentry
 */

import { own } from '../plain-object.ts'
import type { Redactor } from '../redact/redactor.ts'

// biome-ignore lint/suspicious/noExplicitAny: the SDK in use says what each hook takes and returns
type Hook = (item: any, hint?: any) => any

/** The hooks of the options of `Sentry.init`. */
export interface SentryHooks {
  beforeSend: Hook
  beforeSendTransaction: Hook
  beforeSendSpan: Hook
  beforeSendLog: Hook
  beforeSendMetric: Hook
  beforeBreadcrumb: Hook
}

const HOOKS = [
  'beforeSend',
  'beforeSendTransaction',
  'beforeSendSpan',
  'beforeSendLog',
  'beforeSendMetric',
  'beforeBreadcrumb',
] as const

/** How the SDK's `withStaticSpan` and `withStreamedSpan` mark a hook for spans. */
const MARKS = ['_static', '_streamed']

/**
 * Options for `Sentry.init` that redact errors, transactions, spans, logs, metrics, breadcrumbs and attachments.
 *
 * Hooks of your own run first, and what they return is redacted. Not seen: replays, profiles, user feedback, sessions.
 *
 * @param redactor what it knows when something is sent, or a breadcrumb added, is masked
 * @param options options of your own, which are copied. @default {}
 * @example
 * ```ts
 * Sentry.init(redactSentry(redactor, { dsn }))
 * ```
 */
export function redactSentry<T extends object = object>(redactor: Redactor, options?: T): T & SentryHooks {
  const hooks: Record<string, Hook> = {}
  for (const name of HOOKS) hooks[name] = createHook(redactor, name, own(options, name) as Hook | undefined)
  return { ...options, ...hooks } as T & SentryHooks
}

function createHook(redactor: Redactor, name: string, given: Hook | undefined): Hook {
  const hook: Hook = (item, hint) => {
    let sent: unknown = item
    try {
      if (given !== undefined) sent = given(item, hint)
    } catch (error) {
      if (name !== 'beforeSendSpan') throw error // the SDK drops the item; a span it would send as it was
    }
    // attachments leave beside the event, and only here can they be replaced
    const attachments = own(hint as { attachments?: unknown }, 'attachments')
    if (attachments !== undefined) hint.attachments = redactor.value(attachments)
    return isPromise(sent) ? sent.then((late) => clean(redactor, late)) : clean(redactor, sent)
  }
  for (const mark of MARKS) {
    const value = given === undefined ? undefined : own(given, mark)
    if (value !== undefined) Object.defineProperty(hook, mark, { __proto__: null, value } as PropertyDescriptor)
  }
  return hook
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** A redacted copy; null, which drops the item, stays null. */
function clean(redactor: Redactor, item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  const { sdkProcessingMetadata: metadata, ...sent } = item as { sdkProcessingMetadata?: Record<string, unknown> }
  const copy = redactor.value(sent)
  if (metadata === undefined) return copy
  // the SDK's own notes, scopes among them, are not sent; only this part of them is, as a header
  const dynamicSamplingContext = redactor.value(metadata['dynamicSamplingContext'])
  return { ...copy, sdkProcessingMetadata: { ...metadata, dynamicSamplingContext } }
}
