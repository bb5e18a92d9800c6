/** Keys of JSON objects that hold secrets: two that look alike once they are masked stay two, as a redactor has it too. */

/** The keys that were masked: each has a mask of its own, so that no member hides another. */
export interface MaskedKeys {
  /** @param isThere whether a stranger's key may look like the mask */
  distinct(key: string, masked: string, isThere: boolean): string
}

/** No key was masked yet. */
export function createMaskedKeys(): MaskedKeys {
  const known = new Map<string, string>()
  const taken = new Map<string, number>()
  return {
    distinct(key, masked, isThere) {
      const before = known.get(key)
      if (before !== undefined) return before
      const count = (taken.get(masked) ?? Number(isThere)) + 1
      taken.set(masked, count)
      const made = count === 1 ? masked : `${masked.slice(0, -1)}#${count}"`
      known.set(key, made)
      return made
    },
  }
}
