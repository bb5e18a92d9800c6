/** The registry: which values are known under which labels, and how each was judged. */

import { readsAsWord } from '../looks/words.ts'
import type { Entry, Verdict } from './needle.ts'

const COMMON = /^(?:true|false|null|undefined|none|yes|no|on|off|\d{1,3})$/i

/** Says how well text search can protect a value; `maskTexts` are texts that every mask shows, which searching would find in every mask. */
export function rateValue(value: string, minLength: number, maskTexts: readonly string[]): Verdict {
  const trimmed = value.trim()
  if (trimmed === '') return 'empty'
  if (COMMON.test(trimmed) || maskTexts.some((text) => text.includes(trimmed))) return 'common'
  return trimmed.length < minLength || readsAsWord(trimmed) ? 'short' : 'ok'
}

/** Values and the labels that hold them. */
export interface Registry {
  /** Labels with a value that is not `ok`. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The values by key. */
  readonly entries: ReadonlyMap<string, Entry>
  /** Notes the value under the label; one that no label holds is learned first. Tells how it was judged. */
  note(key: string, label: string, learn: () => Entry): Verdict
  /** Forgets the label, or one value of it by key, and gives back the values that no label holds any more. */
  forget(label: string, only?: string): readonly Entry[]
}

/** A registry of nothing yet. */
export function createRegistry(): Registry {
  const weak = new Map<string, Verdict>()
  const entries = new Map<string, Entry>()
  const byLabel = new Map<string, Set<Entry>>()
  return {
    weak,
    entries,
    note(key, label, learn) {
      const entry = entries.get(key) ?? learn()
      const { verdict, labels } = entry
      const held = byLabel.get(label) ?? new Set()
      if (!held.has(entry)) {
        entries.set(key, entry)
        byLabel.set(label, held.add(entry))
        labels.push(label)
        if (verdict !== 'ok') weak.set(label, verdict)
      }
      return verdict
    },
    forget(label, only) {
      const held = byLabel.get(label) ?? new Set()
      const orphans: Entry[] = []
      weak.delete(label)
      for (const entry of held) {
        const { key, labels, verdict } = entry
        if (only === undefined || key === only) {
          held.delete(entry)
          labels.splice(labels.indexOf(label), 1)
          if (labels.length === 0 && entries.delete(key)) orphans.push(entry)
        } else if (verdict !== 'ok') weak.set(label, verdict)
      }
      if (held.size === 0) byLabel.delete(label)
      return orphans
    },
  }
}
