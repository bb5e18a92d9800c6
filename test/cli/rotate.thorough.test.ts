/** The built command rotates in a terminal: interrupted at many of its lines, killed, and beside another one. */

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVault } from '../../src/index.ts'
import { fileKey } from '../../src/keys/file.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { folder, guillemet } from './command-line.ts'
import { BUILT, inTerminal, terminalMissing } from './terminal.ts'

const missing = terminalMissing()
if (missing !== undefined) console.log(`SKIPPED rotation in a terminal: ${missing}`)

const RECORDS = 500

const template = mkdtempSync(join(tmpdir(), 'guillemet-cli-'))
afterAll(() => rmSync(template, { recursive: true, force: true }))

/** A copy of the folder with so many records. */
function filled(): string {
  const cwd = folder()
  cpSync(template, cwd, { recursive: true })
  return cwd
}

beforeAll(async () => {
  await guillemet(template, ['init'])
  const vault = createVault({
    storage: fileStorage(join(template, '.secrets')),
    keys: fileKey(join(template, '.secrets.key')),
  })
  for (let at = 0; at < RECORDS; at++) await vault.create({ tag: `tag-${at}`, value: `value of ${at}` })
  await vault.close()
})

/** Every secret opens with the key in the file, and nothing is left that looks like a lock. */
async function expectWhole(cwd: string): Promise<void> {
  const vault = createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
  const tags = Array.from({ length: RECORDS }, (_, at) => `tag-${at}`)
  const resolved = await vault.resolve(tags.map((tag) => `<< secrets.${tag} >>`))
  expect(resolved.expose()).toEqual(tags.map((_, at) => `value of ${at}`))
  await vault.close()
  const names = readdirSync(cwd, { recursive: true, encoding: 'utf8' })
  expect(names.filter((name) => /lock|progress/i.test(name))).toEqual([])
}

/** The report of a rotation that is run to its end. */
async function rotated(cwd: string) {
  const { exitCode, stdout, stderr } = await guillemet(cwd, ['rotate', '--json'])
  expect(exitCode, stderr).toBe(0)
  return JSON.parse(stdout) as {
    workspaces: { records: number; rotated: number; current: number; isResumed: boolean }[]
  }
}

describe.skipIf(missing !== undefined)('rotate', () => {
  it('Ctrl-C at a line of progress ends after that record, and the next run goes on from there', async () => {
    const cwd = filled()
    const lines = [1, 2, 100, 350, 499]
    for (const line of lines) {
      const terminal = inTerminal(cwd, ['rotate'])
      await terminal.waitFor(`: ${line} sealed again`)
      terminal.type('\u0003')
      const { exitCode, before, after } = await terminal.ended
      expect({ exitCode, after }).toEqual({ exitCode: 130, after: before })
      expect(terminal.screen()).toContain('Go on with: guillemet rotate')
      expect(terminal.screen()).not.toContain('\u001b[?25l')
      await expectWhole(cwd)
    }
    const { workspaces } = await rotated(cwd)
    expect(workspaces[0]!.records).toBe(RECORDS)
    expect(workspaces[0]!.rotated + workspaces[0]!.current).toBe(RECORDS)
    await expectWhole(cwd)
  })

  it('a second Ctrl-C ends it at once, and SIGKILL is gone on from as well', async () => {
    const cwd = filled()
    const terminal = inTerminal(cwd, ['rotate'])
    await terminal.waitFor(': 20 sealed again')
    terminal.type('\u0003\u0003')
    const { exitCode, before, after } = await terminal.ended
    expect({ exitCode, after }).toEqual({ exitCode: 130, after: before })
    const killed = inTerminal(cwd, ['rotate'])
    await killed.waitFor(': 50 sealed again')
    killed.kill('SIGKILL')
    expect((await killed.ended).exitCode).toBe(137)
    const { workspaces } = await rotated(cwd)
    expect(workspaces[0]!.isResumed).toBe(true)
    await expectWhole(cwd)
  })

  it('SIGTERM ends it after the record at hand, with 143', async () => {
    const cwd = filled()
    const terminal = inTerminal(cwd, ['rotate'])
    await terminal.waitFor(': 20 sealed again')
    terminal.kill('SIGTERM')
    expect((await terminal.ended).exitCode).toBe(143)
    await rotated(cwd)
    await expectWhole(cwd)
  })

  it('two at once seal everything, and lose nothing', async () => {
    const cwd = filled()
    const codes = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<number | null>((resolve) => {
            const child = spawn(process.execPath, [BUILT, 'rotate'], { cwd, stdio: 'ignore' })
            child.on('exit', resolve)
          }),
      ),
    )
    expect(codes).toEqual([0, 0])
    await expectWhole(cwd)
  })
})
