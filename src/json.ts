/** JSON from outside. */

/** What the JSON says, or undefined where the text is not JSON. The parser's own error would repeat the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
