/** What stands under the name of a secret and is none: words of any language, names in code, pointers, quantities, stand-ins. */

import { describe, expect, it } from 'vitest'
import { lint } from '../../src/template.ts'

const literalsOf = (text: string) => lint(text).filter(({ code }) => code === 'WARN_LITERAL_SECRET')

describe('a value under the name of a secret is no credential', () => {
  it.each([
    '"password": "Passwort"',
    '"password": "Wachtwoord",',
    '"password": "Contraseña",',
    '"password": "Palavra-passe",',
    '"password": "パスワード",',
    '"password": "您的密码",',
    '"password": "Գաղտնաբառ ",',
    '"password": "پاسورڈ",',
    '"password.placeholder": "Parolińiz",',
    '"forgotPassword": "Forgot?",',
    '"passwordReset": "Reset",',
    '"Unexpected_token_1012": "Token inesperado.",',
    '"Unexpected_token_1012": "未預期的語彙基元。",',
    "password: 'Mot-de-passe'",
  ])('where it is a label in a language: %s', (line) => {
    expect(literalsOf(line)).toEqual([])
  })

  it.each([
    'this.token = token;',
    'self.token = token',
    'this.jwtEncoder = jwtEncoder;',
    'passwordHash: hash',
    'user.password = newPassword',
    'login(user, password=password)',
    'password = os.environ["X"]',
    'master_password = jsondecode(x).password',
    'insertTokenStmt = session.prepare("""',
    'const selector = \'[data-cy="password"]\'',
    'export const passwordSelector = \'[data-cy="password1"]\';',
    "{token: 'someToken', type: 'Bearer'}",
    '"credentialData": "{\\"hashIterations\\":27500,\\"algorithm\\":\\"pbkdf2-sha256\\"}"',
  ])('where a program gives one name another: %s', (line) => {
    expect(literalsOf(line)).toEqual([])
  })

  it.each([
    'adminPasswordKey: postgres-password',
    'passwordKey: admin-password',
    'secretKey: db-password',
    'imagePullSecret: regcred',
    'passwordSecret: mongodb-secret',
    'tokenSecret: argocd-token',
  ])('where it is the name of a secret: %s', (line) => {
    expect(literalsOf(line)).toEqual([])
  })

  it.each([
    'begin-after-commit-hash: ee56c3493ec6aeb237ff515ecea949710944a20f',
    'gitHash: ee56c3493ec6aeb237ff515ecea949710944a20f',
    'token-validity-in-seconds: 2592000',
    'access_token_lifetime: 3600s',
    'secret_rotation: 30d',
    'secretSize: 10MiB',
    'password_encryption = scram-sha-256',
    'sshKey: ~/.ssh/id_rsa',
    'directories.tokendir = /var/lib/softhsm/tokens/',
    'passwd:         files',
    'jmxremote.password.toHashes = true|false',
  ])('where it is a quantity, a path or a setting: %s', (line) => {
    expect(literalsOf(line)).toEqual([])
  })

  it.each([
    '#{DbPassword}#',
    '__DbPassword__',
    '@DB_PASSWORD@',
    '@@DB_PASSWORD@@',
    '%%DB_PASSWORD%%',
    '<accessKeyId>/20220110',
  ])('where a tool puts it in when it deploys: %s', (value) => {
    expect(literalsOf(`password: ${value}`)).toEqual([])
    expect(literalsOf(`"password": "${value}"`)).toEqual([])
  })
})

it.each([
  'DB_PASSWORD=Sunshine',
  'POSTGRES_PASSWORD: mysecretpassword',
  'password: sunshine',
  'password: Pässwort1',
  'password: Gehe!Heim',
  'password: /var!lib+Xy12',
  'passwordKey: kT7pX2vQ9sLw4mZe',
  'secretKey: abcd1234-efgh5678',
  'password: 3600shares',
  'token: Token abcdefgh1',
  'password: __kT7pX2v',
  'password: @dmin1234',
  'secret: keyboard-cat',
  'password: {kT7pX2v}9',
  'api_token = "ee56c3493ec6aeb237ff515ecea949710944a20f"',
])('a credential is found all the same: %s', (line) => {
  expect(literalsOf(line)).toHaveLength(1)
})

it.each([
  ['words', `password: ${'ä'.repeat(4_000)}\n`],
  ['brackets', `password: ${'a('.repeat(2_000)}\n`],
  ['indexes', `password: a["${'"]['.repeat(1_300)}\n`],
  ['names', `password: ${'a-'.repeat(2_000)}\n`],
  ['settings', `password: true${'|a'.repeat(2_000)}\n`],
])('looking costs no more than the length: %s', (_what, line) => {
  // a quadratic search would not end within the time that a test has
  expect(literalsOf(line.repeat(50)).length).toBeLessThanOrEqual(100)
})
