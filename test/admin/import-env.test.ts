/** `importEnv`: a value is in the vault whole before its text is replaced; everything else stays as it is. */

import { parseEnv } from 'node:util'
import dotenv from 'dotenv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EnvEntry, importEnv } from '../../src/admin.ts'
import {
  createVault,
  type GuillemetError,
  generateKey,
  passphraseKey,
  type Vault,
  type VaultStorage,
} from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { runs } from '../tooling/runs.ts'
import { ENV_CASES } from './env-cases.ts'

const PARSERS = { node: parseEnv as (text: string) => unknown, dotenv: dotenv.parse as (text: string) => unknown }

function freshVault(storage: VaultStorage = memoryStorage()): Vault {
  return createVault({ storage, keys: generateKey() })
}

/** The stored value, as a template gets it. */
async function storedText(vault: Vault, tag: string): Promise<string> {
  return (await vault.resolve(`<< secrets.${tag} >>`)).expose()
}

async function preview(text: string, parse = PARSERS.node): Promise<readonly EnvEntry[]> {
  return (await importEnv(freshVault(), text, { parse, dryRun: true })).entries
}

/** A text with the escapes and line breaks that parsers undo. */
const undone = (text: string): string => text.replace(/\r\n?/g, '\n').replaceAll('\\n', '\n')

const failure = (work: Promise<unknown>): Promise<GuillemetError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: GuillemetError) => error,
  )

describe('each line at which parsers disagree', () => {
  const cases = ENV_CASES.flatMap((one) => [
    { parser: 'node' as const, text: one.text, expected: one.node, doubts: one.nodeDoubts },
    { parser: 'dotenv' as const, text: one.text, expected: one.dotenv, doubts: one.dotenvDoubts },
  ])

  it.each(cases)('$parser: $text', async ({ parser, text, expected, doubts }) => {
    const parse = PARSERS[parser]
    const vault = freshVault()
    const { entries } = await importEnv(vault, text, { parse, dryRun: true })
    const entry = entries.find(({ name }) => name === 'A')!
    if (/^<[a-z-]+>$/.test(expected)) {
      expect(`<${entry.refusal}>`).toBe(expected)
      expect(await failure(importEnv(vault, text, { parse, select: ['A'] }))).toMatchObject({ path: 'A' })
      return
    }
    expect({ refusal: entry.refusal, doubts: entry.doubts.join(' ') }).toEqual({ refusal: undefined, doubts })
    const imported = await importEnv(vault, text, { parse, select: ['A'] })
    expect(await storedText(vault, 'A')).toBe(expected)
    // the parser reads the reference, and the reference leads to what it read before
    const read = parse(imported.text) as Record<string, string>
    expect(read['A'] ?? read['\ufeffA']).toBe('<< secrets.A >>')
    // every character that is not part of the value is still there
    const [before, after] = imported.text.split('<< secrets.A >>')
    expect(text.startsWith(before!) && text.endsWith(after!)).toBe(true)
    const replaced = text.slice(before!.length, text.length - after!.length)
    const unescaped = replaced.replaceAll('\r\n', '\n')
    expect([unescaped, unescaped.replaceAll('\\n', '\n')]).toContain(expected)
  })
})

