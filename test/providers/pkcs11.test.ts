/** A key that never leaves its token: SoftHSM 2, through pkcs11js. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Handle, PKCS11, Template } from 'pkcs11js'
import { afterAll, afterEach, beforeAll, expect, it, type TestContext } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { readKeyringBody, writeKeyringBody } from '../../src/crypto/keyring-body.ts'
import { type Pkcs11KeyOptions, type Pkcs11Module, pkcs11Key } from '../../src/keys/pkcs11.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]
const PIN = '2468'
const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const home = mkdtempSync(join(tmpdir(), 'guillemet-token-'))

let missing: string | undefined
let module: PKCS11
let constants: typeof import('pkcs11js')

beforeAll(async () => {
  const library = LIBRARIES.find((path) => existsSync(path))
  if (library === undefined || spawnSync('softhsm2-util', ['--version']).status !== 0) {
    missing = 'SoftHSM is not installed'
    return
  }
  const loaded = await import('pkcs11js').catch(() => undefined)
  if (loaded === undefined) {
    missing = 'pkcs11js could not be compiled'
    return
  }
  constants = loaded.default
  mkdirSync(join(home, 'tokens'))
  writeFileSync(join(home, 'softhsm2.conf'), `directories.tokendir = ${join(home, 'tokens')}\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = join(home, 'softhsm2.conf')
  const arguments_ = ['--init-token', '--free', '--label', 'acme', '--so-pin', '13579', '--pin', PIN]
  execFileSync('softhsm2-util', arguments_, { stdio: 'ignore' })
  module = new constants.PKCS11()
  module.load(library)
  module.C_Initialize()
  const { CKA_EXTRACTABLE } = constants
  makeKeys([
    keyNamed('vault'),
    keyNamed('twice'),
    keyNamed('twice'),
    keyNamed('weak', [{ type: CKA_EXTRACTABLE, value: true }]),
    keyNamed('short', [], 16),
  ])
})

afterAll(() => {
  module?.C_Finalize()
  module?.close()
  rmSync(home, { recursive: true, force: true })
})

// what one test has logged in would spare the next one its PIN
afterEach(() => module?.C_CloseAllSessions(slot()))

function keyNamed(label: string, more: Template = [], bytes = 32): Template {
  const { CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ENCRYPT, CKA_DECRYPT } = constants
  const template: Template = [
    { type: constants.CKA_LABEL, value: label },
    { type: constants.CKA_VALUE_LEN, value: bytes },
    ...[CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_ENCRYPT, CKA_DECRYPT].map((type) => ({ type, value: true })),
    { type: CKA_EXTRACTABLE, value: false },
  ]
  return [...template.filter(({ type }) => !more.some((other) => other.type === type)), ...more]
}

function makeKeys(templates: readonly Template[]): void {
  const session = module.C_OpenSession(slot(), constants.CKF_RW_SESSION | constants.CKF_SERIAL_SESSION)
  module.C_Login(session, constants.CKU_USER, PIN)
  for (const template of templates) module.C_GenerateKey(session, { mechanism: constants.CKM_AES_KEY_GEN }, template)
  module.C_CloseSession(session)
}

function slot(): Handle {
  return module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === 'acme')!
}

// the types of pkcs11js fit as they are
const keyOf = (more: Partial<Pkcs11KeyOptions> = {}) =>
  pkcs11Key({ id: 'hsm:acme', module, token: 'acme', key: 'vault', pin: PIN, ...more })

const skipWhereMissing = ({ skip }: TestContext) => skip(missing !== undefined, missing)
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

/** The module, with calls counted and some of them failing. */
function watched(failing: (method: string, count: number) => number | undefined = () => undefined) {
  const counts: Record<string, number> = {}
  const watching = new Proxy(module as Pkcs11Module, {
    get(target, name: keyof Pkcs11Module) {
      return (...of: unknown[]) => {
        counts[name] = (counts[name] ?? 0) + 1
        const code = failing(name, counts[name])
        if (code !== undefined) throw Object.assign(new Error(`secret ${PIN}`), { code })
        return (target[name] as (...of: unknown[]) => unknown).apply(target, of)
      }
    },
  })
  return { watching, counts }
}

