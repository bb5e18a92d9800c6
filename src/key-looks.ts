/** Looks: what a value says of itself, whatever its name is. */

import { meanRun } from './words.ts'

const KEY = /^[\w+/=.~-]{16,}$/
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const HOST = /\.[a-z]{2,}$/
/** Characters of a run of letters or of digits of a key, on average: fewer. */
const KEY_RUN = 3
/** Keys by what they begin with, and what they are called. A run of their characters is tried once, from its beginning. */
export const KEY_SHAPES: readonly (readonly [tag: string, pattern: string])[] = [
  ['anthropic_api_key', 'sk-ant-[\\w-]{20,512}'],
  ['openai_api_key', 'sk-(?:proj-|svcacct-|admin-)?[\\w-]{20,512}'],
  ['stripe_key', '[sr]k_(?:live|test)_[A-Za-z0-9]{16,256}'],
  ['webhook_secret', 'whsec_[A-Za-z0-9+/=]{20,256}'],
  ['github_token', 'gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_\\w{22,255}'],
  ['gitlab_token', 'gl(?:pat|dt|rt|cbt)-[\\w-]{20,256}'],
  ['slack_token', 'xox[abeoprs]-[A-Za-z0-9-]{10,256}'],
  ['aws_access_key_id', 'A[KS]IA[A-Z0-9]{16}'],
  ['google_api_key', 'AIza[\\w-]{35}'],
  ['google_token', 'ya29\\.[\\w-]{20,1024}'],
  ['sendgrid_key', 'SG\\.[\\w-]{16,64}\\.[\\w-]{16,128}'],
  ['npm_token', 'npm_[A-Za-z0-9]{36}'],
  ['pypi_token', 'pypi-[\\w-]{32,512}'],
  ['hugging_face_token', 'hf_[A-Za-z0-9]{30,64}'],
  ['docker_token', 'dckr_pat_[\\w-]{20,64}'],
  ['digitalocean_token', 'do[opr]_v1_[a-f0-9]{64}'],
  ['shopify_token', 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'],
  ['tailscale_key', 'tskey-[a-z]{2,16}-[\\w-]{10,128}'],
  ['jwt', 'eyJ[\\w-]{10,8192}\\.eyJ[\\w-]{4,8192}\\.[\\w-]{10,2048}'],
  ['telegram_token', '\\d{8,10}:[A-Za-z0-9_-]{35}'],
  ['guillemet_key', 'gmk1_[\\w-]{48}'],
]
/** What the keys of known kinds begin with. Short: `lint` alone needs to know each of them exactly. */
const KNOWN_BEGINNING =
  /^(?:[sr]k[-_]|gh[oprsu]_|github_pat_|gl[a-z]{2,3}-|xox[a-z]-|whsec_|AIza|npm_|pypi-|hf_|dckr_|do[opr]_v1_|shp[a-z]{2}_|tskey-|gmk1_)/
/** Ids of access keys of AWS, which read as words. */
const AWS_ACCESS_KEY = /^A[KS]IA[A-Z0-9]{16}$/
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

/** Whether it is a key of a known kind. A name may begin like one: `sk-production-main-account`. */
export function isKnownKey(text: string): boolean {
  return (KNOWN_BEGINNING.test(text) && isKeyLike(text)) || AWS_ACCESS_KEY.test(text)
}

/** Whether everybody may see it: a certificate, a public key, or the name of what will stand there. */
export function isPublished(text: string): boolean {
  return PUBLISHED.test(text) || PLACEHOLDER.test(text)
}
