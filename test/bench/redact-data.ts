/** The same logs and secrets on every run: JSON lines as an HTTP service writes them, one in 200 with a secret. */

const SECRET_LINE = 200

/** A small generator of numbers (mulberry32), so that a run can be repeated. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const SPECIAL = '!"#$%&()*+,-./:;<=>?@[]^_{|}~'
const WORDS =
  'request completed user session cache miss hit timeout retry upstream connection pool order created invoice sent queue worker job done failed payment gateway response slow query table index scan'.split(
    ' ',
  )

type Random = (limit: number) => number

function text(random: Random, length: number, alphabet: string): string {
  let made = ''
  for (let index = 0; index < length; index++) made += alphabet[random(alphabet.length)]
  return made
}

/** Tokens, passwords, connection strings, and one PEM in a hundred. */
export function secretsOf(count: number): readonly string[] {
  const random = randomOf(count + 1)
  return Array.from({ length: count }, (_, index) => {
    const kind = index % 100
    if (kind === 99) {
      const lines = Array.from({ length: 27 }, () => text(random, 64, `${ALPHABET}+/`))
      return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
    }
    if (kind % 20 === 19) return `postgres://app:${text(random, 20, ALPHABET)}@db-${random(9)}.internal:5432/main`
    if (kind % 4 === 3) return text(random, 16 + random(8), ALPHABET + SPECIAL)
    return `${['sk_live_', 'ghp_', 'xoxb-', ''][random(4)]}${text(random, 32 + random(8), ALPHABET)}`
  })
}

/** JSON log lines of about `size` characters. */
export function logsOf(size: number, secrets: readonly string[]): readonly string[] {
  const random = randomOf(7)
  const pick = (): string => WORDS[random(WORDS.length)]!
  const hex = (length: number): string => text(random, length, '0123456789abcdef')
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
      ...(index % 7 === 0
        ? {
            err: {
              type: 'Error',
              message: `${pick()} ${pick()}`,
              stack: `Error: ${pick()}\n    at handle (/app/src/${pick()}.js:${random(400)}:${random(80)})\n    at run (/app/src/${pick()}.js:${random(400)}:7)`,
            },
          }
        : {}),
      ...(index % SECRET_LINE === 0 ? { header: `Bearer ${secrets[random(secrets.length)]}` } : {}),
      responseTime: random(100_000) / 100,
    })
    lines.push(line)
    length += line.length + 1
  }
  return lines
}
