/** Names of headers, compared as RFC 9110 §5.1 has it: the case of ASCII letters does not matter. */

/** `toLowerCase` makes a `k` of the Kelvin sign, and of no other character outside of ASCII anything within it. */
const KELVIN_SIGN = '\u212a'

/**
 * The name of a header in lower case. One with a letter that only looks like an ASCII letter is another name: no rule and no
 * list of credential headers is met by it, although some clients send it.
 */
export function lowerCaseName(name: string): string {
  return name.includes(KELVIN_SIGN) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name.toLowerCase()
}
