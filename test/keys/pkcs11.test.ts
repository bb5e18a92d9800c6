/** Against a token in memory; `npm run test:clients` does the same against SoftHSM. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import type { GuillemetError } from '../../src/errors.ts'
import { type Pkcs11KeyOptions, type Pkcs11Module, pkcs11Key } from '../../src/keys/pkcs11.ts'

const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const PIN = '2468'
const LABEL = 0x3
const handle = (number: number) => Uint8Array.of(number)
const isIn = (session: Uint8Array) => session[0] === 7

interface Attributes {
  readonly label: string
  readonly type?: number
  readonly length?: number
  readonly extractable?: number
  readonly sensitive?: number
}

/** A token of the label `acme` with these keys; `fail` may throw the return value of a call. */
function token(
  keys: readonly Attributes[] = [{ label: 'vault' }],
  fail: (method: string) => number | undefined = () => undefined,
) {
  const secret = new Uint8Array(32).fill(5)
  const counts = new Map<string, number>()
  let wanted = ''
  let parameter: { iv: Uint8Array; aad: Uint8Array }
  const thrown = (code: number) => Object.assign(new Error(`secret ${PIN}`), { code })
  const module: Pkcs11Module = {
    C_GetSlotList: () => [handle(1), handle(2)],
    C_GetTokenInfo: (slot) => ({ label: slot[0] === 1 ? 'acme'.padEnd(32) : 'other'.padEnd(32) }),
    C_OpenSession: () => handle(7),
    C_CloseSession: () => undefined,
    C_Login: (_session, _user, pin) => {
      if (pin !== PIN) throw thrown(0xa0)
    },
    C_FindObjectsInit: (_session, template) => {
      wanted = template.find(({ type }) => type === LABEL)!.value as string
    },
    C_FindObjects: () => keys.flatMap(({ label }, index) => (label === wanted ? [handle(index)] : [])),
    C_FindObjectsFinal: () => undefined,
    C_GetAttributeValue: (_session, object, template) => {
      const { type = 0x1f, length = 32, extractable = 0, sensitive = 1 } = keys[object[0]!]!
      const values = [type, length, extractable, sensitive]
      return template.map((attribute, index) => ({ ...attribute, value: Uint8Array.of(values[index]!, 0, 0, 0) }))
    },
    C_EncryptInit: (session, mechanism) => {
      if (!isIn(session)) throw thrown(0xb3)
      parameter = mechanism.parameter as typeof parameter
    },
    C_Encrypt: (_session, data) => {
      const cipher = createCipheriv('aes-256-gcm', secret, parameter.iv).setAAD(parameter.aad)
      return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]))
    },
    C_DecryptInit: (_session, mechanism) => {
      parameter = mechanism.parameter as typeof parameter
    },
    C_Decrypt: (_session, data) => {
      const decipher = createDecipheriv('aes-256-gcm', secret, parameter.iv).setAAD(parameter.aad)
      decipher.setAuthTag(data.subarray(-16))
      try {
        return new Uint8Array(Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]))
      } catch {
        throw thrown(0x40)
      }
    },
  }
  const counting = Object.fromEntries(
    Object.entries(module).map(([name, method]) => [
      name,
      (...of: never[]) => {
        counts.set(name, (counts.get(name) ?? 0) + 1)
        const code = fail(name)
        if (code !== undefined) throw thrown(code)
        return (method as (...of: never[]) => unknown)(...of)
      },
    ]),
  )
  return { module: counting as unknown as Pkcs11Module, counts }
}

const keyOf = (module: Pkcs11Module, more: Partial<Pkcs11KeyOptions> = {}) =>
  pkcs11Key({ id: 'hsm:acme', module, token: 'acme', key: 'vault', pin: PIN, ...more })

async function failureOf(module: Pkcs11Module, more: Partial<Pkcs11KeyOptions> = {}): Promise<GuillemetError> {
  return keyOf(module, more)
    .wrap(DATA_KEY, AAD)
    .then(
      () => expect.unreachable(),
      (error: GuillemetError) => error,
    )
}

