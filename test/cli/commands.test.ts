/** The commands without a terminal: what they do, what they print where, and what they refuse. */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/cli/host.ts'
import { set } from '../../src/cli/secrets.ts'
import { createVault, generateKey } from '../../src/index.ts'
import { fileKey } from '../../src/keys/file.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { folder, type Given, guillemet } from './command-line.ts'

const VALUE = 'zd-7f3e9a1c5b'

/** Every file of a folder with its content, so that nothing that was written can be missed. */
function bytesOf(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  )
}

/** A folder in which `init` was run. */
async function ready(): Promise<string> {
  const cwd = folder()
  expect((await guillemet(cwd, ['init'])).exitCode).toBe(0)
  return cwd
}

describe('init', () => {
  it('makes a private key file, a keyring that opens with it, and prints no key', async () => {
    const cwd = folder()
    const { exitCode, stdout, stderr } = await guillemet(cwd, ['init'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    const path = join(cwd, '.secrets.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(stderr).not.toContain(readFileSync(path, 'utf8').trim())
    expect(readdirSync(cwd).sort()).toEqual(['.gitignore', '.secrets', '.secrets.key'])
    const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(path) })
    await vault.set({ tag: 'a', value: 'some value' })
    await vault.close()
  })

  it('a second time refuses and changes nothing, with the key, without it, and with another', async () => {
    const cwd = await ready()
    const before = bytesOf(cwd)
    const again = await guillemet(cwd, ['init'])
    expect(again).toMatchObject({ exitCode: 1, stdout: '' })
    expect(again.stderr).toContain('nothing to do')
    const { id } = fileKey(join(cwd, '.secrets.key'))
    const other = folder()
    // the storage without its key file: a new clone, a container without its volume
    symlinkSync(join(cwd, '.secrets'), join(other, 'elsewhere'))
    writeFileSync(join(other, 'guillemet.config.mjs'), configOf(join(cwd, '.secrets')))
    for (const env of [{}, { GUILLEMET_KEY: generateKey() }]) {
      const { exitCode, stderr } = await guillemetWith(other, ['init'], { env })
      expect(exitCode).toBe(1)
      expect(stderr).toContain(id)
    }
    expect(bytesOf(cwd)).toEqual(before)
    expect(readdirSync(other).sort()).toEqual(['elsewhere', 'guillemet.config.mjs'])
  })

  it('goes on with the key file of an init that was killed before it had made the keyring', async () => {
    const cwd = folder()
    const key = generateKey()
    writeFileSync(join(cwd, '.secrets.key'), `${key}\n`, { mode: 0o600 })
    expect((await guillemet(cwd, ['init'])).exitCode).toBe(0)
    expect(readFileSync(join(cwd, '.secrets.key'), 'utf8')).toBe(`${key}\n`)
  })

  it('twice at once makes one key and one keyring, and the other says so', async () => {
    const cwd = folder()
    const both = await Promise.all([guillemet(cwd, ['init']), guillemet(cwd, ['init'])])
    const failed = both.filter(({ exitCode }) => exitCode !== 0)
    expect(failed.length).toBeLessThanOrEqual(1)
    for (const { stderr } of failed) expect(stderr).toMatch(/Another process|keyring already|nothing to do/)
    expect((await guillemet(cwd, ['set', 'a'], { input: VALUE })).exitCode).toBe(0)
    expect(readdirSync(cwd).sort()).toEqual(['.gitignore', '.secrets', '.secrets.key'])
  })

  it('says two different keys by their ids, and what is no key by its fault', async () => {
    const cwd = await ready()
    const before = bytesOf(cwd)
    const key = generateKey()
    const { exitCode, stderr } = await guillemet(cwd, ['list'], { env: { GUILLEMET_KEY: key } })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(fileKey(join(cwd, '.secrets.key')).id)
    expect(stderr).toMatch(/variable GUILLEMET_KEY.*file/)
    expect(stderr).not.toContain(key)
    expect((await guillemet(cwd, ['list'], { env: { GUILLEMET_KEY: 'gmk1_short' } })).exitCode).toBe(1)
    expect(bytesOf(cwd)).toEqual(before)
  })

  it.each([
    ['a file', 'dist', 'dist\n/.secrets.key*\n/.secrets\n'],
    ['no file and no repository yet', undefined, '/.secrets.key*\n/.secrets\n'],
    ['one of the lines', '/.secrets\r\n', '/.secrets\r\n/.secrets.key*\r\n'],
  ])('tells git of the key file and the storage, where there is %s', async (_title, before, after) => {
    const cwd = folder()
    if (before !== undefined) writeFileSync(join(cwd, '.gitignore'), before)
    const { stderr } = await guillemet(cwd, ['init'])
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(after)
    expect(stderr).toContain('.gitignore')
    const again = await guillemet(cwd, ['init', '--workspace', 'acme'])
    expect(again.stderr).not.toContain('.gitignore')
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe(after)
  })

  it('makes no key where git cannot be told of it', async () => {
    const cwd = folder()
    mkdirSync(join(cwd, '.gitignore'))
    const { exitCode, stderr } = await guillemet(cwd, ['init'])
    expect({ exitCode, names: readdirSync(cwd) }).toEqual({ exitCode: 1, names: ['.gitignore'] })
    expect(stderr).toContain('nothing was stored')
  })

  it('--print without a terminal shows a key and stores nothing; given back, it is used', async () => {
    const cwd = folder()
    const { exitCode, stdout } = await guillemet(cwd, ['init', '--print'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^gmk1_[\w-]{48}\n$/)
    expect(readdirSync(cwd)).toEqual([])
    const env = { GUILLEMET_KEY: stdout.trim() }
    const given = await guillemet(cwd, ['init', '--json'], { env })
    expect(JSON.parse(given.stdout)).toMatchObject({ workspace: 'default', key: 'the variable GUILLEMET_KEY' })
    expect(readdirSync(cwd).sort()).toEqual(['.gitignore', '.secrets'])
  })

  it('--print into an output that nobody reads counts as not shown', async () => {
    const cwd = folder()
    const { exitCode } = await guillemet(cwd, ['init', '--print'], { prepare: ({ stdout }) => stdout.destroy() })
    expect(exitCode).toBe(1)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('of a storage that cannot be reached makes no key: not knowing is not empty', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, '.secrets'), 'a file where the folder should be')
    const { exitCode, stderr } = await guillemet(cwd, ['init'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('ERR_INVALID_INPUT')
    expect(readdirSync(cwd)).toEqual(['.secrets'])
  })
})

describe('a secret', () => {
  it('is set from standard input, listed, shown and deleted, and its value is on no output', async () => {
    const cwd = await ready()
    const args = ['set', 'zendesk', '--allow-host', 'acme.zendesk.com', '--name', 'of Ann']
    const outputs = [await guillemet(cwd, args, { input: `${VALUE}\n` })]
    expect(outputs[0]).toMatchObject({ exitCode: 0, stdout: '' })
    for (const command of [['list'], ['show', 'zendesk'], ['list', '--json'], ['show', 'zendesk', '--json']]) {
      outputs.push(await guillemet(cwd, command))
      expect(outputs.at(-1)).toMatchObject({ exitCode: 0, stderr: '' })
      expect(outputs.at(-1)!.stdout).toContain('acme.zendesk.com')
    }
    expect(JSON.parse(outputs[3]!.stdout)).toMatchObject([{ tag: 'zendesk', value: '••••••••', name: 'of Ann' }])
    outputs.push(await guillemet(cwd, ['delete', 'zendesk', '--confirm', 'zendesk']))
    expect(outputs.at(-1)!.exitCode).toBe(0)
    outputs.push(await guillemet(cwd, ['show', 'zendesk']))
    expect(outputs.at(-1)!.exitCode).toBe(1)
    expect(outputs.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain(VALUE)
  })

  it('keeps its lines but for the last line end, and its rule when it gets another value', async () => {
    const cwd = await ready()
    const pem = '-----BEGIN KEY-----\nMIIB\n-----END KEY-----'
    await guillemet(cwd, ['set', 'pem', '--allow-host', 'a.example'], { input: `${pem}\r\n` })
    await guillemet(cwd, ['set', 'pem'], { input: `${pem}2\n` })
    const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
    expect((await vault.describe('pem'))?.allow?.hosts).toEqual(['a.example'])
    await vault.update('pem', { allow: null })
    expect((await vault.resolve('<< secrets.pem >>')).expose()).toBe(`${pem}2`)
    expect((await guillemet(cwd, ['set', 'pem'], { input: `${pem}2` })).stderr).toContain('Unchanged')
  })

  it('loses the byte order mark that editors of Windows put before it', async () => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'a'], { input: VALUE })
    expect((await guillemet(cwd, ['set', 'a'], { input: `\ufeff${VALUE}\r\n` })).stderr).toContain('Unchanged')
    expect((await guillemet(cwd, ['set', 'a'], { input: '\ufeff\r\n' })).exitCode).toBe(2)
  })

  it('that was deleted needs its rule again, and the options for it are named', async () => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'a'], { input: VALUE })
    await guillemet(cwd, ['delete', 'a', '--confirm', 'a'])
    const { exitCode, stderr } = await guillemet(cwd, ['set', 'a'], { input: VALUE })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--allow-host HOST, --allow-in PLACE, or --any-host')
    expect((await guillemet(cwd, ['set', 'a', '--any-host'], { input: VALUE })).exitCode).toBe(0)
  })

  it.each([
    [['set', 'my tag'], 'The tag must be'],
    [['show', 'a.b'], 'The tag must be'],
    [['delete', 'a/b', '--confirm', 'a/b'], 'The tag must be'],
    [['list', '--workspace', 'a b'], 'The workspace must be'],
    [['list', '--environment', 'a/b'], 'The environment must be'],
  ])('whose name is none is typed wrongly: %j', async (args, told) => {
    const cwd = await ready()
    const { exitCode, stderr } = await guillemet(cwd, args, { input: VALUE })
    expect([exitCode, stderr.includes(told)]).toEqual([2, true])
  })

  it('may be bound to a place as well, and is said to be bound loosely', async () => {
    const cwd = await ready()
    const bound = ['set', 'a', '--allow-host', '*.com', '--allow-in', 'header:X-Key', 'query:k']
    const { exitCode, stderr } = await guillemet(cwd, bound, { input: VALUE })
    expect(exitCode).toBe(0)
    expect(stderr).toContain('The rule of a names "*.com", under which anybody can have a host')
    const shown = (await guillemet(cwd, ['show', 'a'])).stdout
    expect(shown).toMatch(/^in +header:x-key, query:k$/m)
    const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
    await vault.update('a', { allow: { maxUses: 2 } })
    expect((await guillemet(cwd, ['show', 'a'])).stdout).toMatch(/^uses +at most 2 in one resolve$/m)
  })

  it('keeps every part of its rule that was not typed, and with --any-host what no option says', async () => {
    const cwd = await ready()
    const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
    const allow = { hosts: ['a.example'], in: ['query:k'], methods: ['GET'], maxUses: 1 } as const
    await vault.set({ tag: 'a', value: VALUE, allow })
    const ruleAfter = async (...options: string[]) => {
      expect((await guillemet(cwd, ['set', 'a', ...options], { input: `${VALUE}2` })).exitCode).toBe(0)
      const info = await vault.describe('a')
      return info !== undefined && Object.hasOwn(info, 'allow') ? info.allow : undefined
    }
    expect(await ruleAfter('--allow-host', 'b.example')).toEqual({ ...allow, hosts: ['b.example'] })
    expect(await ruleAfter('--allow-in', 'header')).toEqual({ ...allow, hosts: ['b.example'], in: ['header'] })
    expect(await ruleAfter('--name', 'of Ann', '--keep-value')).toMatchObject({ methods: ['GET'] })
    expect(await ruleAfter('--any-host')).toEqual({ methods: ['GET'], maxUses: 1 })
    await vault.update('a', { allow: { hosts: ['a.example'] } })
    expect(await ruleAfter('--any-host', '--type', 'text')).toBeUndefined()
  })

  it('keeps of its rule what is sealed, not what a storage has shown', async () => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'a', '--allow-host', 'a.example'], { input: VALUE })
    const path = join(cwd, '.secrets')
    const lies = { left: 1 }
    const evil = (row: StoredRecord | undefined) =>
      row?.tag === 'a' && lies.left-- > 0 ? { ...row, body: row.body.replace('a.example', 'evil.example') } : row
    const honest = fileStorage(path)
    const storage = {
      ...honest,
      get: async (...call: Parameters<typeof honest.get>) => (await honest.get(...call)).map(evil),
    }
    const keys = fileKey(join(cwd, '.secrets.key'))
    const vault = createVault({ storage, keys })
    const options = { keepValue: true, allowIn: ['header'] }
    const session = { vault, view: vault, options: {}, hasKey: true, workspace: {}, place: {} }
    const host = { stderr: new PassThrough(), stdout: new PassThrough() } as unknown as Host
    expect(await set(host, session, 'a', options)).toBe(0)
    const shown = await createVault({ storage: honest, keys }).describe('a')
    expect([lies.left < 1, shown?.allow]).toEqual([true, { hosts: ['a.example'], in: ['header'] }])
  })

  it('for an environment alone is bound to it, and is listed so', async () => {
    const cwd = await ready()
    const { exitCode, stderr } = await guillemet(cwd, ['set', 'npm', '--allow-in', 'env'], { input: VALUE })
    expect([exitCode, stderr.includes('anywhere')]).toEqual([0, false])
    expect((await guillemet(cwd, ['list'])).stdout).toMatch(/^npm +text .* environment only$/m)
    const wrong = await guillemet(cwd, ['set', 'npm', '--allow-host', 'a b'], { input: VALUE })
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('Nothing was stored.')])
  })

  it('is bound afterwards with the line that set gives, without its value', async () => {
    const cwd = await ready()
    const set = (...args: string[]) => guillemet(cwd, ['set', ...args], { input: VALUE })
    const { stderr } = await set('a', '--environment', 'staging')
    const line = /guillemet set (a --keep-value --environment staging --allow-host api.example.com)/.exec(stderr)![1]!
    const bound = await guillemet(cwd, ['set', ...line.split(' ')])
    expect(bound).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Changed: a, version 3') })
    const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
    const staging = vault.with({ environment: 'staging' })
    expect((await staging.describe('a'))?.allow).toEqual({ hosts: ['api.example.com'] })
    await staging.update('a', { allow: null })
    expect((await staging.resolve('<< secrets.a >>')).expose()).toBe(VALUE)
    expect((await set('b', '--keep-value', '--any-host')).stderr).toContain('There is no secret b')
    const staged = ['--environment', 'staging', '--keep-value']
    expect(await set('a', ...staged)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('what is to change'),
    })
    expect((await set('a', ...staged, '--type', 'text')).stderr).toContain('not both')
  })

  it('with fields comes as JSON', async () => {
    const cwd = await ready()
    const input = '{"username":"app","password":"hunter22"}'
    expect((await guillemet(cwd, ['set', 'db', '--type', 'basicAuth'], { input })).exitCode).toBe(0)
    expect((await guillemet(cwd, ['show', 'db'])).stdout).toMatch(/password +••••••••\n/)
    expect((await guillemet(cwd, ['set', 'db'], { input: 'hunter22' })).exitCode).toBe(2)
  })

  it('in another workspace needs its own keyring, so that a typing error begins no second storage', async () => {
    const cwd = await ready()
    const { exitCode, stderr } = await guillemet(cwd, ['set', 'a', '--workspace', 'acme'], { input: VALUE })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('guillemet init --workspace acme.')
    expect((await guillemet(cwd, ['init', '--workspace', 'acme'])).exitCode).toBe(0)
    expect((await guillemet(cwd, ['set', 'a', '--workspace', 'acme'], { input: VALUE })).exitCode).toBe(0)
    expect((await guillemet(cwd, ['set', 'a', '--environment', 'staging'], { input: VALUE })).exitCode).toBe(0)
    expect((await guillemet(cwd, ['list', '--environment', 'staging'])).stdout).toContain('text')
  })

  it.each([
    ['nothing', ''],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x41)],
    ['more than a value can be', 'x'.repeat(1024 * 1024 + 9)],
  ])('is not set from %s', async (_title, input) => {
    const cwd = await ready()
    const before = bytesOf(cwd)
    expect((await guillemet(cwd, ['set', 'a'], { input })).exitCode).toBe(2)
    expect(bytesOf(cwd)).toEqual(before)
  })
})

