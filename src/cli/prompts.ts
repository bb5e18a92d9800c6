/** Questions to a person: on a terminal only, and through standard error, so that standard output is data. */

import { checkbox, confirm, input, password } from '@inquirer/prompts'
import { pause } from '../waiting.ts'
import { type Host, type Input, Interrupted, UsageError } from './host.ts'

/** How long a paste may go on after its first line, in milliseconds. */
const PASTE_MS = 50
const MAX_INPUT_BYTES = 1024 * 1024 + 2

/** Whether a person can be asked. */
export function canAsk({ stdin, stderr }: Host): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/**
 * A line that is typed or pasted and never shown.
 *
 * @throws UsageError for several lines: only the first would be kept, and a shell would run the rest
 */
export async function askHidden(host: Host, message: string): Promise<string> {
  const pasted = watchPaste(host.stdin)
  try {
    const value = await answered(password({ message, mask: false }, contextOf(host)))
    await pasted.settled(host.stdin)
    if (!pasted.hasMore) return value
  } finally {
    pasted.stop()
  }
  throw new UsageError(
    'What was pasted has several lines, and a prompt takes one. Nothing was stored. Give it through standard input: guillemet set TAG < FILE',
  )
}

/** A line that is shown while it is typed. */
export function askText(host: Host, message: string): Promise<string> {
  return answered(input({ message }, contextOf(host)))
}

/** Yes or no; no is what Enter means. */
export function askYes(host: Host, message: string): Promise<boolean> {
  return answered(confirm({ message, default: false }, contextOf(host)))
}

/** Some of these names. */
export function askNames(
  host: Host,
  message: string,
  choices: readonly { readonly value: string; readonly name: string; readonly checked: boolean }[],
): Promise<string[]> {
  return answered(checkbox({ message, choices: [...choices], loop: false }, contextOf(host)))
}

/**
 * All of standard input as text, without the one line end that `echo` adds, and without the byte order mark that editors of Windows
 * put before it.
 *
 * @throws UsageError when it is empty, longer than a value can be, or not UTF-8
 */
export async function readInput({ stdin }: Host): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : (chunk as Uint8Array)
    length += bytes.length
    if (length > MAX_INPUT_BYTES) throw new UsageError('Standard input is longer than 1 MiB; a value cannot be.')
    chunks.push(bytes)
  }
  const text = decodedInput(Buffer.concat(chunks))
    .replace(/^\ufeff/, '')
    .replace(/\r?\n$/, '')
  if (text === '') throw new UsageError('Standard input is empty; nothing was stored.')
  return text
}

function decodedInput(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageError('Standard input is not UTF-8 text; encode bytes first, for example with base64.')
  }
}

function contextOf({ stdin, stderr }: Host): { input: Input; output: Host['stderr'] } {
  return { input: stdin, output: stderr }
}

async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    // by name: the class of a prompt that was bundled is nobody else's
    if ((error as Error | undefined)?.name === 'ExitPromptError') throw new Interrupted()
    throw error
  }
}

interface PasteWatch {
  readonly hasMore: boolean
  settled(stdin: Input): Promise<void>
  stop(): void
}

/** Sees what arrives after the first line end, which a prompt does not. */
function watchPaste(stdin: Input): PasteWatch {
  let isOver = false
  let hasMore = false
  const watch = (chunk: Uint8Array | string) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    const rest = isOver ? text : text.slice(1 + (/[\r\n]/.exec(text)?.index ?? text.length))
    isOver ||= /[\r\n]/.test(text)
    hasMore ||= /[^\r\n]/.test(rest)
  }
  stdin.on('data', watch)
  return {
    get hasMore() {
      return hasMore
    },
    async settled(input) {
      // what a paste brings late must reach neither the screen nor the shell
      const terminal = input as Input & { setRawMode?: (isRaw: boolean) => void }
      terminal.setRawMode?.(true)
      input.resume()
      await pause(PASTE_MS)
      input.pause()
      terminal.setRawMode?.(false)
    },
    stop: () => stdin.off('data', watch),
  }
}
