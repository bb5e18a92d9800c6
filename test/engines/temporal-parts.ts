/** The parts of the Temporal recipe; quoted by docs/EMBEDDING.md. They are given to a worker, which is not needed to test them. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { CompleteAsyncError, heartbeat } from '@temporalio/activity'
import { ApplicationFailure, type Payload, type PayloadCodec, TemporalFailure } from '@temporalio/common'
import { temporal } from '@temporalio/proto'
import type { Vault } from '../../src/vault/api.ts'
import { type Step, send } from './step.ts'

/** As `ActivityInboundCallsInterceptor` of @temporalio/worker has it. */
export interface ExecuteInterceptor {
  execute(input: { args: unknown[] }, next: (input: { args: unknown[] }) => Promise<unknown>): Promise<unknown>
}

// #region interceptor
/** The view of the tenant whose activity runs. */
export const scopes = new AsyncLocalStorage<Vault>()

/** For `interceptors.activity` of a worker: what leaves an activity is built from clean parts. */
export function activityInterceptor(vault: Vault): ExecuteInterceptor {
  return {
    async execute(input, next) {
      const { config: _, ...view } = input.args[0] as Step
      const scope = vault.with(view)
      try {
        return scope.redactor.data(await scopes.run(scope, () => next(input)))
      } catch (error) {
        const clean: unknown = scope.redactor.value(error)
        const isTemporals = clean instanceof TemporalFailure || clean instanceof CompleteAsyncError
        throw isTemporals ? clean : ApplicationFailure.fromError(clean)
      }
    },
  }
}

/** An activity: its argument holds references, its heartbeat and its result masks. */
export async function sendRequest({ config }: Step): Promise<unknown> {
  const scope = scopes.getStore()!
  const authored = scope.references(config, { as: 'request' })
  const outcome = await scope.use(config, send, { as: 'request', authored })
  heartbeat({ received: outcome.redacted })
  return outcome.redacted
}
// #endregion

const { Payload: PayloadMessage } = temporal.api.common.v1
const ENCRYPTED = 'binary/encrypted'
const NONCE_BYTES = 12

// #region codec
/** Encrypts the payloads of workflows. It is not what keeps secrets out: much of what a run stores never passes it. */
export function encryptionCodec(key: CryptoKey): PayloadCodec {
  const encrypt = async (payload: Payload): Promise<Payload> => {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    const plain = Uint8Array.from(PayloadMessage.encode(payload).finish())
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain)
    return { metadata: { encoding: Buffer.from(ENCRYPTED) }, data: Buffer.concat([iv, new Uint8Array(sealed)]) }
  }
  const decrypt = async (payload: Payload): Promise<Payload> => {
    if (String(payload.metadata?.['encoding']) !== ENCRYPTED) return payload
    const bytes = Uint8Array.from(payload.data!)
    const iv = bytes.subarray(0, NONCE_BYTES)
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes.subarray(NONCE_BYTES))
    return PayloadMessage.decode(new Uint8Array(plain))
  }
  return {
    encode: (payloads) => Promise.all(payloads.map(encrypt)),
    decode: (payloads) => Promise.all(payloads.map(decrypt)),
  }
}
// #endregion
