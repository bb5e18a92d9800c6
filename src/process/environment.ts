/** The environment of a child process: what it inherits, with what was resolved over it, and what must not hold a secret. */

import { utf8Lossy } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { pathOf } from '../template/context.ts'
import type { Used } from '../vault/api.ts'

/** What the system takes, and how it compares names. */
export interface Platform {
  /** Whether `Path` and `PATH` are one variable, as on Windows. */
  readonly ignoresCase: boolean
  /** Bytes of one `NAME=value`, its end included. */
  readonly longestVariable: number
  /** Bytes of all variables and arguments, 8 for each pointer included. */
  readonly longestTotal: number
}

/** Linux: 32 pages for one text, a quarter of the usual stack for all; other systems take as much or less in all. */
export const UNIX: Platform = { ignoresCase: false, longestVariable: 131_072, longestTotal: 2_000_000 }
/** Windows: 32,767 characters for one; all in all there is no limit. */
export const WINDOWS: Platform = { ignoresCase: true, longestVariable: 32_767, longestTotal: Number.POSITIVE_INFINITY }

/**
 * Variables that make a program load or run something, or read its settings from somewhere: who can change a secret must
 * not come to run code by it, and most of them are shown or logged by the programs that read them.
 */
const LOADS_CODE = new RegExp(
  `^(?:${[
    // the loader, and functions of bash
    'LD_|DYLD_|BASH_FUNC_',
    // places of programs and settings
    'PATH$|PATHEXT$|HOME$|TMPDIR$|ZDOTDIR$|XDG_CONFIG_HOME$|GCONV_PATH$|GLIBC_TUNABLES$',
    // shells
    'BASH_ENV$|ENV$|IFS$|SHELL$|SHELLOPTS$|PS4$|PROMPT_COMMAND$|COMSPEC$',
    // what programs open for a person
    'EDITOR$|VISUAL$|PAGER$|MANPAGER$|BROWSER$|LESS(?:OPEN|CLOSE)$|(?:EX|G?VIM)INIT$|(?:SSH|SUDO)_ASKPASS$|SUDO_EDITOR$',
    // JavaScript
    'NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|REPL_EXTERNAL_MODULE)$|NPM_CONFIG_(?:NODE[_-]OPTIONS|SCRIPT[_-]SHELL|SHELL|EDITOR|GIT|USERCONFIG|GLOBALCONFIG|PREFIX)$|BUN_OPTIONS$|DENO_\\w*$',
    // other interpreters
    'PYTHON(?:PATH|HOME|STARTUP|WARNINGS|BREAKPOINT|USERBASE)$|PERL5?(?:LIB|OPT|DB)$|RUBY(?:OPT|LIB)$|GEM_(?:HOME|PATH)$|BUNDLE_GEMFILE$|PHPRC$|PHP_INI_SCAN_DIR$|LUA_(?:INIT|C?PATH)(?:_\\d_\\d)?$|R_(?:PROFILE|ENVIRON)(?:_USER)?$',
    // machines and compilers
    '(?:JAVA_TOOL|JDK_JAVA|_JAVA)_OPTIONS$|(?:MAVEN|GRADLE|SBT)_OPTS$|CLASSPATH$|DOTNET_STARTUP_HOOKS$|COR(?:ECLR)?_PROFILER(?:_PATH(?:_\\d\\d)?)?$|ERL_(?:[AZ]?FLAGS|LIBS)$|RUSTC(?:_WORKSPACE)?(?:_WRAPPER)?$',
    // git
    'GIT_(?:SSH|SSH_COMMAND|EXEC_PATH|PAGER|EDITOR|SEQUENCE_EDITOR|EXTERNAL_DIFF|TEMPLATE_DIR|ASKPASS|PROXY_COMMAND|CONFIG_\\w+)$',
    // TLS
    'OPENSSL_CONF$|SSL_CERT_(?:FILE|DIR)$',
  ].join('|')})`,
  'i',
)
/** What bash before 4.3 took for the text of a function in any variable, and ran. */
const SHELL_FUNCTION = /^\(\)/

/**
 * @param resolved names and values of the child's own variables; one that is undefined it does not get, inherited or not
 * @param references where secrets stand in them
 * @param inherited what it gets besides; a variable of the same name is replaced
 * @param allowed names that may hold a secret although they make programs load something
 * @throws ERR_LOCATION_DENIED for a secret in such a variable; ERR_UNSAFE_ENV_VALUE for one that begins as a function of a
 *   shell; ERR_INVALID_INPUT for two names that are one
 */
