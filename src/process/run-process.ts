/** Runs a program with secrets in its environment, and its output through the redactor. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import process from 'node:process'
import { codeOf, GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { requireAccess } from '../vault/client.ts'
import type { NamedOptions } from '../vault/option-types.ts'
import { resultContextOf } from '../vault/resolved.ts'
import { childEnvironment, type Platform, requireNameList, requireSizes, UNIX, WINDOWS } from './environment.ts'
import { copyRedacted, type OutputTarget, targetOf } from './output.ts'
import { forwardSignals } from './signals.ts'

/** What {@link runProcess} takes besides the command. */
export interface RunProcessOptions extends NamedOptions {
  /** Variables of the child, with references in them; one that is undefined it does not get at all. @default none */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * What the child gets of this process's environment: all of it but `GUILLEMET_KEY`, nothing, or these names.
   *
   * @default 'all'
   */
  readonly inherit?: 'all' | 'none' | readonly string[] | undefined
  /**
   * Variables that may hold a secret although programs load or run what they name, such as `NODE_OPTIONS`.
   *
   * @default none
   */
  readonly allowSecretsIn?: readonly string[] | undefined
  /** The directory that it runs in. @default that of this process */
  readonly cwd?: string | undefined
  /** Where its redacted output goes. @default process.stdout */
  readonly stdout?: OutputTarget | undefined
  /** Where its redacted error output goes. @default process.stderr */
  readonly stderr?: OutputTarget | undefined
  /** Ends it by SIGTERM when it is aborted; wait for the result. Aborted before, it is not started, and the result is the same. */
  readonly signal?: AbortSignal | undefined
}

/** How a program ended. */
export interface ProcessResult {
  /** Its exit code; 128 and the number of the signal where one ended it, as a shell says it. */
  readonly exitCode: number
  /** The signal that ended it; absent where it ended by itself. */
  readonly endedBy?: string
}

const RUN_OPTIONS = [
  'env',
  'inherit',
  'allowSecretsIn',
  'cwd',
  'stdout',
  'stderr',
  'signal',
  'destination',
  'onMissing',
  'authored',
  'fresh',
] as const satisfies readonly (keyof RunProcessOptions)[]
/** The key of the vault is no business of a child that gets its secrets resolved. */
const NEVER_INHERITED = 'GUILLEMET_KEY'
const SIGNAL_BASE = 128
/** How a program ended whose caller gave up, also where it was not even started. */
const GIVEN_UP: ProcessResult = { exitCode: SIGNAL_BASE + constants.signals.SIGTERM, endedBy: 'SIGTERM' }
/** How long the last output of a program is waited for that was ended because its caller gave up. */
const GRACE_MS = 500

/**
 * Runs a program with the resolved environment, and waits for it.
 *
 * What it prints goes to this process's output with the secrets that it was given masked, in any of their forms. Its input is
 * this process's. Signals are passed on, those that a terminal sends to both only by the terminal. No shell is used.
 * References in the arguments are refused: everybody on the machine can read those.
 *
 * @param command the program, looked for in the PATH of the child's environment
 * @throws what `resolveEnv` throws, and ERR_UNSAFE_ENV_VALUE for a variable that is too long for the system;
 *   ERR_LOCATION_DENIED for a secret in a variable such as `PATH` or `NODE_OPTIONS`, or in an argument;
 *   ERR_INVALID_INPUT when the program cannot be started, for an option of another type, and for a vault of another copy of the
 *   package. None holds a value or an argument
 * @example
 * const { exitCode } = await runProcess(vault, 'npm', ['publish'], { env: { NPM_TOKEN: '<< secrets.npm >>' } })
 * process.exitCode = exitCode
 */
export async function runProcess(
  vault: Vault,
  command: string,
  args: readonly string[] = [],
  options: RunProcessOptions = {},
): Promise<ProcessResult> {
  const { env, inherit, allowSecretsIn, cwd, stdout, stderr, signal, ...named } = readOptions(
    options,
    'options of runProcess',
    RUN_OPTIONS,
    suggest,
  )
  requireAccess(vault, 'The first argument of runProcess')
  const allowed = requireNameList(allowSecretsIn ?? [], 'allowSecretsIn')
  const passedOn = inherited(inherit ?? 'all')
  const targets = [targetOf('stdout', stdout, process.stdout), targetOf('stderr', stderr, process.stderr)] as const
  requireCommand(vault, command, args)
  const resolved = await unlessAborted(signal, vault.resolveEnv(env ?? {}, { ...named, signal }))
  if (resolved === undefined) return { ...GIVEN_UP }
  const { redactor } = resultContextOf(resolved)!
  const platform = platformOf()
  const variables = childEnvironment(resolved.expose(), resolved.references, passedOn, allowed, platform)
  requireSizes(variables, [command, ...args], platform)
  const child = await started(command, args, variables, cwd)
  const stopForwarding = forwardSignals(child, process.stdin.isTTY === true)
  const stop = (): void => void child.kill('SIGTERM')
  try {
    if (signal?.aborted === true) stop() // while it started
    signal?.addEventListener('abort', stop, { once: true })
    const copied = Promise.all([
      copyRedacted(child.stdout!, redactor, targets[0]),
      copyRedacted(child.stderr!, redactor, targets[1]),
    ])
    const result = await ended(child)
    // whoever gave up does not wait for a grandchild that still holds the output
    if (signal?.aborted === true) setTimeout(() => closeOutput(child), GRACE_MS).unref()
    await copied
    return result
  } finally {
    signal?.removeEventListener('abort', stop)
    stopForwarding()
  }
}

