/** What the command line has of its process; tests give their own. */

import type { Readable, Writable } from 'node:stream'

/** Standard input; a terminal or not. */
export type Input = Readable & { readonly isTTY?: boolean }

/** An output; a terminal or not. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** The surroundings of one run. */
export interface Host {
  /** What was typed after the program's name. */
  readonly args: readonly string[]
  /** The working directory: configuration, `.secrets` and the key file are looked for here only. */
  readonly cwd: string
  readonly env: Record<string, string | undefined>
  readonly stdin: Input
  /** Data, and nothing else. */
  readonly stdout: Output
  /** Prompts, progress, notes and errors. */
  readonly stderr: Output
  readonly version: string
  /** Set while a long command runs that can end after the record at hand; a second signal does not ask it. */
  onInterrupt: ((signal: 'SIGINT' | 'SIGTERM') => void) | undefined
}

/** Exit codes; they are documented in docs/CLI.md. */
export const EXIT = { done: 0, failed: 1, usage: 2, SIGINT: 130, SIGTERM: 143 } as const

/** A mistake of the one who typed: what it is, and what to type instead. */
export class UsageError extends Error {}

/** Something that was not done, and why. */
export class CommandError extends Error {}

/** A prompt that was left with Ctrl-C. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number = EXIT.SIGINT) {
    super('Interrupted.')
    this.exitCode = exitCode
  }
}

/**
 * Writes data, and waits until it was taken.
 *
 * @throws CommandError where nobody reads: what was printed there counts as not shown
 */
export async function print(host: Host, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = () => reject(new CommandError('Standard output was closed before everything was written.'))
    host.stdout.once('error', closed)
    host.stdout.write(text, (error) => {
      host.stdout.off('error', closed)
      if (error) closed()
      else resolve()
    })
  })
}

/** Tells something to the person at the terminal, or to the log. */
export function note(host: Host, text: string): void {
  host.stderr.write(`${text}\n`)
}

/**
 * A tag or name that was typed, where it is made of words and nothing else; undefined for anything that may be a value in
 * the wrong place, which is never repeated.
 */
export function wordsOf(typed: string): string | undefined {
  return typed.length <= 64 && /^[A-Za-z]{1,14}(?:[_-][A-Za-z]{1,14})*$/.test(typed) ? typed : undefined
}

/** A value as one document of JSON. */
export function printJson(host: Host, value: unknown): Promise<void> {
  return print(host, `${JSON.stringify(value, undefined, 2)}\n`)
}
