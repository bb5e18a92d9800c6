/** Text inside the quotes of another language. */

/** The body of a JSON string, without its quotes (RFC 8259 §7). */
export function jsonStringBody(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** One word for a POSIX shell, in single quotes. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

const DIGITS = '0123456789abcdef'

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte >> 4]! + DIGITS[byte & 15]!
  return text
}
