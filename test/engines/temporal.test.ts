/** Temporal, without its server: what an activity hands on, converted, encoded and serialised as the SDK does it. */

import { asyncLocalStorage, CompleteAsyncError, Context } from '@temporalio/activity'
import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultDataConverter,
  type LoadedDataConverter,
  type Payload,
} from '@temporalio/common'
import { encodeUnifiedSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js'
import {
  decodeFromPayloadsAtIndex,
  encodeErrorToFailure,
  encodeMapToPayloads,
  encodeToPayloads,
  encodeUserMetadata,
} from '@temporalio/common/lib/internal-non-workflow/index.js'
import { temporal } from '@temporalio/proto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { FAILURES } from './failures.ts'
import { CONTROL, type EchoServer, expectClean, fillVault, leaksIn, SECRETS, startEcho, stepTo } from './stage.ts'
import { activityInterceptor, encryptionCodec, sendRequest } from './temporal-parts.ts'

const { Failure } = temporal.api.failure.v1
const { Payloads } = temporal.api.common.v1

let vault: Vault
let echo: EchoServer
/** Without a codec, so that whatever is said is seen. */
const plain: LoadedDataConverter = defaultDataConverter
let encrypted: LoadedDataConverter

beforeAll(async () => {
  echo = await startEcho()
  vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await fillVault(vault, echo.origin)
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  encrypted = { ...plain, payloadCodecs: [encryptionCodec(key)] }
})
afterAll(() => echo.close())

/** Bytes as text, in which the probe reads what is written plainly. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const payloadsText = (payloads: Payload[] | undefined): string =>
  textOf(Payloads.encode({ payloads: payloads ?? [] }).finish())
const failureText = async (converter: LoadedDataConverter, error: unknown): Promise<string> =>
  textOf(Failure.encode(await encodeErrorToFailure(converter, error)).finish())

/** Runs an activity as a worker does: within its context and behind the interceptor; all that the service is sent. */
async function execute(activity: (...given: never[]) => Promise<unknown>, ...args: unknown[]) {
  const heartbeats: unknown[] = []
  const logs: unknown[] = []
  const log = (...line: unknown[]) => void logs.push(line)
  const logger = { log, trace: log, debug: log, info: log, warn: log, error: log }
  const context = new Context(
    {} as never,
    new Promise<never>(() => undefined),
    new AbortController().signal,
    (details: unknown) => void heartbeats.push(details),
    undefined,
    logger as never,
    undefined as never,
    {},
  )
  const run = () => activityInterceptor(vault).execute({ args }, (input) => activity(...(input.args as never[])))
  let result: unknown
  let error: unknown
  try {
    result = await asyncLocalStorage.run(context, run)
  } catch (thrown) {
    error = thrown
  }
  const sent = [
    payloadsText(await encodeToPayloads(plain, ...args)),
    payloadsText(await encodeToPayloads(plain, result)),
    payloadsText(await encodeToPayloads(plain, ...heartbeats)),
    error === undefined ? '' : await failureText(plain, error),
    logs,
  ]
  return { sent, result, error, heartbeats }
}

describe('an activity', () => {
  it('hands on masks: argument, heartbeat and result', async () => {
    const { sent, result, heartbeats } = await execute(sendRequest, stepTo(`${echo.origin}/echo`))
    expect(result).toEqual({ status: 200, text: 'sent Bearer [secret:crm] Bearer%20[secret:crm]' })
    expect(heartbeats).toEqual([{ received: result }])
    expect(echo.arrived.at(-1)!.headers.authorization).toBe(`Bearer ${SECRETS.crm}`)
    await expectClean([sent, CONTROL.control])
  })

  it('fails with a clean message, stack trace, cause and details', async () => {
    const { sent, error } = await execute(sendRequest, stepTo(`${echo.origin}/500`))
    expect(error).toBeInstanceOf(ApplicationFailure)
    expect(error).toMatchObject({ message: '500 sent Bearer [secret:crm] Bearer%20[secret:crm]', type: 'Error' })
    expect(sent.join()).toContain('step.ts') // the stack trace
    await expectClean([sent, CONTROL.control])
  })

  it.each(FAILURES.map((fail, index) => [index, fail] as const))(
    'is clean where it throws within use (%i)',
    async (_, fail) => {
      const { sent, error } = await execute(throwing('within', fail), stepTo(`${echo.origin}/echo`))
      expect(error).toBeInstanceOf(ApplicationFailure)
      await expectClean([sent, CONTROL.control])
    },
  )

  it.each(FAILURES.map((fail, index) => [index, fail] as const))(
    'and where it throws after it (%i)',
    async (_, fail) => {
      const { sent, error } = await execute(throwing('after', fail), stepTo(`${echo.origin}/echo`))
      expect(error).toBeInstanceOf(ApplicationFailure)
      await expectClean([sent, CONTROL.control])
    },
  )

  it('is steered by the failures of Temporal as before', async () => {
    const refused = (key: string) =>
      ApplicationFailure.create({ message: `no ${key}`, type: 'Refused', nonRetryable: true, details: [{ key }] })
    const { error, sent } = await execute(throwing('within', refused), stepTo(`${echo.origin}/echo`))
    expect(error).toMatchObject({ message: 'no Bearer [secret:crm]', type: 'Refused', nonRetryable: true })
    await expectClean([sent, CONTROL.control])
    for (const own of [new CancelledFailure('CANCELLED'), new CompleteAsyncError()]) {
      const { error: kept } = await execute(
        throwing('within', () => own),
        stepTo(`${echo.origin}/echo`),
      )
      expect(kept).toBeInstanceOf(own.constructor)
    }
  })
})

/** An activity that throws what is made of the key, within the function that is given it or later. */
function throwing(when: 'within' | 'after', make: (key: string) => unknown) {
  return async ({ config, ...view }: ReturnType<typeof stepTo>): Promise<unknown> => {
    const { scopes } = await import('./temporal-parts.ts')
    const scope = scopes.getStore() ?? vault.with(view)
    const outcome = await scope.use(
      config,
      ({ headers }) => {
        if (when === 'within') throw make(headers!['Authorization']!)
        return headers!['Authorization']!
      },
      { as: 'request' },
    )
    throw make(outcome.expose())
  }
}

describe('a codec', () => {
  const key = SECRETS.crm
  const leaking = () => new Error(`refused ${key}`, { cause: new Error(key) })

  it('encrypts payloads, and gives them back', async () => {
    const payloads = await encodeToPayloads(encrypted, { key })
    expect(await leaksIn(payloadsText(payloads))).toEqual([])
    expect(await decodeFromPayloadsAtIndex(encrypted, 0, payloads)).toEqual({ key })
    expect(await leaksIn(payloadsText(await encodeToPayloads(plain, { key })))).not.toEqual([])
  })

  it('leaves message and stack trace of a failure in the clear, unless the failure converter is told', async () => {
    expect(await leaksIn(await failureText(encrypted, leaking()))).not.toEqual([])
    const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
    expect(await leaksIn(await failureText({ ...encrypted, failureConverter }, leaking()))).toEqual([])
  })

  it('never sees the type of a failure, ids, queues, search attributes, and the keys of a memo and of headers', async () => {
    const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
    const converter = { ...encrypted, failureConverter }
    const map = await encodeMapToPayloads(converter, { [key]: key })
    const typed = ApplicationFailure.create({ message: 'x', type: key })
    const metadata = await encodeUserMetadata(converter, key, key)
    const places: Record<string, unknown> = {
      'failure type': await failureText(converter, typed),
      'workflow id': key,
      'task queue': key,
      'search attribute': payloadsText(Object.values(encodeUnifiedSearchAttributes({ Customer: [key] }))),
      'memo key': Object.keys(map),
      'memo value': payloadsText(Object.values(map)),
      'failure message': await failureText(converter, leaking()),
      summary: payloadsText([metadata!.summary!, metadata!.details!]),
    }
    const { leaks } = await leakProbe({ crm: key }, ({ output }) => {
      for (const [place, stored] of Object.entries(places)) output(stored, place)
    })
    expect(new Set(leaks.map(({ where }) => where))).toEqual(
      new Set(['failure type', 'workflow id', 'task queue', 'search attribute', 'memo key']),
    )
  })

  it('is not asked for ids and attributes either, so a reference there is refused when a workflow is started', () => {
    // #region ids
    const requireNoReference = (...names: readonly unknown[]): void => {
      if (vault.references(names).length > 0) throw new Error('An id or a search attribute holds a reference.')
    }
    // #endregion
    expect(() => requireNoReference('order-17', { Customer: ['<< secrets.crm >>'] })).toThrow('holds a reference')
    requireNoReference('order-17', { Customer: ['ann'] })
  })
})