describe('by default', () => {
  const FILE = [
    '# the shop',
    'NODE_ENV=production',
    'export STRIPE_KEY="sk_live_51H8x"  # from Ann',
    '',
    "DB_PASSWORD='p#ss word'",
    'API_TOKEN=abc#def',
    'PORT=8080\r',
    'DATABASE_URL=postgres://app:hunter22@db/shop',
    '',
  ].join('\n')

  it('imports what looks like a secret and is whole, and leaves every other character', async () => {
    const vault = freshVault()
    const { text, entries } = await importEnv(vault, FILE, { parse: parseEnv })
    expect(text).toBe(
      FILE.replace('sk_live_51H8x', '<< secrets.STRIPE_KEY >>')
        .replace('p#ss word', '<< secrets.DB_PASSWORD >>')
        .replace('postgres://app:hunter22@db/shop', '<< secrets.DATABASE_URL >>'),
    )
    expect(entries.filter(({ isImported }) => isImported).map(({ name }) => name)).toEqual([
      'STRIPE_KEY',
      'DB_PASSWORD',
      'DATABASE_URL',
    ])
    expect(entries.find(({ name }) => name === 'API_TOKEN')).toEqual({
      name: 'API_TOKEN',
      line: 6,
      state: 'new',
      isSecret: true,
      doubts: ['left-over'],
      restLines: [6],
      isImported: false,
    })
    expect((await vault.resolveEnv(parseEnv(text))).expose()).toEqual(parseEnv(FILE))
  })

  it('a second import finds nothing to do, and one of the old file finds the same secrets', async () => {
    const vault = freshVault()
    const first = await importEnv(vault, FILE, { parse: parseEnv })
    const again = await importEnv(vault, first.text, { parse: parseEnv })
    expect(again.text).toBe(first.text)
    const old = await importEnv(vault, FILE, { parse: parseEnv })
    expect(old.text).toBe(first.text)
    expect((await vault.describe('STRIPE_KEY'))?.version).toBe(2)
  })

  it('does not put an old value over another one that is stored', async () => {
    const vault = freshVault()
    await vault.set({ tag: 'API_KEY', value: 'the newer one' })
    const { entries, text } = await importEnv(vault, 'API_KEY=older', { parse: parseEnv })
    expect(entries[0]).toMatchObject({ state: 'changed', isImported: false })
    expect(text).toBe('API_KEY=older')
    await importEnv(vault, 'API_KEY=older', { parse: parseEnv, select: ['API_KEY'] })
    expect(await storedText(vault, 'API_KEY')).toBe('older')
  })

  it.each(['new', 'changed'] as const)(
    'writes over nothing that somebody stores meanwhile: a secret that was %s',
    async (state) => {
      const inner = memoryStorage()
      let meanwhile: (() => Promise<unknown>) | undefined
      const storage: VaultStorage = {
        ...inner,
        put: async (record) => {
          const work = record.tag === 'A_KEY' ? meanwhile : undefined
          if (work !== undefined) meanwhile = undefined
          await work?.()
          await inner.put(record)
        },
      }
      const key = generateKey()
      const [vault, other] = [createVault({ storage, keys: key }), createVault({ storage: inner, keys: key })]
      if (state === 'changed') await other.create({ tag: 'B_KEY', value: 'sk_live_before_bbbbbbbb' })
      const theirs = 'sk_live_theirs_cccccccc'
      meanwhile = () =>
        state === 'new' ? other.create({ tag: 'B_KEY', value: theirs }) : other.update('B_KEY', { value: theirs })
      const text = 'A_KEY=sk_live_aaaaaaaaaaaaaaaa\nB_KEY=sk_live_mine_dddddddddd\n'
      const select = ['A_KEY', 'B_KEY']
      const code = state === 'new' ? 'ERR_SECRET_EXISTS' : 'ERR_CONFLICT'
      await expect(importEnv(vault, text, { parse: parseEnv, select })).rejects.toMatchObject({ code })
      expect((await other.resolve('<< secrets.B_KEY >>')).expose()).toBe(theirs)
      expect((await importEnv(vault, text, { parse: parseEnv, dryRun: true })).entries).toMatchObject([
        { name: 'A_KEY', state: 'same' },
        { name: 'B_KEY', state: 'changed' },
      ])
    },
  )

  it('leaves a secret that was deleted, unless it is named', async () => {
    const vault = freshVault()
    await vault.set({ tag: 'API_KEY', value: 'first value' })
    await vault.delete('API_KEY', { confirm: 'API_KEY' })
    const { entries } = await importEnv(vault, 'API_KEY=again', { parse: parseEnv })
    expect(entries[0]).toMatchObject({ state: 'new', doubts: ['deleted'], isImported: false })
    await importEnv(vault, 'API_KEY=again', { parse: parseEnv, select: ['API_KEY'] })
    expect(await storedText(vault, 'API_KEY')).toBe('again')
  })
})

