/** Streams of a model, as providers of the AI SDK give them. */

import { concealModel } from '../../src/agents/ai.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Resolved, Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'

/** What the tool was sent with. */
export const KEY = 'crm-"51e0"\\d44b7c'
/** A number that is one, too. */
export const PIN = '9876543210'

/** A part of a stream, whatever it is. */
export type Part = { readonly type: string } & Record<string, unknown>

/** A vault, the result of a use, and the middleware of a model that must not see its values. */
export async function concealedStage() {
  const vault: Vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await vault.create({ tag: 'crm', value: KEY, allow: { hosts: ['crm.example'] } })
  await vault.create({ tag: 'pin', value: PIN })
  const used: Resolved<unknown> = await vault.resolve(
    { headers: { a: '<< secrets.crm >>' }, url: 'https://crm.example/' },
    { as: 'request' },
  )
  const pin: Resolved<unknown> = await vault.resolve('<< secrets.pin >>')
  const of = [used, pin]
  return { vault, of, middleware: concealModel(vault, { of: () => of }) }
}

/** The parts as a stream that gives each when it is asked. */
export function streamOf(parts: readonly Part[]): ReadableStream<Part> {
  const left = [...parts]
  return new ReadableStream({
    pull(controller) {
      const part = left.shift()
      if (part === undefined) controller.close()
      else controller.enqueue(part)
    },
  })
}

/** All that a stream gives. */
export async function partsOf(stream: ReadableStream<Part>): Promise<Part[]> {
  const parts: Part[] = []
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) return parts
    parts.push(value)
  }
}

/** The deltas of a block, together. */
export function joined(parts: readonly Part[], kind: string, id: string): string {
  return parts
    .filter((part) => part.type === `${kind}-delta` && part['id'] === id)
    .map(({ delta }) => String(delta))
    .join('')
}
