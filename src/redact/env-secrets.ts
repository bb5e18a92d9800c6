/** Which variables of an environment are secrets: by their name, and by a password in their value. */

import { percentDecode } from '../encode/percent.ts'
import { GuillemetError } from '../errors.ts'
import { readOptions } from '../read-options.ts'

/** What `envSecrets` takes besides the environment. */
export interface EnvSecretsOptions {
  /** Names whose whole value is a secret, whatever they look like. */
  readonly include?: readonly string[] | undefined
  /** Names that are none. */
  readonly exclude?: readonly string[] | undefined
}

/** Words that a name ends with, or that stand anywhere in it where it says what the value is of. */
const SECRET_VARIABLE =
  /(?:^|_)(?:[A-Z]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|JWT|WEBHOOK)S?|[A-Z]*(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|MASTER)?_?KEY|PASS|PWD|AUTH|COOKIE|DSN|SALT|PAT)(?:_|$)/
/** Last words of names that say something of a secret, or where it is. */
const ABOUT =
  /_(?:ALG|ALGORITHM|ARN|COUNT|DIR|ENABLED|ENDPOINT|EXPIRES|EXPIRY|FILE|HEADER|HOST|ID|ISSUER|LENGTH|LIMIT|NAME|PATH|POLICY|PORT|PREFIX|REGION|SIZE|SOCK|TTL|TYPE|URI|URL|USER|USERNAME|VERSION)$/
const WEBHOOK = /WEBHOOK/
const PUBLIC_VARIABLE = /(?:^|_)PUBLIC_/
/** The directory a shell is in. */
const DIRECTORY = /^(?:OLD)?PWD$/
/** What is no secret under any name: a flag, a small number, the place of a file. */
const PLAIN_SETTING = /^(?:true|false|yes|no|on|off|none|null|\d{1,5}|(?:~|\.{1,2})?\/[^+=]*\.\w{2,5})$/i
/** The password of a URL or of a connection string, or a user name that is a token. */
const PASSWORDS_IN_VALUES = [
  /^[a-z][\w+.-]*:\/\/[^\s/?#@:]*:([^\s/?#]+)@/i,
  /^[a-z][\w+.-]*:\/\/([^\s/?#@:]{20,})@/i,
  /(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*([^;]+)/i,
]

/**
 * The secrets among the variables of an environment, for the option `secrets` of a redactor.
 *
 * A name tells (`STRIPE_API_KEY`, `PGPASSWORD`, `SLACK_WEBHOOK_URL`), or a password in a URL or connection string, which
 * then is the secret, without host and user. Names such as `PATH`, `HOME`, `PWD`, `SSH_AUTH_SOCK`, `TOKEN_TTL` tell none.
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
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'envSecrets takes an environment, and lists of names to include and exclude.',
    )
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
  for (const password of PASSWORDS_IN_VALUES) {
    const found = password.exec(value)?.[1]
    if (found !== undefined) return percentDecode(found)
  }
  return isSecretName(name) && !PLAIN_SETTING.test(value) ? value : undefined
}

function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])(?=[A-Z])|[^A-Za-z\d]+/g, '$1_').toUpperCase()
  if (!SECRET_VARIABLE.test(words) || DIRECTORY.test(words) || PUBLIC_VARIABLE.test(words)) return false
  return !ABOUT.test(words) || WEBHOOK.test(words)
}