describe('import', () => {
  const FILE = '# shop\nSTRIPE_KEY="sk_live_1234567"\r\nPORT=80\nAPI_TOKEN=abc#def\n'

  it('shows what would happen, and with --yes does it: the file keeps its mode and every other character', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), FILE, { mode: 0o640 })
    const shown = await guillemet(cwd, ['import', '.env', '--dry-run', '--json'])
    expect(JSON.parse(shown.stdout)).toMatchObject([{ name: 'STRIPE_KEY' }, { name: 'PORT' }, { name: 'API_TOKEN' }])
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(FILE)
    const asked = await guillemet(cwd, ['import', '.env'])
    expect(asked).toMatchObject({ exitCode: 2, stdout: '' })
    const done = await guillemet(cwd, ['import', '.env', '--yes'])
    expect(done).toMatchObject({ exitCode: 1, stdout: '' })
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(FILE.replace('sk_live_1234567', '<< secrets.STRIPE_KEY >>'))
    expect(statSync(join(cwd, '.env')).mode & 0o777).toBe(0o640)
    for (const { stdout, stderr } of [shown, asked, done]) expect(stdout + stderr).not.toMatch(/sk_live|abc#|def/)
    expect(done.stderr).toMatch(/API_TOKEN +stays: its line holds more.*: --only API_TOKEN\)$/m)
    expect(readdirSync(cwd).sort()).toEqual(['.env', '.gitignore', '.secrets', '.secrets.key'])
    expect((await guillemet(cwd, ['import', '.env', '--yes'])).stderr).toContain('as it was')
    writeFileSync(join(cwd, '.env'), 'STRIPE_KEY=sk_live_other12\n')
    const replaced = await guillemet(cwd, ['import', '.env', '--dry-run'])
    expect(replaced.stderr).toMatch(/^STRIPE_KEY +stays: another value .*: --only STRIPE_KEY\)$/m)
  })

  it('names the lines where a part of a secret is left, and once more when it is run again', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), 'DUP_TOKEN=first\nHALF_TOKEN="abcd\\"efghij"\nDUP_TOKEN=second\nA_KEY=x1234567\n')
    const shown = await guillemet(cwd, ['import', '.env', '--dry-run', '--only', 'HALF_TOKEN'])
    expect(shown.stderr).not.toContain('NOT ALL')
    const done = await guillemet(cwd, ['import', '.env', '--yes', '--only', 'HALF_TOKEN', 'DUP_TOKEN', 'A_KEY'])
    const again = await guillemet(cwd, ['import', '.env', '--yes'])
    for (const { exitCode, stderr } of [done, again]) {
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/NOT ALL.* \.env: HALF_TOKEN \(line 2\), DUP_TOKEN \(line 1\)\./)
    }
    expect(again.stderr).toContain('Nothing was stored')
  })

  it('says what a program that loads the file itself gets from now on', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), 'A_KEY=x1234567\n')
    const { stderr } = await guillemet(cwd, ['import', '.env', '--yes'])
    for (const name of ['--env-file', 'runProcess', 'renderDotenv', 'resolveEnv']) expect(stderr).toContain(name)
    expect(stderr).not.toContain('NOT ALL')
  })

  it.each([
    ['NOPE', '--only NOPE: there is no such name in .env'],
    ['APY_TOKEN', 'Did you mean API_TOKEN?'],
    ['hunter22', '--only (a name that is not shown)'],
    ['EMPTY', '--only EMPTY: it cannot be imported, since it is empty (line 5)'],
  ])('says that --only %s names nothing', async (name, message) => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), `${FILE}EMPTY=\n`)
    const { exitCode, stderr } = await guillemet(cwd, ['import', '.env', '--yes', '--only', name])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter22')
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(`${FILE}EMPTY=\n`)
  })

  it('takes what is named, through a link that stays one, and a JSON map', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, 'real.env'), FILE)
    symlinkSync('real.env', join(cwd, '.env'))
    expect((await guillemet(cwd, ['import', '.env', '--only', 'API_TOKEN', '--yes'])).exitCode).toBe(1)
    expect(readFileSync(join(cwd, 'real.env'), 'utf8')).toContain('API_TOKEN=<< secrets.API_TOKEN >>#def')
    writeFileSync(join(cwd, 'map.json'), '{ "SMTP_PASSWORD": "p\\"q" }')
    expect((await guillemet(cwd, ['import', 'map.json', '--yes'])).exitCode).toBe(0)
    expect(readFileSync(join(cwd, 'map.json'), 'utf8')).toBe('{ "SMTP_PASSWORD": "<< secrets.SMTP_PASSWORD >>" }')
  })

  it.each<[number, string, string[]]>([
    [0, 'A_TOKEN=zd-7f3e9a1c5b', ['--yes']],
    [1, 'A_TOKEN=zd-7f#3e9a1c5b', ['--yes']],
    [1, 'A_TOKEN="zd-7f3e9a1c5b\nzd-2"', ['--yes']],
    [0, 'A_TOKEN=zd-7f#3e9a1c5b', ['--dry-run']],
    [1, 'A_TOKEN=zd-7f3e9a1c5b\nA_TOKEN=zd-2222222222', ['--only', 'A_TOKEN', '--yes']],
    [0, 'A_TOKEN=zd-7f3e9a1c5b\nB_TOKEN=zd-7f#3e9a1c5b', ['--only', 'A_TOKEN', '--yes']],
    [1, 'A_TOKEN=zd-7f3e9a1c5b\n# A_TOKEN=zd-7f3e9a1c5b', ['--yes']],
    [1, 'A_NAME\nA_PASSWORD=zd-7f3e9a1c5b', ['--yes']],
    [1, 'a.password=zd-7f3e9a1c5b', ['--yes']],
    [1, '{"Values":{"A_KEY":"zd-7f3e9a1c5b"}}', ['--yes']],
    [1, 'A_TOKEN=changeme', ['--yes']],
    [0, 'A_TOKEN=op://Private/OpenAI/credential', ['--yes']],
    [0, '\ufeff{"A_TOKEN":"zd-7f3e9a1c5b"}', ['--yes']],
  ])('ends with %i where the file is %j and %j is said', async (expected, text, args) => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), `${text}\n`)
    expect((await guillemet(cwd, ['import', '.env', ...args])).exitCode).toBe(expected)
  })

  it('leaves the key of the vault in the file, says why, and takes it by no option', async () => {
    const cwd = folder()
    const env = { GUILLEMET_KEY: generateKey() }
    await guillemet(cwd, ['init'], { env })
    const text = `GUILLEMET_KEY=${env.GUILLEMET_KEY}\nOPENAI_API_KEY=sk-1234567890abcdef\n`
    writeFileSync(join(cwd, '.env'), text)
    const only = await guillemet(cwd, ['import', '.env', '--only', 'GUILLEMET_KEY', '--yes'], { env })
    expect(only).toMatchObject({ exitCode: 2, stdout: '' })
    expect(only.stderr).toContain('--only GUILLEMET_KEY: it cannot be imported, since it opens a vault')
    const { exitCode, stderr } = await guillemet(cwd, ['import', '.env', '--yes'], { env })
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^GUILLEMET_KEY +stays: it opens a vault and must stay outside of it/m)
    expect(stderr).not.toContain(env.GUILLEMET_KEY)
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toContain(text.split('\n')[0])
  })

  it('leaves a file that is no text, or is not there', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), Uint8Array.of(0x41, 0x3d, 0xff))
    expect((await guillemet(cwd, ['import', '.env', '--yes'])).exitCode).toBe(1)
    expect((await guillemet(cwd, ['import', 'nowhere.env', '--yes'])).exitCode).toBe(2)
  })
})

