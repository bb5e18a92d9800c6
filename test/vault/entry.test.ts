/** The main entry has what a user writes, and nothing that he should not. */

import { expect, it } from 'vitest'
import * as guillemet from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'

it('exports the factories, the pure helpers and the error class', () => {
  expect(Object.keys(guillemet).sort()).toEqual([
    'GuillemetError',
    'createRedactor',
    'createVault',
    'envSecrets',
    'generateKey',
    'passphraseKey',
    'referenceTo',
    'rolePolicy',
  ])
})

it('is all that the main road needs', async () => {
  const { createVault, generateKey, referenceTo } = guillemet
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await vault.set({ tag: 'zendesk', value: 'zd-7f3e9a1c5b' })
  const resolved = await vault.resolveHeaders({ Authorization: `Bearer ${referenceTo('zendesk')}` })
  expect(resolved.expose()).toEqual({ Authorization: 'Bearer zd-7f3e9a1c5b' })
  expect(`${resolved}`).toBe('{"Authorization":"Bearer [secret:zendesk]"}')
})
