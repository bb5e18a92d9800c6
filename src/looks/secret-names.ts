/** What a name says of its value: whether it is a secret. */

/** How secret a name calls its value; `likely` ones are secret unless they read as words. */
export type NameKind = 'secret' | 'likely' | 'unknown' | 'public'

const SECRET =
  /passw|passphrase|(?:^|_)pass(?:code|key)?(?:_|$)|pwd|secret|token(?!iz)|credential|jwt|bearer|webhook|kubeconfig_|connection_?string|(?:^|_)(?:pw|pin|psk|otp|pat|dsn|mnemonic|sk)(?:_|$)|requirepass|masterauth|(?:api|access|account|private|shared|signing|encryption|master|service|license|admin|app|auth|storage|client|deploy|ssh|aes|hmac)_?key/
const LIKELY =
  /keys?(?:_(?:\d+|data|base64|pem))?$|session|cookie|(?:^|_)(?:sig|signature|auth|authorization|salt|seed|hash)(?:_|$)/
/** What a name ends with that tells of a secret, and holds none. */
const PUBLIC_END =
  /(?:name|file|path|url|uri|type|host|user|email|(?:commit|content|git|file)_hash)s?$|_(?:login|server|addr|address|endpoint|region|zone|version|kind|class|provider|issuer|audience|scopes?|dir|sock|arn|fingerprint|thumbprint|commit|digest|checksum|integrity|image|format|encryption|alg|algorithm|method|mode|policy|expires|expiry|expiration|ttl|timeout|lifetime|seconds|age|at|in|count|limit|length|size|enabled|required|status|header|prefix|suffix|field|placeholder|ref|label|description|domain|port|hint|store)$|^existing_/
const PUBLIC = /public|cert|(?:^|_)ca(?:_|$)|^(?:old)?pwd$/
const ID = /ids?$/
/** Sessions, and the half of a pair that is called an id. */
const SECRET_ID = /(?:secret|sess(?:ion)?)_?id$/
/** Of these, also a short number is secret. */
const NUMBER_SECRETS = /pass|pwd|pin|pw|secret|otp/
/** Below these, all values are secret whose own name does not say otherwise. */
const GROUP = /(?:secret|password|passwd|token|api_?key)s$|string_?data$/

/** In lower case, with its words apart: `clientSecret` is `client_secret`. */
function spelled(name: string): string {
  return name
    .replace(/([a-z\d])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
}

/** What a name says of its value. */
export function kindOfName(name: string): NameKind {
  const words = spelled(name)
  if (ID.test(words)) return SECRET_ID.test(words) ? 'likely' : 'unknown'
  if (PUBLIC_END.test(words) || name === 'PWD' || name === 'OLDPWD') return 'public'
  if (SECRET.test(words)) return 'secret'
  return PUBLIC.test(words) ? 'public' : LIKELY.test(words) ? 'likely' : 'unknown'
}

/** Whether a short number under the name is secret. */
export function isNumberSecret(name: string): boolean {
  return NUMBER_SECRETS.test(spelled(name))
}

/** Whether the name is that of a group of secrets. */
export function isGroupName(name: string): boolean {
  return GROUP.test(spelled(name))
}

/** A name as a list of names is compared: without case and signs. */
export function plainName(name: string): string {
  return spelled(name).replaceAll('_', '')
}