describe('the wrong key', () => {
  it.each([
    ['init'],
    ['init', '--print'],
    ['set', 'a'],
    ['set', 'new'],
    ['import', '.env', '--yes'],
    ['list'],
    ['show', 'a'],
    ['delete', 'a', '--confirm', 'a'],
    ['rotate'],
    ['rotate', '--dry-run'],
    ['rewrap'],
  ])('%s %s changes no byte', async (...args) => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'a'], { input: VALUE })
    writeFileSync(join(cwd, '.env'), 'A_KEY=another-value\n')
    writeFileSync(join(cwd, '.secrets.key'), `${generateKey()}\n`)
    const before = bytesOf(cwd)
    const { exitCode, stderr } = await guillemet(
      cwd,
      args.filter((arg) => arg !== undefined),
      { input: 'other' },
    )
    expect(bytesOf(cwd)).toEqual(before)
    // only listing and showing need no key
    expect(exitCode).toBe(['list', 'show'].includes(args[0]!) ? 0 : 1)
    // which key opens it, and but for init, which speaks of new ones, which was given
    const given = args[0] === 'init' ? '' : fileKey(join(cwd, '.secrets.key')).id
    if (exitCode === 0) return
    expect(stderr).toContain(given)
    expect(stderr.replace(given, '')).toMatch(/local:[\w-]{11}/)
  })

  it('that is lost for good: single secrets go without any, and another folder begins, as docs/KEYS.md says', async () => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'a'], { input: 'one' })
    unlinkSync(join(cwd, '.secrets.key'))
    expect(await guillemet(cwd, ['delete', 'a', '--confirm', 'a'])).toMatchObject({ exitCode: 0 })
    expect((await guillemet(cwd, ['init'])).exitCode).toBe(1)
    renameSync(join(cwd, '.secrets'), join(cwd, '.secrets.lost'))
    expect((await guillemet(cwd, ['init'])).exitCode).toBe(0)
    expect((await guillemet(cwd, ['set', 'a'], { input: 'two' })).exitCode).toBe(0)
  })

  it('and none at all are told apart', async () => {
    const cwd = await ready()
    unlinkSync(join(cwd, '.secrets.key'))
    const { exitCode, stderr } = await guillemet(cwd, ['set', 'a'], { input: VALUE })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('needs a key, and none is given')
  })
})

