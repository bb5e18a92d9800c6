/** Looks: what a value says of itself, whatever its name is. */

import { meanRun } from './words.ts'

const KEY = /^[\w+/=.~-]{16,}$/
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const HOST = /\.[a-z]{2,}$/
/** Characters of a run of letters or of digits of a key, on average: fewer. */
const KEY_RUN = 3
/** Certificates and public keys, also in Base64. */
const PUBLISHED =
  /^(?:-----BEGIN (?:CERT|TRUSTED|PUBLIC|RSA PUBLIC|X509)|LS0tLS1CRUdJTiB(?:D|QVU)|(?:ssh|ecdsa)-|AAAA[BCE])/
/** A variable or a placeholder, as templates of configurations have them. */
const PLACEHOLDER = /^(?:\$?\{[^"]*\}|<[\w -]+>|\$\w+)$/

/** Whether it looks like a key: long, mixed, no words, and not the name of a machine or a thing. */
export function isKeyLike(text: string): boolean {
  const digits = text.match(/\d/g)?.length ?? 0
  return (
    KEY.test(text) &&
    digits > 2 &&
    /[a-z]/i.test(text) &&
    !UUID.test(text) &&
    !HOST.test(text) &&
    !isPublished(text) &&
    meanRun(text) < KEY_RUN
  )
}

/** Whether everybody may see it: a certificate, a public key, or the name of what will stand there. */
export function isPublished(text: string): boolean {
  return PUBLISHED.test(text) || PLACEHOLDER.test(text)
}