describe('the lines where text stays beside a reference', () => {
  it.each([
    ['behind the value', 'A=b#c\n', [1]],
    ['behind a closing quote', '\nA="abcd\\"efghij"\n', [2]],
    ['behind a closing quote on a later line', 'A="b\nc" d\n', [2]],
    ['an earlier value', 'A=b\nB=c\nA=d\nA=e#f\n', [1, 3, 4]],
    ['lines that are no assignment', 'A=-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n# a comment\n\nB=c\nd\n', [2, 3]],
    ['none: a comment behind a quote', 'A="b" # c\n', []],
    ['none: an earlier line without a value', 'A=\nA=""\nA=b\n', []],
    ['none: a value of several lines', 'A="b\nc"\nB=d\n', []],
  ])('%s', async (_title, text, restLines) => {
    const vault = freshVault()
    const imported = await importEnv(vault, text, { parse: parseEnv, select: ['A'] })
    const again = await importEnv(vault, imported.text, { parse: parseEnv, dryRun: true })
    for (const { entries } of [imported, again]) {
      expect(entries.find(({ name }) => name === 'A')?.restLines).toEqual(
        // the value of two lines is one by now
        entries === again.entries && text.includes('" d') ? [1] : restLines,
      )
    }
  })
})

describe('a JSON map', () => {
  const FILE = '{\n  "API_KEY": "a\\"b\\u0041",\n  "PORT": 8080,\n  "nested": { "API_KEY": "x" },\n  "EMPTY": ""\n}\n'

  it('gets references in its texts, and is the same map otherwise', async () => {
    const vault = freshVault()
    const { text, entries } = await importEnv(vault, FILE, { parse: JSON.parse, select: ['API_KEY'] })
    expect(text).toBe(FILE.replace('a\\"b\\u0041', '<< secrets.API_KEY >>'))
    expect(await storedText(vault, 'API_KEY')).toBe('a"bA')
    expect(entries.map(({ name, line, refusal }) => [name, line, refusal])).toEqual([
      ['API_KEY', 2, undefined],
      ['PORT', 3, 'not-text'],
      ['nested', 4, 'not-text'],
      ['EMPTY', 5, 'empty'],
    ])
  })

  it('with a name twice keeps both', async () => {
    const { entries } = await importEnv(freshVault(), '{"A_KEY":"x","A_KEY":"y"}', { parse: JSON.parse })
    expect(entries).toMatchObject([{ name: 'A_KEY', refusal: 'not-located' }])
  })
})

