/**
 * Concealing: values become the references that they came from, for a transcript that a model reads and writes back to.
 *
 * Where a value stands encoded no reference can stand for it, so that is a mask; and references that stood there before
 * are made inert, since they are not the caller's.
 */

import { fromUtf8, utf8Lossy } from '../bytes.ts'
import { base64, fromBase64url } from '../encode/base64.ts'
import { percentEncode } from '../encode/percent.ts'
import { backslashesBefore } from '../encode/quote.ts'
import { isPlainObject, ownValue, setOwn } from '../plain-object.ts'
import { readOptions, requireValid } from '../read-options.ts'
import type { Redactor } from '../redact/redactor.ts'
import { compile, type Syntax } from '../template/compile.ts'
import { makeInert, writeReference } from '../template/escape.ts'
import { holdsReference } from '../template/opaque.ts'
import { parserOf } from '../template/parse.ts'
import { nameIn } from '../template/scan.ts'
import type { Resolved } from './api.ts'
import { whileReading } from './config-path.ts'
import { resultContextOf } from './resolved.ts'
import type { UsedText } from './used-texts.ts'
import type { Root } from './view.ts'

/** Deeper parts are masked rather than concealed. */
const MAX_CONCEALED_DEPTH = 512
/** The first character for private use: one of them takes the place of a reference while the text around it is made inert. */
const PRIVATE_USE = 0xe000

/** What conceals: the values of some results, and how references to them are written. */
interface Concealer {
  readonly redactor: Redactor
  readonly texts: readonly UsedText[]
  readonly syntax: Syntax
  /** References to these stay as they are. */
  readonly live: readonly string[]
}

/**
 * A copy with references in place of values.
 *
 * @param live the tags whose references stay as they are, where a model's own words are given back to it
 * @throws ERR_INVALID_INPUT for anything but results, and where the value cannot be read
 */
export function conceal<T>(
  root: Root,
  value: T,
  options: { readonly of: readonly Resolved<unknown>[] },
  live: readonly string[] = [],
): T {
  const texts = readTexts(options)
  const concealer = { redactor: root.resultRedactors.of(texts), texts, syntax: root.syntax, live }
  return whileReading('value', () => concealPart(value, concealer, new Map(), 0) as T)
}

/** @throws ERR_INVALID_INPUT */
function readTexts(options: { readonly of: readonly Resolved<unknown>[] }): readonly UsedText[] {
  const { of } = readOptions(options, 'options of conceal', ['of'])
  const contexts = Array.isArray(of) ? of.map((resolved: Resolved<unknown>) => resultContextOf(resolved)) : [undefined]
  requireValid(!contexts.includes(undefined), 'conceal needs { of: […] }, the results whose values it conceals.')
  return contexts.flatMap((context) => context!.texts)
}

function concealPart(part: unknown, concealer: Concealer, copies: Map<object, unknown>, depth: number): unknown {
  if (typeof part === 'string') return concealText(part, concealer)
  if (typeof part === 'number' || typeof part === 'bigint') return concealNumber(part, concealer)
  const known = copies.get(part as object)
  if (known !== undefined) return known
  if (part instanceof Map) return concealEntries(part, concealer, copies, depth)
  const isList = Array.isArray(part)
  if (!(isList || isPlainObject(part)) || depth >= MAX_CONCEALED_DEPTH) return concealOther(part, concealer)
  const copy: object = isList ? [] : {}
  copies.set(part, copy)
  const counts = new Map<string, number>()
  for (const key of Object.keys(part)) {
    const child: unknown = (part as Record<string, unknown>)[key]
    const name = isList ? key : concealKey(key, copy, counts, concealer)
    const file = key === 'data' ? concealTextFile(part, concealer) : undefined
    setOwn(copy, name, file ?? concealPart(child, concealer, copies, depth + 1))
  }
  return copy
}

/** A number is concealed where its text, or its digits before the point, are a value. */
function concealNumber(part: number | bigint, concealer: Concealer): unknown {
  const written = String(part)
  const digits = written.replace(/^-|\..*$/g, '')
  if (!concealer.texts.some(({ text }) => text === written || text === digits)) return part
  const concealed = concealText(written, concealer)
  return concealed === written ? part : concealed
}

function concealEntries(
  part: ReadonlyMap<unknown, unknown>,
  concealer: Concealer,
  copies: Map<object, unknown>,
  depth: number,
): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>()
  copies.set(part, copy)
  for (const entry of part) {
    const [name, value] = entry.map((each) => concealPart(each, concealer, copies, depth + 1))
    copy.set(name, value)
  }
  return copy
}

/** The data of a text file, as messages have it next to its media type, concealed as text; undefined where nothing is in it. */
function concealTextFile(part: object, concealer: Concealer): unknown {
  const [data, mediaType] = ['data', 'mediaType'].map((name) => ownValue(part as Record<string, unknown>, name))
  if (typeof mediaType !== 'string' || !mediaType.startsWith('text/')) return undefined
  if (!isPlainObject(data)) return concealBase64(data, concealer)
  // the AI SDK 7 says around it what kind of data it is
  const concealed = ownValue(data, 'type') === 'data' ? concealBase64(ownValue(data, 'data'), concealer) : undefined
  return concealed && { type: 'data', data: concealed }
}

