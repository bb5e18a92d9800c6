/** The build: one file a subpath of package.json, ESM only; `npm run build:js` is the same without declarations. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import manifest from './package.json' with { type: 'json' }
import { FLOORS, filesOnFloor, LEAVES, WINGS } from './test/tooling/architecture.ts'
import { filesOf, ROOT } from './test/tooling/repository.ts'

// read from the exports, so that a subpath without a source, or a source without a subpath, cannot be built by chance
const entry = Object.fromEntries(
  Object.values(manifest.exports).flatMap((target) => {
    if (typeof target === 'string') return []
    const room = target.default.replace(/^\.\/dist\/(.+)\.js$/, '$1')
    return [[room, `src/${room}.ts`]]
  }),
)

/** What the library is made of, below its leaves: floor 0 as one room, and each room of the floors above it. */
const sources = [...filesOf('src', '.ts').keys()]
const rooms = [
  filesOnFloor(0, sources),
  ...FLOORS.slice(WINGS, LEAVES)
    .flat()
    .map((room) => sources.filter((file) => file.startsWith(room))),
].map((files) => files.map((file) => resolve(ROOT, 'src', file)))

function roomOf(file: string): readonly string[] | undefined {
  return rooms.find((files) => files.includes(file))
}

/**
 * One chunk a room: what is imported from another room comes with all files of that room. A chunk of its own for every
 * set of entries that use a file would be thirty, and each file that Node reads costs as much as compiling 20 KB.
 */
const chunkPerRoom: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'chunk-per-room',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ importer, namespace, path, resolveDir }) => {
      const file = resolve(resolveDir, path)
      const room = roomOf(file)
      if (room === undefined) return undefined
      const isFromWithin = namespace === 'room' ? importer === file : roomOf(importer) === room
      return { path: file, namespace: isFromWithin ? 'file' : 'room', sideEffects: true }
    })
    // what stands between two rooms has no code of its own, so the files still run in the order of their imports
    onLoad({ filter: /\.ts$/, namespace: 'room' }, ({ path }) => ({
      contents: [`export * from '${path}'`, ...roomOf(path)!.map((file) => `import '${file}'`)].join('\n'),
      resolveDir: dirname(path),
    }))
  },
}

/** The entries that the command line uses stay what they are for a program, so that a vault of its configuration is known to them. */
const entriesOutside: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'entries-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\// }, ({ resolveDir, path }) => {
      const source = relative(ROOT, resolve(resolveDir, path)).replaceAll('\\', '/')
      const room = Object.keys(entry).find((name) => entry[name] === source)
      return room === undefined ? undefined : { path: `./${room}.js`, external: true }
    })
  },
}

/** Of the prompts only those that are asked: one opens an editor, with a table of every character set there is. */
const usedPrompts: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'used-prompts',
  setup({ onResolve, resolve: resolveOtherwise }) {
    onResolve({ filter: /^@inquirer\// }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'resolving') return undefined
      const { path: file } = await resolveOtherwise(path, { ...rest, pluginData: 'resolving' })
      return { path: file, sideEffects: false }
    })
  },
}

const dist = resolve(ROOT, 'dist')
const bundled = new Set<string>()

/** The licences of the packages whose code is in what is built: they ask to be named beside it. */
const licences: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'licences',
  setup({ onEnd }) {
    onEnd(({ metafile }) => {
      for (const { inputs } of Object.values(metafile?.outputs ?? {})) {
        for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
          const home = bytesInOutput > 0 && /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]
          if (home) bundled.add(home)
        }
      }
      mkdirSync(dist, { recursive: true })
      writeFileSync(resolve(dist, 'LICENSES.txt'), [...bundled].sort().map(licenceOf).join('\n\n'))
    })
  },
}

function licenceOf(home: string): string {
  const { name, version } = JSON.parse(readFileSync(resolve(ROOT, home, 'package.json'), 'utf8'))
  const file = readdirSync(resolve(ROOT, home)).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} has no licence that could be passed on`)
  return `${name} ${version}\n\n${readFileSync(resolve(ROOT, home, file), 'utf8').trim()}\n`
}

rmSync(dist, { recursive: true, force: true }) // not by `clean`: each of the two builds would remove what the other has made

const library = defineConfig({
  entry,
  format: 'esm',
  target: 'es2022', // native #private
  platform: 'neutral',
  // what is used of them is built in: as packages they have Node find and read 103 files, which takes longer than all the rest
  noExternal: Object.keys(manifest.dependencies),
  external: [/^node:/], // the few rooms that may (test/architecture.test.ts); a browser never loads them
  removeNodeProtocol: false,
  esbuildPlugins: [chunkPerRoom, licences],
  splitting: true, // a class must be the same class from every subpath
  sourcemap: true,
  esbuildOptions: (options) => {
    options.sourcesContent = false // a stack trace names file and line of `src`; the texts would be two thirds of the package
  },
  // tsup sets baseUrl, which TypeScript 6 calls deprecated
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})

/** The command line: one file with what it loads, so that the package depends on no more than the library does. */
const commandLine = defineConfig({
  entry: { cli: 'src/cli/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  noExternal: [/^(?!node:)/],
  removeNodeProtocol: false,
  esbuildPlugins: [entriesOutside, usedPrompts, licences],
  splitting: false,
  minifySyntax: true,
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as createRequireOf } from 'node:module'\nconst require = createRequireOf(import.meta.url)",
  },
  dts: false,
})

export default [library, commandLine].flat()
