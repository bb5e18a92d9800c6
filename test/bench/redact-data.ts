/** The same logs and secrets on every run: JSON lines as an HTTP service writes them, one in 200 with a secret in it. */

/** One line in so many has a secret in it. */
export const SECRET_LINE = 200
const ERROR_LINE = 7
const PEM_LINES = 26
const BEYOND_LATIN1 = /[^\0-\xff]/

export type Random = (limit: number) => number

/** A small generator of numbers below a limit (mulberry32), so that a run can be repeated. */
export function randomOf(seed: number): Random {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const SPECIAL = '!"#$%&()*+,-./:;<=>?@[]^_{|}~\'\\ '
const PREFIXES = ['sk_live_', 'ghp_', 'xoxb-', '']
const WORDS = (
  'request completed user session cache miss hit timeout retry upstream connection pool order created invoice sent ' +
  'queue worker job done failed payment gateway response slow query table index scan'
).split(' ')

/** Random text over an alphabet, in one piece of memory. */
export function textOf(random: Random, length: number, alphabet: string): string {
  return flat(Array.from({ length }, () => alphabet[random(alphabet.length)]).join(''))
}

/** The same text in one piece of memory: what was concatenated or cut costs the first who reads it a copy. */
export function flat(text: string): string {
  const encoding = BEYOND_LATIN1.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

function pem(random: Random): string {
  const lines = Array.from({ length: PEM_LINES }, () => textOf(random, 64, `${ALPHABET}+/`))
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** Fourteen tokens, five passwords with special characters and a connection string in twenty; `pems` PEM keys before. */
export function secretsOf(count: number, pems = 0): readonly string[] {
  const random = randomOf(count + 1)
  return Array.from({ length: count }, (_, index) => {
    if (index < pems) return pem(random)
    if (index % 20 === 19) {
      const password = encodeURIComponent(textOf(random, 20, ALPHABET + SPECIAL))
      return `postgres://app:${password}@db-${random(9)}.internal:5432/main`
    }
    if (index % 4 === 3) return `P${textOf(random, 14 + random(8), ALPHABET + SPECIAL)}x` // no white space to trim
    return PREFIXES[random(PREFIXES.length)]! + textOf(random, 32 + random(8), ALPHABET)
  })
}

/** How a secret came into a log line. */
const LEAKS: readonly ((secret: string) => object)[] = [
  (secret) => ({ header: `Bearer ${secret}` }),
  (secret) => ({ authorization: `Basic ${Buffer.from(`app:${secret}`).toString('base64')}` }),
  (secret) => ({ location: `https://api.acme.dev/login?key=${encodeURIComponent(secret)}&next=%2F` }),
  (secret) => ({ body: JSON.stringify({ user: 'app', key: secret }) }),
]

/** JSON log lines of about `size` characters together. */
export function logsOf(size: number, secrets: readonly string[]): readonly string[] {
  const random = randomOf(7)
  const pick = (): string => WORDS[random(WORDS.length)]!
  const hex = (length: number): string => textOf(random, length, '0123456789abcdef')
  const errorOf = (): object => ({
    type: 'Error',
    message: `${pick()} ${pick()}`,
    stack: `Error: ${pick()}\n    at handle (/app/src/${pick()}.js:${random(400)}:${random(80)})\n    at run (/app/src/${pick()}.js:${random(400)}:7)`,
  })
  const lines: string[] = []
  for (let length = 0, index = 0; length < size; index++) {
    const line = JSON.stringify({
      level: 30,
      time: 1_700_000_000_000 + index * 37,
      pid: 4242,
      hostname: `app-${hex(4)}`,
      reqId: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(12)}`,
      msg: `${pick()} ${pick()} ${pick()} ${pick()}`,
      req: {
        method: 'GET',
        url: `/api/v2/${pick()}/${random(99_999)}?page=${random(40)}&sort=desc`,
        remoteAddress: `10.0.${random(256)}.${random(256)}`,
      },
      ...(index % ERROR_LINE === 0 ? { err: errorOf() } : {}),
      ...(index % SECRET_LINE === 0 ? LEAKS[random(LEAKS.length)]!(secrets[random(secrets.length)]!) : {}),
      responseTime: random(100_000) / 100,
    })
    lines.push(line)
    length += line.length + 1
  }
  return lines
}
