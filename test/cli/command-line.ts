/** The command line within this process: streams and a folder of its own in place of a terminal. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { Host } from '../../src/cli/host.ts'
import { run } from '../../src/cli/program.ts'

/** What one run has left. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** What a run may be given besides its arguments. */
export interface Given {
  readonly input?: string | Uint8Array
  readonly env?: Record<string, string>
  /** Takes the host before it runs. */
  readonly prepare?: (host: Host) => void
}

/** A folder that is removed when the test is done. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'guillemet-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Runs `guillemet …` in a folder, without a terminal. */
export async function guillemet(cwd: string, args: readonly string[], given: Given = {}): Promise<Ran> {
  const { input = '', env = {}, prepare } = given
  const stdin = new PassThrough()
  stdin.end(input)
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const host: Host = { args, cwd, env: { ...env }, stdin, stdout, stderr, version: '0.0.0', onInterrupt: undefined }
  prepare?.(host)
  const exitCode = await run(host)
  return { exitCode, stdout: textOf(stdout), stderr: textOf(stderr) }
}

function textOf(stream: PassThrough): string {
  const bytes = stream.read() as Uint8Array | null
  return bytes === null ? '' : new TextDecoder().decode(bytes)
}
