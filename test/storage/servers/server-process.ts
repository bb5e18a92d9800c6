/** A server of our own for one test file: its folder is ours, and it ends with the tests, however they end. */

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'vitest'

/** Starts the command, tells its id, and kills it when this process closes the pipe, which its death does too. */
const GUARD = '"$@" </dev/null >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait'
const MAX_POLLS = 3_000
/** A container often has 64 MB there, which no database fits into. */
const ROOM_BYTES = 2 ** 30
const POLL_MS = 20

export interface ServerProcess {
  readonly pid: number
  /** Sends a signal to the server itself. */
  signal(name: NodeJS.Signals): void
  /** Kills the server and resolves when it is gone. */
  end(): Promise<void>
}

/** Whether the command can be run on this machine. */
export function hasCommand(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A group of tests that need a server; where it is missing, one skipped test says why. */
export function describeWith(what: string, missing: string | undefined, body: () => void): void {
  describe(what, () => {
    if (missing === undefined) body()
    else test('needs a server', ({ skip }) => skip(missing))
  })
}

/** A folder for the server, and how to remove it. */
export function serverFolder(name: string): { readonly path: string; remove(): void } {
  // memory where there is some, since a server syncs a lot; and a short path: a Unix socket's has at most 107 characters
  const home = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir()
  const path = mkdtempSync(join(home, `gm-${name}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize > ROOM_BYTES
}

export async function startProcess(command: string, ...of: readonly string[]): Promise<ServerProcess> {
  const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...of], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()))
  const { value } = await createInterface({ input: guard.stdout })[Symbol.asyncIterator]().next()
  const pid = Number(value)
  return {
    pid,
    signal: (name) => void process.kill(pid, name),
    end() {
      guard.stdin.end()
      return ended
    },
  }
}

/** Tries again until it does not throw. */
export async function eventually<T>(attempt: () => Promise<T> | T): Promise<T> {
  for (let poll = 1; ; poll++) {
    try {
      return await attempt()
    } catch (error) {
      if (poll === MAX_POLLS) throw error
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
