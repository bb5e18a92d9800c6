/** A vault that was made for one environment reaches no secret of another, with no command of an administrator. */

import { describe, expect, it } from 'vitest'
import { copyVault } from '../../src/admin/copy-vault.ts'
import { destroyKey } from '../../src/admin/destroy-key.ts'
import { exportBackup } from '../../src/admin/export-backup.ts'
import { importBackup } from '../../src/admin/import-backup.ts'
import { purgeWorkspace } from '../../src/admin/purge-workspace.ts'
import { retireKey } from '../../src/admin/retire-key.ts'
import { rewrapKeys } from '../../src/admin/rewrap-keys.ts'
import { rotateKeys } from '../../src/admin/rotate-keys.ts'
import type { Vault } from '../../src/vault/api.ts'
import { thrown } from '../vault/fixture.ts'
import { NEXT, OLD, OLD_ID, type Stage, stage } from './stage.ts'

const ENVIRONMENTS = ['production', 'staging'] as const

/** A secret of one tag in each environment. */
async function furnished(age: string): Promise<Stage> {
  const scene = stage()
  for (const environment of ENVIRONMENTS) {
    await scene.vault({ environment }).set({ tag: 'stripe', value: `${environment}-key-${age}` })
  }
  return scene
}

const valuesOf = async (vault: Vault) =>
  Promise.all(
    ENVIRONMENTS.map(async (environment) =>
      (await vault.with({ environment }).resolve('<< secrets.stripe >>')).expose(),
    ),
  )

describe('a vault that was made for one environment', () => {
  it('neither copies, exports, imports nor purges what other environments hold', async () => {
    const [laptop, server] = [await furnished('old'), await furnished('new')]
    const staging = laptop.vault({ environment: 'staging' })
    const backup: string[] = []
    for await (const line of exportBackup(laptop.vault())) backup.push(line)
    const before = JSON.stringify([await laptop.dump(), await server.dump()])
    for (const [command, run] of [
      ['copyVault', () => copyVault(staging, server.vault(), { overwrite: true })],
      ['copyVault', () => copyVault(laptop.vault(), server.vault({ environment: 'staging' }), { overwrite: true })],
      ['exportBackup', () => exportBackup(staging)],
      ['importBackup', () => importBackup(server.vault({ environment: 'staging' }), backup, { overwrite: true })],
      ['purgeWorkspace', () => purgeWorkspace(staging, 'default', { confirm: 'default' })],
    ] as const) {
      expect(thrown(run)).toMatchObject({
        code: 'ERR_PERMISSION_DENIED',
        message: `The vault was made for one environment, and ${command} works on every environment of a workspace; make one without the option environment for it.`,
      })
    }
    expect(JSON.stringify([await laptop.dump(), await server.dump()])).toBe(before)
    expect((await copyVault(laptop.vault(), server.vault(), { overwrite: true })).isComplete).toBe(true)
    expect(await valuesOf(server.vault())).toEqual(['production-key-old', 'staging-key-old'])
  })

  it('changes the keys of its workspace, by which no value is read, moved or lost', async () => {
    const scene = await furnished('new')
    const staging = scene.vault({ environment: 'staging', keys: [NEXT, OLD] })
    await rewrapKeys(staging)
    const { workspaces, isComplete } = await rotateKeys(staging)
    expect(isComplete).toBe(true)
    const retired = workspaces[0]!.retired[0]!
    await destroyKey(staging, retired, { confirm: retired })
    await retireKey(staging, OLD_ID)
    expect(await valuesOf(scene.vault({ keys: NEXT }))).toEqual(['production-key-new', 'staging-key-new'])
  })
})
