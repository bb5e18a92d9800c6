/** The build: one file a subpath of package.json, ESM only; `npm run build:js` is the same without declarations. */

import { defineConfig } from 'tsup'
import manifest from './package.json' with { type: 'json' }

// read from the exports, so that a subpath without a source, or a source without a subpath, cannot be built by chance
const entry = Object.fromEntries(
  Object.values(manifest.exports).flatMap((target) => {
    if (typeof target === 'string') return []
    const room = target.default.replace(/^\.\/dist\/(.+)\.js$/, '$1')
    return [[room, `src/${room}.ts`]]
  }),
)

export default defineConfig({
  entry,
  format: 'esm',
  target: 'es2022', // native #private
  platform: 'neutral',
  external: [/^node:/], // the few rooms that may (test/architecture.test.ts); a browser never loads them
  removeNodeProtocol: false,
  splitting: true, // a class must be the same class from every subpath
  sourcemap: true,
  esbuildOptions: (options) => {
    options.sourcesContent = false // a stack trace names file and line of `src`; the texts would be two thirds of the package
  },
  clean: true,
  // tsup sets baseUrl, which TypeScript 6 calls deprecated
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