describe('nothing is lost', () => {
  it('a name that only the parser, or only the text knows is told', async () => {
    expect(await preview('A_KEY: b', PARSERS.dotenv)).toMatchObject([
      { name: 'A_KEY', line: 0, refusal: 'not-located' },
    ])
    expect(await preview('A_KEY=b', () => ({}))).toMatchObject([{ name: 'A_KEY', line: 1, refusal: 'not-read' }])
    expect(await preview('A.B_KEY=b')).toMatchObject([{ name: 'A.B_KEY', refusal: 'not-a-tag' }])
  })

  it('a parser that shortens what it reads is found out', async () => {
    const short = (text: string) =>
      Object.fromEntries(Object.entries(parseEnv(text)).map(([k, v]) => [k, v!.slice(0, 8)]))
    const [entry] = await preview('API_KEY=0123456789abcdef', short)
    expect(entry).toMatchObject({ doubts: ['left-over'], refusal: 'not-replaceable' })
  })

  it('the text is given back only when every secret was read back from the storage', async () => {
    const storage = memoryStorage()
    let isLosing = false
    const losing: VaultStorage = {
      ...storage,
      async get(workspace, keys, options) {
        const rows = await storage.get(workspace, keys, options)
        return isLosing ? rows.map((row) => (row?.tag === 'B_KEY' ? undefined : row)) : rows
      },
      async put(record) {
        await storage.put(record)
        if (record.tag === 'B_KEY' && record.version === 2) isLosing = true
      },
    }
    const error = await failure(importEnv(freshVault(losing), 'A_KEY=abc\nB_KEY=def', { parse: parseEnv }))
    expect(['ERR_OUTCOME_UNKNOWN', 'ERR_RECORD_UNREADABLE']).toContain(error.code)
  })

  it('with the wrong key nothing is written', async () => {
    const storage = memoryStorage()
    await freshVault(storage).set({ tag: 'A_KEY', value: 'abcdefgh' })
    const before = JSON.stringify(await storage.list('default', { limit: 100 }))
    for (const text of ['A_KEY=abcdefgh', 'B_KEY=abcdefgh']) {
      const error = await failure(importEnv(freshVault(storage), text, { parse: parseEnv }))
      expect(error.code).toBe('ERR_RECORD_UNREADABLE')
    }
    expect(JSON.stringify(await storage.list('default', { limit: 100 }))).toBe(before)
  })

  it('for every file: the values and the characters that were left are the file', async () => {
    const piece = fc.constantFrom(
      'A',
      'B_KEY',
      'C_TOKEN',
      '=',
      '"',
      "'",
      '`',
      '#',
      ' ',
      '\n',
      '\r\n',
      '\\n',
      '\\',
      '$x',
      'b',
      'c d',
      'export ',
    )
    const line = fc.tuple(
      fc.constantFrom('A_KEY', 'B_KEY', 'export C_KEY', ' D_KEY '),
      fc.constantFrom('=', '= '),
      fc.array(piece, { maxLength: 6 }),
    )
    const file = fc
      .array(
        fc.oneof(
          line.map(([name, equals, rest]) => `${name}${equals}${rest.join('')}`),
          fc.array(piece, { maxLength: 6 }).map((some) => some.join('')),
        ),
        { maxLength: 6 },
      )
      .map((lines) => lines.join('\n'))
    await fc.assert(
      fc.asyncProperty(file, fc.constantFrom(...Object.values(PARSERS)), fc.boolean(), async (text, parse, isAll) => {
        const vault = freshVault()
        const { entries } = await importEnv(vault, text, { parse, dryRun: true })
        const names = entries.filter(({ refusal }) => refusal === undefined).map(({ name }) => name)
        const imported = await importEnv(vault, text, isAll ? { parse, select: names } : { parse })
        const chosen = imported.entries.filter(({ isImported }) => isImported)
        let restored = imported.text
        for (const { name } of chosen) {
          const value = await storedText(vault, name)
          restored = restored.replace(`<< secrets.${name} >>`, () => value)
        }
        // exactly, but where it was told that an escape or a line break was undone
        expect(undone(restored)).toBe(undone(text))
        const isTold = chosen.some(({ doubts }) => doubts.includes('second-reading') || doubts.includes('multi-line'))
        if (!isTold) expect(restored).toBe(text)
        // and the program reads what it read before
        const env = (await vault.resolveEnv(parse(imported.text) as Record<string, string>)).expose()
        expect(env).toEqual(parse(text))
      }),
      { numRuns: runs(60) },
    )
  })
})

describe('what opens a vault', () => {
  const PASSPHRASE = 'correct horse battery staple'
  const key = generateKey()
  const text = [
    `GUILLEMET_KEY=${key}`,
    `OTHERS_KEY="${generateKey()}"`,
    `KEYS_SECRET=${generateKey()},${key}`,
    `VAULT_PASSPHRASE=${PASSPHRASE}`,
    'API_TOKEN=zd-7f3e9a1c5b',
    '',
  ].join('\n')
  const vault = () => createVault({ storage: memoryStorage(), keys: [key, passphraseKey(PASSPHRASE)] })

  it('stays in the file, and is not stored', async () => {
    const own = createVault({ storage: memoryStorage(), keys: key })
    const given = text.replace(/^VAULT_PASSPHRASE.*\n/m, '')
    const imported = await importEnv(own, given, { parse: parseEnv })
    expect(imported.text).toBe(given.replace('zd-7f3e9a1c5b', '<< secrets.API_TOKEN >>'))
    for (const name of ['GUILLEMET_KEY', 'OTHERS_KEY', 'KEYS_SECRET']) expect(await own.describe(name)).toBeUndefined()
  })

  it('is told with a word of its own', async () => {
    const { entries } = await importEnv(vault(), text, { parse: parseEnv, dryRun: true })
    const refused = entries.filter(({ refusal }) => refusal === 'vault-key')
    expect(refused.map(({ name }) => name)).toEqual(['GUILLEMET_KEY', 'OTHERS_KEY', 'KEYS_SECRET', 'VAULT_PASSPHRASE'])
  })

  it.each(['GUILLEMET_KEY', 'OTHERS_KEY', 'KEYS_SECRET', 'VAULT_PASSPHRASE'])(
    'is refused by name: %s',
    async (name) => {
      const error = await failure(importEnv(vault(), text, { parse: parseEnv, select: [name] }))
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: name })
      expect(error.message).toContain('vault-key')
    },
  )

  it('stays with the blanks that a passphrase has at its ends', async () => {
    const passphrase = ' correct horse battery staple '
    const own = createVault({ storage: memoryStorage(), keys: passphraseKey(passphrase) })
    const given = `VAULT_PASSPHRASE="${passphrase}"\n`
    expect((await importEnv(own, given, { parse: parseEnv })).text).toBe(given)
  })

  it('stays in a JSON map as well', async () => {
    const map = JSON.stringify({ MY_KEY: key })
    expect((await importEnv(vault(), map, { parse: JSON.parse })).text).toBe(map)
  })
})

