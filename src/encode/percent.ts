/** Percent-encoding (RFC 3986 §2.1) of everything but the unreserved characters. */

const RESERVED_BY_RFC_3986 = /[!'()*]/g

/** The text with every byte outside `A–Z a–z 0–9 - . _ ~` as `%XX`; a space is `%20`. The text must be well-formed. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    RESERVED_BY_RFC_3986,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The text with its percent-encoding undone, or as it is where a percent sign in it begins no escape of UTF-8. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
