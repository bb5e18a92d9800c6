/** Masks: what stands in place of a value, by its label. */

/** Makes the mask of a label; `''` for none. */
export type MakeMask = (label: string) => string

// a mask must not end a JSON string, start a reference or leave ASCII
const SAFE_MASK = /^(?:(?!["'\\<>{}])[ -~])+$/

/** Whether a mask can stand in any text, JSON and templates included. */
export function isSafeMask(mask: string): boolean {
  return SAFE_MASK.test(mask)
}

/** The masks by label; made anew when a value was learned or forgotten, since a label may hold it. */
export function createMasks(
  makeMask: MakeMask,
  holdsValue: (label: string) => boolean,
): { mask: MakeMask; clear(): void } {
  const masks = new Map<string, string>()
  const makeSafe = (label: string): string => {
    try {
      // a label that holds a value would show it in the mask of every other
      const made = makeMask(holdsValue(label) ? '' : label)
      if (isSafeMask(made)) return made
    } catch {
      // a mask that fails must not let the value through
    }
    return makeMask('')
  }
  return {
    mask(label) {
      const made = masks.get(label) ?? makeSafe(label)
      masks.set(label, made)
      return made
    },
    clear: () => masks.clear(),
  }
}