describe('a wrong call', () => {
  it.each([
    ['a text that cannot be parsed', '{', { parse: JSON.parse }],
    ['a name that is not there', 'A=b', { parse: parseEnv, select: ['B'] }],
    ['no parser', 'A=b', {}],
    ['names that are no list', 'A=b', { parse: parseEnv, select: 'A' }],
    ['an unknown option', 'A=b', { parse: parseEnv, names: ['A'] }],
    ['no text', undefined, { parse: parseEnv }],
  ])('%s is refused', async (_title, text, options) => {
    const error = await failure(importEnv(freshVault(), text as string, options as never))
    expect(error.code).toBe('ERR_INVALID_INPUT')
  })

  it('a view is refused: it could be asked whether a guess is the stored value', async () => {
    const error = await failure(importEnv(freshVault().with({ workspace: 'acme' }), 'A=b', { parse: parseEnv }))
    expect(error.code).toBe('ERR_PERMISSION_DENIED')
  })

  it('another environment is an option', async () => {
    const vault = freshVault()
    await importEnv(vault, 'API_KEY=abcdefgh', { parse: parseEnv, environment: 'staging' })
    expect(await vault.describe('API_KEY')).toBeUndefined()
    expect(await vault.with({ environment: 'staging' }).describe('API_KEY')).toBeDefined()
  })
})

describe('what is left of a value that was moved', () => {
  const KEY = 'kT7pX2vQ9sLw4mZe'

  it.each([
    [[2], `CM_KEY=${KEY}\n# CM_KEY=${KEY}\n`],
    [[3], `CM_KEY=${KEY}\nPORT=80\nexport OTHER=${KEY}\n`],
    [[1], `# was "${KEY}" before\nCM_KEY="${KEY}"\n`],
    [[2], 'CM_PASSWORD=hunter\n#CM_PASSWORD=hunter\n'],
    [[], 'CM_PASSWORD=hunter\n# a hunters2 and an xhunter\n'],
  ])('is at lines %j, also where it stands in a comment', async (lines, text) => {
    const vault = freshVault()
    const seen = await importEnv(vault, text, { parse: PARSERS.node, dryRun: true })
    const done = await importEnv(vault, text, { parse: PARSERS.node })
    const again = await importEnv(vault, done.text, { parse: PARSERS.node })
    for (const { entries } of [seen, done, again]) {
      expect(entries.find(({ name }) => name.startsWith('CM_'))?.restLines).toEqual(lines)
    }
    expect(again.entries.find(({ name }) => name.startsWith('CM_'))?.refusal).toBe('reference')
  })

  it('is found with the escapes of JSON, and line by line where it has several', async () => {
    const json = '{\n "A_PASSWORD": "pa\\"ss-kT7pX2",\n "note": "was pa\\"ss-kT7pX2"\n}'
    const { entries } = await importEnv(freshVault(), json, { parse: JSON.parse })
    expect(entries.find(({ name }) => name === 'A_PASSWORD')).toMatchObject({ isImported: true, restLines: [3] })
    const pem =
      'A_KEY="-----BEGIN X-----\nabcdefghijklmnop\n-----END X-----"\n# -----BEGIN X-----\n# abcdefghijklmnop\n'
    const { entries: ofPem } = await importEnv(freshVault(), pem, { parse: PARSERS.node, select: ['A_KEY'] })
    expect(ofPem).toMatchObject([{ name: 'A_KEY', isImported: true, restLines: [3] }])
  })
})

