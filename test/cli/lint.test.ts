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
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, [{ file: 'a.json', findings: [], ignored: 0 }]])
})

it('marks in JSON what makes the exit code 1, and names a variable as import does', async () => {
  const cwd = filesWith({ '.env': 'API_KEY=hunter2-hunter2\nX={{ Secrets.x }}' })
  const { exitCode, stdout } = await guillemet(cwd, ['lint', '--json', '.env'])
  const [literal, near] = JSON.parse(stdout)[0].findings
  expect([exitCode, literal.mustBeCorrected, near.mustBeCorrected]).toEqual([1, true, false])
  expect(literal.suggestion).toBe('<< secrets.API_KEY >>')
})

it('leaves the secrets of a workflow of GitHub to GitHub', async () => {
  const workflow = 'env:\n  A: ${{ secrets.CI }}\n  B: << secret.x >>\n'
  const cwd = filesWith({ 'a.yml': workflow })
  const files = [
    '.github/workflows/ci.yml',
    '.gitea/workflows/ci.yaml',
    '.forgejo/workflows/ci.yml',
    'login/action.yml',
  ]
  for (const file of files) {
    mkdirSync(join(cwd, file, '..'), { recursive: true })
    writeFileSync(join(cwd, file), workflow)
  }
  const { stdout } = await guillemet(cwd, ['lint', 'a.yml', ...files])
  expect(stdout.match(/^\S+: warning WARN_DIALECT/gm)).toEqual([
    'a.yml:2:6: warning WARN_DIALECT',
    'a.yml:3:6: warning WARN_DIALECT',
    ...files.map((file) => `${file}:3:6: warning WARN_DIALECT`),
  ])
})

it('leaves out the warnings that a comment says are fine, in its line or the next one, and counts them', async () => {
  const lines = [
    'a_token: hunter2-hunter2 # guillemet-ignore: of the test server',
    'b_token: hunter2-hunter2',
    '  # guillemet-ignore',
    'c_token: hunter2-hunter2',
    'd_token: hunter2-hunter2',
    'e: << secrets.x | tirm >> # guillemet-ignore',
    '{ "//": "guillemet-ignore",',
    '"f_token": "hunter2-hunter2" }',
    'g_token: hunter2-hunter2 # guillemet-ignored',
  ]
  const cwd = filesWith({ 'a.yaml': lines.join('\r\n') })
  const { exitCode, stdout, stderr } = await guillemet(cwd, ['lint', 'a.yaml'])
  expect(exitCode).toBe(1)
  expect(stdout.match(/^a\.yaml:\d+/gm)).toEqual(['a.yaml:2', 'a.yaml:5', 'a.yaml:6', 'a.yaml:9'])
  expect(stderr).toBe('1 file, 4 findings, 4 of them to be corrected. 3 warnings left out by guillemet-ignore.\n')
  const { stdout: json } = await guillemet(cwd, ['lint', '--json', 'a.yaml'])
  expect(JSON.parse(json)).toMatchObject([{ ignored: 3, findings: { length: 4 } }])
  const fine = filesWith({ 'a.yaml': lines[0]! })
  expect((await guillemet(fine, ['lint', 'a.yaml'])).exitCode).toBe(0)
})

it('needs no configuration, and runs none', async () => {
  const cwd = filesWith({ 'guillemet.config.mjs': 'throw new Error("ran")', 'a.txt': '' })
  expect((await guillemet(cwd, ['lint', 'a.txt'])).exitCode).toBe(0)
})

it('says of each file that it cannot read why, and reads the others; what names no file may be a value', async () => {
  const cwd = filesWith({
    'a.bin': new Uint8Array([0xff, 0xfe, 0x80]),
    'big.txt': new Uint8Array(17 * 1024 * 1024),
    'a.yaml': 'x: << secrets.x | tirm >>\n',
  })
  mkdirSync(join(cwd, 'folder'))
  const said = async (...names: string[]) => {
    const { exitCode, stdout, stderr } = await guillemet(cwd, ['lint', ...names, 'a.yaml'])
    expect(stdout).toContain('a.yaml:1:4: error ERR_UNKNOWN_FILTER')
    return [exitCode, ...stderr.split('\n').slice(0, -2)]
  }
  expect(await said('a.bin', 'big.txt')).toEqual([
    1,
    'a.bin: not read (not UTF-8)',
    'big.txt: not read (larger than 16 MiB)',
  ])
  expect(await said('folder')).toEqual([2, 'folder: not read (a folder; name its files)'])
  expect(await said('app/app.yaml')).toEqual([2, 'app/app.yaml: not read (there is no such file)'])
  expect(await said('hunter2')).toEqual([2, '(a name that is not shown): not read (there is no such file)'])
  expect((await guillemet(cwd, ['lint'])).exitCode).toBe(2)
})

it('no name of a file moves the cursor', async () => {
  const cwd = filesWith({ 'a\u001b[2Jb': '<< secrets.' })
  expect((await guillemet(cwd, ['lint', 'a\u001b[2Jb'])).stdout).not.toContain('\u001b')
})
