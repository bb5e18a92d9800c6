/** The redactor: knows values, and takes them and their encoded forms out of texts, structures and streams. */

import { fromUtf8 } from '../bytes.ts'
import { parseJson } from '../json.ts'
import { byteText } from './byte-text.ts'
import { formsOf } from './forms.ts'
import { writeJson } from './json.ts'
import { bytesInJson, mayHoldBytes } from './json-bytes.ts'
import { namedInJson } from './json-names.ts'
import { requireLabeled, requireNotSwapped } from './labels.ts'
import { createMasks, type MakeMask } from './masks.ts'
import { type Match, type Span, write } from './matches.ts'
import type { Entry, Verdict } from './needle.ts'
import { type AddOptions, partsIn, type RedactorOptions, readSettings } from './options.ts'
import type { PartsPolicy } from './parts/parts.ts'
import type { IsSensitive } from './property-names.ts'
import { propertyValues } from './property-values.ts'
import { RecentValues } from './recent-values.ts'
import { createRegistry } from './registry.ts'
import { Search } from './search.ts'
import { type Chunks, createChunks } from './stream.ts'
import { redactValue, type ValueRules } from './structure/redact-value.ts'

export type { Match } from './matches.ts'
export type { Form, Verdict } from './needle.ts'
export type { AddOptions, RedactorOptions } from './options.ts'
export type { PartsPolicy } from './parts/parts.ts'
export type { Chunks } from './stream.ts'

/** Knows values and removes them; every method is bound, so `redactor.text` may be passed as a callback. */
export interface Redactor {
  /**
   * Learns a value, which is masked from then on until `remove`. A second value under a label keeps both.
   *
   * @param label up to 257 characters of `A-Z a-z 0-9 _ . -`; it is printed. With `''` the mask is `[secret]`
   * @param value text, or bytes, which are text where they are valid UTF-8
   * @param options `parts`, for this value alone; given, even as `{}`, they also say that the two are in the right order:
   *   a word that is not a secret's usual text is then taken as a value under any label
   * @returns how well text search protects it: only `ok` is masked wherever it is
   * @throws ERR_INVALID_INPUT when the value is neither text nor bytes, the label has another character or length, or
   *   the two look swapped: a short word given as the value of what looks like a key
   */
  add(label: string, value: string | Uint8Array, options?: AddOptions): Verdict
  /**
   * Forgets all values of the label, or the one that is given; what is not known is ignored. A value that has another label
   * too stays masked under that. For a rotation call `add(label, next)` alone, which keeps the old value masked.
   */
  remove(label: string, value?: string | Uint8Array): void
  /** Labels that text search cannot protect, or only where they stand alone; `''` for values without one. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The mask of a label, as this redactor writes it; that of `''` where the label itself holds a known value. */
  mask(label: string): string
  /**
   * The text with every known value masked, however it is escaped or encoded; the same string when nothing matched.
   * docs/REDACTION.md lists what is found and what is not.
   *
   * @example
   * redactor.text('GET /?key=hunter2%2Dlong%2Dpw') // GET /?key=[secret:db]
   */
  text(text: string): string
  /**
   * The same for one JSON text, or one on each line, which stays valid JSON and has the properties of the option
   * `properties` masked; any other text is redacted as text.
   */
  json(line: string): string
  /**
   * A redacted copy of anything, with its cycles; the input is never changed. Any leaf may be a mask or a placeholder,
   * so it may have another type than `T` says.
   */
  value<T>(value: T): T
  /**
   * The same for what a program goes on computing with: only values of at least `minLength` characters are masked, a
   * number only where its text is a whole value, no boolean, and nothing for its name. Data that is not secret comes back
   * deeply equal, and what is becomes a text. What is no data, such as a response, a stream, a promise or a function, is a
   * placeholder with its name.
   *
   * @example
   * redactor.data({ port: 5432, ok: false, echo: 'Bearer hunter2-long-pw' }) // { port: 5432, ok: false, echo: 'Bearer [secret:db]' }
   */
  data<T>(value: T): T
  /** Every occurrence with its label and form: why something is masked; empty where nothing would be. */
  find(text: string): readonly Match[]
  /** The synchronous core of `stream`: one text or byte sequence in pieces; take one for each sequence. */
  chunks<C extends string | Uint8Array>(): Chunks<C>
  /**
   * A stream that redacts text or bytes on the way: together, its pieces are what `text` makes of the whole. It holds
   * back only what may still become a match; when it is aborted, that is dropped. It errors with ERR_INVALID_INPUT
   * when text and bytes are mixed.
   */
  stream<C extends string | Uint8Array>(): TransformStream<C, C>
}

/** What a redactor is to those who may not change what it knows: a logger, the holder of a view. */
export type ReadonlyRedactor = Pick<
  Redactor,
  'text' | 'json' | 'value' | 'data' | 'find' | 'chunks' | 'stream' | 'weak'
>

/** Before a value of bytes that are not text, so that it is not the key of another value. */
const BYTES_KEY = '\uffff'
const NONE_FOUND: readonly Span[] = []
/** Around a policy of its own. */
const PARTS_KEY = '\ufffe'

/**
 * A redactor that knows the given values and learns more with `add`. It shares nothing with others.
 *
 * @example
 * const redactor = createRedactor({ secrets: { db: 'hunter2-long-pw' } })
 * redactor.text('login with hunter2-long-pw') // login with [secret:db]
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or out of range, or a mask is unsafe
 */
