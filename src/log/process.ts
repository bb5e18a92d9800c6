/**
 * Redaction for a whole process in one line: console, stdout, stderr, and what is printed when it crashes.
 *
 * @module guillemet/log/process
 */

import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { codeOf } from '../errors.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireRedactor } from './require-arguments.ts'
import { type RedactedStdio, redactStdio, type StdioOptions } from './stdio.ts'

/** File descriptor of stderr, which takes a crash report at once. */
const STDERR = 2
/** How a process ends that nobody has caught the error of. */
const EXIT_CODE = 1
/** How long a report waits for a reader that takes nothing, in milliseconds, and between two looks. */
const PIPE_PATIENCE_MS = 2000
const PIPE_PAUSE_MS = 10

type CrashEvent = 'uncaughtException' | 'unhandledRejection'

/** What a call of `redactProcess` has set up. */
interface Setup {
  readonly redactor: ReadonlyRedactor
  readonly stdio: RedactedStdio
}

/** By their listeners: one of another call is not a listener of the program's own. */
const setups = new WeakMap<object, Setup>()

/** In Node a rejection that nobody handles is an uncaught exception; Bun prints it without asking the listeners of those. */
const CRASHES: readonly CrashEvent[] =
  'bun' in process.versions ? ['uncaughtException', 'unhandledRejection'] : ['uncaughtException']

/**
 * Redacts all that this process prints from now on: `console`, stdout and stderr as `redactStdio` does, and the report of
 * an uncaught error, which Node writes past both of them.
 *
 * Call it first. An error that nobody catches still ends the process with code 1; where the program listens to
 * `uncaughtException` itself, that listener decides, as without this. The report shows no line of source. In a worker
 * thread the redacted error goes to the parent instead. Not seen: what does not pass through `write`, such as a child with
 * `stdio: 'inherit'`, `fs.writeSync(1, …)`, warnings of Node, and diagnostic reports.
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
  const restores = CRASHES.map((event) => listenTo(event, { redactor, stdio }))
  return {
    flush: stdio.flush,
    restore() {
      for (const restore of restores) restore()
      stdio.restore()
    },
  }
}

/** Ends the process with a report, unless a listener of the program's own decides what becomes of it. */
function listenTo(event: CrashEvent, setup: Setup): () => void {
  const listener = (error: unknown): void => {
    const listeners = process.listeners(event as 'uncaughtException')
    const known = listeners.flatMap((each) => setups.get(each) ?? [])
    if (known.length === listeners.length) endWith(error, known)
  }
  setups.set(listener, setup)
  process.on(event, listener)
  return () => void process.off(event, listener)
}

/** Every redactor that was given cleans what is reported. */
function endWith(error: unknown, known: readonly Setup[]): never {
  for (const { stdio } of known) stdio.flush()
  const redactors = known.map(({ redactor }) => redactor)
  // what a worker throws here is what its parent gets: it has the event `error`, and reports what nobody listens to
  if (!isMainThread) throw cleaned(error, redactors)
  writeReport(crashReport(error, redactors))
  process.exit(EXIT_CODE)
}

function cleaned(error: unknown, redactors: readonly ReadonlyRedactor[]): unknown {
  return redactors.reduce((clean, redactor) => redactor.value(clean), error)
}

/** What Node prints, redacted: first as a structure, then as the text that is made of it. */
function crashReport(error: unknown, redactors: readonly ReadonlyRedactor[]): string {
  let report: string
  try {
    report = redactors.reduce((clean, redactor) => redactor.text(clean), inspect(cleaned(error, redactors)))
  } catch {
    report = '[Unreadable]' // an error that defends itself must not be printed as it is
  }
  return `Uncaught ${report}\n\nNode.js ${process.version}\n`
}

/** All of it, also to a reader that is slow: a pipe takes a part of what is written, or says EAGAIN. */
function writeReport(report: string): void {
  let rest: Uint8Array = Buffer.from(report)
  for (let waited = 0; rest.length > 0 && waited < PIPE_PATIENCE_MS; ) {
    try {
      rest = rest.subarray(writeSync(STDERR, rest))
      waited = 0
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return // nobody reads it
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE_MS)
      waited += PIPE_PAUSE_MS
    }
  }
}
