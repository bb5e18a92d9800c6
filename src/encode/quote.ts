/** Text inside the quotes of another language. */

/** The body of a JSON string, without its quotes (RFC 8259 §7). */
export function jsonStringBody(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** One word for a POSIX shell, in single quotes. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
