/** JSON from outside. */

/** What the JSON says, or undefined where the text is not JSON. The parser's own error would repeat the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** No number that a program can use is longer. */
export const LONGEST_JSON_SCALAR = 1_024
const SCALAR = /^(?:true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/

/** Whether the text is one number or word of JSON; a number may have leading zeros, which some write. */
export function isJsonScalar(text: string): boolean {
  return text.length <= LONGEST_JSON_SCALAR && SCALAR.test(text)
}
