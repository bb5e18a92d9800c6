import { describe, expect, it } from 'vitest'
import { createRedactor, type PartsPolicy, type RedactorOptions } from '../../src/redact.ts'
import { MASK } from './looks.ts'
import { noise, wrap } from './values.ts'

const PEM = `-----BEGIN PRIVATE KEY-----\n${wrap(noise('a key', 300).toString('base64'), 64, '\n')}\n-----END PRIVATE KEY-----\n`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${wrap(noise('a certificate', 300).toString('base64'), 64, '\n')}\n-----END CERTIFICATE-----\n`
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const body = (pem: string): string => pem.split('\n').slice(1, -2).join('')

interface Document {
  readonly document: string
  /** Found alone. */
  readonly secret: readonly string[]
  /** What is said of other things in the same words. */
  readonly plain: readonly string[]
}

const DOCUMENTS: Readonly<Record<string, Document>> = {
  'the JSON of a service account': {
    document: JSON.stringify(
      {
        type: 'service_account',
        project_id: 'quiet-harbour-4711',
        private_key_id: noise('key id', 20).toString('hex'),
        private_key: PEM,
        client_email: 'robot@quiet-harbour-4711.iam.gserviceaccount.example',
        client_id: '104857600104857600104',
        auth_uri: 'https://accounts.example/o/oauth2/auth',
        token_uri: 'https://oauth2.example/token',
        client_x509_cert_url: 'https://www.example/robot/v1/metadata/x509/robot%40quiet-harbour-4711',
      },
      null,
      2,
    ),
    secret: [body(PEM), PEM, base64(PEM), noise('key id', 20).toString('hex')],
    plain: [
      'quiet-harbour-4711 service_account robot@quiet-harbour-4711.iam.gserviceaccount.example',
      'GET https://oauth2.example/token https://accounts.example/o/oauth2/auth',
      '{\n  "type": "service_account",\n  "private_key":',
    ],
  },
  'the JSON of a managed database': {
    document:
      '{"username":"postgres","password":"S3cr3t!pw-9","engine":"postgres","host":"db.c9akciq32abc.eu-1.rds.example.com","port":5432,"dbname":"production"}',
    secret: ['S3cr3t!pw-9', base64('S3cr3t!pw-9'), encodeURIComponent('S3cr3t!pw-9')],
    plain: ['postgres at db.c9akciq32abc.eu-1.rds.example.com:5432/production', '{"engine":"postgres","port":5432}'],
  },
  'a kubeconfig': {
    document: `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${base64(CERTIFICATE)}\n    server: https://10.0.0.1:6443\n  name: kubernetes\nusers:\n- name: ci-deployer\n  user:\n    client-certificate-data: ${base64(CERTIFICATE)}\n    client-key-data: ${base64(PEM)}\n    token: kt-5f4e3d2c1b\n`,
    secret: [base64(PEM), body(PEM), PEM, 'kt-5f4e3d2c1b'],
    plain: [
      'apiVersion: v1\nkind: Config\nclusters:\n  name: kubernetes\n',
      `${base64(CERTIFICATE)} ${body(CERTIFICATE)}`,
      'ci-deployer at https://10.0.0.1:6443',
    ],
  },
  'a settings.xml': {
    document:
      '<settings>\n  <servers>\n    <server>\n      <id>nexus</id>\n      <username>deploy</username>\n      <password>mvn-Secret-991</password>\n    </server>\n  </servers>\n</settings>\n',
    secret: ['mvn-Secret-991'],
    plain: ['<settings>\n  <server>\n    <id>nexus</id>\n    <username>deploy</username>\n  </server>\n</settings>'],
  },
  'a web.config': {
    document:
      '<configuration><add key="DbPassword" value="Qx-9182-zz"/><add key="Mode" value="production"/><add name="x" connectionString="Server=db;User Id=sa;Password=Pp-9182-yy;Encrypt=true"/></configuration>',
    secret: ['Qx-9182-zz', 'Pp-9182-yy'],
    plain: ['production on Server=db;User Id=sa', '<configuration><add key="Mode"'],
  },
  'credentials of a cloud': {
    document:
      '{"clientId":"6f9619ff-8b86-d011-b42d-00c04fc964ff","clientSecret":"abc8Q~xyz123456","subscriptionId":"11111111-aaaa-bbbb-cccc-222222222222","resourceManagerEndpointUrl":"https://management.example/"}',
    secret: ['abc8Q~xyz123456'],
    plain: ['https://management.example/subscriptions/11111111-aaaa-bbbb-cccc-222222222222'],
  },
  'an .env file': {
    document: `export DB_URL="postgres://u:Pw-9f8e7d6c@db/main"\nAPI_KEY='sk-live-5f4e3d2c1b' # of bob\n#OLD_TOKEN=tok-11-zz99\nNODE_ENV=production\nPORT=3000\nKEY_PEM="${PEM.replaceAll('\n', '\\n')}"\n`,
    secret: ['Pw-9f8e7d6c', 'sk-live-5f4e3d2c1b', 'tok-11-zz99', body(PEM)],
    plain: ['NODE_ENV=production', 'PORT=3000', 'of bob'],
  },
  'a TOML of secrets': {
    document: '[secrets]\ndb = "foo-bar-9x"\n\n[server]\nhost = "localhost"\n',
    secret: ['foo-bar-9x'],
    plain: ['[server]\nhost = "localhost"'],
  },
  'a manifest of a secret': {
    document: `kind: Secret\nmetadata:\n  name: my-secret\ndata:\n  username: ${base64('admin')}\n  password: ${base64('1f2d1e2e67df')}\n  .dockerconfigjson: ${base64(`{"auths":{"r.example":{"auth":"${base64('bot:gh-pass-77x')}"}}}`)}\n`,
    secret: [base64('1f2d1e2e67df'), '1f2d1e2e67df', 'gh-pass-77x', base64('bot:gh-pass-77x')],
    plain: ['kind: Secret\nmetadata:\n  name: my-secret', 'r.example'],
  },
  'a YAML with lists and blocks': {
    document:
      'tokens:\n  - tok-1a-aa99\n  - tok-2b-bb88\nsecrets:\n  db: foo-9x-bar\nprivate_key: |\n  line-one-99\n  line-two-88\nregion: eu-central-1\n',
    secret: ['tok-1a-aa99', 'tok-2b-bb88', 'foo-9x-bar', 'line-one-99', 'line-two-88'],
    plain: ['region: eu-central-1', 'tokens:'],
  },
  'a file of HCL': {
    document: 'provider "cloud" {\n  region     = "us-east-1"\n  access_key = "AKq-1234-zz"\n}\n',
    secret: ['AKq-1234-zz'],
    plain: ['provider "cloud" {\n  region     = "us-east-1"'],
  },
  'a .netrc': {
    document: 'machine api.example.com\n  login octocat\n  password ghx-12345-abc\n',
    secret: ['ghx-12345-abc'],
    plain: ['machine api.example.com', 'login octocat'],
  },
  'a command': {
    document: 'curl -H "Authorization: Bearer cu-77-tok" -u bob:cu-88-pw https://x.example/',
    secret: ['cu-77-tok', 'cu-88-pw'],
    plain: ['curl -H', 'bob', 'https://x.example/'],
  },
  'a configuration in PHP': {
    document: "<?php\ndefine('DB_NAME', 'wordpress');\ndefine( 'DB_PASSWORD', 'wp-77-pass' );\n",
    secret: ['wp-77-pass'],
    plain: ['wordpress', "<?php\ndefine('DB_NAME'"],
  },
  'the data source of a driver': {
    document: 'root:p@ss:w/77@tcp(10.0.0.1:3306)/db?parseTime=true',
    secret: ['p@ss:w/77'],
    plain: ['root at 10.0.0.1:3306', 'parseTime=true'],
  },
  'the values of a chart': {
    document: 'auth:\n  enabled: true\n  username: admin\n  password: "hm-77-pw"\n  existingSecret: my-secret\n',
    secret: ['hm-77-pw'],
    plain: ['auth:\n  enabled: true\n  username: admin\n  existingSecret: my-secret'],
  },
  'a .pgpass': { document: 'localhost:5432:main:app:pgpw-77x-1', secret: ['pgpw-77x-1'], plain: ['localhost:5432'] },
  'a list of pairs': {
    document: 'alice:wonder-77x\nrobert:build-88y',
    secret: ['wonder-77x', 'build-88y'],
    plain: ['alice'],
  },
  'a connection string': {
    document: 'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo3NzEyMw==',
    secret: ['QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo3NzEyMw==', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo3NzEyMw'],
    plain: ['DefaultEndpointsProtocol=https', 'AccountName=acme'],
  },
  'a connection string of ODBC': {
    document: 'Driver={ODBC Driver 18 for SQL Server};Server=tcp:db,1433;Uid=bob;Pwd={S3cr;e}}t{-pw=99};Encrypt=yes;',
    secret: ['S3cr;e}t{-pw=99', 'S3cr;e}}t{-pw=99'],
    plain: ['ODBC Driver 18 for SQL Server', 'tcp:db,1433 bob Encrypt=yes'],
  },
  'a JDBC URL of SQL Server': {
    document: 'jdbc:sqlserver://db:1433;databaseName=x;user=bob;password={S3cret-pw-99}',
    secret: ['S3cret-pw-99'],
    plain: ['jdbc:sqlserver://db:1433;databaseName=x;user=bob'],
  },
  'a connection string with doubled quotes': {
    document: 'Server=db;Uid=bob;Pwd="S3cr;""et-pw-99";Key=\'k3y;\'\'o-fit-7\';Encrypt=yes',
    secret: ['S3cr;"et-pw-99', "k3y;'o-fit-7"],
    plain: ['Server=db;Uid=bob', 'Encrypt=yes'],
  },
  'a webhook with a query': {
    document: 'https://n8n.example/webhook/550e8400-e29b-41d4-a716-446655440000?src=a',
    secret: ['/webhook/550e8400-e29b-41d4-a716-446655440000', '/webhook/550e8400-e29b-41d4-a716-446655440000?src=a'],
    plain: ['https://n8n.example/webhook/', '?src=a'],
  },
  'a URL with a key in its query': {
    document: 'https://api.example/v1/qw7rtzpsd?api_key=9f86d081x884c7d659',
    secret: ['9f86d081x884c7d659', '/v1/qw7rtzpsd?api_key=9f86d081x884c7d659'],
    plain: ['GET /v1/qw7rtzpsd 200'],
  },
  'a bundle of certificates before a key': {
    document: CERTIFICATE.repeat(3) + PEM,
    secret: [body(PEM), ...PEM.split('\n').slice(1, -2)],
    plain: [CERTIFICATE],
  },
  'a URL with a password': {
    document: 'postgresql://app:p%40ss-77x@db.internal:5432/main?sslmode=require',
    secret: ['p%40ss-77x', 'p@ss-77x'],
    plain: ['app at db.internal:5432/main?sslmode=require'],
  },
  'a URL with a user name beside its password': {
    document: 'https://application:hook-pw-77x@hooks.example/qw7rtzpsd/events',
    secret: ['hook-pw-77x'],
    plain: ['application at https://hooks.example/', 'GET /qw7rtzpsd/events 200'],
  },
  'a URL with a key and its password': {
    document: 'https://0f3a9c1e7b8d4c6f2a5b:s3-pw-77x@files.example/bucket',
    secret: ['0f3a9c1e7b8d4c6f2a5b', 's3-pw-77x'],
    plain: ['https://files.example/bucket'],
  },
  'a URL with a key as its user name': {
    document: 'https://0f3a9c1e7b8d4c6f2a5b@errors.example/4711',
    secret: ['0f3a9c1e7b8d4c6f2a5b'],
    plain: ['https://errors.example/4711'],
  },
  'a URL with a user name and no password': {
    document: 'https://deploybottoken@git.example/team/project',
    secret: ['deploybottoken'],
    plain: ['https://git.example/team/project'],
  },
  'settings with URLs, one of them with a key in its path': {
    document:
      'SITE=https://storefront@shop.example/qwrtzpsd/list2024page\nDOCS=https://docs.example/qw7rtzpsd/page\nHOOK=https://hooks.example/services/T0AB12CD3/k9Xw2LmQ8rTz4VbN7sYp1JdC\n',
    secret: ['k9Xw2LmQ8rTz4VbN7sYp1JdC', '/services/T0AB12CD3/k9Xw2LmQ8rTz4VbN7sYp1JdC'],
    plain: ['storefront at https://shop.example', 'GET /qwrtzpsd/list2024page 200', 'GET /qw7rtzpsd/page 200'],
  },
  'a URL that is secret as a whole': {
    document: 'https://docs.example/qwrtzpsd/reports2024',
    secret: ['https://docs.example/qwrtzpsd/reports2024'],
    plain: ['GET /qwrtzpsd/reports2024 200'],
  },
  'the address of a webhook': {
    document: 'https://Hooks.Example.com:443/services/T0AB12CD3/k9Xw2LmQ8rTz4VbN7sYp1JdC',
    secret: [
      'https://hooks.example.com/services/T0AB12CD3/k9Xw2LmQ8rTz4VbN7sYp1JdC',
      '/services/T0AB12CD3/k9Xw2LmQ8rTz4VbN7sYp1JdC',
      'k9Xw2LmQ8rTz4VbN7sYp1JdC',
    ],
    plain: ['https://hooks.example.com/services/', 'T0AB12CD3'],
  },
  'a presigned URL': {
    document: `https://b.example/report.pdf?X-Sig-Algorithm=AWS4-HMAC-SHA256&X-Sig-Signature=${noise('sig', 32).toString('hex')}`,
    secret: [
      noise('sig', 32).toString('hex'),
      `/report.pdf?X-Sig-Algorithm=AWS4-HMAC-SHA256&X-Sig-Signature=${noise('sig', 32).toString('hex')}`,
    ],
    plain: ['https://b.example/report.pdf', 'AWS4-HMAC-SHA256'],
  },
}

