/** Credentials after a name that says so, in the many ways in which files write a name and a value. */

import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { lint } from '../../src/template.ts'

const VALUE = 'kT7pX2vQ9sLw4mZe'
/** `bob:kT7pX2vQ9sLw4mZe` */
const BASIC = 'Ym9iOmtUN3BYMnZROXNMdzRtWmU='
const literalsOf = (template: unknown, as: Kind = 'value') =>
  lint(template, { as }).filter(({ code }) => code === 'WARN_LITERAL_SECRET')

/** A line with § for the credential, and the tag that it is told to have. */
const LINES: readonly (readonly [string, string])[] = [
  ['new Client({ password: "§" })', 'password'],
  ['connection: { host: "h", password: \'§\' }', 'password'],
  ['env: {POSTGRES_PASSWORD: §, A: 1}', 'POSTGRES_PASSWORD'],
  ['database = { user = "u", password = "§" }', 'password'],
  ['mutation { login(password: "§") { id } }', 'password'],
  ['password: |\n    §', 'password'],
  ['password: >-\r\n  §', 'password'],
  ['password:\n  "§"', 'password'],
  ['password: &pw §', 'password'],
  ['password: !!str "§"', 'password'],
  ['password: § # rotate it', 'password'],
  ['"password": "§", // rotate it', 'password'],
  ['helm install x --set auth.password=§', 'auth_password'],
  ['helm install x --set a.b=c,auth.password=§', 'auth_password'],
  ['kubectl create secret generic x --from-literal=password=§', 'password'],
  ['terraform apply -var "db_password=§"', 'db_password'],
  ['java -Dspring.datasource.password=§', 'spring_datasource_password'],
  ['curl -H "Authorization: Bearer §" https://h.example', 'authorization'],
  ["curl --header 'PRIVATE-TOKEN: §' https://h.example", 'private_token'],
  ['curl -H X-Api-Key:§ https://h.example', 'x_api_key'],
  ['"args": ["--header=Authorization: Bearer §"]', 'authorization'],
  ['"args": ["--api-key", "§"]', 'api_key'],
  ['"jsonBody": "{\\"api_key\\": \\"§\\"}"', 'api_key'],
  ['"Default": "Server=db;Database=x;User Id=sa;Password=§;Encrypt=True"', 'password'],
  ['URL="sqlserver://h:1433;database=d;user=sa;password=§;encrypt=true"', 'password'],
  ['DATABASE_DSN="host=h user=u password=§ dbname=d"', 'password'],
  ['//r.example/:_password=§', 'password'],
  ['private static final String API_KEY = "§";', 'API_KEY'],
  ['public string ApiKey { get; } = "§";', 'api_key'],
  ["let token: string = '§'", 'token'],
  ['const char *password = "§";', 'password'],
  ['#define WIFI_PASSWORD "§"', 'WIFI_PASSWORD'],
  ["define('DB_PASSWORD', '§');", 'DB_PASSWORD'],
  ['headers.set("Authorization", "Bearer §")', 'authorization'],
  ['set -x API_TOKEN §', 'API_TOKEN'],
  ['$env:API_TOKEN="§"', 'API_TOKEN'],
  ['$env:API_TOKEN = "§"', 'API_TOKEN'],
  ['API_TOKEN := §', 'API_TOKEN'],
  ['ENV A=1 DB_PASSWORD=§', 'DB_PASSWORD'],
]

describe('a credential after its name', () => {
  it.each(LINES)('is found in a file: %j', (line, tag) => {
    const text = `first: 1\n${line.replace('§', VALUE)}\nlast: 1`
    const found = literalsOf(text)
    expect(found.map(({ suggestion }) => suggestion)).toEqual([`<< secrets.${tag} >>`])
    const before = text.slice(0, text.indexOf(VALUE)).split('\n')
    expect(found).toMatchObject([{ line: before.length, column: before.at(-1)!.length + 1 }])
    expect(JSON.stringify(found)).not.toContain(VALUE)
  })

  it.each([`_auth=${BASIC}`, `"auths": { "r.example": { "auth": "${BASIC}" } }`])(
    'is found where user and password are in Base64: %j',
    (text) => {
      expect(literalsOf(text).map(({ suggestion }) => suggestion)).toEqual(['<< secrets.auth >>'])
    },
  )

  it('is found in the address of a webhook', () => {
    const [id, token] = ['123456789012345678', 'abcDEF-0123456789abcdefghijklmnopqrstuvwxyz']
    const found = literalsOf(`url: https://discord.com/api/webhooks/${id}/${token}`)
    expect(found.map(({ suggestion, column }) => [suggestion, column])).toEqual([['<< secrets.discord_webhook >>', 58]])
    expect(JSON.stringify(found)).not.toContain(token)
  })

  it.each<[unknown, Kind, string]>([
    [{ url: 'https://h.example', query: `api_key=${VALUE}` }, 'request', 'query'],
    [{ args: ['mcp-remote', 'https://h.example', '--header', `Authorization: Bearer ${VALUE}`] }, 'value', 'args[3]'],
    [{ args: [`--header=Authorization: Bearer ${VALUE}`] }, 'value', 'args[0]'],
    [{ args: ['--header', `X-API-Key:${VALUE}`] }, 'value', 'args[1]'],
    [{ environment: [`DB_PASSWORD=${VALUE}`] }, 'value', 'environment[0]'],
  ])('is found in a text of an object: %j', (template, as, path) => {
    expect(literalsOf(template, as).map((each) => each.path)).toEqual([path])
  })

  it.each([
    'password: |\n    several words of it',
    'password:\n  next: a1b2c3d4',
    'const password = "only-words";',
    'f(password: string, a1: number)',
    'if (password == "a1b2c3d4")',
    '["password", "username"]',
    '["mysecretpassword1", "a1b2c3d4"]',
    "t('password', 'Passwort')",
    '"auth": "YWJjZGVmZ2hpamts"',
    'const { token } = a1b2c3d4',
    'curl -H "X-Api-Key: $API_KEY"',
    'helm install x --set auth.password=$PASSWORD1',
    'Server=db;Password={{ secrets.pw }};',
    'password: << secrets.a >> # rotate it',
  ])('is not %j', (text) => {
    expect(literalsOf(text)).toEqual([])
  })

  it.each([
    ['assignments', 'password='.repeat(10_000)],
    ['one name that goes on', `${'password.'.repeat(10_000)}=a1b2c3d4`],
    ['declarations', 'token: a = '.repeat(8_000)],
    ['getters', `token${' { get; '.repeat(10_000)}} = "`],
    ['escapes', 'token\\": '.repeat(10_000)],
    ['headers', '-H token: '.repeat(8_000)],
    ['blocks', 'token: |\n  a1\n'.repeat(6_000)],
    ['white space before blocks', `${' '.repeat(255)}token:\n`.repeat(300)],
    ['pairs', '"token","'.repeat(9_000)],
    ['maps', '{token:'.repeat(12_000)],
    ['anchors', `token: ${'&a '.repeat(1_300)}\n`.repeat(20)],
    ['comments', `token: ${'a #'.repeat(1_300)}\n`.repeat(20)],
  ])('costs no more than its length: %s', (_what, text) => {
    // a quadratic search would not end within the time that a test has
    expect(lint(text).length).toBeLessThanOrEqual(1_100)
  })
})