it('wraps in 61 bytes that differ each time, and unwraps in another session', async (context) => {
  skipWhereMissing(context)
  const [one, other] = [await keyOf().wrap(DATA_KEY, AAD), await keyOf().wrap(DATA_KEY, AAD)]
  expect(one.bytes.length).toBe(61)
  expect(one.bytes).not.toEqual(other.bytes)
  expect(one.keyVersion).toBeUndefined()
  const keys = keyOf()
  for (const wrapped of [one, other]) expect(await keys.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
})

it('unwraps nothing of another context, or that was changed by a single bit', async (context) => {
  skipWhereMissing(context)
  const keys = keyOf()
  const { bytes } = await keys.wrap(DATA_KEY, AAD)
  await expect(keys.unwrap({ bytes }, Uint8Array.of(1, 2))).rejects.toThrow(unreadable('moved'))
  for (let bit = 8; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    await expect(keys.unwrap({ bytes: flipped }, AAD)).rejects.toThrow(unreadable('moved'))
  }
  for (const changed of [bytes.slice(1), Uint8Array.of(3, ...bytes.subarray(1)), Uint8Array.of(...bytes, 0)]) {
    await expect(keys.unwrap({ bytes: changed }, AAD)).rejects.toThrow(unreadable('tampered'))
  }
  expect(await keys.unwrap({ bytes }, AAD)).toEqual(DATA_KEY)
})

it('does not hand a workspace the data key of another one, if their slots are swapped', async (context) => {
  skipWhereMissing(context)
  const keys = keyOf()
  const [ours, theirs] = [await createKeyring('ours', [keys]), await createKeyring('theirs', [keys])]
  const body = readKeyringBody(ours.body)
  const { slots } = readKeyringBody(theirs.body).keys[0]!
  const swapped = writeKeyringBody({ ...body, keys: [{ ...body.keys[0]!, slots }] })
  await expect(openKeyring(swapped, 'ours', [keys])).rejects.toThrow(unreadable('moved'))
})

it('opens a vault', async (context) => {
  skipWhereMissing(context)
  const storage = memoryStorage()
  // #region vault
  const keys = pkcs11Key({ id: 'hsm:acme', module, token: 'acme', key: 'vault', pin: PIN })
  const vault = createVault({ storage, keys })
  // #endregion
  await vault.set({ tag: 'a', value: 'one' })
  await vault.close()
  const again = createVault({ storage, keys: keyOf() })
  expect((await again.resolve('<< secrets.a >>')).expose()).toBe('one')
  await again.close()
})

it.for([
  ['no key of the label', { key: 'other' }, 'ERR_INVALID_KEY', 'none was made'],
  ['several keys of the label', { key: 'twice' }, 'ERR_INVALID_KEY', 'several keys'],
  ['a key that can be taken out', { key: 'weak' }, 'ERR_INVALID_KEY', 'not extractable'],
  ['a key of 128 bits', { key: 'short' }, 'ERR_INVALID_KEY', '256 bits'],
  ['no such token', { token: 'elsewhere' }, 'ERR_STORAGE_UNAVAILABLE', 'no token'],
] as const)('%s is told so', async ([, more, code, words], context) => {
  skipWhereMissing(context)
  await expect(keyOf(more).wrap(DATA_KEY, AAD)).rejects.toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  )
})

it('a wrong PIN is tried once, however often the key is used', async (context) => {
  skipWhereMissing(context)
  const { watching, counts } = watched()
  const keys = keyOf({ module: watching, pin: '0000' })
  for (let attempt = 0; attempt < 5; attempt++) {
    await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_KEY', message: expect.stringContaining('PIN is wrong') }),
    )
  }
  expect(counts['C_Login']).toBe(1)
})

it('a session that was lost is opened again, once', async (context) => {
  skipWhereMissing(context)
  const CKR_SESSION_HANDLE_INVALID = 0xb3
  const once = watched((method, count) =>
    method === 'C_EncryptInit' && count === 2 ? CKR_SESSION_HANDLE_INVALID : undefined,
  )
  const keys = keyOf({ module: once.watching })
  await keys.wrap(DATA_KEY, AAD)
  const wrapped = await keys.wrap(DATA_KEY, AAD)
  expect(await keys.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  expect(once.counts['C_OpenSession']).toBe(2)

  const always = watched((method, count) =>
    method === 'C_EncryptInit' && count > 1 ? CKR_SESSION_HANDLE_INVALID : undefined,
  )
  const lost = keyOf({ module: always.watching })
  await lost.wrap(DATA_KEY, AAD)
  const failed = await lost.wrap(DATA_KEY, AAD).catch((error: Error) => error)
  expect(failed).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('0xb3') })
  expect(String((failed as Error).stack)).not.toContain(PIN)
  expect(always.counts['C_OpenSession']).toBe(2)
})

it('many wraps and unwraps at once do not disturb each other', async (context) => {
  skipWhereMissing(context)
  const keys = keyOf()
  const all = Array.from({ length: 50 }, (_, index) => new Uint8Array(32).fill(index))
  const opened = all.map(async (dataKey) => keys.unwrap(await keys.wrap(dataKey, AAD), AAD))
  expect(await Promise.all(opened)).toEqual(all)
})

it('is over when it is closed, and the module is still there for others', async (context) => {
  skipWhereMissing(context)
  const keys = keyOf()
  await keys.wrap(DATA_KEY, AAD)
  await keys.close!()
  await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow('was closed')
  await expect(keyOf().wrap(DATA_KEY, AAD)).resolves.toBeDefined()
})