describe.each(Object.entries(DOCUMENTS))('%s', (_, { document, secret, plain }) => {
  const { text } = createRedactor({ secrets: { k: document } })

  it('is masked whole', () => {
    // but for a quote, and the brace before the first line end
    expect(text(`= ${document.trim()} =`).replace(/["{\s]/g, '')).toBe(`=${MASK}=`)
  })

  it.each(secret)('has the secret part %j', (part) => {
    expect(text(`said ${part.trim()} to`)).toBe(`said ${MASK} to`)
  })

  it.each(plain)('leaves %j', (line) => {
    expect(text(line)).toBe(line)
  })
})

describe('no limit drops a part in silence', () => {
  it('of an .env file of 260 lines, in every form', () => {
    const lines = Array.from({ length: 260 }, (_, index) => `API_KEY_${index}=val-${index}-abcdef`)
    const redactor = createRedactor()
    expect(redactor.add('k', lines.join('\n'))).toBe('ok')
    for (const index of [0, 100, 259]) {
      expect(redactor.text(`x val-${index}-abcdef y`)).toBe(`x ${MASK} y`)
      expect(redactor.text(base64(`val-${index}-abcdef`))).toContain(MASK)
    }
  })

  it('what is too short, too many or too long to be searched for is told', () => {
    const { add, weak } = createRedactor()
    expect(add('short', '{"id":123,"password":"foobar"}')).toBe('short')
    expect(add('tiny', 'DB_PASSWORD=abc\nDEBUG=1\n')).toBe('short')
    expect(add('word', '{"password":"production"}')).toBe('short')
    const many = Array.from({ length: 1200 }, (_, at) => `TOKEN_${at}=tok-${at}-abcdef`).join('\n')
    expect(add('many', many)).toBe('short')
    expect(add('long', `password: "hunter2-long-pw"\n${'# note\n'.repeat(10_000)}`)).toBe('short')
    expect([...weak.keys()]).toEqual(['short', 'tiny', 'word', 'many', 'long'])
  })

  it('a short part is masked where it stands alone', () => {
    const { text } = createRedactor({ secrets: { k: '{"uname":"john-doe","password":"foobar"}' } })
    expect(text('  password: foobar, foobarbaz, foobar-2')).toBe(`  password: ${MASK}, foobarbaz, foobar-2`)
  })

  it('switches and numbers of settings are no parts', () => {
    const document = 'auth: true\ntoken_ttl: 300\nmax_tokens: 4096\npassword: null\ntoken: none\nsecret_name: db\n'
    expect(createRedactor().add('k', document)).toBe('ok')
  })
})

describe('the option parts', () => {
  const DOCUMENT = '{"password":"foobar-77x","zip":"some-city-name"}'
  const masked = (parts: PartsPolicy, options: RedactorOptions = { parts }) =>
    createRedactor({ secrets: { k: DOCUMENT }, ...options }).text('foobar-77x some-city-name')

  it.each([
    ['sensitive', `${MASK} some-city-name`],
    ['all', `${MASK} ${MASK}`],
    ['none', 'foobar-77x some-city-name'],
    [['ZIP'], `foobar-77x ${MASK}`],
    [['pass-word'], `${MASK} some-city-name`],
    [[], 'foobar-77x some-city-name'],
  ] as const)('%j', (parts, text) => {
    expect(masked(parts)).toBe(text)
  })

  it('of add is for one value alone', () => {
    const redactor = createRedactor({ parts: 'none' })
    redactor.add('k', DOCUMENT)
    expect(redactor.text('foobar-77x some-city-name')).toBe('foobar-77x some-city-name')
    redactor.add('k', DOCUMENT, { parts: ['zip'] })
    expect(redactor.text('foobar-77x some-city-name')).toBe(`foobar-77x ${MASK}`)
    redactor.remove('k')
    expect(redactor.text(`some-city-name ${DOCUMENT}`)).toBe(`some-city-name ${DOCUMENT}`)
  })

  it('is refused where it is something else', () => {
    for (const parts of ['some', 1, [''], [1]] as never[]) {
      expect(() => createRedactor({ parts })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
      expect(() => createRedactor().add('k', 'hunter2-long-pw', { parts })).toThrow(/The option parts/)
    }
    expect(() => createRedactor().add('k', 'hunter2-long-pw', { part: 'all' } as never)).toThrow(/options of add/)
  })
})