/** A text in base64, concealed as text; undefined where nothing is in it. */
function concealBase64(data: unknown, concealer: Concealer): string | undefined {
  if (typeof data !== 'string') return undefined
  const bytes = fromBase64url(
    data
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
  const text = bytes && fromUtf8(bytes)
  const concealed = text === undefined ? undefined : concealText(text, concealer)
  return concealed === undefined || concealed === text ? undefined : base64(utf8Lossy(concealed))
}

/** What is copied as data. Where no reference can be made inert in it, one that holds any becomes a placeholder. */
function concealOther(part: unknown, { redactor, syntax }: Concealer): unknown {
  const copy = redactor.data(part)
  const isLive = typeof copy === 'object' && copy !== null && holdsReference(parserOf(syntax), copy)
  if (!isLive) return copy
  if (copy instanceof URL) {
    const href = copy.href.replace(/[<>{}]/g, percentEncode)
    return makeInert(href, syntax) === href ? new URL(href) : '[Object]'
  }
  const text = copy instanceof Uint8Array ? fromUtf8(copy) : undefined
  return text === undefined ? '[Object]' : utf8Lossy(makeInert(text, syntax))
}

/** A name cannot hold a reference; two names with one mask stay two, so the names with each mask are counted. */
function concealKey(key: string, copy: object, counts: Map<string, number>, { redactor }: Concealer): string {
  const name = redactor.text(key)
  let free = name
  let count = counts.get(name) ?? 0
  while (free !== key && Object.hasOwn(copy, free)) free = `${name}#${++count}`
  counts.set(name, count)
  return free
}

function concealText(text: string, concealer: Concealer): string {
  const { redactor, syntax } = concealer
  let code = PRIVATE_USE
  while (text.includes(String.fromCharCode(code))) code++
  const mark = String.fromCharCode(code)
  const values = regionsOf(text, redactor)
  const regions = [...values, ...liveReferences(text, values, concealer)].sort((one, other) => one.start - other.start)
  const replacements: Replacement[] = []
  let marked = ''
  let from = 0
  for (const { start, end, label } of regions) {
    marked += text.slice(from, start) + mark
    replacements.push(replacementFor(text.slice(start, end), label, concealer))
    from = end
  }
  const pieces = makeInert(marked + text.slice(from), syntax).split(mark)
  const concealed = pieces.map((before, index) => before + escaped(before, replacements[index])).join('')
  const count = replacements.filter(({ isReference }) => isReference).length
  // what stands around a reference may change how it reads: then no reference is worth the risk
  return hasReferences(concealed, count, syntax) ? concealed : makeInert(redactor.text(text), syntax)
}

/** What takes the place of a stretch of a text. */
interface Replacement {
  readonly text: string
  /** Whether it is read as a reference; else it is a mask. */
  readonly isReference: boolean
}

function replacementFor(own: string, label: string | undefined, { redactor, texts, syntax }: Concealer): Replacement {
  if (label === undefined) return { text: own, isReference: true }
  const used = texts.find((each) => each.label === label && each.text === own)
  const reference = used?.source === undefined ? undefined : writeReference(used.source, syntax)
  return { text: reference ?? redactor.mask(label), isReference: reference !== undefined }
}

/** Backslashes before a reference are escapes, so each is doubled. A mask or a reference before them ends with none. */
function escaped(before: string, replacement: Replacement | undefined): string {
  if (replacement === undefined) return ''
  const { text, isReference } = replacement
  return (isReference ? '\\'.repeat(backslashesBefore(before, before.length, 0)) : '') + text
}

/** A stretch of a text; without a label it is a reference that stays. */
interface Region {
  readonly start: number
  readonly end: number
  readonly label: string | undefined
}

/** Values go first: one within a reference is masked, and what is left of the reference is text. */
function liveReferences(text: string, values: readonly Region[], { syntax, live }: Concealer): readonly Region[] {
  if (live.length === 0) return []
  let next = 0
  return parserOf(syntax)
    .cuts(text)
    .filter((cut) => {
      const name = nameIn(cut)
      return name !== undefined && live.includes(name.tag)
    })
    .filter(({ start, index }) => start === index)
    .filter(({ start, end }) => {
      // both are in order, so each value is passed once
      while (next < values.length && values[next]!.end <= start) next++
      return !(next < values.length && values[next]!.start < end)
    })
    .map(({ start, end }) => ({ start, end, label: undefined }))
}

/** The places of values, each once: where they overlap, the whole place with the label of the first. */
function regionsOf(text: string, redactor: Redactor): readonly { start: number; end: number; label: string }[] {
  const regions: { start: number; end: number; label: string }[] = []
  for (const match of [...redactor.find(text)].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = regions.at(-1)
    if (last !== undefined && match.start < last.end) last.end = Math.max(last.end, match.end)
    else regions.push({ ...match })
  }
  return regions
}

function hasReferences(text: string, count: number, syntax: Syntax): boolean {
  try {
    return compile(text, 'value', syntax).references.length === count
  } catch {
    return false
  }
}
