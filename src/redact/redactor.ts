/** The redactor: knows values, and takes them and their encoded forms out of texts, structures and streams. */

import { fromUtf8 } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { bare, readOptions } from '../plain-object.ts'
import { byteText } from './byte-text.ts'
import { type Chunks, createChunks } from './chunks.ts'
import { type FormRules, formsOf } from './forms.ts'
import { Joints } from './joints.ts'
import { isJson, writeJson } from './json.ts'
import { PIECE } from './limits.ts'
import { Matcher } from './matcher.ts'
import type { Verdict } from './pattern.ts'
import { Prefixes } from './prefixes.ts'
import { defaultMask, judge, Registry, requireLabel, requireMask } from './registry.ts'
import { type Match, type Span, union, write } from './spans.ts'
import { redactValue } from './value.ts'
import { unescapedView } from './view.ts'

export type { Chunks } from './chunks.ts'
export type { Verdict } from './pattern.ts'
export type { Form, Match } from './spans.ts'

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
   *
   * @default {}
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
const OPTIONS = ['secrets', 'mask', 'minLength', 'keys', 'truncated'] as const
const TRUNCATED_OPTIONS = ['prefix', 'suffix'] as const
/** Before a value of bytes that are no text, so that it is no other value's key. */
const BYTES_KEY = '\uffff'

/**
 * A redactor that knows the given values and learns more with `add`.
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or out of range, or a mask is unsafe
 */
export function createRedactor(options?: RedactorOptions): Redactor {
  const { secrets, ...rules } = readOptions(options, 'redactor options', OPTIONS)
  const core = new Core(bare(rules)) // a rest element has a prototype again
  for (const label of Object.keys(secrets ?? {})) core.add(secrets![label]!, label)
  const { matcher, prefixes } = core
  const mask = core.mask.bind(core)
  const text = (input: string): string => write(input, matcher.spans(input), mask)
  const chunks = <C extends string | Uint8Array>(): Chunks<C> => createChunks<C>({ matcher, prefixes, mask })
  return Object.freeze({
    add: core.add.bind(core),
    remove: core.remove.bind(core),
    weak: core.registry.weak,
    mask,
    text,
    json: core.json.bind(core),
    value: <T>(value: T): T => redactValue(value, { text, mask, keys: core.keys }),
    find: (input: string) => matcher.find(input),
    chunks,
    stream<C extends string | Uint8Array>(): TransformStream<C, C> {
      const { push, end } = chunks<C>()
      return new TransformStream<C, C>({
        transform(chunk, controller) {
          const released = push(chunk)
          if (released.length > 0) controller.enqueue(released)
        },
        flush(controller) {
          const rest = end()
          if (rest !== undefined) controller.enqueue(rest)
        },
      })
    },
  })
}

/** What the methods share. */
class Core {
  readonly registry = new Registry()
  readonly keys: ReadonlySet<string>
  readonly matcher: Matcher
  readonly prefixes: Prefixes
  readonly #makeMask: (label: string) => string
  readonly #masks = new Map<string, string>()
  readonly #maskTexts: readonly string[]
  readonly #rules: FormRules
  readonly #namesKey: RegExp | undefined

  constructor({
    mask = defaultMask,
    minLength = DEFAULT_MIN_LENGTH,
    keys = [],
    truncated,
  }: Omit<RedactorOptions, 'secrets'>) {
    const joints = new Joints()
    const { prefix, suffix } = readOptions(truncated, 'options for truncated values', TRUNCATED_OPTIONS)
    requireLength(minLength)
    for (const length of [prefix, suffix]) if (length !== undefined) requireLength(length)
    this.keys = new Set(keys.map((key) => key.toLowerCase()))
    this.matcher = new Matcher(joints)
    this.prefixes = new Prefixes(this.matcher)
    this.#makeMask = mask
    this.#maskTexts = [requireMask(mask('')), requireMask(mask('-'))]
    this.#rules = {
      minLength,
      joints,
      prefix,
      suffix,
      isSearchable: (text) => judge(text, minLength, this.#maskTexts) === 'ok',
    }
    const names = keys.map((key) =>
      key.replace(/[^\w]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
    )
    this.#namesKey = names.length === 0 ? undefined : new RegExp(`"(?:${names.join('|')})"\\s*:|\\\\u`, 'i')
  }

  add(value: string | Uint8Array, label?: string): Verdict {
    const name = requireLabel(label)
    const seen = this.registry.known(value as string, name)
    if (seen !== undefined) return seen.verdict
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new GuillemetError('ERR_INVALID_INPUT', 'The value must be a string or a Uint8Array.')
    }
    const text = typeof value === 'string' ? value : fromUtf8(value)
    const bytes = text === undefined ? Uint8Array.from(value as Uint8Array) : undefined
    const plain = text ?? byteText(bytes!)
    const key = text ?? BYTES_KEY + plain
    const known = this.registry.known(key, name)
    if (known !== undefined) return known.verdict
    const verdict = judge(plain, this.#rules.minLength, this.#maskTexts)
    const { entry, isNew } = this.registry.note(key, name, verdict)
    if (isNew && (verdict === 'ok' || verdict === 'short')) {
      for (const pattern of formsOf(entry, plain, bytes, this.#rules)) {
        this.matcher.add(pattern)
        this.prefixes.add(pattern)
      }
      this.#masks.clear()
    }
    return verdict
  }

  remove(label: string): void {
    for (const entry of this.registry.forget(label)) {
      this.prefixes.remove(entry.nodes.length)
      this.matcher.remove(entry)
    }
    this.#masks.clear()
  }

  mask(label: string): string {
    let made = this.#masks.get(label)
    if (made === undefined) {
      // a label that holds a value would show it in the mask of every other
      const shown = label !== '' && this.matcher.spans(label).length > 0 ? '' : label
      try {
        made = requireMask(this.#makeMask(shown))
      } catch {
        made = this.#maskTexts[0]! // a mask that fails must not let the value through
      }
      this.#masks.set(label, made)
    }
    return made
  }

  json(line: string): string {
    const spans = this.#jsonSpans(line)
    const hasNames = this.#namesKey?.test(line) === true
    if (spans.length === 0 && !hasNames) return line
    const mask = (label: string): string => this.mask(label)
    if (isJson(line)) return writeJson(line, spans, mask, (name) => hasNames && this.keys.has(name.toLowerCase()))
    const lines = line.split('\n')
    const isLines = lines.length > 1 && lines.every((part) => part.trim() === '' || isJson(part))
    return isLines ? lines.map((part) => this.json(part)).join('\n') : write(line, spans, mask)
  }

  #jsonSpans(line: string): readonly Span[] {
    const spans = this.matcher.spans(line)
    if (!line.includes('\\u')) return spans
    const view = unescapedView(line)
    const inView = this.matcher.spans(view.text).map(({ start, end, first }) => ({
      start: view.original(start),
      end: view.original(end - 1) + 1,
      first,
    }))
    return union([spans, inView])
  }
}

function requireLength(length: unknown): void {
  if (Number.isInteger(length) && (length as number) >= 1 && (length as number) <= PIECE) return
  throw new GuillemetError('ERR_INVALID_INPUT', `A length must be an integer from 1 to ${PIECE}.`)
}
