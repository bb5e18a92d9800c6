/**
 * Redaction for a whole process in one line: console, stdout, stderr, and what is printed when it crashes.
 *
 * @module guillemet/log/process
 */

import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireRedactor } from './require-arguments.ts'
import { type RedactedStdio, redactStdio, type StdioOptions } from './stdio.ts'

/** File descriptor of stderr, which takes a crash report at once. */
const STDERR = 2
/** How a process ends that nobody has caught the error of. */
const EXIT_CODE = 1

/**
 * Redacts all that this process prints from now on: `console`, stdout and stderr as `redactStdio` does, and the report of
 * an uncaught error, which Node writes past both of them.
 *
 * Call it first, once. An error that nobody catches still ends the process with code 1; where the program listens to
 * `uncaughtException` itself, that listener decides, as without this. The report shows no line of source. Not seen: what
 * does not pass through `write`, such as a child with `stdio: 'inherit'`, `fs.writeSync(1, …)`, warnings of Node, and
 * diagnostic reports.
 *
 * @param redactor what it knows when something is printed is masked
 * @returns flushes what is held back, or gives everything back as it was
 * @throws ERR_INVALID_INPUT when the first is not a redactor, an option is unknown, or `holdMs` is not a time
 * @example
 * ```ts
 * redactProcess(createRedactor({ secrets: envSecrets(process.env) }))
 * ```
 */
export function redactProcess(redactor: ReadonlyRedactor, options?: StdioOptions): RedactedStdio {
  requireRedactor(redactor, 'redactProcess(redactor, options)')
  const stdio = redactStdio(redactor, [process.stdout, process.stderr], options)
  const crash = (error: unknown): void => {
    // a listener of the program's own decides what becomes of the process
    if (process.listeners('uncaughtException').some((listener) => listener !== crash)) return
    stdio.flush()
    writeSync(STDERR, crashReport(redactor, error))
    process.exit(EXIT_CODE)
  }
  process.on('uncaughtException', crash)
  return {
    flush: stdio.flush,
    restore() {
      process.off('uncaughtException', crash)
      stdio.restore()
    },
  }
}

/** What Node prints, redacted: first as a structure, then as the text that is made of it. */
function crashReport(redactor: ReadonlyRedactor, error: unknown): string {
  let report: string
  try {
    report = redactor.text(inspect(redactor.value(error)))
  } catch {
    report = '[Unreadable]' // an error that defends itself must not be printed as it is
  }
  return `Uncaught ${report}\n\nNode.js ${process.version}\n`
}
