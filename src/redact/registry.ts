/** The registry: which values are known under which labels, and how each was judged. */

import type { Entry, Verdict } from './needle.ts'

const COMMON = /^(?:true|false|null|undefined|none|yes|no|on|off|\d{1,3})$/i

/** Judges a value; `maskTexts` are texts that every mask shows, which searching would find in every mask. */
export function judge(value: string, minLength: number, maskTexts: readonly string[]): Verdict {
  const trimmed = value.trim()
  if (trimmed === '') return 'empty'
  if (COMMON.test(trimmed) || maskTexts.some((text) => text.includes(trimmed))) return 'common'
  return trimmed.length < minLength ? 'short' : 'ok'
}

/** Values by label, labels by value. */
export interface Registry {
  /** Labels with a value that is not `ok`. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The entry of a value that this label already has: one look-up, since a vault asks on every resolve. */
  known(key: unknown, label: string): Entry | undefined
  /** Notes the value under the label; tells whether no other label had it. */
  note(key: string, label: string, verdict: Verdict): { readonly entry: Entry; readonly isNew: boolean }
  /** Forgets the label; gives back the entries that no label holds any more. */
  forget(label: string): readonly Entry[]
  entries(): ReadonlyMap<unknown, Entry>
}

/** A registry of nothing yet. */
export function createRegistry(): Registry {
  const weak = new Map<string, Verdict>()
  const byKey = new Map<unknown, Entry>()
  const byLabel = new Map<string, Map<unknown, Entry>>()
  return {
    weak,
    known: (key, label) => byLabel.get(label)?.get(key),
    note(key, label, verdict) {
      const known = byKey.get(key)
      const entry = known ?? { key, verdict, labels: [], anchors: [] }
      const values = byLabel.get(label) ?? new Map()
      byKey.set(key, entry)
      byLabel.set(label, values.set(key, entry))
      entry.labels.push(label)
      if (verdict !== 'ok') weak.set(label, verdict)
      return { entry, isNew: known === undefined }
    },
    forget(label) {
      const entries = [...(byLabel.get(label)?.values() ?? [])]
      for (const { labels } of entries) labels.splice(labels.indexOf(label), 1)
      const orphans = entries.filter(({ labels }) => labels.length === 0)
      for (const { key } of orphans) byKey.delete(key)
      byLabel.delete(label)
      weak.delete(label)
      return orphans
    },
    entries: () => byKey,
  }
}
