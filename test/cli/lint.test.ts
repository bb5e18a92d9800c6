/** `guillemet lint`: for people, for programs, and its exit code; nothing of a credential is on any output. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folder, guillemet } from './command-line.ts'

function filesWith(files: Record<string, string | Uint8Array>): string {
  const cwd = folder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return cwd
}

it('prints place, message, line and carets of every finding, file by file', async () => {
  const cwd = filesWith({
    'a.yaml': 'x: 1\ny: hunter2 << secrets.x | tirm >> hunter2\n',
    'b.env': 'API_KEY=hunter2-hunter2',
  })
  const { exitCode, stdout, stderr } = await guillemet(cwd, ['lint', 'a.yaml', 'b.env'])
  expect(exitCode).toBe(1)
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'a.yaml:2:12: error ERR_UNKNOWN_FILTER: There is no filter "tirm"; did you mean "trim"?',
    '    …<< secrets.x | tirm >>…',
    '     ^^^^^^^^^^^^^^^^^^^^^^',
  ])
  expect(stdout).toContain('b.env:1:9: warning WARN_LITERAL_SECRET: The value of "API_KEY"')
  expect(stderr).toBe('2 files, 2 findings, 2 of them to be corrected.\n')
  expect(stdout + stderr).not.toContain('hunter2')
})

it('ends well where there are warnings alone, and says what was perhaps meant', async () => {
  const cwd = filesWith({ 'a.md': 'write {{ Secrets.x }}' })
  const { exitCode, stdout, stderr } = await guillemet(cwd, ['lint', 'a.md'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('    perhaps: << secrets.x >>\n')
  expect(stderr).toBe('1 file, 1 finding, 0 of them to be corrected.\n')
})

it('gives JSON with --json, also of files without findings', async () => {
  const cwd = filesWith({ 'a.json': '{"a": "<< secrets.x >>"}' })
  const { exitCode, stdout } = await guillemet(cwd, ['lint', '--json', 'a.json'])
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, [{ file: 'a.json', findings: [] }]])
})

it('needs no configuration, and runs none', async () => {
  const cwd = filesWith({ 'guillemet.config.mjs': 'throw new Error("ran")', 'a.txt': '' })
  expect((await guillemet(cwd, ['lint', 'a.txt'])).exitCode).toBe(0)
})

it('says which kind of file it cannot read, and not its name', async () => {
  const cwd = filesWith({ 'a.bin': new Uint8Array([0xff, 0xfe, 0x80]), 'big.txt': new Uint8Array(17 * 1024 * 1024) })
  mkdirSync(join(cwd, 'folder'))
  for (const name of ['a.bin', 'big.txt', 'folder', 'hunter2']) {
    const { exitCode, stderr } = await guillemet(cwd, ['lint', name])
    expect([exitCode, stderr]).toEqual([
      1,
      'guillemet: One of the files cannot be read as text of at most 16 MiB in UTF-8.\n',
    ])
  }
  expect((await guillemet(cwd, ['lint'])).exitCode).toBe(2)
})

it('no name of a file moves the cursor', async () => {
  const cwd = filesWith({ 'a\u001b[2Jb': '<< secrets.' })
  expect((await guillemet(cwd, ['lint', 'a\u001b[2Jb'])).stdout).not.toContain('\u001b')
})
