/** Long runs over a storage within the process leave the event loop its turns: others are answered, signals fire. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { copyVault } from '../../src/admin/copy-vault.ts'
import { exportBackup } from '../../src/admin/export-backup.ts'
import { importBackup } from '../../src/admin/import-backup.ts'
import { purgeWorkspace } from '../../src/admin/purge-workspace.ts'
import { rewrapKeys } from '../../src/admin/rewrap-keys.ts'
import { rotateKeys } from '../../src/admin/rotate-keys.ts'
import type { Vault } from '../../src/vault/api.ts'
import { type Stage, stage } from './stage.ts'

const RECORDS = 40
/** Longer than what may go on without a turn. */
const STEP_MS = 11

// every look at the clock finds that some milliseconds have gone by, as if each record took that long
beforeEach(() => {
  let now = 1e9
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += STEP_MS
    return now
  })
})
afterEach(() => vi.restoreAllMocks())

async function furnished(workspaces = ['default'], count = RECORDS): Promise<Stage> {
  const scene = stage()
  for (const workspace of workspaces) {
    const vault = scene.vault({ workspace })
    for (let n = 0; n < count; n++) await vault.set({ tag: `tag-${n}`, value: `value-${n}` })
  }
  return scene
}

/** How often the event loop turned meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await work()
  isOver = true
  return turns
}

async function drained<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const step of steps) all.push(step)
  return all
}

const RUNS: readonly [string, (vault: Vault, scene: Stage) => Promise<unknown>][] = [
  ['rotateKeys', (vault) => rotateKeys(vault)],
  ['copyVault', (vault) => copyVault(vault, stage().vault())],
  ['exportBackup', (vault) => drained(exportBackup(vault))],
  ['purgeWorkspace', (vault) => purgeWorkspace(vault, 'default', { confirm: 'default' })],
  ['list', (vault) => drained(vault.list())],
  ['snapshot', (vault) => vault.snapshot()],
]

function refusing(): never {
  throw new Error('A Node.js API is used which is not supported in the Edge Runtime.')
}

describe('the event loop turns', () => {
  it.each(RUNS)('during %s, also where the storage answers at once', async (_name, run) => {
    const scene = await furnished()
    const vault = scene.vault()
    expect(await turnsDuring(() => run(vault, scene))).toBeGreaterThan(RECORDS / 2)
  })

  it('during importBackup, while the backup is read and opened as well', async () => {
    const lines = await drained(exportBackup((await furnished()).vault()))
    expect(await turnsDuring(() => importBackup(stage().vault(), lines))).toBeGreaterThan(2 * RECORDS)
    expect(await turnsDuring(() => importBackup(stage().vault(), lines, { dryRun: true }))).toBeGreaterThan(RECORDS)
  })

  it('during rewrapKeys between workspaces', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `tenant-${n}`)
    const scene = await furnished(names, 1)
    expect(await turnsDuring(() => rewrapKeys(scene.vault()))).toBeGreaterThan(names.length)
  })

  it('so that a signal ends a run', async () => {
    const scene = await furnished()
    const abort = new AbortController()
    setImmediate(() => abort.abort())
    const { isComplete, workspaces } = await rotateKeys(scene.vault(), { signal: abort.signal })
    expect(isComplete).toBe(false)
    expect(workspaces[0]?.rotated).toBeLessThan(RECORDS)
  })

  it.each([
    ['without setImmediate and messages', undefined],
    ['where both are there by name only, as in the edge runtime of Next', refusing],
  ])('also %s, where a test has put a clock of its own in place of timers', async (_name, global) => {
    vi.stubGlobal('setImmediate', global)
    vi.stubGlobal('MessageChannel', global)
    vi.resetModules()
    const { LoopTurns } = await import('../../src/waiting.ts')
    const fake = vi.fn(() => 0)
    vi.stubGlobal('setTimeout', fake)
    const turn = new LoopTurns().next()
    vi.unstubAllGlobals() // the test itself ends by a timer
    expect(fake).not.toHaveBeenCalled()
    await expect(turn).resolves.toBe(undefined)
  })
})
