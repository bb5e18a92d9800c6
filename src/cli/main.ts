/** The program `guillemet`: its process, and nothing else. */

import { readFileSync } from 'node:fs'
import { EXIT, type Host } from './host.ts'
import { run } from './program.ts'

/** The cursor, which a prompt may have hidden. */
const SHOW_CURSOR = '\u001b[?25h'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const host: Host = {
  args: process.argv.slice(2),
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  onInterrupt: undefined,
}

/** Ends at once, with the terminal as it was. */
function end(exitCode: number): never {
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
  if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR)
  process.exit(exitCode)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const { onInterrupt } = host
    if (onInterrupt === undefined) end(EXIT[signal])
    host.onInterrupt = undefined
    onInterrupt(signal)
  })
}
// a reader that went away is told to whoever prints; without a listener it would end the process with a stack
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

// ends also where a configuration has left a connection open
end(await run(host))
