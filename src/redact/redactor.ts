/** The redactor: knows values, and takes them and their encoded forms out of texts, structures and streams. */

import { GuillemetError } from '../errors.ts'
import { readOptions } from '../plain-object.ts'
import { createChunks } from './chunks.ts'
import { formsOf, type Pattern } from './forms.ts'
import { isJson, writeJson } from './json.ts'
import { Matcher } from './matcher.ts'
import { defaultMask, judge, Registry, requireLabel, requireMask, type Verdict } from './registry.ts'
import { type Match, merge, write } from './spans.ts'
import { redactValue } from './value.ts'

export type { Verdict } from './registry.ts'
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
}

/** The synchronous core of a stream: one text or byte sequence that arrives in pieces. */
export interface Chunks<C extends string | Uint8Array> {
  /** What can be released after this chunk: all that can no longer become part of a match. */
  push(chunk: C): C
  /** The rest, or undefined where nothing is held back. */
  end(): C | undefined
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
  /** Labels that text search cannot protect, or only where they stand alone. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The mask of a label, as this redactor writes it; `[secret]` where the label itself holds a known value. */
  mask(label: string): string
  /** The text with every known value masked; the same string when nothing matched. */
  text(text: string): string
  /** The same for one JSON text, which stays valid JSON; any other text is redacted as text. */
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
const OPTIONS = ['secrets', 'mask', 'minLength', 'keys'] as const

/**
 * A redactor that knows the given values and learns more with `add`.
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or a mask is unsafe
 */
export function createRedactor(options?: RedactorOptions): Redactor {
  const given = readOptions(options, 'redactor options', OPTIONS)
  const makeMask = given.mask ?? defaultMask
  const minLength = given.minLength ?? DEFAULT_MIN_LENGTH
  const maskTexts = [requireMask(makeMask('')), requireMask(makeMask('-'))]
  const keys = new Set((given.keys ?? []).map((key) => key.toLowerCase()))
  const registry = new Registry<Pattern>()
  const matcher = new Matcher()
  const masks = new Map<string, string>()

  const find = (text: string): Match[] => matcher.find(text)
  const mask = (label: string): string => {
    let made = masks.get(label)
    if (made === undefined) {
      // a label that holds a value would show it in the mask of every other
      made = requireMask(makeMask(label !== '' && find(label).length > 0 ? '' : label))
      masks.set(label, made)
    }
    return made
  }
  const text = (input: string): string => write(input, merge(find(input)), mask)

  const add = (value: string | Uint8Array, label?: string): Verdict => {
    const name = requireLabel(label)
    const known = registry.known(value as string, name)
    if (known !== undefined) return known.verdict
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new GuillemetError('ERR_INVALID_INPUT', 'The value must be a string or a Uint8Array.')
    }
    const plain = typeof value === 'string' ? value : new TextDecoder().decode(value)
    const verdict = judge(plain, minLength, maskTexts)
    const { entry, isNew } = registry.note(plain, name, verdict)
    if (isNew && (verdict === 'ok' || verdict === 'short')) {
      entry.patterns = formsOf(plain)
      matcher.add(entry)
      masks.clear()
    }
    return verdict
  }

  const redactor: Redactor = {
    add,
    remove(label) {
      for (const entry of registry.forget(label)) matcher.remove(entry)
      masks.clear()
    },
    weak: registry.weak,
    mask,
    text,
    json(line) {
      const matches = find(line)
      if (matches.length === 0 && keys.size === 0) return line
      return isJson(line) ? writeJson(line, merge(matches), mask) : write(line, merge(matches), mask)
    },
    value: (value) => redactValue(value, { text, keys, mask }),
    find,
    chunks: () => createChunks(matcher, mask),
    stream<C extends string | Uint8Array>() {
      const chunks = createChunks<C>(matcher, mask)
      return new TransformStream<C, C>({
        transform(chunk, controller) {
          const released = chunks.push(chunk)
          if (released.length > 0) controller.enqueue(released)
        },
        flush(controller) {
          const rest = chunks.end()
          if (rest !== undefined) controller.enqueue(rest)
        },
      })
    },
  }
  for (const label of Object.keys(given.secrets ?? {})) add(given.secrets![label]!, label)
  return Object.freeze(redactor)
}
