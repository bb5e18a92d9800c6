/** "Did you mean": the nearest name, ignoring case, `-` and `_`, or at most two edits away. */

const MAX_EDITS = 2
const MAX_COMPARED_LENGTH = 128

/** The candidate that was perhaps meant, or nothing. Among equals the first wins. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const folded = simplified(name)
  let best: string | undefined
  let bestEdits = MAX_EDITS + 1
  for (const candidate of candidates) {
    if (simplified(candidate) === folded) return candidate
    // two edits on a name of two letters would suggest anything
    const limit = Math.min(MAX_EDITS, bestEdits - 1, Math.floor(Math.max(name.length, candidate.length) / 2))
    if (limit < 1) continue
    const edits = distance(name, candidate, limit)
    if (edits <= limit) {
      best = candidate
      bestEdits = edits
    }
  }
  return best
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

/** Levenshtein distance, or `limit + 1` as soon as it must be larger. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > MAX_COMPARED_LENGTH || b.length > MAX_COMPARED_LENGTH)
    return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    let smallest = row
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      const cell = Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1)
      current.push(cell)
      if (cell < smallest) smallest = cell
    }
    if (smallest > limit) return limit + 1
    previous = current
  }
  return previous[b.length]!
}
