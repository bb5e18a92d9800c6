/** The registry: which values are known under which labels, how each was judged, and what its mask reads. */

import { GuillemetError } from '../errors.ts'
import type { Entry, Verdict } from './pattern.ts'

const LABEL = /^[A-Za-z0-9_.-]{1,257}$/
// a mask must not end a JSON string, start a reference or leave ASCII
const SAFE_MASK = /^[\x20\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d-\x7a\x7c\x7e]+$/
const COMMON = new Set(['true', 'false', 'null', 'undefined', 'none', 'yes', 'no', 'on', 'off'])
const SHORT_NUMBER = /^\d{1,3}$/

/** The mask where no option gives another one. */
export function defaultMask(label: string): string {
  return label === '' ? '[secret]' : `[secret:${label}]`
}

/**
 * The label itself; `''` stands for none.
 *
 * @throws ERR_INVALID_INPUT when it is outside the grammar
 */
export function requireLabel(label: unknown): string {
  if (label === undefined) return ''
  if (typeof label === 'string' && LABEL.test(label)) return label
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The label must be 1 to 257 characters of A-Z, a-z, 0-9, "_", "." and "-".',
  )
}

/**
 * A mask that is safe inside JSON, logs and templates.
 *
 * @throws ERR_INVALID_INPUT when it is empty or holds a quote, backslash, angle bracket, brace or a character outside
 *   printable ASCII
 */
export function requireMask(mask: unknown): string {
  if (typeof mask === 'string' && SAFE_MASK.test(mask)) return mask
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'A mask must be printable ASCII without quote, backslash, angle bracket or brace.',
  )
}

/** Judges a value; `maskTexts` are texts that every mask shows, which searching would find in every mask. */
export function judge(value: string, minLength: number, maskTexts: readonly string[]): Verdict {
  const trimmed = value.trim()
  if (trimmed === '') return 'empty'
  if (COMMON.has(trimmed.toLowerCase()) || SHORT_NUMBER.test(trimmed)) return 'common'
  if (maskTexts.some((text) => text.includes(trimmed))) return 'common'
  return trimmed.length < minLength ? 'short' : 'ok'
}

/** Values by label, labels by value. */
export class Registry {
  readonly weak = new Map<string, Verdict>()
  readonly #byValue = new Map<string, Entry>()
  readonly #byLabel = new Map<string, Map<string, Entry>>()

  /** The entry of a value that this label already has: one look-up, since a vault asks on every resolve. */
  known(key: string, label: string): Entry | undefined {
    return this.#byLabel.get(label)?.get(key)
  }

  /** Notes the value under the label; `isNew` tells that no label had it before. */
  note(key: string, label: string, verdict: Verdict): { entry: Entry; isNew: boolean } {
    let entry = this.#byValue.get(key)
    const isNew = entry === undefined
    if (entry === undefined) {
      entry = { key, verdict, labels: [], nodes: [] }
      this.#byValue.set(key, entry)
    }
    entry.labels.push(label)
    let values = this.#byLabel.get(label)
    if (values === undefined) {
      values = new Map()
      this.#byLabel.set(label, values)
    }
    values.set(key, entry)
    if (verdict !== 'ok') this.weak.set(label, verdict)
    return { entry, isNew }
  }

  /** Forgets the label; gives back the entries that no label holds any more. */
  forget(label: string): Entry[] {
    const orphans: Entry[] = []
    for (const entry of this.#byLabel.get(label)?.values() ?? []) {
      entry.labels.splice(entry.labels.indexOf(label), 1)
      if (entry.labels.length > 0) continue
      this.#byValue.delete(entry.key)
      orphans.push(entry)
    }
    this.#byLabel.delete(label)
    this.weak.delete(label)
    return orphans
  }
}