export function childEnvironment(
  resolved: Readonly<Record<string, string | undefined>>,
  references: readonly Used[],
  inherited: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
  { ignoresCase }: Platform,
): Record<string, string> {
  const given = Object.entries(resolved).filter((entry): entry is [string, string] => entry[1] !== undefined)
  for (const [name, value] of given) requireVariable(name, value)
  const tags = new Map(references.map(({ path, tag }) => [path, tag]))
  for (const [name, value] of given) {
    const tag = tags.get(pathOf([name]))
    if (tag === undefined) continue
    const denial = loadsCodeDenial(name, tag, allowed) ?? functionDenial(name, value, tag, allowed)
    if (denial !== undefined) throw denial
  }
  const sameAs = ignoresCase ? (name: string) => name.toUpperCase() : (name: string) => name
  const own = new Set<string>()
  for (const name of Object.keys(resolved)) {
    if (own.has(sameAs(name))) {
      throw new GuillemetError('ERR_INVALID_INPUT', `The variable ${name} is given twice, in upper and lower case.`, {
        path: name,
      })
    }
    own.add(sameAs(name))
  }
  const env: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !own.has(sameAs(name))) env[name] = value
  }
  for (const [name, value] of given) env[name] = value
  return env
}

/**
 * Checks what the system would refuse with a message that quotes values, or without saying which it is.
 *
 * @throws ERR_UNSAFE_ENV_VALUE with the name of the variable in `path`
 */
export function requireSizes(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  { longestVariable, longestTotal }: Platform,
): void {
  const sizes = Object.entries(env).map(([name, value]) => [name, byteLength(`${name}=${value}`)] as const)
  const tooLong = sizes.find(([, size]) => size > longestVariable)
  if (tooLong !== undefined)
    throw variableTooLarge(tooLong[0], `has more than the ${longestVariable} bytes that one may have`)
  const total =
    sizes.reduce((sum, [, size]) => sum + size + 8, 0) + args.reduce((sum, arg) => sum + byteLength(arg) + 8, 0)
  if (total <= longestTotal) return
  const [largest] = [...sizes].sort(([, one], [, other]) => other - one)
  throw variableTooLarge(
    largest?.[0] ?? '',
    `is the largest of an environment that has more than ${longestTotal} bytes in all`,
  )
}

/**
 * An option that lists names of variables. A text in its place would be asked for parts of it, and so permit others.
 *
 * @throws ERR_INVALID_INPUT
 */
export function requireNameList(given: unknown, option: string, rule = 'must be a list of names'): readonly string[] {
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return [...given]
  throw new GuillemetError('ERR_INVALID_INPUT', `The option ${option} ${rule}.`, { path: option })
}

function requireVariable(name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw new GuillemetError('ERR_INVALID_INPUT', `The variable ${JSON.stringify(name)} must be a text.`, {
      path: name,
    })
  }
  // node's own error would quote the value
  if (value.includes('\0')) {
    throw new GuillemetError('ERR_UNSAFE_ENV_VALUE', `The variable ${JSON.stringify(name)} must not hold NUL.`, {
      path: name,
    })
  }
  if (name !== '' && !/[=\0]/.test(name)) return
  throw new GuillemetError('ERR_INVALID_INPUT', 'The name of a variable must not be empty, nor hold "=" or NUL.')
}

function byteLength(text: string): number {
  return utf8Lossy(text).length + 1
}

/** The refusal of a secret in a variable that makes programs load something; undefined for any other variable. */
export function loadsCodeDenial(name: string, tag: string, allowed: readonly string[]): GuillemetError | undefined {
  if (!LOADS_CODE.test(name) || allowed.includes(name)) return undefined
  return new GuillemetError(
    'ERR_LOCATION_DENIED',
    `The variable ${name} tells programs what to load or run, so the secret "${tag}" may not stand in it; use another one, or list it in allowSecretsIn.`,
    { tag, path: name, location: 'env' },
  )
}

function functionDenial(
  name: string,
  value: string,
  tag: string,
  allowed: readonly string[],
): GuillemetError | undefined {
  if (!SHELL_FUNCTION.test(value) || allowed.includes(name)) return undefined
  return new GuillemetError(
    'ERR_UNSAFE_ENV_VALUE',
    `The variable ${name} would begin with "()", which some shells run; change the secret "${tag}", or list the variable in allowSecretsIn.`,
    { tag, path: name, location: 'env' },
  )
}

function variableTooLarge(name: string, what: string): GuillemetError {
  return new GuillemetError(
    'ERR_UNSAFE_ENV_VALUE',
    `The variable ${name} ${what}; give the program a file, or write to its standard input.`,
    { path: name },
  )
}
