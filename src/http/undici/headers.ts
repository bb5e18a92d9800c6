/** The headers of a request in every shape that undici takes, and those of a response in both of its lifecycles. */

import { lowerCaseName } from '../../header-name.ts'
import type { CallHeader } from '../http-call.ts'
import type { HeaderRecord, RawHeaders, RawText } from './dispatch.ts'

/** The headers of a request. */
export interface RequestHeaders {
  /** One for each name: a list of values is one header (RFC 9110 §5.3). */
  readonly headers: readonly CallHeader[]
  /** The names as they were written, by their lower-case form. */
  readonly writtenNames: ReadonlyMap<string, string>
  /** Whether reading has used up what was given. */
  readonly isUsedUp: boolean
}

type HeaderEntry = readonly [name: unknown, value: unknown, keys: CallHeader['keys']]

/** The headers; undefined where undici would refuse them. */
export function readHeaders(given: unknown): RequestHeaders | undefined {
  const entries = entriesOf(given)
  if (entries === undefined) return undefined
  const byName = new Map<string, CallHeader>()
  const writtenNames = new Map<string, string>()
  for (const [givenName, givenValue, keys] of entries) {
    if (givenValue === undefined) continue
    const written = headerTextOf(givenName)
    const value = headerText(givenValue)
    if (written === undefined || value === undefined) return undefined
    const name = lowerCaseName(written)
    const before = byName.get(name)
    const joined = before === undefined ? value : `${before.value}${name === 'cookie' ? '; ' : ', '}${value}`
    byName.set(name, { name, value: joined, keys: before?.keys ?? keys })
    if (before === undefined) writtenNames.set(name, written)
  }
  return { headers: [...byName.values()], writtenNames, isUsedUp: isHeaderIterator(given) }
}

function entriesOf(given: unknown): readonly HeaderEntry[] | undefined {
  if (given === undefined || given === null) return []
  if (typeof given !== 'object') return undefined
  if (Array.isArray(given)) return Array.isArray(given[0]) ? headerPairs(given) : flatPairsOf(given)
  if (isIterable(given)) return headerPairs([...given])
  const record = given as Readonly<Record<string, unknown>>
  return Object.keys(record).map((name) => [name, record[name], ['headers', name]])
}

function flatPairsOf(given: readonly unknown[]): readonly HeaderEntry[] | undefined {
  if (given.length % 2 !== 0) return undefined
  return given.flatMap((name, index): HeaderEntry[] =>
    index % 2 === 0 ? [[name, given[index + 1], ['headers', index + 1]]] : [],
  )
}

function headerPairs(given: readonly unknown[]): readonly HeaderEntry[] | undefined {
  if (!given.every((pair) => Array.isArray(pair) && pair.length === 2)) return undefined
  return (given as readonly [unknown, unknown][]).map(([name, value], index) => [name, value, ['headers', index, 1]])
}

/** As undici tells it: an iterator that a class brings along, not one on the prototype of every object. */
function isIterable(given: object): given is Iterable<unknown> {
  const prototype: unknown = Object.getPrototypeOf(given)
  const isOwn = Object.hasOwn(given, Symbol.iterator)
  if (!isOwn && (prototype === null || prototype === Object.prototype)) return false
  return typeof (given as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
}

function isHeaderIterator(given: unknown): boolean {
  return typeof given === 'object' && given !== null && typeof (given as { next?: unknown }).next === 'function'
}

function headerTextOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  return given instanceof Uint8Array ? latin1Text(given) : undefined
}

function headerText(given: unknown): string | undefined {
  if (given === null) return ''
  if (Array.isArray(given)) {
    const texts = given.map(headerText)
    return texts.every((text) => text !== undefined) ? texts.join(', ') : undefined
  }
  if (typeof given === 'number' || typeof given === 'boolean' || typeof given === 'bigint') return String(given)
  return headerTextOf(given)
}

/** What becomes of one header of a response; undefined drops it. @param name in lower case */
export type HeaderEdit = (name: string, value: string) => string | undefined

/** Raw headers, edited; what is not changed stays the bytes that it was. */
export function editRaw(headers: RawHeaders, edit: HeaderEdit): RawHeaders {
  const edited: (RawText | readonly RawText[])[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as RawText
    const given = headers[index + 1]!
    const editOne = (value: RawText): RawText[] => {
      const text = valueText(value)
      const changed = edit(valueText(name).toLowerCase(), text)
      if (changed === undefined) return []
      return [changed === text ? value : encodedLike(value, changed)]
    }
    const values = isList(given) ? given.flatMap(editOne) : editOne(given)
    if (values.length > 0) edited.push(name, isList(given) ? values : values[0]!)
  }
  return edited
}

/** Headers by name, edited. */
export function editRecord(headers: HeaderRecord, edit: HeaderEdit): HeaderRecord {
  const edited: Record<string, string | string[]> = {}
  for (const name of Object.keys(headers)) {
    const given = headers[name]
    if (given === undefined) continue
    const values = (typeof given === 'string' ? [given] : given).flatMap(
      (value) => edit(name.toLowerCase(), value) ?? [],
    )
    if (values.length > 0) edited[name] = typeof given === 'string' ? values[0]! : values
  }
  return edited
}

/** The values of a raw header by its lower-case name. */
export function rawValues(headers: RawHeaders, wanted: string): readonly string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (valueText(headers[index] as RawText).toLowerCase() !== wanted) continue
    const value = headers[index + 1]!
    values.push(...(isList(value) ? value : [value]).map(valueText))
  }
  return values
}

/** A text as raw headers have it. */
export function rawText(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function isList(value: RawText | readonly RawText[]): value is readonly RawText[] {
  return Array.isArray(value)
}

function valueText(value: RawText): string {
  return typeof value === 'string' ? value : latin1Text(value)
}

function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function encodedLike(sample: RawText, text: string): RawText {
  return typeof sample === 'string' ? text : rawText(text)
}
