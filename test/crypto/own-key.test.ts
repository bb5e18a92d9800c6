/** The key of a vault is never kept in that vault, and the vault's redactor knows it. */

import { describe, expect, it } from 'vitest'
import { createVault, generateKey, passphraseKey } from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'

const PASSPHRASE = 'correct hörse battery staple'

describe('what opens the vault', () => {
  const key = generateKey()
  // one for all: to open it takes a second, since a passphrase is stretched
  const own = createVault({ storage: memoryStorage(), keys: [key, passphraseKey(PASSPHRASE)] })

  it.each([
    ['its key', key, 'value'],
    ['its key with a line end', `${key}\n`, 'value'],
    ['a line with its key', `GUILLEMET_KEY=${key}`, 'value'],
    ['JSON with its key', JSON.stringify({ other: generateKey(), key }), 'value'],
    ['its key in a field', { user: 'ann', key }, 'value.key'],
  ])('is not stored in it: %s', async (_what, value, path) => {
    const refused = { code: 'ERR_INVALID_INPUT', path }
    await expect(own.set({ tag: 'a', value })).rejects.toMatchObject(refused)
    await expect(own.create({ tag: 'a', value })).rejects.toMatchObject(refused)
    expect(await own.describe('a')).toBeUndefined()
  })

  it('is not told where it is a passphrase: whoever may store secrets could try guesses', async () => {
    const before = await own.set({ tag: 'guess', value: 'correct hörse battery stable' })
    expect(await own.set({ tag: 'other', value: PASSPHRASE })).toMatchObject({ version: before.version })
  })

  it('is not given to a secret that is there either', async () => {
    const own = createVault({ storage: memoryStorage(), keys: key })
    await own.set({ tag: 'a', value: 'another value' })
    const error = await own.update('a', { value: key }).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'value' })
    expect((error as Error).message).not.toContain(key)
  })

  it('of another vault may be kept: one vault can hold the keys of others', async () => {
    const own = createVault({ storage: memoryStorage(), keys: key })
    await own.set({ tag: 'tenant', value: generateKey() })
    expect(await own.describe('tenant')).toBeDefined()
  })

  it('given as a text is masked by its redactor from the beginning', () => {
    const { redactor } = createVault({ storage: memoryStorage(), keys: [key, passphraseKey(PASSPHRASE)] })
    expect(redactor.text(`GUILLEMET_KEY: '${key}'`)).toBe("GUILLEMET_KEY: '[secret:guillemet_key]'")
  })
})
