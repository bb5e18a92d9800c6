import {
  addBreadcrumb,
  captureException,
  captureFeedback,
  createTransport,
  type ErrorEvent,
  getIsolationScope,
  logger,
  metrics,
  setCurrentClient,
  startSpan,
  withIsolationScope,
  withScope,
  withStaticSpan,
} from '@sentry/core'
import { ServerRuntimeClient, type ServerRuntimeClientOptions } from '@sentry/core/server'
import { describe, expect, it } from 'vitest'
import { redactSentry } from '../../src/log/sentry.ts'
import { createRedactor } from '../../src/redact.ts'
import { expectNo, TRICKY, VALUE } from './capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

const base = {
  enabled: true, // the polluted run would switch the SDK off
  dsn: 'https://public@sentry.invalid/1',
  integrations: [],
  stackParser: () => [{ filename: 'app.js', function: 'send', lineno: 1, vars: { key: VALUE } }],
  tracesSampleRate: 1,
} satisfies Omit<ServerRuntimeClientOptions, 'transport'>

/** What goes over the wire while the client that these options make is in use. */
async function sentBy(options: Omit<ServerRuntimeClientOptions, 'transport'>, act: () => void): Promise<string> {
  const sent: string[] = []
  const transport: ServerRuntimeClientOptions['transport'] = (given) =>
    createTransport(given, async ({ body }) => {
      sent.push(typeof body === 'string' ? body : new TextDecoder().decode(body))
      return { statusCode: 200 }
    })
  const client = new ServerRuntimeClient({ ...options, transport })
  setCurrentClient(client)
  client.init()
  getIsolationScope().clearBreadcrumbs()
  withIsolationScope(act)
  await client.flush(1000)
  return sent.join('\n')
}

/** Everything that the SDK has a hook for, each with values in it. */
function sendEverything(): void {
  addBreadcrumb({ category: 'fetch', message: VALUE, data: { url: `https://h/?k=${encodeURIComponent(TRICKY)}` } })
  withScope((scope) => {
    scope.setExtra('extra', { [VALUE]: TRICKY })
    scope.addAttachment({ filename: 'dump.txt', data: `dump ${VALUE}` })
    captureException(new TypeError(`no ${VALUE}`, { cause: new Error(TRICKY) }))
  })
  startSpan({ name: `GET /${VALUE}`, attributes: { key: TRICKY } }, () => startSpan({ name: VALUE }, () => {}))
  logger.info(`log ${VALUE}`, { key: TRICKY })
  metrics.count(`requests ${VALUE}`, 1, { attributes: { key: TRICKY } })
}

