/** The tokens of a valid JSON text. */

/** A string, a scalar, a bracket, a colon with the space after it, or what separates members. */
const JSON_PIECE = /".*?(?<!\\)(?:\\\\)*"|[\w.+-]+|[[\]{}]|:\s*|[\s,]+/sy

/** What the first character of a number, of `true`, `false` or `null` is. */
export const STARTS_SCALAR = /[\w-]/

/** The offset after the token. */
export function tokenEnd(json: string, start: number): number {
  JSON_PIECE.lastIndex = start
  JSON_PIECE.test(json)
  return JSON_PIECE.lastIndex
}

/** The offset after the character or escape of a string. */
export function unitEnd(json: string, start: number): number {
  if (json[start] !== '\\') return start + 1
  return start + (json[start + 1] === 'u' ? 6 : 2)
}

/** The text of a string token. */
export function stringOf(token: string): string {
  return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
}