export function createRedactor(options?: RedactorOptions): Redactor {
  const { secrets, makeMask, rules, isSensitive } = readSettings(options)
  const { weak, entries, note, forget } = createRegistry()
  const search = new Search()
  const masks = createMasks(makeMask, (label) => search.spans(label).length > 0)
  const { mask } = masks
  const learn = ({ key, plain, isText, parts }: AddedValue): Entry => {
    const { verdict, needles } = formsOf(plain, isText, { ...rules, parts })
    const entry: Entry = { key, verdict, labels: [], needles }
    search.add(entry)
    masks.clear()
    return entry
  }
  const named = isSensitive && propertyValues.bind(undefined, isSensitive)
  const text = (input: string): string => write(input, search.spans(input, named?.(input)), mask)
  const viewRules: ValueRules = { text, mask, isSensitive, isSecretNumber: undefined, isDataOnly: false }
  const dataRules = dataRulesOf(search, entries, rules.minLength, mask)
  const recent = new RecentValues()
  const forgetKeys = (label: string, isMeant: (key: string) => boolean): void => {
    search.forget(forget(label, isMeant).length, entries)
    masks.clear()
  }

  const redactor: Redactor = {
    add(...given) {
      const value = readAdded(given, rules.parts)
      const { label, key, of } = value
      const verdict = note(key, label, () => learn(value))
      const forgotten = of === undefined ? undefined : recent.note(of, label, key).forgotten
      if (forgotten !== undefined) forgetKeys(label, (one) => one === forgotten)
      return verdict
    },
    remove(label, value) {
      const isMeant = keyTest(value)
      recent.forget(label, isMeant)
      forgetKeys(label, isMeant)
    },
    weak,
    mask,
    text,
    json: (line) => redactJson(line, search, mask, isSensitive),
    value: <T>(value: T): T => redactValue(value, viewRules),
    data: <T>(value: T): T => redactValue(value, dataRules),
    find: (input) => search.find(input, named?.(input) ?? []),
    chunks: () => createChunks(search, mask, named),
    stream: () => toTransformStream(createChunks(search, mask, named)),
  }
  for (const [label, value] of Object.entries(secrets)) redactor.add(label, value === undefined ? '' : value, {})
  return Object.freeze(redactor)
}

function toTransformStream<C extends string | Uint8Array>({ push, end }: Chunks<C>): TransformStream<C, C> {
  const send = (released: C | undefined, to: TransformStreamDefaultController<C>): void => {
    if (released?.length) to.enqueue(released)
  }
  return new TransformStream<C, C>({
    transform: (chunk, to) => send(push(chunk), to),
    flush: (to) => send(end(), to),
  })
}

/** What tells values apart; bytes that are text are the same value as the text. */
function valueKeyOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : (fromUtf8(value) ?? BYTES_KEY + byteText(value))
}

/** Tells the keys of a value, with whatever parts it was added; without one, all keys. */
function keyTest(value: string | Uint8Array | undefined): (key: string) => boolean {
  if (value === undefined) return () => true
  const only = valueKeyOf(value)
  return (key) => withoutPolicy(key) === only
}

/** The key of the value alone, whatever parts of it were to be searched for. */
function withoutPolicy(key: string): string {
  return key.startsWith(PARTS_KEY) ? key.slice(key.indexOf(PARTS_KEY, 1) + 1) : key
}

/** What `data` masks: only values of that length, and nothing for its name. */
function dataRulesOf(
  search: Search,
  entries: ReadonlyMap<string, Entry>,
  minLength: number,
  mask: MakeMask,
): ValueRules {
  return {
    text: (input) => write(input, search.longSpans(input, minLength), mask),
    mask,
    isSensitive: undefined,
    // one that is common or empty is not searched for
    isSecretNumber: (digits) => digits.length >= minLength && Boolean(entries.get(digits)?.needles.length),
    isDataOnly: true,
  }
}

/** One JSON text or several on a line each, redacted; any other text as text. */
function redactJson(line: string, search: Search, mask: MakeMask, isSensitive: IsSensitive | undefined): string {
  const bytes = mayHoldBytes(line) ? bytesInJson(line, (text) => search.spans(text)) : NONE_FOUND
  const found = search.spans(line)
  if (found.length === 0 && bytes.length === 0 && isSensitive === undefined) return line
  // a value may go over several lines
  if (isJsonOrBlank(line) || line.split('\n').every(isJsonOrBlank)) {
    if (isSensitive === undefined) return writeJson(line, found, mask, bytes)
    const { values, parts } = namedInJson(line, isSensitive)
    const whole = [...bytes, ...values].sort((one, other) => one.start - other.start)
    return writeJson(line, parts.length > 0 ? search.spans(line, parts) : found, mask, whole)
  }
  return write(line, isSensitive ? search.spans(line, propertyValues(isSensitive, line)) : found, mask)
}

/** What `add` was given: the value as the text that is searched for, and the key that tells it apart. */
type AddedValue = ReturnType<typeof readAdded>

function readAdded(given: Parameters<Redactor['add']>, usual: PartsPolicy) {
  const [label, value, options] = given
  requireLabeled(label, value, given.length)
  if (options === undefined) requireNotSwapped(label, value)
  const parts = options === undefined ? usual : partsIn(options, usual)
  const decoded = typeof value === 'string' ? value : fromUtf8(value)
  const plain = decoded ?? byteText(value as Uint8Array)
  const policy = parts === usual ? '' : PARTS_KEY + JSON.stringify(parts) + PARTS_KEY
  return { label, key: policy + valueKeyOf(value), plain, isText: decoded !== undefined, parts, of: options?.of }
}

function isJsonOrBlank(text: string): boolean {
  return parseJson(text.trim() || '0') !== undefined
}
