/** A real terminal: a shell in it asks for its settings, runs the built command, and asks once more. */

import { existsSync, readFileSync } from 'node:fs'
import { type IPty, spawn } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'
import { ROOT } from '../tooling/repository.ts'

/** The command line as it is published. */
export const BUILT = `${ROOT}dist/cli.js`

/** Why there can be no terminal here, or undefined. */
export function terminalMissing(): string | undefined {
  if (process.platform === 'win32') return 'the terminal of Windows has no stty'
  return existsSync(BUILT) ? undefined : 'dist is not built: npm run build:js'
}

/** A command that runs in a terminal. */
export interface Terminal {
  /** All that was on the screen, without carriage returns. */
  screen(): string
  /** Waits until the screen holds the text, once more than it did when this was called last. */
  waitFor(text: string | RegExp): Promise<void>
  type(text: string): void
  kill(signal: string): void
  /** The exit code, once all has ended; the settings of the terminal before and after. */
  readonly ended: Promise<{ readonly exitCode: number; readonly before: string; readonly after: string }>
}

/** How long a text may be missing after the end, before that is an error. */
const LAST_OUTPUT_MS = 5_000
const MARK = '=== '

/** Runs `guillemet …` in a terminal of a folder. */
export function inTerminal(cwd: string, args: readonly string[], env: Record<string, string> = {}): Terminal {
  const quoted = args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ')
  const script = `trap : INT; stty -a; echo '${MARK}start'; '${process.execPath}' '${BUILT}' ${quoted}; code=$?; echo; echo '${MARK}end' $code; stty -a; echo '${MARK}over'; read answer`
  const pty: IPty = spawn('/bin/sh', ['-c', script], {
    cols: 100,
    rows: 30,
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', HOME: cwd, ...env },
  })
  let output = ''
  let seen = 0
  const watchers = new Set<() => void>()
  const told = () => {
    for (const watch of [...watchers]) watch()
  }
  let isOver = false
  pty.onData((data) => {
    output += data
    told()
  })
  let hasExited = false
  pty.onExit(() => {
    hasExited = true
    // what was printed last may come after the exit
    setTimeout(() => {
      isOver = true
      told()
    }, LAST_OUTPUT_MS)
  })
  onTestFinished(() => {
    if (!hasExited) pty.kill('SIGKILL')
  })
  const screen = () => output.replaceAll('\r', '')
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => {
        const isDone = isThere()
        if (!isDone && !isOver) return
        watchers.delete(watch)
        if (isDone) resolve()
        else reject(new Error(`the terminal ended without what was waited for:\n${screen()}`))
      }
      watchers.add(watch)
      watch()
    })
  const ended = until(() => screen().includes(`${MARK}over`)).then(() => {
    // the shell waits for it: what is printed just before a terminal ends may be lost
    pty.write('\r')
    const [, before, code, after] = /^([\s\S]*?)=== start\n[\s\S]*=== end (\d+)\n([\s\S]*)=== over/.exec(screen())!
    return { exitCode: Number(code), before: before!, after: after! }
  })
  // a test that fails before it waits for the end must not fail twice
  ended.catch(() => undefined)
  return {
    screen,
    waitFor: (text) =>
      until(() => {
        const found = typeof text === 'string' ? screen().indexOf(text, seen) : screen().slice(seen).search(text) + seen
        if (found < seen) return false
        seen = found + 1
        return true
      }),
    type: (text) => pty.write(text),
    kill: (signal) => process.kill(childOf(pty.pid), signal),
    ended,
  }
}

/** The process of the command, which is the one that the shell waits for (Linux). */
function childOf(shell: number): number {
  const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')
  return Number(child)
}
