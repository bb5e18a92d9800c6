/** What redactors know of a value that is rotated again and again: its last few versions, since each costs memory and time. */

/** Logs are late by minutes, not by this many rotations. */
export const KEPT_VALUES = 8

/** What the places of one label have had. */
interface Known {
  /** The last values of each place, the newest at the end. */
  readonly byPlace: Map<string, readonly string[]>
  /** How many places have a value: while one does, it is not forgotten. */
  readonly counts: Map<string, number>
}

/** The last values of each place, by label. */
export class RecentValues {
  readonly #byLabel = new Map<string, Known>()

  /**
   * Notes a value of a place.
   *
   * @returns whether it was not known there; and one that is to be forgotten under the label, if any
   */
  note(
    place: string,
    label: string,
    text: string,
  ): { readonly isNew: boolean; readonly forgotten: string | undefined } {
    const held: Known = this.#byLabel.get(label) ?? { byPlace: new Map(), counts: new Map() }
    this.#byLabel.set(label, held)
    const known = held.byPlace.get(place) ?? []
    if (known.at(-1) === text) return { isNew: false, forgotten: undefined }
    const others = known.filter((other) => other !== text)
    const isNew = others.length === known.length
    if (isNew) count(held, text, 1)
    const oldest = others.length < KEPT_VALUES ? undefined : others[0]
    held.byPlace.set(place, [...others.slice(oldest === undefined ? 0 : 1), text])
    const isGone = oldest !== undefined && count(held, oldest, -1) === 0
    return { isNew, forgotten: isGone ? oldest : undefined }
  }

  /** Forgets what the places of a label have had, or those values of it. */
  forget(label: string, isMeant: (text: string) => boolean): void {
    const held = this.#byLabel.get(label)
    if (held === undefined) return
    for (const [place, known] of held.byPlace) {
      const kept = known.filter((text) => !isMeant(text))
      if (kept.length === 0) held.byPlace.delete(place)
      else held.byPlace.set(place, kept)
    }
    for (const text of held.counts.keys()) if (isMeant(text)) held.counts.delete(text)
    if (held.byPlace.size === 0) this.#byLabel.delete(label)
  }
}

function count({ counts }: Known, text: string, change: 1 | -1): number {
  const next = (counts.get(text) ?? 0) + change
  if (next === 0) counts.delete(text)
  else counts.set(text, next)
  return next
}
