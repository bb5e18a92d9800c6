/** The redactor: knows values, and takes them and their encoded forms out of texts, structures and streams. */

import { fromUtf8 } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { readOptions } from '../read-options.ts'
import { type Beginnings, createBeginnings } from './beginnings.ts'
import { byteText } from './byte-text.ts'
import { type Chunks, createChunks } from './chunks.ts'
import { formsOf } from './forms.ts'
import { writeJson } from './json.ts'
import { PIECE } from './limits.ts'
import { createMatcher } from './matcher.ts'
import type { Entry, Verdict } from './needle.ts'
import { createRegistry, judge } from './registry.ts'
import { type Match, merged, write } from './spans.ts'
import { redactValue } from './structure/redact-value.ts'

export type { Chunks } from './chunks.ts'
export type { Form, Verdict } from './needle.ts'
export type { Match } from './spans.ts'

/** What `createRedactor` takes. */
export interface RedactorOptions {
  /** Values known from the start, by label. */
  readonly secrets?: Readonly<Record<string, string>>
  /**
   * Makes the mask of a label (`''` where a value has none): printable ASCII without quote, backslash, angle bracket
   * or brace.
   *
   * @default (label) => `[secret:${label}]`
   */
  readonly mask?: (label: string) => string
  /**
   * Values with fewer characters are `short`: they are masked only where no letter, digit, `_` or `-` touches them.
   *
   * @default 8
   */
  readonly minLength?: number
  /** Property names whose value is masked whatever it is, in `value` and `json`; case does not matter. */
  readonly keys?: readonly string[]
  /**
   * Also masks a value cut off at its end (`prefix`) or its beginning (`suffix`) of which at least so many characters
   * are left. Costs a pattern a length, so it is for few values.
   */
  readonly truncated?: { readonly prefix?: number; readonly suffix?: number }
}

/** Knows values and removes them; every method is bound, so `redactor.text` may be passed as a callback. */
export interface Redactor {
  /**
   * Learns a value. A second value under a label keeps both.
   *
   * @param label 1 to 257 of `A-Z a-z 0-9 _ . -`; without one the mask is `[secret]`
   * @returns how well text search protects it
   * @throws ERR_INVALID_INPUT when the value is neither text nor bytes, or the label is outside the grammar
   */
  add(value: string | Uint8Array, label?: string): Verdict
  /** Forgets all values of the label. Rotation is `add(next, label)`, which keeps the old value masked. */
  remove(label: string): void
  /** Labels that text search cannot protect, or only where they stand alone; `''` for values without one. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The mask of a label, as this redactor writes it; `[secret]` where the label itself holds a known value. */
  mask(label: string): string
  /** The text with every known value masked; the same string when nothing matched. */
  text(text: string): string
  /** The same for one JSON text or several on a line each, which stay valid; any other text is redacted as text. */
  json(line: string): string
  /** A redacted copy; any leaf may be a mask or a placeholder; the input is never changed. */
  value<T>(value: T): T
  /** Every occurrence with its label and form: why something was masked, or, being empty, that nothing would be. */
  find(text: string): readonly Match[]
  /** The synchronous core of `stream`. */
  chunks<C extends string | Uint8Array>(): Chunks<C>
  /** A stream that redacts text or bytes on the way; what it held back is dropped when it is aborted. */
  stream<C extends string | Uint8Array>(): TransformStream<C, C>
}

