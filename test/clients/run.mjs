/**
 * `npm run test:clients`: installs the clients of docs/CLIENTS.md, the engines of docs/EMBEDDING.md, and the services and devices of docs/KEYS.md into their
 * folders, each by its own lock, runs their tests and checks their types.
 *
 * Where no registry answers, it says SKIPPED and fails nothing; a lock that does not fit, or anything else, fails.
 */

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const UNREACHABLE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/

const FOLDERS = ['test/clients', 'test/engines', 'test/providers']

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const shell = process.platform === 'win32' // where npm and npx are scripts

/** Whether the packages of the folder are there now. */
function install(folder) {
  const arguments_ = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1']
  const done = spawnSync('npm', arguments_, { cwd: join(root, folder), encoding: 'utf8', shell })
  if (done.status === 0) return true
  const output = `${done.stdout}${done.stderr}`
  if (UNREACHABLE.test(output)) {
    console.log(`SKIPPED ${folder}: the registry cannot be reached, so the real packages could not be installed`)
    return false
  }
  console.error(output)
  process.exit(done.status ?? 1)
}

const installed = FOLDERS.filter(install)
if (installed.length === 0) process.exit(0)
if (installed.includes('test/providers')) {
  // the one package that has to be compiled; the test that needs it says SKIPPED where this fails
  spawnSync('npm', ['rebuild', 'pkcs11js'], { cwd: join(root, 'test/providers'), stdio: 'ignore', shell })
}
const chosen = process.argv.length > 2 ? process.argv.slice(2) : installed
const parts = [
  ['vitest', 'run', '--config', 'test/tooling/vitest.config.ts', '--project', 'clients', ...chosen],
  ...installed.map((folder) => ['tsc', '--noEmit', '-p', folder]), // each one's own types take ours
]
const failed = parts.filter((part) => spawnSync('npx', part, { cwd: root, stdio: 'inherit', shell }).status !== 0)
process.exit(failed.length > 0 ? 1 : 0)
