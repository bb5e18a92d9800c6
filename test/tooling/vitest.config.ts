/**
 * Four runs of the suite: `plain*` is `npm test`; `npm run check` adds `thorough`, everything that takes long, and `polluted`,
 * the plain tests under an attacked `Object.prototype`; `npm run test:clients` is `clients`.
 *
 * One file: `npm test -- test/crypto/seal.test.ts`, or faster, without the build, `npx vitest run <file>`.
 */

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ClosingLine } from './closing-line.ts'

const TESTS = 'test/**/*.test.ts'
/** Exhaustive tables, fault loops, sizes: whatever takes long is in a file that says so. */
const THOROUGH = 'test/**/*.thorough.test.ts'
/** Real clients, services and devices with dependencies of their own: `npm run test:clients`. */
const CLIENTS = 'test/{clients,engines,providers}/**'
/** Laws, which both `plain` and `thorough` run, the latter with more examples (`runs.ts`). */
const LAWS = 'test/properties/**/*.test.ts'
/**
 * Rooms whose tests leave nothing behind in the process: those of one worker share the modules. To load these anew for each file
 * takes longer than the tests.
 */
const SHARING =
  'test/{admin,agents,audit,conformance,crypto,encode,http,keys,log,properties,redact,secrets,storage,template,testing,vault,vectors}/**/*.test.ts'
/** Tests within them that put another module in the place of one. */
const MOCKING = [
  'test/crypto/passphrase-key.test.ts',
  'test/crypto/wiping.test.ts',
  'test/vault/allow.test.ts',
  'test/vault/cases.test.ts',
  'test/vault/idle.test.ts',
  'test/vault/other-copy.test.ts',
]
/** Looks at the repository, not at the library: another prototype changes nothing that these could see. */
const REPOSITORY_ONLY = ['test/architecture.test.ts', 'test/package/**', 'test/tooling/**']

/** axios, follow-redirects and the platform's fetch read options by inheritance themselves; `axios.test.ts` has what is ours. */
const OF_OTHERS = 'test/http/axios-*.test.ts'

const BUILT_REDACT = new URL('../../dist/redact.js', import.meta.url)

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    maxWorkers: '100%', // one less is the default, which is one on two cores
    pool: 'forks', // real processes: tests send signals, open files and start servers
    // ends what hangs; far more than any test takes on a busy machine, since none is judged by its speed
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', new ClosingLine()],
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'plain', include: [TESTS], exclude: [THOROUGH, CLIENTS, SHARING] } },
      { extends: true, test: { name: 'plain-mocking', include: MOCKING } },
      {
        extends: true,
        test: { name: 'plain-shared', include: [SHARING], exclude: [THOROUGH, ...MOCKING], isolate: false },
      },
      { extends: true, test: { name: 'clients', include: [`${CLIENTS}/*.test.ts`], exclude: ['**/node_modules/**'] } },
      {
        extends: true,
        // as it is built: what vitest makes of each module takes several times as long
        resolve: { alias: [{ find: /^\.\.\/\.\.\/src\/redact\.ts$/, replacement: fileURLToPath(BUILT_REDACT) }] },
        test: {
          name: 'thorough',
          include: [THOROUGH, LAWS],
          env: { FUZZ_FACTOR: process.env['FUZZ_FACTOR'] ?? '8' },
          server: { deps: { external: [/\/dist\//] } },
        },
      },
      {
        extends: true,
        test: {
          name: 'polluted',
          include: [TESTS],
          exclude: [THOROUGH, CLIENTS, OF_OTHERS, ...REPOSITORY_ONLY],
          setupFiles: ['test/tooling/polluted.ts'],
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // they run in processes of their own, at a real terminal (test/cli)
      exclude: ['src/cli/main.ts', 'src/cli/prompts.ts'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: { lines: 95, branches: 95, functions: 95, statements: 95 },
    },
  },
})
