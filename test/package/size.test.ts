/** What a user's bundle gains by an import: what is published, minified, gzipped, as a bundler for browsers makes it. */

import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { packagesBuiltInto, ROOT, read } from '../tooling/repository.ts'

const KIB = 1024
const REDACT_BUDGET = 31 * KIB
const GUILLEMET_BUDGET = 112 * KIB

interface Bundle {
  readonly bytes: number
  /** How many files a program would load. */
  readonly files: number
  /** The packages of which code is in the files that it is made of. */
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
    tsconfigRaw: {}, // its `paths` would lead to the sources
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const files = Object.entries(output!.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []))
  const packages = files.flatMap((file) =>
    packagesBuiltInto(`// ${file}\n${existsSync(ROOT + file) ? read(file) : ''}`),
  )
  const { length: bytes } = gzipSync(outputFiles[0]!.contents, { level: 9 })
  return { bytes, files: Object.keys(metafile.inputs).length - 1, packages: [...new Set(packages)].sort() }
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
  ['rolePolicy', 'guillemet', 1.75 * KIB],
  ['generateKey', 'guillemet', 4.25 * KIB],
  ['createRedactor', 'guillemet/redact', 29 * KIB],
] as const)('%s alone costs what it needs and little more', async (name, subpath, budget) => {
  const { bytes } = await bundle(`export { ${name} } from '${subpath}'`)
  expect(bytes, figure(name, bytes, budget)).toBeLessThanOrEqual(budget)
})

it.each([
  ['guillemet', 6],
  ['guillemet/redact', 3],
  ['guillemet/template', 3],
])('%s is %i files: Node takes longer to find and read one than to compile it', async (subpath, count) => {
  expect((await bundle(`export * from '${subpath}'`)).files).toBe(count)
})

it('the subpaths are built, so that what is measured is what is published', () => {
  expect(existsSync(`${ROOT}dist/index.js`), 'npm run build:js').toBe(true)
})

it('a bundle that does load a package shows it', async () => {
  const { packages } = await bundle("export * from './src/template/grammar.ts'")
  expect(packages).toEqual(['mustache'])
})
