/** Base64 of a part of longer bytes: what they decide alone, and what they decide in part. */

export const OFFSETS = [0, 1, 2] as const

/**
 * The characters of base64 that the bytes alone decide, after `offset` (0 to 2) unknown bytes; a match grows over
 * those that they decide in part.
 */
export function certainCharacters(bytes: string, offset: number): string {
  return btoa('\0'.repeat(offset) + bytes).slice(offset && offset + 1, Math.floor(((offset + bytes.length) * 8) / 6))
}

/** In the second alphabet. */
export function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}

/** A partial character as `\u002B` and padding as `\u003D\u003D`: no match grows by more. */
const MAX_GROWTH = 18
/** What a match may grow over, while nothing else follows. */
const GROWING = /^[\w+/=%\\-]*$/
const EDGE = /(?:[\w+/-]|%2[BF]|\\\/|\\u002[BF])(?:=|%3D|\\u003D){0,2}/iy

/** Whether it is a character of either alphabet. */
export function isBase64(character: string | undefined): boolean {
  return character !== undefined && /[\w+/-]/.test(character)
}

/** Where a match ends: after the character that the bytes decide in part, and its padding. */
export function grownEnd(text: string, end: number): number {
  EDGE.lastIndex = end
  return EDGE.test(text) ? EDGE.lastIndex : end
}

/** Whether a match may end further behind, once more text follows. */
export function mayGrow(rest: string): boolean {
  return rest.length < MAX_GROWTH && GROWING.test(rest)
}
