/** The built command is killed before every step that it takes on the disk, and run again. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { inspectStorage } from '../../src/admin.ts'
import { createVault } from '../../src/index.ts'
import { fileKey } from '../../src/keys/file.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { folder } from './command-line.ts'
import { BUILT } from './terminal.ts'

const PRELOAD = new URL('./children/kill-at.mjs', import.meta.url).href
/** More steps than any of these commands has. */
const MOST_STEPS = 500
const ENV = 'A_KEY="kept value" # a\nPORT=80\n'

function run(cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const { signal, status, stderr } = spawnSync(process.execPath, ['--import', PRELOAD, BUILT, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { signal, status, stderr }
}

/** Whether the storage has a keyring; if so, the key on the disk must open it. */
async function hasKeyring(cwd: string): Promise<boolean> {
  const storage = fileStorage(join(cwd, '.secrets'))
  const path = join(cwd, '.secrets.key')
  const vault = createVault({ storage, keys: existsSync(path) ? fileKey(path) : null })
  const { keyring } = await inspectStorage(vault)
  await vault.close()
  if (keyring !== undefined) expect(keyring.opens).toBe(true)
  return keyring !== undefined
}

describe.skipIf(!existsSync(BUILT))('killed before each step', () => {
  it('init leaves no keyring without its key on the disk, and goes on when it is run again', async () => {
    let steps = 0
    for (let killAt = 1; killAt < MOST_STEPS; killAt++) {
      const cwd = folder()
      const killed = run(cwd, ['init'], { KILL_AT: String(killAt) })
      const isMade = await hasKeyring(cwd)
      const again = run(cwd, ['init'])
      expect(again.status, again.stderr).toBe(isMade ? 1 : 0)
      expect(await hasKeyring(cwd)).toBe(true)
      // nothing named a lock is left, and what is left of a key file is kept out of repositories by its name
      const names = readdirSync(cwd).filter((name) => name !== '.secrets' && name !== '.gitignore')
      expect(names.filter((name) => !name.startsWith('.secrets.key'))).toEqual([])
      if (killed.signal === null) break
      steps++
    }
    expect(steps).toBeGreaterThan(10)
    expect(steps).toBeLessThan(MOST_STEPS - 2)
  })

  it('import has every value in the file or in the vault, and goes on when it is run again', async () => {
    const template = folder()
    run(template, ['init'])
    writeFileSync(join(template, '.env'), ENV)
    let steps = 0
    for (let killAt = 1; killAt < MOST_STEPS; killAt++) {
      const cwd = folder()
      cpSync(template, cwd, { recursive: true })
      const killed = run(cwd, ['import', '.env', '--yes'], { KILL_AT: String(killAt) })
      await expectEnv(cwd)
      const again = run(cwd, ['import', '.env', '--yes'])
      expect(again.status, again.stderr).toBe(0)
      expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('A_KEY="<< secrets.A_KEY >>" # a\nPORT=80\n')
      await expectEnv(cwd)
      if (killed.signal === null) break
      steps++
    }
    expect(steps).toBeGreaterThan(10)
    expect(steps).toBeLessThan(MOST_STEPS - 2)
  })
})

/** A program that starts now gets what the file held at first. */
async function expectEnv(cwd: string): Promise<void> {
  const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
  const env = await vault.resolveEnv(parseEnv(readFileSync(join(cwd, '.env'), 'utf8')))
  expect(env.expose()).toEqual(parseEnv(ENV))
  await vault.close()
}
