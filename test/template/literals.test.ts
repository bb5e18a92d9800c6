/** Credentials that stand where a reference belongs, and that no finding repeats. */

import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { lint } from '../../src/template.ts'

const literalsOf = (template: unknown, as: Kind = 'value') =>
  lint(template, { as }).filter(({ code }) => code === 'WARN_LITERAL_SECRET')

// in two parts, so that no scanner of repositories takes them for real
const SHAPES = [
  ['sk-ant-', 'api03-abcdefghij0123456789', 'anthropic_api_key'],
  ['sk-', 'proj-abcdefghij0123456789', 'openai_api_key'],
  ['sk_', 'live_abcdefghij0123456789', 'stripe_key'],
  ['ghp', '_abcdefghijklmnopqrstuvwxyz0123456789', 'github_token'],
  ['github', '_pat_11ABCDEFG0123456789abcdef', 'github_token'],
  ['glpat', '-abcdefghij0123456789', 'gitlab_token'],
  ['xoxb', '-123456789012-abcdefghij', 'slack_token'],
  ['AKIA', 'ABCDEFGHIJ012345', 'aws_access_key_id'],
  ['AIza', 'abcdefghijklmnopqrstuvwxyz012345678', 'google_api_key'],
  ['npm', '_abcdefghijklmnopqrstuvwxyz0123456789', 'npm_token'],
  ['gsk', '_abcdefghijklmnopqrstuvwxyz0123456789abcdefgh', 'api_key'],
  ['r8', '_abcdefghijklmnopqrstuvwxyz01234567890', 'api_key'],
  ['pplx', '-abcdefghijklmnopqrstuvwxyz0123456789abcdefgh', 'api_key'],
  ['rpa', '_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 'api_key'],
  ['lin_api', '_abcdefghijklmnopqrstuvwxyz0123456789', 'api_key'],
  ['figd', '_abcdefghijklmnopqrstuvwxyz0123456789', 'api_key'],
  ['eyJ', 'hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij0123456789', 'jwt'],
  ['gmk1', '_abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl', 'guillemet_key'],
  ['-----BEGIN RSA ', 'PRIVATE KEY-----', 'private_key'],
  ['hooks.slack', '.com/services/T0000/B0000/abcdefghij0123456789', 'slack_webhook'],
] as const

describe('a literal credential', () => {
  it.each(SHAPES)('is known by its shape, anywhere: %s…', (start, rest, tag) => {
    for (const text of [start + rest, `a: "${start}${rest}"`, `some words, then ${start}${rest}.`]) {
      expect(literalsOf(text).map(({ suggestion }) => suggestion)).toEqual([`<< secrets.${tag} >>`])
      expect(JSON.stringify(literalsOf(text))).not.toContain(rest)
    }
  })

  it.each<[string, unknown, Kind, string, string]>([
    ['a header', { Authorization: 'Bearer s3cr3t-t0k3n' }, 'headers', 'Authorization', 'authorization'],
    ['a pair', [['X-Api-Key', 's3cr3t-t0k3n']], 'headers', '[0][1]', 'x_api_key'],
    ['a flat list', ['x', 'y', 'Authorization', 'Basic s3cr3t-t0k3n'], 'headers', '[3]', 'authorization'],
    ['a line of headers', ['X-Api-Key: s3cr3t-t0k3n'], 'headers', '[0]', 'x_api_key'],
    ['Headers', new Headers({ authorization: 'token s3cr3t-t0k3n' }), 'headers', 'authorization', 'authorization'],
    ['an environment', { OPENAI_API_KEY: 's3cr3t-t0k3n' }, 'env', 'OPENAI_API_KEY', 'OPENAI_API_KEY'],
    ['a line of one', ['A=1', 'PGPASSWORD=s3cr3t-t0k3n'], 'env', '[1]', 'PGPASSWORD'],
    ['a member', { auth: { clientSecret: 's3cr3t-t0k3n' } }, 'value', 'auth.clientSecret', 'client_secret'],
    ['a list', { tokens: 1, token: ['s3cr3t-t0k3n'] }, 'value', 'token[0]', 'token'],
    ['a URL', 'postgres://app:s3cr3t-t0k3n@db/x', 'url', '', 'postgres_password'],
    ['a query', { url: 'https://h.example/?a=b&api_key=s3cr3t-t0k3n' }, 'request', 'url', 'api_key'],
    [
      'a body',
      { url: 'https://h.example', body: '{"a":1,"client_secret":"s3cr3t-t0k3n"}' },
      'request',
      'body',
      'client_secret',
    ],
  ])('is known by its name in %s', (_what, template, as, path, tag) => {
    const found = literalsOf(template, as)
    expect(found.map((each) => [each.severity, each.path, each.suggestion])).toEqual([
      ['warning', path, `<< secrets.${tag} >>`],
    ])
    expect(JSON.stringify(found)).not.toContain('s3cr3t')
  })

  it.each([
    'api_key: s3cr3t-t0k3n',
    '  - password: "s3cr3t-t0k3n"',
    'export API_KEY=s3cr3t-t0k3n',
    "'token' = 's3cr3t-t0k3n',",
    '{"a": "b", "token": "s3cr3t-t0k3n"}',
    'Authorization: Bearer s3cr3t-t0k3n\r',
    '* `password`: `s3cr3t-t0k3n`',
    'url: ${DB_PASSWORD:-s3cr3t-t0k3n}',
    "{'user': 'a', 'password': 's3cr3t-t0k3n'}",
    'ENV PASSWORD s3cr3t-t0k3n',
    'ENV PASSWORD=s3cr3t-t0k3n',
    '  command: [run, --password=s3cr3t-t0k3n]',
    'PGPASSWORD=s3cr3t-t0k3n psql -h db',
    '$ docker run -e "API_TOKEN=s3cr3t-t0k3n" image',
    'curl -u admin:s3cr3t-t0k3n https://h.example',
    'POSTGRES_PASSWORD: ${POSTGRES_PASSWORD-s3cr3t-t0k3n}',
  ])('is known by its name in a file: %j', (line) => {
    const [found, ...more] = literalsOf(`# first\n${line}\nlast: 1`)
    expect(more).toEqual([])
    expect(found).toMatchObject({ line: 2, column: line.indexOf('s3cr3t') + 1 })
    expect(found!.caret).toMatch(/^(?:[\w-]+: )?…\n *\^$/)
  })

  it.each([
    'password: << secrets.a >>',
    'password: Bearer {{ secrets.a }}',
    'password: ${PASSWORD}',
    'password: $PASSWORD',
    'password: ${PASSWORD:-postgres}',
    'password: ${PASSWORD:?missing}',
    'password: {{ steps.a }}',
    'password: process.env.PASSWORD',
    'password: ••••••••',
    'password: "[secret:a]"',
    'password: ********',
    'password: <your password>',
    'password: your-password-here',
    'password: changeme',
    'password: true',
    'password: ""',
    'password: ask Ann for it',
    'password: password',
    'PASSWORD_FILE=/run/secrets/password',
    'password: /run/secrets/password.txt',
    'password: https://example.com/reset',
    'public_key: abcdefgh12345678',
    'curl -u admin:$PASSWORD https://h.example',
    'docker run --user 1000:1000 image',
    'run --password=password --token=$TOKEN --secret-file=a1.pem --max-tokens=12000000',
    'PASSWORD=password psql',
    'ENV TOKEN_TTL 36000000',
    "{'password': 'password'}",
    'id-token: write',
    'secrets: inherit',
    'credentials: same-origin,',
    '"credentials": "include"',
    'passwordless: enabled',
    '"jsonwebtoken": "^9.0.2",',
    '{"dependencies":{"jsonwebtoken":"^9.0.2","passport-jwt":"4.0.1","js-tokens":"workspace:*"}}',
    'PyJWT==2.8.0',
    '"typesPublisherContentHash": "1f0c2f4a9b8e7d6c5b4a3f2e1d0c9b8a",',
    'password = var.db_password',
    'secret_key = data.aws_secret_version.x.secret_string',
    'private_key = file("~/.ssh/id_rsa")',
    '  apiKey: config.apiKey,',
    '  cancelToken: source?.token,',
    '  secret: randomBytes(32),',
    'password: *anchor',
    'token: &token1',
    'password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi]',
    'secret: sops:abc',
    'password: "@Microsoft.KeyVault(SecretUri=https://x)"',
    'max_tokens: 12000000',
    'JWT_SECRET=replace_me',
    'COOKIE_SECRET=generate-with-openssl',
    'APP_KEY=base64:',
    'DATABASE_URL=postgres://user:password@localhost:5432/db',
    'DATABASE_URL=postgres://postgres:postgres@localhost/db',
    '[![coverage](https://h.example/badge.svg?token=A1B2C3D4E5)](https://h.example)',
    'token_ttl: 3600',
    'author: s3cr3t-t0k3n',
    'cookie: theme=dark',
    'https://user@host.example/',
    'https://h.example/?q=s3cr3t-t0k3n',
    'task-force-abcdefghij0123456789',
    'AKIAIOSFODNN7EXAMPLE',
  ])('is not %j', (line) => {
    expect(literalsOf(line)).toEqual([])
  })

  it.each(['password: Abc1d.Ef2g', 'token: aB3(dk!9xyz', 'password: readwrite', 'a: postgres://a:passw0rd@h'])(
    'is %j all the same',
    (line) => {
      expect(literalsOf(line)).toHaveLength(1)
    },
  )

  it.each(['\r', '\u2028'])('is read once in a line, which only a line feed ends: %j', (sign) => {
    expect(literalsOf(`a: 1${sign}token: s3cr3t-t0k3n`)).toEqual([])
  })

  it('is one finding, however many things give it away', () => {
    const key = 'sk-proj-abcdefghij0123456789'
    expect(literalsOf({ Authorization: `Bearer ${key}` }, 'headers')).toHaveLength(1)
    expect(literalsOf(`OPENAI_API_KEY=${key}\nX=${key}`)).toHaveLength(2)
  })

  it.each([
    ['names', 'password='.repeat(10_000)],
    ['keys that go on', `sk-${'a-'.repeat(200_000)}`],
    ['beginnings of keys', 'eyJ'.repeat(130_000)],
    ['dots', 'eyJaaaaaaaaaa.'.repeat(28_000)],
    ['URLs', 'a://b:'.repeat(60_000)],
    ['members', '"token":"'.repeat(40_000)],
    ['parameters', '&token='.repeat(50_000)],
    ['queries in queries', '?token='.repeat(30_000)],
    ['lines', 'token: aaaa1234\n'.repeat(25_000)],
    ['spaces', `token:${' '.repeat(400_000)}`],
    ['near misses', '< secrets.a '.repeat(30_000)],
    ['openings', '{{ secrets.'.repeat(30_000)],
    ['options', '--token=a1'.repeat(10_000)],
    ['variables', 'A_TOKEN=a1'.repeat(10_000)],
    ['users', '-u a:a1'.repeat(50_000)],
    ['members in single quotes', "'token':'".repeat(40_000)],
    ['defaults', '${token:-a1'.repeat(40_000)],
    ['lone carriage returns', 'key=\r'.repeat(100_000)],
    ['line separators', 'token:\u2028'.repeat(60_000)],
    ['white space before names', `${' '.repeat(70)}secret.`.repeat(5_000)],
    ['sections', '{{#with secrets'.repeat(9_000)],
    ['brackets before names', `${'{{ ('.repeat(8)}secrets.`.repeat(5_000)],
    ['encoded white space before names', `${'%20'.repeat(33)}&nbsp;+secret.`.repeat(3_000)],
  ])('costs no more than its length: %s', (_what, text) => {
    // a quadratic search would not end within the time that a test has
    expect(lint(text).length).toBeLessThanOrEqual(1_100)
  })
})

describe('the caret of a finding', () => {
  const caretOf = (text: string) => lint(text)[0]!.caret

  it.each([
    ['key: abc << secret.x >> def', '…<< secret.x >>…\n ^^^^^^^^^^^^^^'],
    ['<< secrets.x | tirm >>', '<< secrets.x | tirm >>\n^^^^^^^^^^^^^^^^^^^^^^'],
    ['hunter2 {{ secrets.x', '…{{ secrets.x\n ^^^^^^^^^^^^'],
    ['a\nhunter2 ${{ secrets.x }} hunter2\nb', '…${{ secrets.x }}…\n ^^^^^^^^^^^^^^^^'],
    ['&lt;&lt; secrets.x &gt;&gt; hunter2', '&lt;&lt; secrets.x &gt;&gt;…\n^^^^^^^^^^^^^^^^^^^^^^^^^^^'],
    ['%7B%7Bsecrets.x%7D%7D', '%7B%7Bsecrets.x%7D%7D\n^^^^^^^^^^^^^^^^^^^^^'],
    ['<< secrets.x | default "hunter2" >>', '<< secrets.x | default…\n^^^^^^^^^^^^^^^^^^^^^^'],
    ['< secrets.x > hunter2', '< secrets.x >…\n^^^^^^^^^^^^^'],
    ['${secrets.a:-hunter2}', '${secrets.a…\n^^^^^^^^^^^'],
    ['${secrets.a-hunter2}', '${secrets.a…\n^^^^^^^^^^^'],
    ['${secrets.a:hunter2}', '${secrets.a…\n^^^^^^^^^^^'],
    ['${secret:hunter2}', '${secret…\n^^^^^^^^'],
    ['{{secret:hunter2}}', '{{secret…\n^^^^^^^^'],
    ['<<secrets.a:hunter2>>', '<<secrets.a…\n^^^^^^^^^^^'],
    ['<%= secrets.a@hunter2 %>', '<%= secrets.a…\n^^^^^^^^^^^^^'],
    ['%7b%7bsecrets.a:hunter2%7d', '%7b%7bsecrets.a…\n^^^^^^^^^^^^^^^'],
    ['<<\u200b"secrets.a" hunter2', '<<\u200b"secrets.a…\n^^^^^^^^^^^^^'],
    ['%{secrets.a-hunter2}', '%{secrets.a…\n^^^^^^^^^^^'],
    ['hunter2 @secrets.x', '…@secrets.x\n ^^^^^^^^^^'],
    ['[[ .secrets.x ]] hunter2', '[[ .secrets.x…\n^^^^^^^^^^^^^'],
    ['<< secret.a-b >>', '<< secret.a-b >>\n^^^^^^^^^^^^^^^^'],
  ])('of %j shows nothing around it', (text, caret) => {
    expect(caretOf(text)).toBe(caret)
    expect(JSON.stringify(lint(text))).not.toContain('hunter2')
  })
})

describe('a near miss', () => {
  it.each([
    ['<< secret.x >>', '<< secrets.x >>'],
    ['${{ secrets.x }}', '<< secrets.x >>'],
    ['< secrets.x.y >', '<< secrets.x.y >>'],
    ['<<secrets.x:y>>', undefined],
    ['<<secrets:x>>', undefined],
    ['${secrets.x-y}', '<< secrets.x >>'],
    ['%{secrets.x-y}', '<< secrets.x >>'],
    ['{{ (secrets.x) }}', '<< secrets.x >>'],
    ['{{ secrets?.x }}', '<< secrets.x >>'],
    ['[[ .secrets.x ]]', '<< secrets.x >>'],
    ['@secrets.x.y', '<< secrets.x.y >>'],
    ['{{#with secrets}}', undefined],
    ['$(secrets.x)', '<< secrets.x >>'],
    ['<< secerts.x >>', '<< secrets.x >>'],
    ['{{ Sercets.x }}', '<< secrets.x >>'],
    ['<< secrets/x >>', '<< secrets.x >>'],
    ['<< "secrets.x" >>', '<< secrets.x >>'],
    ['<<\u200bsecrets.x>>', '<< secrets.x >>'],
    ['＜＜ secrets.x ＞＞', '<< secrets.x >>'],
    ['{{ Secrets.x }}', '<< secrets.x >>'],
    ["{{ secrets['x']['y'] }}", '<< secrets.x.y >>'],
    ['&lt;&lt; secrets.x &gt;&gt;', '<< secrets.x >>'],
    ['\\u003c\\u003c secrets.x \\u003e\\u003e', '<< secrets.x >>'],
    ['${secrets.x}', '<< secrets.x >>'],
  ])('%s says what was perhaps meant', (text, suggestion) => {
    expect(lint(text).map((found) => found.suggestion)).toEqual([suggestion])
  })

  it('is written with the delimiters and prefixes of the caller', () => {
    const options = { delimiters: [['[[', ']]']], prefixes: ['secrets.', 'RUNPOD_SECRET_'] } as const
    expect(lint('[[ Secrets.x ]]', options)).toMatchObject([{ suggestion: '[[ secrets.x ]]' }])
    expect(lint('{{#with secrets}}', options)).toEqual([])
  })

  it('is nothing where it is none', () => {
    for (const text of [
      'a < secrets.x',
      'if (a < secrets.x && b > 1)',
      '<secrets>',
      '{ secrets.x }',
      '[[secrets.x]]',
      '<secrets/>',
      '{{ "secrets." }}',
    ])
      expect(lint(text)).toEqual([])
  })
})
