/** What redactors know of a value that is rotated again and again: its last few versions, since each costs memory and time. */

/** Logs are late by minutes, not by this many rotations. */
export const KEPT_VALUES = 8

/** The last values of each place, the newest at the end. */
export class RecentValues {
  readonly #byPlace = new Map<string, readonly string[]>()
  /** How many places have a value under a label: while one does, it is not forgotten. */
  readonly #counts = new Map<string, number>()

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
    const known = this.#byPlace.get(place) ?? []
    if (known.at(-1) === text) return { isNew: false, forgotten: undefined }
    const others = known.filter((other) => other !== text)
    const isNew = others.length === known.length
    if (isNew) this.#count(label, text, 1)
    const oldest = others.length < KEPT_VALUES ? undefined : others[0]
    this.#byPlace.set(place, [...others.slice(oldest === undefined ? 0 : 1), text])
    const isGone = oldest !== undefined && this.#count(label, oldest, -1) === 0
    return { isNew, forgotten: isGone ? oldest : undefined }
  }

  #count(label: string, text: string, change: 1 | -1): number {
    const key = `${label} ${text}`
    const count = (this.#counts.get(key) ?? 0) + change
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
    return count
  }
}