describe('rotate and rewrap', () => {
  it('do one thing each, and say which they did not', async () => {
    const cwd = await ready()
    for (const tag of ['a', 'b']) await guillemet(cwd, ['set', tag], { input: VALUE })
    const dry = await guillemet(cwd, ['rotate', '--dry-run'])
    expect(dry).toMatchObject({ exitCode: 0, stdout: '' })
    expect(dry.stderr).toContain('Nothing was written')
    const rotated = await guillemet(cwd, ['rotate'])
    expect(rotated).toMatchObject({ exitCode: 0, stdout: '' })
    expect(rotated.stderr).toMatch(/2 sealed again.*\n.*Not done:.*\n.*local:/)
    const rewrapped = await guillemet(cwd, ['rewrap', '--json'])
    expect(JSON.parse(rewrapped.stdout)).toMatchObject({ done: 1, isComplete: true })
    expect(rewrapped.stderr).toContain('no record was sealed again')
    expect(JSON.parse((await guillemet(cwd, ['rotate', '--json'])).stdout)).toMatchObject({
      isComplete: true,
      keyEncryptionKeys: 'unchanged',
      workspaces: [{ workspace: 'default', records: 2, rotated: 2 }],
    })
  })

  it('end with another code where a record does not open, which is named', async () => {
    const cwd = await ready()
    for (const tag of ['a', 'b']) await guillemet(cwd, ['set', tag], { input: VALUE })
    const storage = fileStorage(join(cwd, '.secrets'))
    const [row] = await storage.get('default', [{ environment: 'default', tag: 'b' }])
    await storage.put({ ...row!, version: row!.version + 1 }) // sealed to another version
    const { exitCode, stderr } = await guillemet(cwd, ['rotate'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('default/b (moved)')
    expect(stderr).not.toContain('Not done')
  })

  it('without a key, or where nothing is stored, say what to do', async () => {
    const cwd = folder()
    for (const command of ['rotate', 'rewrap']) {
      expect((await guillemet(cwd, [command])).stderr).toContain('guillemet init')
      const keyed = await guillemet(cwd, [command], { env: { GUILLEMET_KEY: generateKey() } })
      expect(keyed.exitCode).toBe(1)
      expect(keyed.stderr).toContain('Nothing is stored')
    }
  })

  it('end after the record at hand when they are interrupted, and go on when they are run again', async () => {
    const cwd = await ready()
    for (const tag of ['a', 'b', 'c']) await guillemet(cwd, ['set', tag], { input: VALUE })
    const interrupt = (signal: 'SIGINT' | 'SIGTERM') => (host: Host) => {
      const stderr = Object.assign(new PassThrough(), { isTTY: true })
      // at the first line of progress
      stderr.on('data', () => host.onInterrupt?.(signal))
      Object.assign(host, { stderr })
    }
    expect((await guillemet(cwd, ['rotate'], { prepare: interrupt('SIGINT') })).exitCode).toBe(130)
    expect((await guillemet(cwd, ['rotate'], { prepare: interrupt('SIGTERM') })).exitCode).toBe(143)
    const { exitCode, stdout } = await guillemet(cwd, ['rotate', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ workspaces: [{ isResumed: true, records: 3 }] })
  })
})

describe('what is typed wrongly', () => {
  it.each([
    [['set', 'a', 'hunter22'], 'history of the shell'],
    [['hunter22'], 'no such command'],
    [['sett', 'a'], 'Did you mean set?'],
    [['list', '--hunter22'], 'no such option'],
    [['list', '--verbose'], 'no option --verbose.'],
    [['list', '--jsno'], 'Did you mean --json?'],
    [['set'], 'TAG is missing'],
    [['set', 'a', '--type', 'hunter22'], 'must be one of text'],
    [['set', 'a', '--type'], 'value of an option'],
    [['set', 'a', '--any-host', '--allow-host', 'a.example'], 'not both'],
    [['list', '--config', 'hunter22'], '--config'],
    [[], 'Usage:'],
  ])('%j is said, without what was typed', async (args, message) => {
    const { exitCode, stdout, stderr } = await guillemet(await ready(), args, { input: VALUE })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter22')
  })

  it('a tag that is not there gets the nearest one, and is not repeated', async () => {
    const cwd = await ready()
    await guillemet(cwd, ['set', 'zendesk'], { input: VALUE })
    expect((await guillemet(cwd, ['show', 'zendsk'])).stderr).toContain('Did you mean zendesk?')
    const { stderr } = await guillemet(cwd, ['delete', 'hunter22', '--confirm', 'hunter22'])
    expect(stderr).toContain('no such secret in the environment "default" of the workspace "default"')
    expect(stderr).toContain(join(cwd, '.secrets'))
    expect(stderr).toContain('There is zendesk.')
    expect(stderr).not.toContain('hunter22')
    expect((await guillemet(cwd, ['show', 'openai'])).stderr).toContain('no secret openai')
    const staging = await guillemet(cwd, ['show', 'zendesk', '--environment', 'staging'])
    expect(staging.stderr).toContain('"staging"')
    expect((await guillemet(cwd, ['delete', 'zendesk', '--confirm', 'zendsk'])).exitCode).toBe(1)
    expect((await guillemet(cwd, ['delete', 'zendesk'])).exitCode).toBe(2)
  })

  it('--help and --version are data', async () => {
    expect(await guillemet(folder(), ['--version'])).toEqual({ exitCode: 0, stdout: '0.0.0\n', stderr: '' })
    expect((await guillemet(folder(), ['set', '--help'])).stdout).toContain('--allow-host')
  })
})

describe('a configuration', () => {
  it('exports the vault, or a function that returns it', async () => {
    const cwd = folder()
    const env = { GUILLEMET_KEY: generateKey() }
    writeFileSync(join(cwd, 'guillemet.config.mjs'), configOf(join(cwd, 'elsewhere')))
    expect((await guillemetWith(cwd, ['init'], { env })).exitCode).toBe(0)
    expect((await guillemetWith(cwd, ['set', 'a'], { env, input: VALUE })).exitCode).toBe(0)
    expect(existsSync(join(cwd, 'elsewhere'))).toBe(true)
    const told = await guillemetWith(cwd, ['init', '--workspace', 'acme'], { env })
    expect(told.stderr).toMatch(/the directory ".*elsewhere".*add it to .gitignore/s)
    expect((await guillemet(folder(), ['init'])).stderr).not.toContain('add it to .gitignore')
    writeFileSync(join(cwd, 'one.mjs'), configOf(join(cwd, 'elsewhere'), 'make()'))
    expect((await guillemetWith(cwd, ['list', '--config', 'one.mjs'], { env })).stdout).toContain('text')
  })

  it('with a key of its own is told as the place of the key, whatever key file lies beside', async () => {
    const cwd = folder()
    const other = await ready()
    copyFileSync(join(other, '.secrets.key'), join(cwd, '.secrets.key'))
    const env = { GUILLEMET_KEY: readFileSync(join(cwd, '.secrets.key'), 'utf8').trim() }
    const config = configOf(join(cwd, 'elsewhere'), 'make').replace('process.env.GUILLEMET_KEY', `'${generateKey()}'`)
    expect(config).toContain('gmk1_')
    writeFileSync(join(cwd, 'guillemet.config.mjs'), config)
    const { exitCode, stderr } = await guillemetWith(cwd, ['init'], { env })
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Its key is in the configuration:')
  })

  it('is only looked at: listing changes no byte', async () => {
    const cwd = folder()
    const env = { GUILLEMET_KEY: generateKey() }
    writeFileSync(join(cwd, 'guillemet.config.mjs'), configOf(join(cwd, 'elsewhere'), 'make'))
    expect((await guillemetWith(cwd, ['init'], { env })).exitCode).toBe(0)
    const before = bytesOf(cwd)
    expect((await guillemetWith(cwd, ['list'], { env })).exitCode).toBe(0)
    expect(bytesOf(cwd)).toEqual(before)
  })

  it('that takes its key from the variable is told how after init, and when the variable is not set', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'guillemet.config.mjs'), configOf(join(cwd, 'elsewhere'), 'make'))
    const made = await guillemetWith(cwd, ['init'], {})
    expect(made.exitCode).toBe(0)
    const unset = await guillemetWith(cwd, ['set', 'a'], { input: VALUE })
    expect(unset.exitCode).toBe(1)
    for (const { stderr } of [made, unset]) expect(stderr).toContain('export GUILLEMET_KEY="$(cat .secrets.key)"')
    const env = { GUILLEMET_KEY: readFileSync(join(cwd, '.secrets.key'), 'utf8').trim() }
    expect((await guillemetWith(cwd, ['set', 'a'], { env, input: VALUE })).exitCode).toBe(0)
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('/.secrets.key*\n')
  })

  it('that reads a key file is begun with the line that init gives, and not without it', async () => {
    const cwd = folder()
    const path = join(cwd, '.secrets.key')
    const config = configOf(join(cwd, 'elsewhere')).replace(
      'process.env.GUILLEMET_KEY',
      `fileKey(${JSON.stringify(path)})`,
    )
    const imported = `import { fileKey } from ${JSON.stringify(new URL('../../src/keys/file.ts', import.meta.url).href)}`
    writeFileSync(join(cwd, 'guillemet.config.mjs'), `${imported}\n${config}`)
    const { exitCode, stderr } = await guillemetWith(cwd, ['init'], {})
    expect(exitCode).toBe(1)
    expect(stderr).toContain('A new key does not open what another one sealed')
    expect(stderr).toContain('generateKey()))" > .secrets.key)')
    expect(readdirSync(cwd)).toEqual(['guillemet.config.mjs'])
    writeFileSync(path, `${generateKey()}\n`, { mode: 0o600 })
    const begun = await guillemetWith(cwd, ['init'], {})
    expect(begun.exitCode).toBe(0)
    expect(begun.stderr).not.toContain('export')
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('/.secrets.key*\n')
  })

  it('that is bound to an environment works on that one', async () => {
    const cwd = folder()
    const made = `() => createVault({ storage: fileStorage(${JSON.stringify(join(cwd, 'elsewhere'))}), keys: process.env.GUILLEMET_KEY, environment: 'staging' })`
    writeFileSync(join(cwd, 'guillemet.config.mjs'), configOf(join(cwd, 'elsewhere'), made))
    const env = { GUILLEMET_KEY: generateKey() }
    expect((await guillemetWith(cwd, ['init'], { env })).exitCode).toBe(0)
    expect((await guillemetWith(cwd, ['set', 'a'], { env, input: VALUE })).stderr).toContain('staging')
    expect((await guillemetWith(cwd, ['rotate'], { env })).exitCode).toBe(0)
  })

  it.each(['cjs', 'mts', 'cts'])('with the ending %s is found, so that no second storage is begun', async (ending) => {
    const cwd = folder()
    writeFileSync(join(cwd, `guillemet.config.${ending}`), ending === 'cjs' ? 'module.exports = 1' : 'export default 1')
    const { exitCode, stderr } = await guillemet(cwd, ['init'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`guillemet.config.${ending}`)
    expect(readdirSync(cwd)).toEqual([`guillemet.config.${ending}`])
  })

  it('that is there twice, throws or exports something else is said, and its error is not repeated', async () => {
    const cwd = folder()
    const path = join(cwd, 'guillemet.config.mjs')
    writeFileSync(path, "throw new RangeError('postgres://app:hunter22@db')")
    const thrown = await guillemet(cwd, ['list'])
    expect(thrown).toMatchObject({ exitCode: 1, stdout: '' })
    expect(thrown.stderr).toContain('RangeError')
    expect(thrown.stderr).not.toContain('hunter22')
    writeFileSync(join(cwd, 'other.mjs'), 'export default {}')
    expect((await guillemet(cwd, ['list', '--config', 'other.mjs'])).stderr).toContain('does not export a vault')
    writeFileSync(join(cwd, 'view.mjs'), configOf(join(cwd, 'elsewhere'), "make().with({ workspace: 'acme' })"))
    const env = { GUILLEMET_KEY: generateKey() }
    const view = await guillemetWith(cwd, ['list', '--config', 'view.mjs'], { env })
    expect(view).toMatchObject({ exitCode: 1, stdout: '' })
    expect(view.stderr).toContain('exports a view')
    writeFileSync(join(cwd, 'guillemet.config.js'), '')
    expect((await guillemet(cwd, ['list'])).stderr).toContain('keep one of them')
  })
})

/** A configuration over a folder, with the key of the variable. */
function configOf(storage: string, exported = 'make'): string {
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  return [
    `import { createVault } from ${source('index.ts')}`,
    `import { fileStorage } from ${source('storage/file.ts')}`,
    `const make = () => createVault({ storage: fileStorage(${JSON.stringify(storage)}), keys: process.env.GUILLEMET_KEY })`,
    `export default ${exported}`,
  ].join('\n')
}

/** A configuration reads the environment of the process, so the run is given that one. */
async function guillemetWith(cwd: string, args: readonly string[], { env = {}, ...given }: Given) {
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    return await guillemet(cwd, args, { ...given, prepare: (host) => Object.assign(host, { env: process.env }) })
  } finally {
    process.env = before
  }
}
