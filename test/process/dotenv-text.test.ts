/** A `.env` text is read back unchanged by both readers, or refused. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { parse } from 'dotenv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dotenvText } from '../../src/process/dotenv-text.ts'
import { errorOf } from '../template/harness.ts'
import { runs } from '../tooling/runs.ts'

const PARTS = [
  'a',
  'B',
  '1',
  '_',
  '.',
  ' ',
  '\t',
  '#',
  '$',
  '\\',
  '"',
  "'",
  '`',
  '=',
  '\n',
  '\r',
  '\0',
  'export ',
  '\ufeff',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\v',
  '\f',
  '\n#',
  '\\n',
  'é',
  '😀',
  '{',
  '|',
  '&',
  ';',
  'n',
  'r',
  '${A}',
]

function isWritable(value: string): boolean {
  try {
    dotenvText({ A: value })
    return true
  } catch {
    return false
  }
}

describe('a .env text', () => {
  it.each([
    ['plain', 'plain'],
    ['', "''"],
    ['p#1 $x', "'p#1 $x'"],
    ["it's", "`it's`"],
    ["`it's`", '"`it\'s`"'],
    ['a\nb', "'a\nb'"],
    ['C:\\dir\\', 'C:\\dir\\'],
    ['\'"`', undefined],
    ['x\'"`', 'x\'"`'],
    ['x\'"`#', undefined],
    ['a\rb', undefined],
    ['a\0b', undefined],
    ['a b\\', 'a b\\'],
    ['#b\\', undefined],
  ])('writes %j as %s', (value, written) => {
    if (written === undefined) {
      const error = errorOf(() => dotenvText({ ok: 'x', NAME: value }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'NAME' })
      expect(error.message).toContain('base64')
    } else expect(dotenvText({ NAME: value })).toBe(`NAME=${written}\n`)
  })

  it('is read back by Node and by dotenv as it was written', () => {
    const value = fc.array(fc.constantFrom(...PARTS), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        const env = Object.fromEntries(values.filter(isWritable).map((each, index) => [`V${index}`, each]))
        const text = dotenvText(env)
        expect({ ...parseEnv(text) }).toEqual(env)
        expect(parse(text)).toEqual(env)
      }),
      { numRuns: runs(1_000) },
    )
  })

  it('is read back by a program that node starts with --env-file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guillemet-'))
    try {
      const values = fc.sample(fc.array(fc.constantFrom(...PARTS), { maxLength: 8 }), { numRuns: 200, seed: 7 })
      const writable = values.map((parts) => parts.join('')).filter(isWritable)
      expect(writable.length).toBeGreaterThan(50)
      const env = Object.fromEntries(writable.map((value, index) => [`GUILLEMET_TEST_${index}`, value]))
      const file = join(folder, '.env')
      await writeFile(file, dotenvText(env), { mode: 0o600 })
      const script =
        "console.log(JSON.stringify(Object.entries(process.env).filter(([n]) => n.startsWith('GUILLEMET_TEST_'))))"
      const { stdout } = await promisify(execFile)(process.execPath, [`--env-file=${file}`, '-e', script])
      expect(Object.fromEntries(JSON.parse(stdout) as [string, string][])).toEqual(env)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it.each(['', '1A', 'A-B', 'A B', 'A=B', 'ä', 'A\nB'])('refuses the name %j', (name) => {
    expect(errorOf(() => dotenvText({ [name]: 'x' })).code).toBe('ERR_INVALID_INPUT')
  })
})
