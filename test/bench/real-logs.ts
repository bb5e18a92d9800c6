/** Secrets and log lines as people have them, the same on every run. */

/** A number from 0 up to 1. */
export type Random = () => number

/** A small generator of numbers, so that a run can be repeated. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state / 2 ** 32
  }
}

const SEED = 12345
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Random text over an alphabet. */
export function textOf(random: Random, length: number, alphabet = ALPHABET): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
}

const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
const base64 = (random: Random, length: number): string => bytes(random, length).toString('base64')
const hex = (random: Random, length: number): string => bytes(random, length).toString('hex')

function uuid(random: Random): string {
  const digits = hex(random, 16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
}

function pem(random: Random): string {
  const lines = base64(random, 1218).match(/.{1,64}/g)!
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

function serviceAccount(random: Random, index: number): string {
  const account = {
    type: 'service_account',
    project_id: `proj-${index}`,
    private_key_id: hex(random, 20),
    private_key: pem(random),
    client_email: `svc@proj-${index}.iam.gserviceaccount.com`,
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  }
  return JSON.stringify(account, null, 2)
}

function jwt(random: Random): string {
  const payload = Buffer.from(JSON.stringify({ sub: uuid(random), iat: 1_700_000_000 })).toString('base64url')
  return `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${payload}.${textOf(random, 43)}`
}

const SECRETS = {
  github: (random: Random) => `ghp_${textOf(random, 36)}`,
  stripe: (random: Random) => `sk_live_${textOf(random, 24)}`,
  aws: (random: Random) => base64(random, 30),
  uuid,
  short: (random: Random) => `${textOf(random, 6)}!${textOf(random, 1)}`,
  password: (random: Random) => `${textOf(random, 5)}$${textOf(random, 3)}&${textOf(random, 2)}`,
  url: (random: Random) => `postgres://app:${textOf(random, 16)}@db-${hex(random, 2)}.internal:5432/app`,
  jwt,
  hex: (random: Random) => hex(random, 32),
  pem,
  account: serviceAccount,
} as const

export type SecretKind = keyof typeof SECRETS
const ALL = Object.keys(SECRETS) as SecretKind[]
/** What a service has thousands of. */
export const TOKENS: readonly SecretKind[] = ['github', 'stripe', 'aws', 'uuid', 'jwt', 'hex']

/** Secrets of the kinds in turn, by label. */
export function secretsOf(count: number, kinds: readonly SecretKind[] = ALL): Readonly<Record<string, string>> {
  const random = randomOf(SEED)
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const kind = kinds[index % kinds.length]!
      return [`${kind}_${index}`, SECRETS[kind](random, index)]
    }),
  )
}

const START = 1_720_000_000_000
const STEP = 137
const PATHS = ['/api/v1/users/', '/health', '/api/v2/orders?limit=20&cursor=', '/assets/app.', '/graphql']
const STACK = [
  'Error: connect',
  '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
  '    at foo (C:\\app\\x.js:1:2)',
].join('\n')

/** A line of a log: which one it is, and when it was written. */
type Line = (random: Random, index: number, at: string) => string

const LINES = {
  pino(random, index) {
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
      accept: '*/*',
    }
    const [reqId, url] = [uuid(random), PATHS[index % 5] + hex(random, 6)]
    return JSON.stringify({
      level: 30,
      time: START + index * STEP,
      pid: 7,
      hostname: 'api-5d9f7c',
      reqId,
      req: { method: 'GET', url, headers: { ...headers, cookie: `sid=${base64(random, 18)}` } },
      msg: 'request completed',
      responseTime: index % 311,
    })
  },
  java: (random, index, at) =>
    `${at} INFO  [http-nio-8080-exec-${index % 20}] c.a.s.OrderService - Processing order ${index} for customer ${uuid(random)} amount=${(index % 9999) / 100} EUR`,
  access: (random, index, at) =>
    `10.0.${index % 255}.${index % 199} - - [${at}] "GET ${PATHS[index % 5]}${hex(random, 4)}?q=hello%20world%2Ftest&x=%7B%22a%22%3A1%7D HTTP/1.1" 200 ${index % 50_000} "-" "curl/8.4.0"`,
  stack: (_, index) =>
    `    at Object.<anonymous> (/app/node_modules/express/lib/router/layer.js:${index % 300}:${index % 80})\n    at Layer.handle [as handle_request] (C:\\\\build\\\\agent\\\\src\\\\router.ts:95:5)`,
  nested(random, index) {
    const err = { type: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:5432', stack: STACK }
    const payload = JSON.stringify({ id: uuid(random), note: 'some "quoted" text', h: hex(random, 16) })
    return JSON.stringify({ level: 50, time: START + index * STEP, err, payload })
  },
  coloured: (random, index, at) =>
    `\x1b[32m${at}\x1b[0m DEBUG sql: SELECT "u"."id", "u"."name" FROM "users" AS "u" WHERE "u"."email" = 'user${index}@example.com' AND "u"."tenant" = '${uuid(random)}'`,
  logfmt: (random, index, at) =>
    `${at} level=info msg="cache hit" key=session:${base64(random, 24)} ttl=${index % 3600} region=eu-central-1 trace_id=${hex(random, 16)} span_id=${hex(random, 8)}`,
  japanese: (random, index, at) =>
    `${at} 情報 注文 ${index} を処理しました 顧客=${uuid(random)} 金額=${index % 9999}円 — 完了 ✓`,
} as const satisfies Record<string, Line>

export type LineKind = keyof typeof LINES
/** Lines without a mark of an escape. */
export const CLEAN: readonly LineKind[] = ['pino', 'java', 'logfmt']
/** All kinds that are ASCII. */
export const MIXED: readonly LineKind[] = (Object.keys(LINES) as LineKind[]).filter((kind) => kind !== 'japanese')

/** Lines of the kinds in turn, of about `size` characters together. */
export function linesOf(size: number, kinds: readonly LineKind[]): readonly string[] {
  const random = randomOf(SEED + 1)
  const lines: string[] = []
  for (let length = 0, index = 0; length < size; index++) {
    const line: Line = LINES[kinds[index % kinds.length]!]
    const written = line(random, index, new Date(START + index * STEP).toISOString())
    lines.push(written)
    length += written.length + 1
  }
  return lines
}

const BEYOND_LATIN1 = /[^\0-\xff]/

/** The same text in one piece of memory: what was concatenated or cut costs the first who reads it a copy. */
export function flat(text: string): string {
  const encoding = BEYOND_LATIN1.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

/** About `size` characters of log. */
export function logOf(size: number, kinds: readonly LineKind[]): string {
  return flat(`${linesOf(size, kinds).join('\n')}\n`)
}
