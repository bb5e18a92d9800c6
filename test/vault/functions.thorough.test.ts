/** How much of the library one warm resolve goes through: what a reader has to follow. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./children/functions.ts', import.meta.url))

/** The functions that run in one warm `resolveRequest` with one reference, by file. */
async function ranIn(template: 'plain' | 'prepared'): Promise<ReadonlyMap<string, readonly string[]>> {
  // an optimizing compiler inlines some of them sooner or later, and what is inlined is not counted
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-opt', '--import', 'tsx', SCRIPT, template])
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, string[]>))
}

it.each([
  ['plain', { functions: 151, files: 55 }],
  ['prepared', { functions: 122, files: 45 }],
] as const)('one warm resolve of a %s request runs through few functions and files', async (template, most) => {
  const ran = await ranIn(template)
  expect(ran.get('vault/resolve.ts')).toContain('resolve')
  const functions = [...ran].flatMap(([file, names]) => names.map((name) => `${file} ${name}`))
  expect(functions.length, functions.join('\n')).toBeLessThanOrEqual(most.functions)
  expect(ran.size).toBeLessThanOrEqual(most.files)
})
