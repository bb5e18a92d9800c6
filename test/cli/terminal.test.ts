/** The built command in a real terminal: what is typed unseen is never shown, and the terminal is left as it was. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createVault } from '../../src/index.ts'
import { fileKey } from '../../src/keys/file.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { folder, guillemet } from './command-line.ts'
import { inTerminal, terminalMissing } from './terminal.ts'

const missing = terminalMissing()
if (missing !== undefined) console.log(`SKIPPED the command line in a terminal: ${missing}`)

const VALUE = 'zd-7f3e9a1c5b'
const HIDE = '\u001b[?25l'
const SHOW = '\u001b[?25h'

/** What the last of these codes has left of the cursor. */
function showsCursor(screen: string): boolean {
  return screen.lastIndexOf(SHOW) >= screen.lastIndexOf(HIDE)
}

async function ready(): Promise<string> {
  const cwd = folder()
  await guillemet(cwd, ['init'])
  return cwd
}

function storedIn(cwd: string) {
  return createVault({ storage: fileStorage(join(cwd, '.secrets')), keys: fileKey(join(cwd, '.secrets.key')) })
}

describe.skipIf(missing !== undefined)('in a terminal', () => {
  it('a value that is typed is stored and never shown', async () => {
    const cwd = await ready()
    const terminal = inTerminal(cwd, ['set', 'zendesk'])
    await terminal.waitFor('The value of zendesk')
    terminal.type(`${VALUE}\r`)
    const { exitCode, before, after } = await terminal.ended
    expect({ exitCode, after }).toEqual({ exitCode: 0, after: before })
    expect(terminal.screen()).not.toContain(VALUE)
    expect(terminal.screen()).not.toContain(VALUE.slice(0, 4))
    expect(showsCursor(terminal.screen())).toBe(true)
    expect((await storedIn(cwd).resolve('<< secrets.zendesk >>')).expose()).toBe(VALUE)
  })

  it('a paste of several lines is refused: the rest would go to the shell', async () => {
    const cwd = await ready()
    const terminal = inTerminal(cwd, ['set', 'pem'])
    await terminal.waitFor('The value of pem')
    terminal.type('-----BEGIN KEY-----\rMIIB-part-of-a-key\r-----END KEY-----\r')
    const { exitCode, before, after } = await terminal.ended
    expect({ exitCode, after }).toEqual({ exitCode: 2, after: before })
    expect(terminal.screen()).toContain('standard input')
    expect(terminal.screen()).not.toContain('MIIB')
    expect(await storedIn(cwd).describe('pem')).toBeUndefined()
  })

  it.each([
    ['Ctrl-C', 130],
    ['SIGTERM', 143],
  ])('%s at a prompt changes nothing, and leaves the terminal as it was', async (how, code) => {
    const cwd = await ready()
    const terminal = inTerminal(cwd, ['set', 'zendesk'])
    await terminal.waitFor('The value of zendesk')
    await terminal.waitFor('is masked')
    terminal.type('Ω')
    await terminal.waitFor('is masked') // it was read
    if (how === 'SIGTERM') terminal.kill('SIGTERM')
    else terminal.type('\u0003')
    const { exitCode, before, after } = await terminal.ended
    expect({ exitCode, after }).toEqual({ exitCode: code, after: before })
    expect(terminal.screen()).not.toContain('Ω')
    expect(showsCursor(terminal.screen())).toBe(true)
    expect(await storedIn(cwd).describe('zendesk')).toBeUndefined()
  })

  it('the key that is shown must come back before it is used', async () => {
    const cwd = folder()
    const wrong = inTerminal(cwd, ['init', '--print'])
    await wrong.waitFor('Paste it again')
    wrong.type('gmk1_something-else\r')
    expect((await wrong.ended).exitCode).toBe(1)
    expect(readdirSync(cwd)).toEqual([])

    const terminal = inTerminal(cwd, ['init', '--print'])
    await terminal.waitFor('Paste it again')
    const [key] = /gmk1_[\w-]{48}/.exec(terminal.screen())!
    terminal.type(`${key}\r`)
    expect((await terminal.ended).exitCode).toBe(0)
    expect(terminal.screen().split(key)).toHaveLength(2)
    expect(readdirSync(cwd).sort()).toEqual(['.gitignore', '.secrets'])
    expect((await guillemet(cwd, ['list'], { env: { GUILLEMET_KEY: key } })).exitCode).toBe(0)
  })

  it('deleting asks for the tag, and importing asks which and whether', async () => {
    const cwd = await ready()
    writeFileSync(join(cwd, '.env'), 'STRIPE_KEY=sk_live_1234567\nPORT=80\n')
    const importing = inTerminal(cwd, ['import', '.env'])
    await importing.waitFor('Which of them are secrets?')
    importing.type('\r')
    await importing.waitFor('Store this value')
    importing.type('y\r')
    expect((await importing.ended).exitCode).toBe(0)
    expect(importing.screen()).not.toContain('sk_live')
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('STRIPE_KEY=<< secrets.STRIPE_KEY >>\nPORT=80\n')

    const deleting = inTerminal(cwd, ['delete', 'STRIPE_KEY'])
    await deleting.waitFor('to delete it')
    deleting.type('STRIPE_KEY\r')
    const { exitCode, before, after } = await deleting.ended
    expect({ exitCode, after }).toEqual({ exitCode: 0, after: before })
    expect(await storedIn(cwd).describe('STRIPE_KEY')).toBeUndefined()
  })
})
