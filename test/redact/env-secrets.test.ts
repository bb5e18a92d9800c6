/** Which variables of an environment are secrets. */

import { describe, expect, it } from 'vitest'
import { createRedactor, envSecrets } from '../../src/redact.ts'
import { lint } from '../../src/template.ts'

const KEY = 'sk-4c1f0e9d2b7a'

describe('envSecrets', () => {
  it.each([
    'STRIPE_API_KEY',
    'API_KEY',
    'APIKEY',
    'OPENAI_KEY',
    'AWS_SECRET_ACCESS_KEY',
    'SECRET_KEY_BASE',
    'JWT_SECRET',
    'PGPASSWORD',
    'DB_PASS',
    'MYSQL_PWD',
    'GITHUB_TOKEN',
    'NPM_TOKEN',
    'GH_PAT',
    'REDISCLI_AUTH',
    'SSH_PASSPHRASE',
    'SENTRY_DSN',
    'SLACK_WEBHOOK_URL',
    'npm_config__authToken',
    'dbPassword',
    'DATABASE_PASSWORD_PROD',
    'ENCRYPTION_KEY',
    'PRIVATE_KEY',
    'SESSION_SECRET',
    'COOKIE_SECRETS',
    'DOCKER_AUTH',
    'PASSWORD',
    'TOKEN',
    'SERVICE_CREDENTIALS',
    'OPENAI_API_KEY2',
    'TOKEN1',
    'DB_PW',
    'STRIPE_SK',
    'BEARER',
    'OTP',
    'PIN',
    'KUBECONFIG_DATA',
    'STRIPE_KEY_LIVE',
    'OPENAI_KEY_DEV',
    'KEY_PROD',
    'CA_KEY',
    'TLS_CERT_KEY',
  ])('%s is one by its name', (name) => {
    expect(envSecrets({ [name]: KEY })).toEqual({ [name]: KEY })
  })

  it.each(['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'])('%s is one, with its parts', (name) => {
    const headers = { [name]: 'api-key=abc123def456,Authorization=Basic%20dXNlcjpwYXNzd29yZC05' }
    const { text } = createRedactor({ secrets: envSecrets(headers) })
    const masked = `[secret:${name}]`
    expect(text(`abc123def456 dXNlcjpwYXNzd29yZC05 ${headers[name]}`)).toBe(`${masked} ${masked} ${masked}`)
  })

  it.each(['CACHE_KEY', 'USERS_PRIMARY_KEY'])('%s is one where its value looks like a key', (name) => {
    expect(envSecrets({ [name]: 'aB3dE5fG7hJ9kL1m' })).toEqual({ [name]: 'aB3dE5fG7hJ9kL1m' })
    for (const value of ['v1', 'id', 'user-list']) expect(envSecrets({ [name]: value })).toEqual({})
  })

  it.each(['$uper_secret1', '{abc}', '<pass word>', 'ssh-pass-123'])('a password may be %s', (value) => {
    expect(envSecrets({ DB_PASSWORD: value })).toEqual({ DB_PASSWORD: value })
  })

  it.each(['SECRET_STORE', 'AUTH_TOKEN_REF', 'TOKEN_PROVIDER', 'SECRET_FORMAT', 'API_TOKEN_AT'])(
    '%s is one where its value looks like a key',
    (name) => {
      expect(envSecrets({ [name]: 'aB3dE5fG7hJ9kL1m' })).toEqual({ [name]: 'aB3dE5fG7hJ9kL1m' })
      expect(envSecrets({ [name]: 'vault' })).toEqual({})
    },
  )

  it.each([
    ['PATH', '/usr/bin:/bin'],
    ['GPG_KEY', 'A035C8C19219BA821ECEA86B64E628F8D684696D'],
    ['STRIPE_PUBLISHABLE_KEY', 'pk_live_51HxQ2mZ7vT4nR8wL3jY6hB1cF5'],
    ['CLERK_PUBLISHABLE_KEY', 'pk_test_Y2xlcmsuZXhhbXBsZS5jb20k'],
    ['HOME', '/users/ann'],
    ['PWD', '/srv/app'],
    ['OLDPWD', '/srv'],
    ['USER', 'ann'],
    ['SHELL', '/bin/bash'],
    ['LANG', 'en_US.UTF-8'],
    ['TERM', 'xterm-256color'],
    ['NODE_ENV', 'production'],
    ['HOSTNAME', 'web-1-7f9c'],
    ['PORT', '5432'],
    ['SSH_AUTH_SOCK', '/run/ssh-x/agent.1'],
    ['XAUTHORITY', '/run/user/1/x'],
    ['AWS_ACCESS_KEY_ID', 'AKIAQ7EXAMPLE4T2MZPA'],
    ['GOOGLE_APPLICATION_CREDENTIALS', '/etc/gcp/key.json'],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['TOKEN_TTL', '3600'],
    ['TOKEN_URL', 'https://id.example/oauth/token'],
    ['MAX_TOKENS', '4096'],
    ['MAX_TOKENS', '1000000'],
    ['DESKTOP_SESSION', 'ubuntu'],
    ['XDG_SESSION_TYPE', 'wayland'],
    ['SERVICE_ACCOUNT', 'deploy@acme.iam.example'],
    ['API_KEY', '${OTHER_API_KEY}'],
    ['SIGNING_CERT', '-----BEGIN CERTIFICATE-----'],
    ['KUBECONFIG', '/users/ann/.kube/config'],
    ['NEXT_PUBLIC_API_KEY', 'pk_0123456789'],
    ['KEYBOARD', 'us-intl-layout'],
    ['MONKEYS', 'a-dozen-of-them'],
    ['API_KEY_HEADER', 'x-api-key'],
    ['USE_TOKEN', 'true'],
    ['AUTHOR', 'ann@example.com'],
    ['DATABASE_URL', 'postgres://app@db.internal/app'],
    ['COMPASS', 'north-by-northwest'],
    ['DB_PASSWORD', ''],
    ['TOKENIZERS_PARALLELISM', 'false'],
    ['PATTERN', 'some-long-pattern'],
    ['SALTED', 'peanuts-and-more'],
    ['REGISTRY_URL', 'https://npm.example:443/@acme/app'],
    ['LOGIN_URL', 'https://id.example/authorize?response_type=token&scope=a:b@c'],
    ['LLM_URL', 'https://llm.example/v1?max_tokens=4096'],
    ['REDIS_HOSTS', 'cache-1:6380,cache-2:6380,ssl=True'],
    ['PGOPTIONS', '-c search_path=app'],
    ['PROMPT_COMMAND', 'history -a; echo password=$x'],
  ])('%s=%s is none', (name, value) => {
    expect(envSecrets({ [name]: value })).toEqual({})
  })

  it.each([
    ['postgres://app:hunter2-pw@db.internal:5432/app', 'hunter2-pw'],
    ['postgres://app:p%40ss%2Fword@h1,h2/app', 'p@ss/word'],
    ['redis://:hunter2-pw@cache:6379', 'hunter2-pw'],
    ['mongodb+srv://u:a@b@cluster.example/x', 'a@b'],
    ['https://ghp_R8tQ2mZ7xW4kL9vB3nJ6cY1d@github.com/acme/app.git', 'ghp_R8tQ2mZ7xW4kL9vB3nJ6cY1d'],
    ['Server=db;User Id=app;Password=hunter2-pw;', 'hunter2-pw'],
    ['DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abc+def/ghi==;', 'abc+def/ghi=='],
    ['postgres://app:hunter2/#p?w@db.internal:5432/app', 'hunter2/#p?w'],
    ['jdbc:postgresql://db/app?user=app&password=hunter2%2Dpw&ssl=true', 'hunter2-pw'],
    ['jdbc:mysql://db/app?sslMode=REQUIRED&trustCertificateKeyStorePassword=hunter2-pw', 'hunter2-pw'],
    ['libsql://app.example?authToken=hunter2-pw', 'hunter2-pw'],
    ['https://x.blob.example/c?sv=2024-11-04&sig=hunter2%2Fpw%3D', 'hunter2/pw='],
    ['cache-1:6380,cache-2:6380,password=hunter2-pw,ssl=True', 'hunter2-pw'],
    ['host=db user=app password=hunter2-pw dbname=app', 'hunter2-pw'],
    ["host=db password='hunter2 pw' user=app", 'hunter2 pw'],
    ['app:hunter2@pw/x@tcp(db:3306)/app?parseTime=true', 'hunter2@pw/x'],
  ])('the password of %s is one, without host and user', (value, password) => {
    for (const name of ['BACKEND', 'DATABASE_URL']) expect(envSecrets({ [name]: value })).toEqual({ [name]: password })
  })

  it.each([
    ['FOO', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['LLM', 'sk-proj-abcDEF1234567890abcDEF1234567890'],
    ['SUPABASE_SERVICE_ROLE', 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZSJ9.c2lnbmF0dXJlLW9mLWl0'],
    ['GCP', '{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBg\\n"}'],
    ['SERVICE_ACCOUNT', '{"private_key":"-----BEGIN RSA PRIVATE KEY-----"}'],
    ['SSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----'],
    ['FIREBASE_CONFIG', '{"apiKey":"AIzaSyA1234567890abcdefghijklmnopqrstuv"}'],
    ['HOOK', 'https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop'],
    ['AUTHORITY', `gmk1_${'a1B2'.repeat(12)}`],
  ])('%s is one by its value', (name, value) => {
    expect(envSecrets({ [name]: value })).toEqual({ [name]: value })
    // one judgment: what lint calls a credential is none that is passed by here
    expect(lint({ [name]: value }, { as: 'env' }).map(({ code }) => code)).toContain('WARN_LITERAL_SECRET')
  })

  it('takes names that are added, and leaves those that are excluded and those without a value', () => {
    const env = { API_KEY: KEY, TEAM: 'our-secret-team', GONE: undefined, 'Odd(x86)_TOKEN': KEY, EMPTY_TOKEN: '' }
    expect(envSecrets(env, { include: ['TEAM', 'GONE'], exclude: ['API_KEY'] })).toEqual({
      TEAM: 'our-secret-team',
      Odd_x86__TOKEN: KEY,
    })
  })

  it('goes into a redactor as it is', () => {
    const { text } = createRedactor({
      secrets: envSecrets({ ...process.env, DATABASE_URL: 'pg://app:hunter2-long-pw@db/app' }),
    })
    expect(text('cannot reach pg://app:hunter2-long-pw@db/app in /srv/app')).toBe(
      'cannot reach pg://app:[secret:DATABASE_URL]@db/app in /srv/app',
    )
  })

  it.each([[null], ['x'], [{}, { include: 'x' }], [{}, { exclude: 1 }], [{}, { only: [] }]])(
    'refuses %j',
    (...given) => {
      expect(() => (envSecrets as (...all: unknown[]) => unknown)(...given)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
      )
    },
  )
})
