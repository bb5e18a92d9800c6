/** Real processes for fault tests: started, listened to, stopped, killed. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const MAX_POLLS = 10_000
const started = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

export interface Child {
  readonly process: ChildProcess
  readonly lines: AsyncIterableIterator<string>
  /** The exit code, null after a signal. */
  readonly ended: Promise<number | null>
}

/** Starts `children/<name>.ts`. */
export function startChild(name: string, ...of: readonly string[]): Child {
  return start(['--import', 'tsx', scriptOf(name), ...of])
}

/** The same in one file of JavaScript, which starts ten times as fast: for those that are started again and again. */
export function buildChild(name: string): (...of: readonly string[]) => Child {
  const home = mkdtempSync(join(tmpdir(), 'guillemet-child-'))
  process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  const outfile = join(home, `${name}.mjs`)
  buildSync({
    entryPoints: [scriptOf(name)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // packages are looked for where the source is
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
  })
  return (...of) => start([outfile, ...of])
}

function scriptOf(name: string): string {
  return fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url))
}

function start(command: readonly string[]): Child {
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
  started.add(child)
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      started.delete(child)
      resolve(code)
    })
  })
  return { process: child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator](), ended }
}

/** The next line that a child prints. */
export async function nextLine(child: Child): Promise<string> {
  const { value, done } = await child.lines.next()
  if (done) throw new Error('the child has ended')
  return value
}

/** Resolves when the process stands still after SIGSTOP (Linux). */
export async function isStopped(child: Child): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${child.process.pid}/stat`, 'utf8')) ?? []
    if (state === 'T') return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the child did not stop')
}
