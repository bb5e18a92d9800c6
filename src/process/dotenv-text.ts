/**
 * A `.env` text that every reader reads alike.
 *
 * There is no standard: readers differ in what they do with `#`, quotes, backslashes and line ends. So each value is written in
 * the plainest form in which Node (`--env-file`, `util.parseEnv`) and dotenv give it back unchanged; where there is none,
 * it is refused.
 */

import { GuillemetError } from '../errors.ts'

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Nothing that any reader, or a shell that sources the file, takes for something else. */
const PLAIN_VALUE = /^[A-Za-z0-9_./:@%+,=-]+$/
/** What a quoted form cannot hold: dotenv reads a backslash before the closing quote as an escape of it. */
const LITERAL_QUOTES = ["'", '`'] as const
/** Without quotes a value ends at `#` or the end of the line, and loses white space and quotes around it. */
const UNQUOTED = /^(?!['"`])[^\s#](?:[^\r\n#]*[^\s#])?$/
/** Node drops a carriage return wherever it stands, dotenv makes a line end of it; neither can be escaped for both. */
const UNWRITABLE = /[\r\0]/

/**
 * The text of these variables, one a line or, with line ends in its value, one over several.
 *
 * @throws ERR_UNSAFE_ENV_VALUE with the name in `path` for a value that no form gives back to both readers: one with a carriage
 *   return or NUL, or one that needs quotes and holds each kind, or ends with a backslash
 * @throws ERR_INVALID_INPUT for a name that no reader takes
 */
export function dotenvText(env: Readonly<Record<string, string | undefined>>): string {
  let text = ''
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (!VARIABLE_NAME.test(name)) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        `A variable of a .env file is named with letters, digits and "_", not beginning with a digit; ${JSON.stringify(name)} is not.`,
        { path: name },
      )
    }
    const written = writtenValue(value)
    if (written === undefined) throw unwritable(name)
    text += `${name}=${written}\n`
  }
  return text
}

/** The same of variables that are only shown; what cannot be written stands there as it is. */
export function shownDotenvText(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${writtenValue(value) ?? value}\n`)
    .join('')
}

function writtenValue(value: string): string | undefined {
  if (UNWRITABLE.test(value)) return undefined
  if (PLAIN_VALUE.test(value)) return value
  if (!value.endsWith('\\')) {
    for (const quote of LITERAL_QUOTES) if (!value.includes(quote)) return `${quote}${value}${quote}`
    // in double quotes the readers undo different escapes
    if (!/["\\]/.test(value)) return `"${value}"`
  }
  return UNQUOTED.test(value) ? value : undefined
}

function unwritable(name: string): GuillemetError {
  return new GuillemetError(
    'ERR_UNSAFE_ENV_VALUE',
    `The value of ${name} cannot be written so that Node and dotenv both read it back; write << … | base64 >> there and decode it in the program.`,
    { path: name },
  )
}
