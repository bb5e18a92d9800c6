/** What the providers have once wrapped opens for ever: labels, contexts and layouts are API. */

import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importBackup } from '../../src/admin/import-backup.ts'
import { openKeyring } from '../../src/crypto/keyring.ts'
import { keychainKey } from '../../src/keys/keychain.ts'
import { type KmsClient, kmsKey } from '../../src/keys/kms.ts'
import { pkcs11Key } from '../../src/keys/pkcs11.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import frozen from '../vectors/providers.json' with { type: 'json' }
import { PIN, token } from './fake-token.ts'

/** A service with one key that never changes: AES-256-GCM, nonce 12 ‖ ciphertext ‖ tag 16. */
const client: KmsClient = {
  encrypt: () => Promise.reject(new Error('It only opens.')),
  async decrypt({ ciphertext }) {
    const decipher = createDecipheriv('aes-256-gcm', new Uint8Array(32).fill(3), ciphertext.subarray(0, 12))
    decipher.setAuthTag(ciphertext.subarray(-16))
    return new Uint8Array(Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()]))
  },
}

const providers: Readonly<Record<string, KeyProvider>> = {
  kms: kmsKey({ id: 'kms:acme', client }),
  keychain: keychainKey({ entry: { getPassword: () => frozen.key }, allowVolatile: true }),
  pkcs11: pkcs11Key({ id: 'hsm:acme', module: token().module, token: 'acme', key: 'vault', pin: PIN }),
}

describe.each(Object.entries(frozen.keyrings))('a keyring that %s has wrapped', (name, { body, dataKey }) => {
  it('opens', async () => {
    const keyring = await openKeyring(body, 'frozen', [providers[name]!])
    expect(Buffer.from(keyring.active.bytes).toString('hex')).toBe(dataKey)
  })

  it('does not open in a workspace of another name', async () => {
    const opening = openKeyring(body, 'renamed', [providers[name]!])
    await expect(opening).rejects.toMatchObject(name === 'keychain' ? { code: 'ERR_INVALID_KEY' } : { reason: 'moved' })
  })
})

it('a backup of then is imported', async () => {
  const vault = createVault({ storage: memoryStorage(), keys: frozen.key })
  expect((await importBackup(vault, frozen.backup)).isComplete).toBe(true)
  expect((await vault.resolve('<< secrets.a >> << secrets.b.pass >>')).expose()).toBe('one two')
  expect(await vault.describe('a')).toMatchObject({ createdBy: 'ann', allow: { in: ['value'] } })
})
