/** Shapes: keys that are known by how they begin, whatever name they stand under. */

/** A key of `generateKey`: its beginning, and what follows it. */
export const GMK1_KEY = 'gmk1_[\\w-]{48}'

/** Keys by what they begin with. A run of their characters is tried once, from its beginning. */
export const KEY_PATTERNS = [
  'sk-ant-[\\w-]{20,512}',
  'sk-(?:proj-|svcacct-|admin-)?[\\w-]{20,512}',
  '[sr]k_(?:live|test)_[A-Za-z0-9]{16,256}',
  'whsec_[A-Za-z0-9+/=]{20,256}',
  'gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_\\w{22,255}',
  'gl(?:pat|dt|rt|cbt)-[\\w-]{20,256}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,256}',
  'A[KS]IA[A-Z0-9]{16}',
  'AIza[\\w-]{35}',
  'ya29\\.[\\w-]{20,1024}',
  'SG\\.[\\w-]{16,64}\\.[\\w-]{16,128}',
  'npm_[A-Za-z0-9]{36}',
  'pypi-[\\w-]{32,512}',
  'hf_[A-Za-z0-9]{30,64}',
  '(?:figd_|gsk_|lin_api_|pplx-|r8_|rpa_)[\\w-]{32,64}',
  'dckr_pat_[\\w-]{20,64}',
  'do[opr]_v1_[a-f0-9]{64}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
  'tskey-[a-z]{2,16}-[\\w-]{10,128}',
  'eyJ[\\w-]{10,8192}\\.eyJ[\\w-]{4,8192}\\.[\\w-]{10,2048}',
  '\\d{8,10}:[A-Za-z0-9_-]{35}',
  GMK1_KEY,
] as const

export const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY-----/g
/** The address of a webhook of Slack or Discord, up to what only its owner knows. */
export const WEBHOOK =
  /(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks\/\d{15,25})\/(?=[\w/-]{20,256})/g

let known: RegExp | undefined

/** One of the known keys, alone or among other text; each has a group of its own. Built when it is first asked for. */
export function knownKey(): RegExp {
  known ??= new RegExp(`(?<![\\w-])(?:(${KEY_PATTERNS.join(')|(')}))(?![\\w-])`, 'g')
  return known
}

/** Whether it is one that a documentation shows. */
export function isExample(key: string): boolean {
  return /example/i.test(key)
}

/** Whether the text is or holds a key of a known shape, a private key or the address of a webhook. */
export function holdsKnownKey(text: string): boolean {
  if (text.search(PRIVATE_KEY) >= 0 || text.search(WEBHOOK) >= 0) return true
  for (const [key] of text.matchAll(knownKey())) if (!isExample(key)) return true
  return false
}
