/** What every client is tested with: a vault, a loopback server that writes down what arrives, and prompts of anybody. */

import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { expect, vi } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { createVault } from '../../src/vault/vault.ts'
import { type Answer, type Arrived, serve } from '../http/loopback.ts'
import { referenceSyntaxes } from '../template/reference-syntaxes.ts'

export type { Arrived } from '../http/loopback.ts'

/** The key that the client sends. */
export const KEY = 'sk-proj-7f3e9a1c5b8d2e4f6a0b'
/** Secrets that nobody has asked for. */
export const OTHERS = { stripe: 'rk_live_51H8x0aZq9', github: 'ghp_16C7e42F292c6912E7', db: 'hunter2-long-password' }
/** The key as a client is given it. */
export const REFERENCE = '<< secrets.key >>'

/** A vault and a server. */
export interface ClientStage {
  readonly vault: Vault
  readonly origin: string
  readonly arrived: Arrived[]
  readonly events: VaultEvent[]
}

/** Starts both; the server ends with the test. */
export async function clientStage(answer: Answer): Promise<ClientStage> {
  const events: VaultEvent[] = []
  const onEvent = (event: VaultEvent): void => void events.push(event)
  const vault = createVault({ storage: memoryStorage(), keys: generateKey(), onEvent })
  for (const [tag, value] of Object.entries({ key: KEY, ...OTHERS })) await vault.create({ tag, value })
  events.length = 0
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const { origin, arrived } = await serve(answer)
  return { vault, origin, arrived, events }
}

const SYNTAXES = referenceSyntaxes('key', ['stripe', 'github', 'db'])

/** A thousand texts, as people and tools write them. */
export const PROMPTS: readonly string[] = Array.from({ length: 1_000 }, (_, index) => {
  const syntax = SYNTAXES[index % SYNTAXES.length]!
  const frames = [
    `What does ${syntax} do?`,
    `{"result": "${syntax}", "n": ${index}}`,
    `# ${index}\n\n\`\`\`yaml\nenv: ${syntax}\n\`\`\`\n`,
    `${syntax}${syntax}\tüñî 🚀 ${index}`,
  ]
  return `${frames[index % frames.length]!} #${index}`
})

/** Some prompts at a time, so that a request stays one that a server takes. */
export function batches(size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(PROMPTS.length / size) }, (_, at) => PROMPTS.slice(at * size, (at + 1) * size))
}

/** Every text within JSON, as a parser gives it. */
export function textsOf(json: string): readonly string[] {
  const texts: string[] = []
  JSON.parse(json, (_key, value: unknown) => {
    if (typeof value === 'string') texts.push(value)
    return value
  })
  return texts
}

/** All prompts have arrived as they were written, and no secret but the key, and that in no body. */
export function expectPromptsAsWritten({ arrived }: ClientStage): void {
  const texts = new Set(arrived.flatMap(({ body }) => textsOf(body)))
  const inner = [...texts].filter((text) => /^[[{]/.test(text))
  for (const text of inner) {
    try {
      for (const each of textsOf(text)) texts.add(each)
    } catch {
      // a prompt that only looks like JSON
    }
  }
  expect(PROMPTS.filter((prompt) => !texts.has(prompt))).toEqual([])
  expectNoOtherSecret(arrived)
  expect(arrived.filter(({ body, url }) => `${body}${url}`.includes(KEY))).toEqual([])
}

/** No secret that nobody asked for has arrived anywhere. */
export function expectNoOtherSecret(arrived: readonly Arrived[]): void {
  for (const value of Object.values(OTHERS)) expect(JSON.stringify(arrived)).not.toContain(value)
}

/** Nothing of an error shows the key, and its mask is there. */
export function expectMasked(error: unknown): void {
  const shown = `${inspect(error, { depth: 12, showHidden: true })}${String(error)}`
  expect(shown).not.toContain(KEY)
  expect(shown).toContain('[secret:key]')
}

/** Header values that a hostile server sends with everything. */
export const HOSTILE_HEADERS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'mcp-session-id',
    'mcp-protocol-version',
    'x-request-id',
    'request-id',
    'etag',
    'last-modified',
    'x-csrf-token',
    'x-auth-request-id',
    'openai-organization',
    'traceparent',
    'link',
    'location',
    'www-authenticate',
    'x-ratelimit-reset',
    'x-api-key',
    'authorization',
    'x-stripe-context',
  ].map((name) => [name, '<< secrets.stripe >>']),
)

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

/** Answers with server-sent events, in two pieces that cut the key in half. */
export function events(response: ServerResponse, data: readonly unknown[], names: readonly string[] = []): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const text = data
    .map(
      (each, index) =>
        `${names[index] ? `event: ${names[index]}\n` : ''}data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`,
    )
    .join('')
  const middle = Math.max(text.indexOf(KEY) + 5, 1)
  response.write(text.slice(0, middle))
  setTimeout(() => response.end(text.slice(middle)), 5)
}
