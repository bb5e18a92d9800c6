/** The registry: which values are known under which labels, and how each was judged. */

import type { Entry, Verdict } from './needle.ts'

/** Values and the labels that hold them. */
export interface Registry {
  /** Labels with a value that is not `ok`. */
  readonly weak: ReadonlyMap<string, Verdict>
  /** The values by key. */
  readonly entries: ReadonlyMap<string, Entry>
  /** Notes the value under the label; one that no label holds is learned first. Tells how it was judged. */
  note(key: string, label: string, learn: () => Entry): Verdict
  /** Forgets those values of the label, and gives back the ones that no label holds any more. */
  forget(label: string, isMeant: (key: string) => boolean): readonly Entry[]
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
    forget(label, isMeant) {
      const held = byLabel.get(label) ?? new Set()
      const orphans: Entry[] = []
      weak.delete(label)
      for (const entry of held) {
        const { key, labels, verdict } = entry
        if (isMeant(key)) {
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
