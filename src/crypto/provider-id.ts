/** The grammar of what a key provider says of its key: printable ASCII. */

const PROVIDER_ID_GRAMMAR = /^[\x20-\x7e]{1,128}$/
const KEY_VERSION_GRAMMAR = /^[\x20-\x7e]{1,256}$/

/** Whether the value can name a key provider. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && PROVIDER_ID_GRAMMAR.test(value)
}

/** Whether the value can name a version of a provider's key. */
export function isKeyVersion(value: unknown): value is string {
  return typeof value === 'string' && KEY_VERSION_GRAMMAR.test(value)
}
