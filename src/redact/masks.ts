/** Masks: what stands in place of a value, by its label. */

import { refuse } from './labels.ts'

/** Makes the mask of a label; `''` for none. */
export type MakeMask = (label: string) => string

// a mask must not end a JSON string, start a reference or leave ASCII
const SAFE_MASK = /^(?:(?!["'\\<>{}])[ -~])+$/

/**
 * The same masks, with that of `''` for a label that has none that can stand in any text, JSON and templates included.
 *
 * @throws ERR_INVALID_INPUT where that of `''` is none of these, or that of another label is a text and none
 */
export function safeMasks(makeMask: MakeMask): MakeMask {
  const usual = made(makeMask, '')
  if (!isSafe(usual) || !isSafe(made(makeMask, '-') ?? usual))
    return refuse('A mask is printable ASCII without any of "\'\\<>{}.')
  return (label) => {
    const mask = made(makeMask, label)
    return isSafe(mask) ? mask : usual
  }
}

/** What is made for a label; undefined where it is no text, as of a map that has no such label. */
function made(makeMask: MakeMask, label: string): string | undefined {
  try {
    const mask: unknown = makeMask(label)
    return typeof mask === 'string' ? mask : undefined
  } catch {
    // a mask that fails must not let the value through
    return undefined
  }
}

function isSafe(mask: string | undefined): mask is string {
  return mask !== undefined && SAFE_MASK.test(mask)
}

/** The masks by label; made anew when a value was learned or forgotten, since a label may hold it. */
export function createMasks(
  makeMask: MakeMask,
  holdsValue: (label: string) => boolean,
): { mask: MakeMask; clear(): void } {
  const masks = new Map<string, string>()
  return {
    mask(label) {
      // a label that holds a value would show it in the mask of every other
      const mask = masks.get(label) ?? makeMask(holdsValue(label) ? '' : label)
      masks.set(label, mask)
      return mask
    },
    clear: () => masks.clear(),
  }
}