describe('a secret that cannot be imported', () => {
  it.each([
    ['POSTGRES_USER\nZ_PASSWORD=kT7pX2vQ9sLw\n', 'Z_PASSWORD', 'not-read'],
    ['spring.datasource.password=kT7pX2vQ9sLw\n', 'spring.datasource.password', 'not-a-tag'],
    ['export  EX_TOKEN = "kT7pX2vQ9sLw4mZe"\n', 'EX_TOKEN', 'not-read'],
    ['{"IsEncrypted":false,"Values":{"MY_API_KEY":"kT7pX2vQ9sLw4mZe"}}', 'Values', 'not-text'],
    ['{"tokens":["kT7pX2vQ9sLw4mZe"]}', 'tokens', 'not-text'],
  ])('is told to be one: %j', async (text, name, refusal) => {
    const parse = text.startsWith('{') ? JSON.parse : PARSERS.node
    expect((await preview(text, parse)).find((entry) => entry.name === name)).toMatchObject({ isSecret: true, refusal })
  })

  it('is none where the map holds settings', async () => {
    expect(await preview('{"Values":{"PORT":"80","retries":3}}', JSON.parse)).toMatchObject([{ isSecret: false }])
  })
})

describe('a value that is not the secret', () => {
  it.each([
    ['op://Private/OpenAI/credential', 'pointer'],
    ['encrypted:BFjmZy0vC/OenPcfNzbS', 'pointer'],
    ['ref+awsssm://x/y', 'pointer'],
    ['arn:aws:secretsmanager:eu-west-1:1:secret:x', 'pointer'],
    ['@Microsoft.KeyVault(SecretUri=https://x)', 'pointer'],
    ['ENC[AES256_GCM,data:kT7p,iv:x]', 'pointer'],
    ['<your token>', 'stand-in'],
    ['changeme', 'stand-in'],
    ['your-token-here', 'stand-in'],
    ['{', 'multi-line'],
    ['["kT7pX2vQ9sLw",', 'multi-line'],
    ['-----BEGIN RSA PRIVATE KEY-----', 'multi-line'],
  ])('%j is left unless it is named: %s', async (value, doubt) => {
    const text = `A_SECRET=${value}\n`
    const vault = freshVault()
    const { text: left, entries } = await importEnv(vault, text, { parse: PARSERS.node })
    expect(left).toBe(text)
    expect(entries).toMatchObject([{ doubts: [doubt], isImported: false }])
    const named = await importEnv(vault, text, { parse: PARSERS.node, select: ['A_SECRET'] })
    expect(named.text).toBe('A_SECRET=<< secrets.A_SECRET >>\n')
  })

  it.each([
    ['op://Private/OpenAI/credential', 'pointer'],
    ['ENC[AES256_GCM,data:kT7p,iv:x]', 'pointer'],
    ['changeme', 'stand-in'],
  ])('%j is left in JSON as well: %s', async (value, doubt) => {
    const text = JSON.stringify({ A_SECRET: value, PORT: '3000' })
    const { text: left, entries } = await importEnv(freshVault(), text, { parse: JSON.parse })
    expect(left).toBe(text)
    expect(entries).toMatchObject([
      { doubts: [doubt], isImported: false },
      { doubts: [], isImported: false },
    ])
  })

  it('is no reference', async () => {
    const { entries } = await importEnv(freshVault(), 'A_SECRET=<< secrets.A_SECRET >>\n', { parse: PARSERS.node })
    expect(entries).toMatchObject([{ refusal: 'reference', doubts: [] }])
  })
})

it.each([
  ['\ufeff{"A_KEY":"kT7pX2vQ9sLw"}', /byte order mark/],
  ['{ // a comment\n"A_KEY":"kT7pX2vQ9sLw"}', /no comments/],
])('a JSON map that the parser does not take is refused with what is wrong: %j', async (text, message) => {
  const error = await failure(importEnv(freshVault(), text, { parse: JSON.parse }))
  expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', message: expect.stringMatching(message) })
})
