/** An option that is true or false is nothing else: what a script took from its environment must not write. */

import { describe, expect, it } from 'vitest'
import { copyVault } from '../../src/admin/copy-vault.ts'
import { exportBackup } from '../../src/admin/export-backup.ts'
import { importBackup } from '../../src/admin/import-backup.ts'
import { importEnv } from '../../src/admin/import-env.ts'
import { rotateKeys } from '../../src/admin/rotate-keys.ts'
import type { Vault } from '../../src/vault/api.ts'
import { stage } from './stage.ts'

type Command = (vault: Vault, other: Vault, options: object) => unknown

const COMMANDS: readonly (readonly [option: string, name: string, command: Command])[] = [
  ['dryRun', 'rotateKeys', (vault, _, options) => rotateKeys(vault, options)],
  ['dryRun', 'copyVault', (vault, other, options) => copyVault(vault, other, options)],
  ['overwrite', 'copyVault', (vault, other, options) => copyVault(vault, other, options)],
  ['dryRun', 'importBackup', (vault, _, options) => importBackup(vault, '', options)],
  ['overwrite', 'importBackup', (vault, _, options) => importBackup(vault, '', options)],
  ['allowUnreadable', 'exportBackup', (vault, _, options) => exportBackup(vault, options)],
  ['dryRun', 'importEnv', (vault, _, options) => importEnv(vault, 'A=b', { parse: () => ({ A: 'b' }), ...options })],
]

describe.each(COMMANDS)('the option %s of %s', (option, _, command) => {
  it.each([['1'], ['false'], [1], [0], [null]])('is not %j: it is refused, and nothing is written', async (given) => {
    const [from, to] = [stage(), stage()]
    const vault = from.vault()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const before = await from.dump()
    const refused = expect.objectContaining({
      code: 'ERR_INVALID_INPUT',
      message: `The option ${option} must be true or false.`,
    })
    await expect((async () => command(vault, to.vault(), { [option]: given }))()).rejects.toEqual(refused)
    expect(await from.dump()).toEqual(before)
    expect(await to.dump()).toEqual([])
  })
})
