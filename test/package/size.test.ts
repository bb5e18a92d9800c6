/** What a user's bundle gains by an import: all dependencies in it, minified, gzipped, as a bundler for browsers makes it. */

import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { ROOT } from '../tooling/repository.ts'

const KIB = 1024
const REDACT_BUDGET = 26 * KIB
const GUILLEMET_BUDGET = 102 * KIB

interface Bundle {
  readonly bytes: number
  /** The installed packages of which code is in the bundle. */
  readonly packages: readonly string[]
}

async function bundle(code: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const files = Object.entries(output!.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []))
  const packages = files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [])
  const { length: bytes } = gzipSync(outputFiles[0]!.contents, { level: 9 })
  return { bytes, packages: [...new Set(packages)].sort() }
}

function figure(what: string, bytes: number, budget: number): string {
  return `${what} is ${(bytes / KIB).toFixed(1)} KB min+gzip of ${budget / KIB} KB`
}

it('guillemet/redact fits its budget and loads no package at all', async ({ annotate }) => {
  const { bytes, packages } = await bundle("export * from 'guillemet/redact'")
  await annotate(figure('guillemet/redact', bytes, REDACT_BUDGET), 'figure')
  expect(packages).toEqual([])
  expect(bytes).toBeLessThanOrEqual(REDACT_BUDGET)
})

it('guillemet with all it depends on fits its budget', async ({ annotate }) => {
  const { bytes, packages } = await bundle("export * from 'guillemet'")
  await annotate(figure('guillemet with its dependencies', bytes, GUILLEMET_BUDGET), 'figure')
  expect(packages).toEqual(['@noble/ciphers', '@noble/hashes', 'mustache', 'zod'])
  expect(bytes).toBeLessThanOrEqual(GUILLEMET_BUDGET)
})

it.each([
  ['rolePolicy', 1.5 * KIB, []],
  ['generateKey', 6 * KIB, ['@noble/hashes']],
] as const)('%s alone costs what it needs and little more', async (name, budget, needed) => {
  const { bytes, packages } = await bundle(`export { ${name} } from 'guillemet'`)
  expect(packages).toEqual(needed)
  expect(bytes, figure(name, bytes, budget)).toBeLessThanOrEqual(budget)
})

it('the subpaths are built, so that what is measured is what is published', () => {
  expect(existsSync(`${ROOT}dist/index.js`), 'npm run build:js').toBe(true)
})

it('a bundle that does load a package shows it', async () => {
  const { packages } = await bundle("export * from './src/template/grammar.ts'")
  expect(packages).toEqual(['mustache'])
})
