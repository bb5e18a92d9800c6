/** Looks: what a value says of itself, whatever its name is. */

import { knownKey } from './key-shapes.ts'
import { meanRun } from './words.ts'

const KEY = /^[\w+/=.~-]{16,}$/
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const HOST = /\.[a-z]{2,}$/
/** In a key, runs of letters or of digits are on average shorter than this. */
const KEY_RUN = 3
/** Ids of AWS and keys of RunPod: capitals only, which would count as words. Tokens of Slack: with the long number of an account. */
const READS_AS_WORDS = /^(?:A[KS]IA|rpa_|xox.*\d{9})/
/** Certificates and public keys, also in Base64. */
const PUBLISHED =
  /^(?:-----BEGIN (?:CERT|TRUSTED|PUBLIC|RSA PUBLIC|X509)|LS0tLS1CRUdJTiB(?:D|QVU)|(?:ssh|ecdsa)-|AAAA[BCE])/
const NAME_OF_WORDS = /^[a-z]+(?:[_-][a-z]+)*$/i
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
    !isNoSecret(text) &&
    meanRun(text) < KEY_RUN
  )
}

/** Whether all of it is a key of a known kind. A name may begin like one: `sk-production-main-account`. */
export function isKnownKey(text: string): boolean {
  return text.match(knownKey())?.[0] === text && (meanRun(text) < KEY_RUN || READS_AS_WORDS.test(text))
}

/** Whether it reads as a name that people give to things, which few secrets do. */
export function isNameOfWords(text: string): boolean {
  return NAME_OF_WORDS.test(text)
}

/** Whether it is no secret, however it looks: a certificate, a public key, or the name of what will be put there. */
export function isNoSecret(text: string): boolean {
  return PUBLISHED.test(text) || PLACEHOLDER.test(text)
}
