/** Situations out of public bug reports, each through a whole vault, with the clients' own classes. */

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import vm from 'node:vm'
import { AxiosHeaders } from 'axios'
import { afterEach, expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import type { Finding, GuillemetError, Kind, SecretInput, Vault } from '../../src/index.ts'
import { comparable, decode } from '../cases/decode.ts'
import { backstage } from './fixture.ts'

interface FieldCase {
  readonly name: string
  readonly secrets?: Readonly<Record<string, unknown>>
  readonly allow?: Readonly<Record<string, unknown>>
  readonly context?: string
  readonly op?: 'list' | 'check' | 'vaultFetch'
  readonly prepare?: boolean
  readonly input?: unknown
  readonly inputExpr?: string
  readonly options?: object
  readonly fetchOptions?: object
  /** What of the result is compared. */
  readonly pick?: string
  readonly pickExpr?: string
  readonly expected?: unknown
  readonly expectedError?: Readonly<Record<string, unknown>>
  readonly expectedMessage?: string
  readonly expectedFindings?: readonly string[]
  readonly expectedAnyFinding?: true
  readonly expectedNoErrors?: true
  readonly expectedNoReferenceLeft?: true
  readonly expectedSent?: Readonly<Record<string, unknown>>
  readonly expectedSentNoReference?: true
}

const KINDS: Readonly<Record<string, Kind>> = {
  headers: 'headers',
  env: 'env',
  request: 'request',
  url: 'url',
  jsonText: 'json',
}
const OURS = /secrets\.|RUNPOD_SECRET_/
const cases = JSON.parse(readFileSync(new URL('../cases/field-templates.json', import.meta.url), 'utf8')) as FieldCase[]

// a case may give process.env itself, with a variable more
const variables = new Set(Object.keys(process.env))
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!variables.has(name)) delete process.env[name]
})

it.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (_name, entry) => {
  const { vault } = backstage()
  for (const [tag, value] of Object.entries(entry.secrets ?? {})) {
    const allow = entry.allow !== undefined && Object.hasOwn(entry.allow, tag) ? { allow: entry.allow[tag] } : {}
    await vault.create({ tag, value: decode(value), ...allow } as SecretInput)
  }
  const got = await outcome(vault, entry).catch((error: GuillemetError) => error)
  if (got instanceof Error) requireError(got, entry)
  else requireResult(got, entry)
})

function requireError(error: Error, entry: FieldCase): void {
  const { expectedError, expectedMessage = '', expectedNoReferenceLeft, expectedSentNoReference } = entry
  if (expectedNoReferenceLeft === true || expectedSentNoReference === true) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) as unknown })
    return
  }
  expect(expectedError, String(error)).toBeDefined()
  expect(error).toMatchObject(expectedError!)
  expect(error.message).toContain(expectedMessage)
}

function requireResult(got: unknown, entry: FieldCase): void {
  expect(entry.expectedError).toBeUndefined()
  const findings = got as readonly Finding[]
  if (entry.expectedNoReferenceLeft === true) {
    const { body } = got as { body?: unknown }
    const parts = body instanceof FormData ? JSON.stringify([...body.entries()]) : ''
    expect(inspect(got, { depth: 9 }) + parts).not.toMatch(OURS)
  } else if (entry.expectedSentNoReference === true) expect(JSON.stringify(got)).not.toMatch(OURS)
  else if (entry.expectedFindings !== undefined) {
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...entry.expectedFindings]))
  } else if (entry.expectedAnyFinding === true) expect(findings).not.toEqual([])
  else if (entry.expectedNoErrors === true) expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  else if (entry.expectedSent !== undefined) expect(got).toMatchObject(entry.expectedSent)
  else expect(comparable(got)).toEqual(comparable(decode(entry.expected)))
}

async function outcome(vault: Vault, entry: FieldCase): Promise<unknown> {
  const as = KINDS[entry.context ?? '']
  const kind = as === undefined ? {} : { as }
  const input = entry.inputExpr === undefined ? decode(entry.input) : evaluate(entry.inputExpr)
  if (entry.op === 'list') {
    return vault.references(input, kind).map((reference) => {
      const { tag, path } = reference
      return Object.hasOwn(reference, 'field') ? { tag, field: reference.field, path } : { tag, path }
    })
  }
  if (entry.op === 'check') return await vault.check(input, { ...kind, ...entry.options })
  if (entry.op === 'vaultFetch') return await sent(vault, input as Parameters<typeof fetch>, entry)
  const template = entry.prepare === true ? vault.prepare(input, kind) : input
  const options = entry.prepare === true ? entry.options : { ...kind, ...entry.options }
  return picked((await vault.resolve(template, options)).expose(), entry)
}

function evaluate(expression: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  const scope = { AxiosHeaders, http2, vm, ...more }
  return new Function(...Object.keys(scope), `return (${expression})`)(...Object.values(scope)) as unknown
}

function picked(out: unknown, { pick, pickExpr }: FieldCase): unknown {
  if (pickExpr !== undefined) return evaluate(pickExpr, { out })
  return (pick?.split('.') ?? []).reduce<unknown>((value, key) => {
    const member = (value as Record<string, unknown>)[key]
    return member === undefined && value instanceof Headers ? value.get(key) : member
  }, out)
}

/** What a server was sent, which stands in for the host of the case. */
async function sent(
  vault: Vault,
  [target, init]: Parameters<typeof fetch>,
  { fetchOptions }: FieldCase,
): Promise<unknown> {
  const server = createServer((request, response) => {
    if (request.url === '/308') {
      response.writeHead(308, { location: '/x' }).end()
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () =>
      response.end(JSON.stringify({ ...request.headers, body: Buffer.concat(chunks).toString() })),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const here = (url: string) => url.replace('https://h.example', origin)
  const fetchHere: typeof fetch = (to, options) =>
    to instanceof Request ? fetch(new Request(here(to.url), to), options) : fetch(here(String(to)), options)
  try {
    const response = await vaultFetch(vault, { fetch: fetchHere, ...fetchOptions } as never)(target, init)
    return await response.json()
  } finally {
    server.close()
  }
}
