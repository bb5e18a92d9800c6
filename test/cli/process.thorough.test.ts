/** The built command as a process: outputs that nobody reads, a full disk, and configurations in TypeScript. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/index.ts'
import { mountsMissing, mountTmpfs } from '../storage/mounts.ts'
import { ROOT } from '../tooling/repository.ts'
import { folder } from './command-line.ts'
import { BUILT } from './terminal.ts'

const noMounts = mountsMissing('tmpfs')
if (noMounts !== undefined) console.log(`SKIPPED the key file on a full disk: ${noMounts}`)

/** Runs a line of a shell, in which $G is the command. */
function shell(cwd: string, line: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], G: `${process.execPath} ${BUILT}`, ...env },
  })
  return { status, stdout, stderr }
}

describe.skipIf(!existsSync(BUILT) || process.platform === 'win32')('the process', () => {
  it('a key that is printed for nobody is not shown, and nothing is stored', () => {
    const cwd = folder()
    // the reader is gone before the key is written
    const { stderr } = shell(cwd, '{ sleep 1; $G init --print; echo "exit $?" >&2; } | true')
    expect(stderr).toContain('Standard output was closed')
    expect(stderr).toContain('exit 1')
    expect(stderr).not.toMatch(/gmk1_[\w-]{48}/)
    expect(readdirSync(cwd)).toEqual([])
    expect(shell(cwd, '$G init && { $G list --json | true; }').status).toBe(0)
  })

  it('two of two folders over one storage make one keyring, and the key file of the other is gone again', async () => {
    const home = folder()
    const from = (entry: string) => JSON.stringify(new URL(`../../dist/${entry}`, import.meta.url).href)
    for (const name of ['one', 'two']) {
      mkdirSync(join(home, name))
      writeFileSync(
        join(home, name, 'guillemet.config.mjs'),
        [
          `import { createVault } from ${from('index.js')}`,
          `import { fileKey } from ${from('keys/file.js')}`,
          `import { fileStorage } from ${from('storage/file.js')}`,
          "const keys = process.env.GUILLEMET_KEY ?? fileKey('.secrets.key')",
          `export default createVault({ storage: fileStorage(${JSON.stringify(join(home, 'shared'))}), keys })`,
        ].join('\n'),
      )
    }
    const { stdout, stderr } = shell(
      home,
      '(cd one && $G init; echo "exit $?") & (cd two && $G init; echo "exit $?") & wait',
    )
    const codes = stdout.trim().split('\n').sort()
    expect(codes, stderr).toEqual(['exit 0', 'exit 1'])
    const withKey = ['one', 'two'].filter((name) => existsSync(join(home, name, '.secrets.key')))
    expect(withKey, stderr).toHaveLength(1)
    expect(shell(join(home, withKey[0]!), 'printf %s "value of a" | $G set a').status).toBe(0)
  })

  it('stdin through a pipe, data through a pipe, and nothing else on it', () => {
    const cwd = folder()
    shell(cwd, '$G init')
    const { status, stdout } = shell(cwd, 'printf %s "value of a" | $G set a --json | cat')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tag: 'a', value: '••••••••' })
    expect(JSON.parse(shell(cwd, '$G list --json 2>/dev/null').stdout)).toHaveLength(1)
  })

  it.skipIf(noMounts !== undefined)('a key file that finds no room leaves no keyring', ({ onTestFinished }) => {
    const home = folder()
    const cwd = join(home, 'full')
    onTestFinished(mountTmpfs(cwd, '64k'))
    writeFileSync(join(cwd, 'filler'), new Uint8Array(64 * 1024 - 4096))
    const { status, stderr } = shell(cwd, 'dd if=/dev/zero of=rest bs=4096 2>/dev/null; $G init')
    expect(status).toBe(1)
    expect(stderr).toContain('ENOSPC')
    // of .gitignore only the name may be there
    expect(readdirSync(cwd).filter((name) => name !== '.gitignore')).toEqual(['filler', 'rest'])
  })

  it('a configuration in TypeScript is read, or it is said what to do', () => {
    const cwd = folder()
    mkdirSync(join(cwd, 'node_modules'))
    symlinkSync(ROOT, join(cwd, 'node_modules', 'guillemet'))
    symlinkSync(`${ROOT}node_modules/tsx`, join(cwd, 'node_modules', 'tsx'))
    writeFileSync(
      join(cwd, 'guillemet.config.ts'),
      [
        "import { createVault, type Vault } from 'guillemet'",
        "import { fileStorage } from 'guillemet/storage/file'",
        "const vault: Vault = createVault({ storage: fileStorage('here'), keys: process.env.GUILLEMET_KEY })",
        'export default vault',
      ].join('\n'),
    )
    const env = { GUILLEMET_KEY: generateKey() }
    const plain = shell(cwd, '$G init', env)
    if (plain.status === 0) {
      expect(existsSync(join(cwd, 'here'))).toBe(true)
      return
    }
    expect(plain.stderr).toContain('NODE_OPTIONS="--import tsx"')
    expect(readdirSync(cwd).sort()).toEqual(['guillemet.config.ts', 'node_modules'])
    // a project of CommonJS has tsx load a copy of its own of the package
    expect(shell(cwd, 'NODE_OPTIONS="--import tsx" $G init', env).stderr).toContain('"type": "module"')
    expect(existsSync(join(cwd, 'here'))).toBe(false)
    writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
    const withTsx = shell(cwd, 'NODE_OPTIONS="--import tsx" $G init && NODE_OPTIONS="--import tsx" $G list', env)
    expect(withTsx.stderr).toContain('The keyring is made')
    expect(withTsx.status).toBe(0)
  })
})
