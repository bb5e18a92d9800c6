/** How much of the library one warm resolve goes through: what a reader has to follow. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./children/functions.ts', import.meta.url))

/** The functions that run in one warm `resolveRequest` with one reference, by file. */
async function ranIn(template: 'plain' | 'prepared'): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', SCRIPT, template])
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, string[]>))
}

it.each([
  ['plain', { functions: 151, files: 54 }],
  ['prepared', { functions: 120, files: 44 }],
] as const)('one warm resolve of a %s request runs through few functions and files', async (template, most) => {
  const ran = await ranIn(template)
  expect(ran.get('vault/resolve.ts')).toContain('resolve')
  const functions = [...ran].flatMap(([file, names]) => names.map((name) => `${file} ${name}`))
  expect(functions.length, functions.join('\n')).toBeLessThanOrEqual(most.functions)
  expect(ran.size).toBeLessThanOrEqual(most.files)
})
