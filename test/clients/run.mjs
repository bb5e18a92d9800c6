/**
 * `npm run test:clients`: installs the clients of docs/CLIENTS.md into this folder, by its own lock, runs their tests and checks
 * their types.
 *
 * Where no registry answers, it says SKIPPED and fails nothing; a lock that does not fit, or anything else, fails.
 */

import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const UNREACHABLE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/

const here = dirname(fileURLToPath(import.meta.url))
const shell = process.platform === 'win32' // where npm and npx are scripts
const arguments_ = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1']
const install = spawnSync('npm', arguments_, { cwd: here, encoding: 'utf8', shell })
if (install.status !== 0) {
  const output = `${install.stdout}${install.stderr}`
  if (UNREACHABLE.test(output)) {
    console.log('SKIPPED test:clients: the registry cannot be reached, so the real clients could not be installed')
    process.exit(0)
  }
  console.error(output)
  process.exit(install.status ?? 1)
}
const root = dirname(dirname(here))
const parts = [
  ['vitest', 'run', '--config', 'test/tooling/vitest.config.ts', '--project', 'clients', ...process.argv.slice(2)],
  ['tsc', '--noEmit', '-p', 'test/clients'], // each client's own type of fetch takes ours
]
const failed = parts.filter((part) => spawnSync('npx', part, { cwd: root, stdio: 'inherit', shell }).status !== 0)
process.exit(failed.length > 0 ? 1 : 0)