describe('a key in a token', () => {
  it('wraps and unwraps in one session, which is opened at the first use', async () => {
    const { module, counts } = token()
    const keys = keyOf(module)
    expect(counts.size).toBe(0)
    const wrapped = await keys.wrap(DATA_KEY, AAD)
    expect(wrapped.bytes.length).toBe(61)
    expect(await keys.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
    expect(counts.get('C_OpenSession')).toBe(1)
  })

  it('unwraps nothing of another workspace, and nothing that was changed', async () => {
    const keys = keyOf(token().module)
    const { body } = await createKeyring('ours', [keys])
    await expect(openKeyring(body, 'ours', [keys])).resolves.toBeDefined()
    await expect(openKeyring(body, 'theirs', [keys])).rejects.toMatchObject({ reason: 'moved' })
    const { bytes } = await keys.wrap(DATA_KEY, AAD)
    for (const changed of [bytes.slice(1), Uint8Array.of(1, ...bytes.subarray(1)), Uint8Array.of(...bytes, 0)]) {
      await expect(keys.unwrap({ bytes: changed }, AAD)).rejects.toMatchObject({ reason: 'tampered' })
    }
  })

  it('is over when it is closed', async () => {
    const { module, counts } = token(undefined, (method) => (method === 'C_CloseSession' ? 0xb3 : undefined))
    const keys = keyOf(module)
    await keys.wrap(DATA_KEY, AAD)
    await keys.close!()
    expect(counts.get('C_CloseSession')).toBe(1)
    await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow('was closed')
    await expect(keyOf(module).close!()).resolves.toBeUndefined()
  })
})

describe('a token is told of:', () => {
  it.each([
    ['no such token', [{ label: 'vault' }], { token: 'elsewhere' }, 'ERR_STORAGE_UNAVAILABLE', 'no token'],
    ['no such key', [], {}, 'ERR_INVALID_KEY', 'none was made'],
    ['two keys', [{ label: 'vault' }, { label: 'vault' }], {}, 'ERR_INVALID_KEY', 'several keys'],
    ['a key of another kind', [{ label: 'vault', type: 0x10 }], {}, 'ERR_INVALID_KEY', '256 bits'],
    ['a short key', [{ label: 'vault', length: 16 }], {}, 'ERR_INVALID_KEY', '256 bits'],
    ['an extractable key', [{ label: 'vault', extractable: 1 }], {}, 'ERR_INVALID_KEY', 'not extractable'],
    ['a key that is not sensitive', [{ label: 'vault', sensitive: 0 }], {}, 'ERR_INVALID_KEY', 'not extractable'],
  ])('%s', async (_, keys, more, code, words) => {
    const error = await failureOf(token(keys).module, more)
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)])
  })

  it.each([
    [0xa4, 'ERR_INVALID_KEY', 'is locked'],
    [0xa3, 'ERR_INVALID_KEY', 'has expired'],
    [0xe0, 'ERR_STORAGE_UNAVAILABLE', 'plug it in'],
    [0x70, 'ERR_STORAGE_UNAVAILABLE', 'does not have AES-GCM'],
    [0x5, 'ERR_STORAGE_UNAVAILABLE', '(return value 0x5)'],
  ])('return value %i of a login', async (value, code, words) => {
    const { module } = token(undefined, (method) => (method === 'C_Login' ? value : undefined))
    const error = await failureOf(module)
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)])
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(PIN)
  })

  it('a login that another session has done is none of its business', async () => {
    const { module } = token(undefined, (method) => (method === 'C_Login' ? 0x100 : undefined))
    await expect(keyOf(module).wrap(DATA_KEY, AAD)).resolves.toBeDefined()
  })

  it('a wrong PIN, which is tried once, since a token locks itself', async () => {
    const { module, counts } = token()
    const keys = keyOf(module, { pin: '0000' })
    for (let attempt = 0; attempt < 4; attempt++) await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow('PIN is wrong')
    expect(counts.get('C_Login')).toBe(1)
  })

  it('a lost session, which is opened again, once', async () => {
    let lost = 0
    const { module, counts } = token(undefined, (method) =>
      method === 'C_EncryptInit' && lost-- > 0 ? 0xb3 : undefined,
    )
    const keys = keyOf(module)
    await keys.wrap(DATA_KEY, AAD)
    lost = 1
    await expect(keys.wrap(DATA_KEY, AAD)).resolves.toBeDefined()
    expect(counts.get('C_OpenSession')).toBe(2)
    lost = 2
    await expect(keys.wrap(DATA_KEY, AAD)).rejects.toThrow('0xb3')
  })
})

it('a mistake of the program is told when the provider is made', () => {
  const { module } = token()
  const whole = { id: 'hsm', module, token: 'acme', key: 'vault', pin: PIN }
  for (const options of [
    undefined,
    { ...whole, id: '' },
    { ...whole, module: {} },
    { ...whole, module: undefined },
    { ...whole, token: '' },
    { ...whole, key: 7 },
    { ...whole, pin: undefined },
    { ...whole, slot: 0 },
  ]) {
    expect(() => pkcs11Key(options as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  }
})
