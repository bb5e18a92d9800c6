/** The grammar of a key provider's id: printable ASCII, 1 to 128 characters. */

const PROVIDER_ID_GRAMMAR = /^[\x20-\x7e]{1,128}$/

/** Whether the value can name a key provider. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && PROVIDER_ID_GRAMMAR.test(value)
}
