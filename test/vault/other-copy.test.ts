/** What is no vault of this copy of the package is refused with the words that help, whoever is asked. */

import { expect, it, vi } from 'vitest'
import { copyVault, exportBackup, importEnv, rotateKeys } from '../../src/admin.ts'
import { generateKey } from '../../src/index.ts'
import { renderDotenv, runProcess } from '../../src/process.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'

const WORDS =
  /must be a vault of createVault or with, from the same copy of this package.*npm ls guillemet.*bundler or hot reload.*serverExternalPackages: \['guillemet'\]/

/** A vault as another copy of the package makes it. */
async function ofAnotherCopy(): Promise<Vault> {
  vi.resetModules()
  const { createVault } = await import('../../src/vault/vault.ts')
  return createVault({ storage: memoryStorage(), keys: generateKey() })
}

const CALLS: readonly [string, (vault: Vault) => unknown][] = [
  ['runProcess', (vault) => runProcess(vault, process.execPath, ['--version'])],
  ['renderDotenv', (vault) => renderDotenv(vault, {})],
  ['rotateKeys', (vault) => rotateKeys(vault)],
  ['exportBackup', (vault) => exportBackup(vault)],
  ['copyVault', (vault) => copyVault(vault, vault)],
  ['importEnv', (vault) => importEnv(vault, 'A=b', { parse: () => ({}) })],
]

it.each(CALLS)('%s', async (_name, call) => {
  for (const given of [await ofAnotherCopy(), undefined, {}, (await ofAnotherCopy()).redactor]) {
    const error = await (async () => call(given as Vault))().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', message: expect.stringMatching(WORDS) })
  }
})
