/**
 * Two runs of one suite: `plain`, and `polluted` under an attacked `Object.prototype`.
 *
 * One file: `npm test -- test/crypto/seal.test.ts`, or faster, without the build, `npx vitest run <file>`.
 */

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ClosingLine } from './closing-line.ts'

/** Looks at the repository, not at the library: another prototype changes nothing that these could see. */
const REPOSITORY_ONLY = ['test/architecture.test.ts', 'test/package/**', 'test/tooling/**']

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/runtimes/**'], // other runtimes bring their own lock file and runner
    pool: 'forks', // real processes: tests send signals, open files and start servers
    reporters: ['default', new ClosingLine()],
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'plain' } },
      {
        extends: true,
        test: {
          name: 'polluted',
          exclude: ['test/runtimes/**', ...REPOSITORY_ONLY],
          setupFiles: ['test/tooling/polluted.ts'],
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: { lines: 95, branches: 95, functions: 95, statements: 95 },
    },
  },
})
