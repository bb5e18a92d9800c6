/** Text inside the quotes of another language. */

/** The body of a JSON string, without its quotes (RFC 8259 §7). */
export function jsonStringBody(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of an element or of a quoted attribute (XML 1.0 §2.4). */
export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => XML_ENTITIES[character]!)
}

/** One word for a POSIX shell, in single quotes. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

const HEX_CODES = /* @__PURE__ */ [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))
const decoder = /* @__PURE__ */ new TextDecoder()

/** Lower-case hexadecimal, perhaps with one character between two bytes. */
export function hex(bytes: Uint8Array, separator = ''): string {
  const width = 2 + separator.length
  // a text that grows by two characters takes ten times as long
  const codes = new Uint8Array(width * bytes.length).fill(separator.charCodeAt(0))
  for (let index = 0; index < bytes.length; index++) {
    codes[index * width] = HEX_CODES[bytes[index]! >> 4]!
    codes[index * width + 1] = HEX_CODES[bytes[index]! & 15]!
  }
  return decoder.decode(codes.subarray(0, Math.max(0, codes.length - separator.length)))
}

/** How many backslashes stand directly before the index. */
export function backslashesBefore(text: string, index: number, floor = 0): number {
  let at = index
  while (at > floor && text[at - 1] === '\\') at--
  return index - at
}
