/** Which variables of an environment are secrets: by their name, by a password in their value, and by how a key looks. */

import { percentDecode } from '../encode/percent.ts'
import { isKeyLike } from '../looks/key-looks.ts'
import { holdsKnownKey } from '../looks/key-shapes.ts'
import { kindOfName } from '../looks/secret-names.ts'
import { readOptions } from '../read-options.ts'
import { refuse } from './labels.ts'

/** What `envSecrets` takes besides the environment. */
export interface EnvSecretsOptions {
  /** Names whose whole value is a secret, whatever they look like. */
  readonly include?: readonly string[] | undefined
  /** Names that are none. */
  readonly exclude?: readonly string[] | undefined
}

/** Of the names that are likely ones: those whose value is taken unless it is a setting; of all others it must look like a key. */
const NEARLY_CERTAIN = /(?:^|_)(?:key|auth|cookie|salt)(?:_|$)/i
const SECRET_WORD = /key|secret|token|pass|pwd|credential|auth/i
const ID_AT_END = /ids?$/i
/** The key of a certificate, such as `TLS_CERT_KEY`. */
const KEY_AT_END = /(?:^|_)key$/i
const PUBLIC_WORD = /public/i
/** What the value of a secret's name says of itself: a certificate, a public key, a variable that is filled in later. */
const HARMLESS = /^(?:-----BEGIN (?:CERT|TRUSTED|PUBLIC|RSA PUBLIC|X509)|(?:ssh|ecdsa)-[\w@.-]+ AAAA|\$\{\w+\}$)/
const WEBHOOK_ADDRESS = /webhook.*ur[il]s?$/i
const PUBLIC_VARIABLE = /(?:^|_)public_/i
/** Keys that are published, such as the fingerprint in every official image of Python. */
const PUBLISHED_KEY = /^gpg_key$|publishable_?key/i
/** The name of a record or a version, unless it looks like a key. */
const NAME_OF_RECORD = /(?:^|_)(?:cache|primary)_key$/i
/** Where vendors have their key of an API put: `api-key=…,other=…`, percent-encoded. */
const TELEMETRY_HEADERS = /^otel_exporter_otlp_(?:\w+_)?headers$/i
/** A limit of a language model. */
const TOKEN_COUNT = /tokens$/i
/** What is no secret under any name: a flag, a small number, the place of a file. */
const PLAIN_SETTING = /^(?:true|false|yes|no|on|off|none|null|\d{1,5}|(?:~|\.{1,2})?\/[^+=]*\.\w{2,5})$/i
/** The password of a URL or of a connection string, or a user name that is a token. */
const PASSWORDS_IN_VALUES = [
  /^[a-z][\w+.-]*:\/\/[^\s/?#@:]*:([^\s/?#]+)@/i,
  /^[a-z][\w+.-]*:\/\/([^\s/?#@:]{20,})@/i,
  /(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*([^;]+)/i,
]
/**
 * The same where nothing else says so: in a URL with signs that should be encoded, in a query, in the connection strings of
 * .NET's Redis, of libpq, and of Go's MySQL.
 */
const OTHER_PASSWORDS = [
  /^[a-z][\w+.-]*:\/\/[^\s:@/]*:((?!\d{1,5}[/?#])\S+)@/i,
  /^[a-z][\w+.:-]*:\/\/\S*?[?&;](?:\w*(?:password|passwd|pwd|token|secret|api_?key)|sig)=([^\s&;#]+)/i,
  /^[^\s=]+,password=([^,]+)/i,
  /^\w+=.*\spassword='?((?<=')[^']+|[^\s']+)/i,
  /^[^\s:/@]*:(\S+)@(?:tcp|unix)\(/,
]

/**
 * The secrets among the variables of an environment, for the option `secrets` of a redactor.
 *
 * A name tells (`STRIPE_API_KEY`, `PGPASSWORD`, `SLACK_WEBHOOK_URL`), or a password in a URL or connection string, which
 * then is the secret, without host and user, or a key of a known shape in the value (`ghp_…`, a private key, the JSON of a
 * service account), as `lint` knows them. Names such as `PATH`, `HOME`, `PWD`, `SSH_AUTH_SOCK`, `TOKEN_TTL` tell none.
 *
 * @param env such as `process.env`; it is read once
 * @returns values by name; a character of a name that a label may not have is `_`
 * @throws ERR_INVALID_INPUT when the environment or an option is of another type
 * @example
 * const redactor = createRedactor({ secrets: envSecrets(process.env) })
 */
export function envSecrets(
  env: Readonly<Record<string, string | undefined>>,
  options?: EnvSecretsOptions,
): Record<string, string> {
  const { include = [], exclude = [] } = readOptions(options, 'options of envSecrets', ['include', 'exclude'])
  if (typeof env !== 'object' || env === null || !Array.isArray(include) || !Array.isArray(exclude)) {
    refuse('envSecrets takes an environment, and lists of names to include and exclude.')
  }
  const secrets: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string' || exclude.includes(name)) continue
    const secret = include.includes(name) ? value : secretIn(name, value)
    if (secret) secrets[name.replace(/[^\w.-]/g, '_').slice(0, 257)] = secret
  }
  return secrets
}

function secretIn(name: string, value: string): string | undefined {
  const password = passwordIn(value, PASSWORDS_IN_VALUES)
  if (password !== undefined) return password
  if (TELEMETRY_HEADERS.test(name)) return percentDecode(value)
  if (holdsKnownKey(value) || (isSecretName(name, value) && !PLAIN_SETTING.test(value))) return value
  return passwordIn(value, OTHER_PASSWORDS)
}

function passwordIn(value: string, patterns: readonly RegExp[]): string | undefined {
  const found = patterns.map((pattern) => pattern.exec(value)?.[1]).find((password) => password !== undefined)
  return found === undefined ? undefined : percentDecode(found)
}

function isPublicVariable(name: string, value: string): boolean {
  if (PUBLIC_VARIABLE.test(name) || PUBLISHED_KEY.test(name) || HARMLESS.test(value)) return true
  return TOKEN_COUNT.test(name) && /^\d+$/.test(value)
}

function isSecretName(name: string, value: string): boolean {
  if (isPublicVariable(name, value)) return false
  const kind = kindOfName(name)
  const looksSo = isKeyLike(value) && (kind === 'likely' || (SECRET_WORD.test(name) && !ID_AT_END.test(name)))
  if (kind === 'secret' || looksSo) return true
  if (kind === 'public') return WEBHOOK_ADDRESS.test(name) || (KEY_AT_END.test(name) && !PUBLIC_WORD.test(name))
  return NEARLY_CERTAIN.test(name) && !ID_AT_END.test(name) && !NAME_OF_RECORD.test(name)
}
