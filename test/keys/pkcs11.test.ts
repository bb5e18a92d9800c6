/** Against a token in memory; `npm run test:clients` does the same against SoftHSM. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import type { GuillemetError } from '../../src/errors.ts'
import { type Pkcs11KeyOptions, type Pkcs11Module, pkcs11Key } from '../../src/keys/pkcs11.ts'
import { PIN, token } from './fake-token.ts'

const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
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
