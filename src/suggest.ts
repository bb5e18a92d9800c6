/** "Did you mean": the nearest name, ignoring case, `-` and `_`, or at most two edits away. */

const MAX_EDITS = 2
/** UTF-16 code units; a longer name is nobody's typing error, and comparing it would cost its length squared. */
const MAX_COMPARED_LENGTH = 128

/** A name that may be suggested, folded once for all look-ups. */
export interface ComparableName {
  readonly name: string
  readonly folded: string
}

/** The names as candidates; those that are too long for a suggestion are left out. */
export function candidatesOf(names: Iterable<string>): readonly ComparableName[] {
  const candidates: ComparableName[] = []
  for (const name of names) if (name.length <= MAX_COMPARED_LENGTH) candidates.push({ name, folded: simplified(name) })
  return candidates
}

/** The candidate that was perhaps meant, or nothing. Among equals the first wins. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  return name.length > MAX_COMPARED_LENGTH ? undefined : nearest(name, candidatesOf(candidates), 1)[0]
}

/** The candidates that were perhaps meant, the nearest first, at most so many; among equals the first given wins. */
export function nearest(name: string, candidates: readonly ComparableName[], most: number): readonly string[] {
  if (name.length > MAX_COMPARED_LENGTH) return []
  const folded = simplified(name)
  const byEdits: string[][] = Array.from({ length: MAX_EDITS + 1 }, () => [])
  for (const candidate of candidates) {
    if (candidate.folded === folded) byEdits[0]!.push(candidate.name)
    else {
      // two edits on a name of two letters would suggest anything
      const limit = Math.min(MAX_EDITS, Math.floor(Math.max(name.length, candidate.name.length) / 2))
      const edits = limit < 1 ? limit + 1 : distance(name, candidate.name, limit)
      if (edits <= limit) byEdits[edits]!.push(candidate.name)
    }
    if (byEdits[0]!.length === most) break
  }
  return byEdits.flat().slice(0, most)
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

/** Levenshtein distance in which two neighbours that change places are one edit, or `limit + 1` as soon as it must be larger. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforePrevious: readonly number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    let smallest = row
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      const hasSwapped = a[row - 2] === b[column - 1] && a[row - 1] === b[column - 2] && row > 1 && column > 1
      const swapped = hasSwapped ? beforePrevious[column - 2]! + 1 : replaced
      const cell = Math.min(replaced, swapped, previous[column]! + 1, current[column - 1]! + 1)
      current.push(cell)
      if (cell < smallest) smallest = cell
    }
    if (smallest > limit) return limit + 1
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}