/** What is resolved; undefined where the caller has given up by then. */
async function unlessAborted<T>(signal: AbortSignal | undefined, resolving: Promise<T>): Promise<T | undefined> {
  try {
    const resolved = await resolving
    return signal?.aborted === true ? undefined : resolved
  } catch (error) {
    if (signal?.aborted === true && codeOf(error) === 'ERR_STORAGE_UNAVAILABLE') return undefined
    throw error
  }
}

/** @throws ERR_INVALID_INPUT, ERR_LOCATION_DENIED */
function requireCommand(vault: Vault, command: unknown, args: readonly unknown[]): void {
  if (typeof command !== 'string' || command === '' || command.includes('\0')) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The command must be the name or path of a program.')
  }
  if (!Array.isArray(args)) throw new GuillemetError('ERR_INVALID_INPUT', 'The arguments must be a list of texts.')
  for (const [index, arg] of args.entries()) {
    const path = `args[${index}]`
    if (typeof arg !== 'string' || arg.includes('\0')) {
      throw new GuillemetError('ERR_INVALID_INPUT', `The argument ${path} must be a text without NUL.`, { path })
    }
    const [reference] = vault.references(arg)
    if (reference === undefined) continue
    throw new GuillemetError(
      'ERR_LOCATION_DENIED',
      `The argument ${path} refers to the secret "${reference.tag}", but arguments can be read by everybody on the machine; give it in env.`,
      { path, tag: reference.tag },
    )
  }
}

function platformOf(): Platform {
  return process.platform === 'win32' ? WINDOWS : UNIX
}

/** @throws ERR_INVALID_INPUT */
function inherited(which: 'all' | 'none' | readonly string[]): Record<string, string | undefined> {
  if (which === 'none') return {}
  if (which !== 'all') {
    const names = requireNameList(which, 'inherit', "must be 'all', 'none' or a list of names")
    return Object.fromEntries(names.map((name) => [name, ownValue(process.env, name)]))
  }
  const { [NEVER_INHERITED]: _key, ...rest } = process.env
  return rest
}

/** The child once it runs; Node's own errors hold the arguments, and some the whole environment. */
async function started(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string | undefined,
): Promise<ChildProcess> {
  let child: ChildProcess
  try {
    child = spawn(command, args, {
      env,
      ...(cwd !== undefined && { cwd }),
      shell: false,
      windowsHide: true,
      stdio: ['inherit', 'pipe', 'pipe'],
    })
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
  } catch (error) {
    throw startFailure(command, codeOf(error), cwd)
  }
  // a kill that fails later is told by how the child ends
  child.on('error', () => undefined)
  return child
}

function startFailure(command: string, code: string | undefined, cwd: string | undefined): GuillemetError {
  const name = code !== undefined && /^[A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : ''
  const isLost = cwd !== undefined && !existsSync(cwd)
  const advice = isLost
    ? 'the directory to run it in is not there'
    : command.includes(' ') && code === 'ENOENT'
      ? "a program and its arguments are given apart: runProcess(vault, 'npm', ['publish'])"
      : 'look whether it is installed, in the PATH, and may be run'
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `The command${shownCommand(command)} could not be started${name}; ${advice}.`,
  )
}

/** The name of the program up to the first blank, where it is made of words: what follows may be an argument, or a value. */
function shownCommand(command: string): string {
  const [program] = command.split(/\s/)
  return /^[A-Za-z]{1,14}(?:[_./-][A-Za-z]{1,14}){0,4}$/.test(program!) ? ` "${program}"` : ''
}

/** Ends the copying of what may still be written by programs that the child has started. */
function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

function ended(child: ChildProcess): Promise<ProcessResult> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ exitCode: code ?? 1 })
      else resolve({ exitCode: SIGNAL_BASE + (constants.signals[signal] ?? 0), endedBy: signal })
    })
  })
}
