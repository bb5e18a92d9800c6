/** The headers that frame a message or decide who answers it; no reference is resolved in them. */

const FIXED = ['host', 'content-length', 'transfer-encoding', 'connection']

/** Whether the header, in any case, is one of those. */
export function isFixedHeader(name: unknown): boolean {
  return typeof name === 'string' && FIXED.includes(name.trim().toLowerCase())
}
