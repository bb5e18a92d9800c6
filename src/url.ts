/** URLs from outside. */

/** The URL, or undefined where the text is not one, or is relative and has no base. The parser's own error would repeat it. */
export function parseUrl(text: string | URL, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
