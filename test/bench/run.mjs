/**
 * `npm run bench [-- name …]`: every `*.bench.ts` of this folder, one after the other in one process.
 *
 * Each is bundled first, so that what is measured is the code as it is shipped, without the wrappers of a loader;
 * packages stay outside, `guillemet` itself included (it resolves to `dist`). Sources may be imported too
 * (`../../src/crypto/seal.ts`). A missed budget is reported, never an error: the machine may be busy.
 */

import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const built = fileURLToPath(new URL('../../.bench/', import.meta.url)) // within the package, or it could not find itself
const wanted = process.argv.slice(2)

const files = readdirSync(here)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()

await build({
  entryPoints: files.map((name) => here + name),
  outdir: built,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'error',
})

for (const name of files) {
  /** @type {import('./row.ts').Benchmark} */
  const { title, run } = await import(`${built}${basename(name, '.ts')}.js`)
  print(title, await run())
}

/** @type {(title: string, rows: readonly import('./row.ts').Row[]) => void} */
function print(title, rows) {
  const table = [
    ['work', 'ratio', 'figure', 'bar', ''],
    ...rows.map(({ work, ratio, figure, budget, met }) => [work, ratio, figure, budget ?? '', verdict(met)]),
  ]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  console.log(`\n${title}\n`)
  for (const row of table)
    console.log(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('   ')
        .trimEnd()}`,
    )
}

/** @type {(met: boolean | undefined) => string} */
function verdict(met) {
  if (met === undefined) return ''
  return met ? 'met' : 'MISSED'
}