const DEFAULT_MIN_LENGTH = 8
const LABEL = /^[\w.-]{1,257}$/
// a mask must not end a JSON string, start a reference or leave ASCII
const SAFE_MASK = /^(?:(?!["'\\<>{}])[ -~])+$/
/** Before a value of bytes that are no text, so that it is no other value's key. */
const BYTES_KEY = '\uffff'

/**
 * A redactor that knows the given values and learns more with `add`.
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or out of range, or a mask is unsafe
 */
export function createRedactor(options?: RedactorOptions): Redactor {
  const given = readOptions(options, 'redactor options', ['secrets', 'mask', 'minLength', 'keys', 'truncated'])
  const { minLength = DEFAULT_MIN_LENGTH, keys = [], secrets = {} } = given
  const { prefix = PIECE, suffix = PIECE } = readOptions(given.truncated, 'option truncated', ['prefix', 'suffix'])
  for (const length of [minLength, prefix, suffix]) {
    if (!(Number.isInteger(length) && length > 0 && length <= PIECE)) refuse(`A length is from 1 to ${PIECE}.`)
  }
  const makeMask = given.mask ?? ((label) => `[secret${label && `:${label}`}]`)
  const maskTexts = [makeMask(''), makeMask('-')]
  if (!maskTexts.every((mask) => SAFE_MASK.test(mask))) {
    refuse('A mask is printable ASCII without any of "\'\\<>{}.')
  }
  const verdictOf = (text: string): Verdict => judge(text, minLength, maskTexts)
  const rules = { minLength, prefix, suffix, isSearchable: (part: string) => verdictOf(part) === 'ok' }
  const names = new Set(keys.map((key) => key.toLowerCase()))
  const { weak, entries, note, forget } = createRegistry()
  const matcher = createMatcher()
  const { spans } = matcher
  const masks = new Map<string, string>()
  let beginnings: Beginnings | undefined
  let removed = 0

  const makeSafe = (label: string): string => {
    try {
      // a label that holds a value would show it in the mask of every other
      const made = makeMask(spans(label).length > 0 ? '' : label)
      if (SAFE_MASK.test(made)) return made
    } catch {
      // a mask that fails must not let the value through
    }
    return maskTexts[0]!
  }

  const mask = (label: string): string => {
    const made = masks.get(label) ?? makeSafe(label)
    masks.set(label, made)
    return made
  }

  const text = (input: string): string => write(input, spans(input), mask)

  const json = (line: string): string => {
    const found = spans(line)
    if (found.length + names.size === 0) return line
    if (isJson(line)) return writeJson(line, found, mask, names)
    const lines = line.split('\n')
    return lines.every(isJson) ? lines.map(json).join('\n') : write(line, found, mask)
  }

  const currentBeginnings = (): Beginnings => {
    if (beginnings === undefined) {
      beginnings = createBeginnings()
      for (const { anchors } of entries.values()) {
        for (const needle of new Set(anchors.map((anchor) => anchor.needle))) beginnings.add(needle)
      }
    }
    return beginnings
  }

  const chunks = <C extends string | Uint8Array>(): Chunks<C> => createChunks<C>(matcher, currentBeginnings, mask)

  const redactor: Redactor = {
    add(value, given) {
      if (given !== undefined && !(typeof given === 'string' && LABEL.test(given))) {
        refuse('A label is 1 to 257 of A-Z a-z 0-9 _ . -')
      }
      const isText = typeof value === 'string'
      if (!isText && !(value instanceof Uint8Array)) refuse('A value is a string or a Uint8Array.')
      const decoded = isText ? value : fromUtf8(value)
      const plain = decoded ?? byteText(value as Uint8Array)
      const key = decoded ?? BYTES_KEY + plain
      return note(key, given ?? '', () => {
        const entry: Entry = { key, verdict: verdictOf(plain), labels: [], anchors: [] }
        if (entry.verdict === 'ok' || entry.verdict === 'short') {
          for (const needle of formsOf(entry, plain, decoded !== undefined, rules)) {
            matcher.add(needle)
            beginnings?.add(needle)
          }
        }
        masks.clear()
        return entry
      })
    },
    remove(label) {
      for (const { anchors } of forget(label)) {
        for (const anchor of anchors) anchor.table.remove(anchor)
        removed++
      }
      masks.clear()
      // they are made anew where more of them are stale than not: a rotation a second must not grow for ever
      if (removed > entries.size) {
        removed = 0
        beginnings = undefined
      }
    },
    weak,
    mask,
    text,
    json,
    value: <T>(value: T): T => redactValue(value, { text, mask, keys: names }),
    find(input) {
      const all: Match[] = []
      spans(input, undefined, all)
      return merged(all, ({ label }) => label)
    },
    chunks,
    stream<C extends string | Uint8Array>() {
      const { push, end } = chunks<C>()
      const send = (released: C | undefined, to: TransformStreamDefaultController<C>): void => {
        if (released?.length) to.enqueue(released)
      }
      return new TransformStream<C, C>({
        transform: (chunk, to) => send(push(chunk), to),
        flush: (to) => send(end(), to),
      })
    },
  }
  for (const label of Object.keys(secrets)) redactor.add(secrets[label]!, label)
  return Object.freeze(redactor)
}

function refuse(message: string): never {
  throw new GuillemetError('ERR_INVALID_INPUT', message)
}

/** Whether the text is JSON or blank. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text.trim() || '0')
    return true
  } catch {
    return false
  }
}
