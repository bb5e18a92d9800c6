/** Sees everything that leaves a vault but its results: errors, prints, events, what a policy is asked. */

import { inspect } from 'node:util'
import { expect, vi } from 'vitest'
import { GuillemetError, type GuillemetErrorCode, type UnreadableReason } from '../../src/errors.ts'
import type { VaultOptions } from '../../src/vault/vault-options.ts'
import { NEEDLES } from './canaries.ts'

/** What an error has to be. */
export type Expected = GuillemetErrorCode | UnreadableReason | readonly (GuillemetErrorCode | UnreadableReason)[]

export interface Witness {
  /** To give to a vault, so that its events and questions are seen. */
  readonly options: Pick<VaultOptions, 'onEvent' | 'policy'>
  /** The call must be refused, with one of these codes or reasons. */
  refuses(call: () => unknown, expected: Expected): Promise<GuillemetError>
  /** Takes anything else that must not show a value. */
  see(...values: unknown[]): void
  /** Nothing of what was seen holds a value, a ciphertext or one of these. */
  expectNothing(...more: string[]): void
}

const CONSOLE = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const

/** Starts to look; spies end with the test (restoreMocks). */
export function witness(): Witness {
  const seen = new Set<string>()
  const see = (...values: unknown[]) => {
    for (const value of values) for (const text of printsOf(value)) seen.add(text)
  }
  for (const method of CONSOLE) vi.spyOn(console, method).mockImplementation((...values: unknown[]) => see(...values))
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      see(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
      return true
    })
  }
  return {
    options: {
      onEvent: (event) => see(event),
      policy: (request) => {
        see(request)
        return true
      },
    },
    see,
    async refuses(call, expected) {
      const error = await outcomeOf(call)
      see(error)
      // the code alone: what else the assertion would print is under suspicion
      expect([...[expected].flat()]).toContain(error instanceof GuillemetError ? (error.reason ?? error.code) : 'none')
      return error as GuillemetError
    },
    expectNothing(...more) {
      const all = [...seen].join('\n')
      const shown = [...NEEDLES, 'gm1.', ...more].filter((needle) => all.includes(needle))
      vi.restoreAllMocks()
      expect(shown).toEqual([])
    },
  }
}

async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

/** Every way in which a program would print it. */
function printsOf(value: unknown): string[] {
  const everything = { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null }
  return [
    `${inspect(value, everything)}`,
    inspect(value),
    attempt(() => String(value)),
    attempt(() => JSON.stringify(value)),
    ...ownTexts(value, new Set()),
  ]
}

/** All texts under own keys, hidden ones and symbols included, causes and all: without the escapes of a printer. */
function ownTexts(value: unknown, visited: Set<object>): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null || visited.has(value)) return []
  visited.add(value)
  const members = Reflect.ownKeys(value).flatMap((key) => [
    String(key),
    ...ownTexts((value as Record<PropertyKey, unknown>)[key], visited),
  ])
  const entries =
    value instanceof Map || value instanceof Set ? [...value].flatMap((one) => ownTexts(one, visited)) : []
  return [...members, ...entries]
}

function attempt(use: () => string | undefined): string {
  try {
    return use() ?? ''
  } catch {
    return '' // a cycle, or what cannot be made a text
  }
}