describe('redactSentry', () => {
  it.each(['stream', 'static'] as const)('masks what hooks see, in the trace lifecycle %s', async (traceLifecycle) => {
    const options = { ...base, traceLifecycle }
    const raw = await sentBy(options, sendEverything)
    for (const value of [VALUE, JSON.stringify(TRICKY).slice(1, -1)]) expect(raw).toContain(value)
    const masked = await sentBy(redactSentry(redactor, options), sendEverything)
    expectNo(VALUE, masked)
    expectNo(TRICKY, masked)
    for (const text of ['no [secret:token]', 'dump [secret:token]', 'log [secret:token]', 'requests [secret:token]']) {
      expect(masked).toContain(text)
    }
    expect(masked).toContain('"type":"TypeError"')
    expect(masked).toContain('"vars":{"key":"[secret:token]"}')
    expect(masked).toContain('GET /[secret:token]')
    // envelopes, items and identifiers are what they were
    expect(masked.split('\n').length).toBe(raw.split('\n').length)
    expect(masked).toMatch(/"event_id":"[0-9a-f]{32}"/)
  })

  it('runs hooks of the caller first, and redacts what they add', async () => {
    const options = {
      ...base,
      beforeSend: async (event: ErrorEvent) => ({ ...event, extra: { added: VALUE } }),
      beforeBreadcrumb: () => null,
    }
    const before = { ...options }
    const masked = await sentBy(redactSentry(redactor, options), sendEverything)
    expectNo(VALUE, masked)
    expect(masked).toContain('"extra":{"added":"[secret:token]"}')
    expect(masked).not.toContain('"category":"fetch"')
    expect(options).toEqual(before)
  })

  it('redacts a span also when the hook of the caller throws, since the SDK sends it then', async () => {
    const beforeSendSpan = (): never => {
      throw new Error('a bug')
    }
    const masked = await sentBy(redactSentry(redactor, { ...base, beforeSendSpan }), sendEverything)
    expectNo(VALUE, masked)
    expect(masked).toContain('GET /[secret:token]')
  })

  it('lets the SDK drop an error whose hook throws', async () => {
    const beforeSend = (): never => {
      throw new Error('a bug')
    }
    const masked = await sentBy(redactSentry(redactor, { ...base, beforeSend }), sendEverything)
    expectNo(VALUE, masked)
    expect(masked).not.toContain('"type":"TypeError"')
  })

  it('keeps the mark of a hook for static spans', async () => {
    const beforeSendSpan = withStaticSpan((span) => ({ ...span, description: `${span.description} seen` }))
    const options = redactSentry(redactor, { ...base, traceLifecycle: 'static' as const, beforeSendSpan })
    const masked = await sentBy(options as typeof base, sendEverything)
    expectNo(VALUE, masked)
    expect(masked).toContain('[secret:token] seen')
  })

  it('redacts whole envelopes, for what has no hook', async () => {
    const act = (): void =>
      withScope((scope) => {
        scope.setAttribute('scope', VALUE)
        logger.info('x')
        const attachments = [
          { filename: 'text.txt', data: `ü ${VALUE}` },
          { filename: 'bytes.bin', data: Buffer.from(`bytes ${VALUE}`) },
        ]
        captureFeedback({ message: `my key is ${VALUE}` }, { attachments })
        startSpan({ name: VALUE }, () => {})
      })
    const hooksOnly = await sentBy({ ...base, ...redactSentry(redactor) }, act)
    expect(hooksOnly).toContain(VALUE)
    const masked = await sentBy(redactSentry(redactor, base), act)
    expectNo(VALUE, masked)
    expect(masked).toContain('my key is [secret:token]')
    // the length in an item's header is that of the masked payload
    expect(masked).toContain('"length":17,"filename":"text.txt"}\nü [secret:token]')
    expect(masked).toContain('"length":20,"filename":"bytes.bin"}\nbytes [secret:token]')
  })

  it('adds what another redactor knows, where options are given to both', async () => {
    const other = createRedactor({ secrets: { other: 'other-long-pw-1' } })
    const act = (): void => void captureFeedback({ message: `${VALUE} and other-long-pw-1` })
    const masked = await sentBy(redactSentry(other, redactSentry(redactor, base)), act)
    expect(masked).toContain('[secret:token] and [secret:other]')
    expectNo(VALUE, masked)
    const chosen = redactSentry(other, redactSentry(redactor, { integrations: (all: object[]) => all }))
    expect(chosen.integrations([])).toMatchObject([{ name: 'Guillemet' }, { name: 'Guillemet2' }])
  })

  it('keeps the integrations of the caller, before its own', () => {
    const names = (integrations: unknown): string[] => (integrations as { name: string }[]).map(({ name }) => name)
    const mine = { name: 'Mine' }
    expect(names(redactSentry(redactor, { integrations: [mine] }).integrations)).toEqual(['Mine', 'Guillemet'])
    const choose = (defaults: { name: string }[]): { name: string }[] => [...defaults, mine]
    const chosen = redactSentry(redactor, { integrations: choose }).integrations([{ name: 'Default' }])
    expect(names(chosen)).toEqual(['Default', 'Mine', 'Guillemet'])
    expect(names(redactSentry(redactor, { integrations: () => mine }).integrations())).toEqual(['Mine', 'Guillemet'])
    const none: { integrations?: unknown } = {}
    expect(names(redactSentry(redactor, none).integrations)).toEqual(['Guillemet'])
    expect(Object.hasOwn(redactSentry(redactor), 'integrations')).toBe(false)
  })

  it('gives all hooks without options, and with options those that the SDK calls or the caller has', () => {
    const all = ['beforeSend', 'beforeSendTransaction', 'beforeSendSpan', 'beforeSendLog', 'beforeSendMetric']
    const names = (hooks: object): string[] => Object.keys(hooks).filter((name) => all.includes(name))
    const without = (name: string): string[] => all.filter((each) => each !== name)
    expect(names(redactSentry(redactor))).toEqual(all)
    expect(names(redactSentry(redactor, {}))).toEqual(without('beforeSendTransaction'))
    expect(names(redactSentry(redactor, { traceLifecycle: 'static' }))).toEqual(without('beforeSendSpan'))
    const mine = redactSentry(redactor, { beforeSendTransaction: (event: { transaction: string }) => event })
    expect(mine.beforeSendTransaction({ transaction: VALUE })).toEqual({ transaction: '[secret:token]' })
  })

  it('passes what is not an object as it is', () => {
    const { beforeSend } = redactSentry(redactor)
    expect(beforeSend(null)).toBe(null)
  })
})
