/** What the tests of copies share: what to look for, where to look, and things to be copied. */

import { inspect } from 'node:util'
import { expect } from 'vitest'
import { createRedactor } from '../../src/redact.ts'

/** A value, and its mask. */
export const S = 'hunter2-long-pw'
export const MASK = '[secret:k]'
export const { value } = createRedactor({ secrets: { k: S } })

export type Any = Record<PropertyKey, unknown>

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
export const set = <T extends object>(target: T, properties: object): T => Object.assign(target, properties)
export const hidden = <T extends object>(target: T, key: PropertyKey, item: unknown): T =>
  Object.defineProperty(target, key, { __proto__: null, value: item, configurable: true } as PropertyDescriptor)
export const reading = <T extends object>(target: T, key: PropertyKey, read: () => unknown): T =>
  Object.defineProperty(target, key, { __proto__: null, get: read, enumerable: true } as PropertyDescriptor)
export const fails = (): never => {
  throw new Error(S)
}

/** Everything that a person or a program could read off a copy. */
export function looks(copy: unknown): string {
  const whole = { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null }
  const texts = [inspect(copy, { ...whole, showHidden: true }), inspect(copy, whole)]
  try {
    texts.push(String(JSON.stringify(copy, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))))
  } catch (error) {
    expect(String(error)).toMatch(/circular|call stack/)
  }
  if (copy instanceof Error) texts.push(`${copy} ${copy.message} ${copy.stack}`)
  return texts.join('\n')
}

/** Nothing of the value, as text or as bytes in any notation. */
export function expectClean(copy: unknown): void {
  const look = looks(copy)
  const numbers = [...bytes(S)]
  const hex = numbers.map((byte) => byte.toString(16))
  for (const needle of [S, numbers.join(', '), numbers.join(','), hex.join(' ')]) expect(look).not.toContain(needle)
}
