/** The cases of `resolve.json`, with the long and odd strings and the class instances that JSON cannot hold. */

import { readFileSync } from 'node:fs'
import type { Delimiters, Kind } from '../../src/location.ts'
import { setOwn } from '../../src/plain-object.ts'
import type { SecretValue } from '../../src/secret-value.ts'

/** One case, decoded. */
export interface ResolveCase {
  readonly name: string
  readonly source: string
  readonly notes: string
  readonly secrets: Readonly<Record<string, SecretValue>>
  readonly input: unknown
  /** Undefined: the default ones. */
  readonly delimiters: readonly Delimiters[] | undefined
  readonly as: Kind
  readonly expected: unknown
  readonly expectedError: Readonly<Record<string, unknown>> | undefined
  readonly options: { readonly onMissing?: 'error' | 'keep' }
  readonly allow: Readonly<Record<string, unknown>> | undefined
  readonly op: 'resolve' | 'list'
}

const KIND_OF_CONTEXT: Readonly<Record<string, Kind>> = {
  string: 'value',
  object: 'value',
  headers: 'headers',
  env: 'env',
  request: 'request',
  url: 'url',
  jsonText: 'json',
}

/** All cases in their order. */
export function readResolveCases(): readonly ResolveCase[] {
  const file = new URL('./resolve.json', import.meta.url)
  const raw = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[]
  return raw.map((entry) => {
    const given = (key: string): unknown => (Object.hasOwn(entry, key) ? entry[key] : undefined)
    const delimiters = given('delimiters')
    return {
      name: given('name') as string,
      source: given('source') as string,
      notes: given('notes') as string,
      secrets: decode(given('secrets')) as ResolveCase['secrets'],
      input: decode(given('input')),
      delimiters: Array.isArray(delimiters) ? [delimiters as unknown as Delimiters] : undefined,
      as: KIND_OF_CONTEXT[(given('context') as string | undefined) ?? 'string']!,
      expected: decode(given('expected')),
      expectedError: given('expectedError') as ResolveCase['expectedError'],
      options: (given('options') as ResolveCase['options'] | undefined) ?? {},
      allow: given('allow') as ResolveCase['allow'],
      op: given('op') === 'list' ? 'list' : 'resolve',
    }
  })
}

/** A value of the file as it is meant. */
export function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode)
  if (typeof value !== 'object' || value === null) return value
  const entry = value as Readonly<Record<string, unknown>>
  if (Object.hasOwn(entry, '$repeat')) {
    const [text, times] = entry['$repeat'] as [string, number]
    return text.repeat(times)
  }
  if (Object.hasOwn(entry, '$concat')) return (entry['$concat'] as unknown[]).map(decode).join('')
  if (Object.hasOwn(entry, '$utf16')) return String.fromCharCode(...(entry['$utf16'] as number[]))
  if (Object.hasOwn(entry, '$type')) return decodeInstance(entry)
  const copy = {}
  for (const key of Object.keys(entry)) setOwn(copy, key, decode(entry[key]))
  return copy
}

function decodeInstance(entry: Readonly<Record<string, unknown>>): unknown {
  const entries = entry['entries'] as [string, string][]
  switch (entry['$type']) {
    case 'Headers':
      return new Headers(entries)
    case 'Map':
      return new Map(entries)
    case 'URLSearchParams':
      return new URLSearchParams(entries)
    case 'Buffer':
      return Buffer.from(entry['base64'] as string, 'base64')
    case 'Date':
      return new Date(entry['iso'] as string)
    default:
      throw new Error(`unknown $type in case`)
  }
}

/** A copy in which instances are told apart by what is in them, for comparing. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (value instanceof Headers || value instanceof Map || value instanceof URLSearchParams) {
    return { class: value.constructor.name, entries: [...(value as Iterable<unknown>)].map(comparable) }
  }
  if (value instanceof URL) return { class: 'URL', href: value.href }
  if (typeof value !== 'object' || value === null || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return value
  }
  return { members: Object.entries(value).map(([key, member]) => [key, comparable(member)]) }
}
