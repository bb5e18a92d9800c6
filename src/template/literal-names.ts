/** Names in front of values, in a text: which of the many ways to write a member, a variable or an option it may hold. */

import type { NamedValue } from './literal-entries.ts'

const NAME = '[A-Za-z][\\w.-]{1,63}'
/** Up to the quote that ends it. */
const UP_TO_QUOTE = '["\'`](?=([^"\'`\\n]{1,4096}))'
/** Up to white space, where other words follow. */
const WORD = '[^\\s"\'`;]{8,512}'

/** A query parameter; another `?` ends its value here, so that no text is read as the value of many. Badges show theirs. */
const PARAMETER = /(?:^|(?<!\.svg)\?|&)([A-Za-z][\w.-]{1,63})=(?=([^\s?&#"'<>]{8,512}))/g
/** A member of JSON, whose text may hold the other quotes. */
const JSON_MEMBER = /"([A-Za-z][\w.-]{1,63})"\s{0,8}:\s{0,8}"(?=([^"\n]{1,4096}))/g
/** A member of Python, JavaScript or a flow of YAML. */
const QUOTED_MEMBER = /'([A-Za-z][\w.-]{1,63})'\s{0,8}:\s{0,8}'(?=([^'\n]{1,4096}))/g
/** A member of JSON within JSON, and of GraphQL within it. */
const ESCAPED_MEMBER = /* @__PURE__ */ new RegExp(
  `(?=:\\s{0,8}\\\\)(?<=(?<![\\w.-])(${NAME})(?:\\\\{1,3}")?\\s{0,8}):\\s{0,8}\\\\{1,3}"(?=([^"\\\\\\n]{1,4096}))`,
  'g',
)
/** A member without quotes around its name, in a map within a line: of YAML, TOML, HCL, JavaScript, GraphQL. */
const FLOW_MEMBER = /* @__PURE__ */ new RegExp(`[{,(]\\s{0,8}(${NAME})\\s{0,8}(?::|=>?)\\s{0,8}${UP_TO_QUOTE}`, 'g')
/** A line of HTTP as an argument or an element: `"Authorization: Bearer …"`. */
const QUOTED_LINE = /* @__PURE__ */ new RegExp(`["'\`](${NAME}):[^\\S\\n]{0,8}(?=([^"'\`\\n]{4,4096}))`, 'g')
/** A header for `curl` and its like. */
const HEADER_OPTION =
  /(?<![\w-])(?:-H|--header)[ =]?([A-Za-z][\w-]{1,63}):[^\S\n]{0,8}(?=((?:[A-Za-z]{1,8} )?[^\s"'`]{4,4096}))/g

/**
 * A line of YAML, JSON, TOML, .env, .npmrc or HTTP with a name and a value; quotes are cut off later. It begins where `[^\n]`
 * ends: `^` would also match after CR and U+2028, and each of those would read the same value again.
 */
const NAMED_LINE =
  /(?<![^\n])[^\S\n]{0,256}(?:[-*#>][^\S\n]{1,8}){0,2}(?:export[^\S\n]{1,8}|\/\/[^\s=]{1,256}:(?=_))?["'`]?(_?[A-Za-z][\w.-]{0,63})["'`]?[^\S\n]{0,16}(?:[:?]?=>?|:)[^\S\n]{0,16}(?=([^\n]{0,4096}))/g
/** A value of YAML in the line after its name: a block, or a text in quotes. */
const NEXT_LINE =
  /(?=:[^\S\n]{0,8}(?:[|>][-+\d]{0,2}[^\S\n]{0,8})?\r?\n)(?<=(?<![^\n])[^\S\n]{0,256}(?:-[^\S\n]{1,8})?["']?([A-Za-z][\w.-]{0,63})["']?):[^\S\n]{0,8}(?:[|>][-+\d]{0,2}[^\S\n]{0,8}\r?\n[^\S\n]{1,256}(?=[^\s"'])|\r?\n[^\S\n]{1,256}(?=["']))(?=([^\n]{1,4096}))/g

/** The value that another tool uses where a variable is not set: `${DB_PASSWORD:-value}`. */
const DEFAULT_VALUE = /\$\{(?:secrets?\.)?([A-Za-z_][\w.]{1,63}):?[-=](?=([^\s{}"'`]{8,512})\})/g
/** An option of a command; what has no digits is mostly a word there. */
const COMMAND_OPTION = /* @__PURE__ */ new RegExp(`(?<![\\w-])--([A-Za-z][\\w-]{1,63})=["']?(?=(${WORD}))`, 'g')
/** A variable before a command, an option's `name=value`, a member of a connection string. Read back from the `=`, which is rare. */
const ASSIGNMENT = /* @__PURE__ */ new RegExp(
  `(?==["']?[^\\s"'\`;]{8})(?<=(?:(?<![\\w$&?.%/-])|\\s-[DPX])(${NAME}))=["']?(?=(${WORD}))`,
  'g',
)
/** A declaration with a modifier or a type, an attribute: `String API_KEY = "…"`, `let token: string = '…'`, `{ get; } = "…"`. */
const DECLARATION = /* @__PURE__ */ new RegExp(
  `(?==[^\\S\\n]{0,8}["'\`])(?<=(?<![\\w.-])([A-Za-z][\\w.]{1,63})(?:\\??:\\s[A-Za-z][\\w<>[\\].]{0,31}|\\s\\{ ?get;[^}\\n]{0,32}\\})?[^\\S\\n]{0,8}:?)=[^\\S\\n]{0,8}${UP_TO_QUOTE}`,
  'g',
)
/** A variable of a Dockerfile, of fish, a macro of C. */
const DIRECTIVE =
  /(?<!\S)(?:ENV|#define|set[^\S\n]{1,4}-\w{1,3})[^\S\n]{1,8}([A-Za-z]\w{1,63})[^\S\n]{1,8}["']?(?=([^\s"'`]{8,512}))/g
/** A member of a map in a line, without quotes. */
const PLAIN_MEMBER = /* @__PURE__ */ new RegExp(
  `(?<!\\$)[{,]\\s{0,8}(${NAME})\\s{0,8}:\\s{0,8}(?=([^\\s"'\`,;{}()[\\]]{8,512}))`,
  'g',
)
/** Two arguments, of a call or of a command: `define('DB_PASSWORD', '…')`, `setHeader("Authorization", "…")`, `["--api-key", "…"]`. */
const TWO_TEXTS = /* @__PURE__ */ new RegExp(
  `(?:\\(\\s{0,8}["']|["']-{1,2})(${NAME})["']\\s{0,8},\\s{0,8}["'](?=([^"'\`\\n]{8,512}))`,
  'g',
)

/** A pattern, and what a text must hold for it: most texts are short and hold none. */
type Notation = readonly [sign: string, pattern: RegExp]

const IN_LINES: readonly Notation[] = [
  ['', NAMED_LINE],
  ['\n', NEXT_LINE],
]
const ANYWHERE_NOTATIONS: readonly Notation[] = [
  ['=', PARAMETER],
  ['"', JSON_MEMBER],
  ["'", QUOTED_MEMBER],
  ['\\"', ESCAPED_MEMBER],
  ['', FLOW_MEMBER],
  [':', QUOTED_LINE],
  ['-', HEADER_OPTION],
]
const AMONG_WORDS: readonly Notation[] = [
  ['${', DEFAULT_VALUE],
  ['--', COMMAND_OPTION],
  ['=', ASSIGNMENT],
  ['=', DECLARATION],
  [' ', DIRECTIVE],
  [':', PLAIN_MEMBER],
  [',', TWO_TEXTS],
]

/**
 * Gives every value that stands after a name, in no particular order.
 *
 * @param isDocument whether the text is a file or another text of lines, each with a name of its own
 * @param isWanted asked of each name
 */
export function namedValuesIn(
  text: string,
  isDocument: boolean,
  isWanted: (name: string) => boolean,
  take: (found: NamedValue) => void,
): void {
  const search = ([sign, pattern]: Notation, isTaken?: (value: string) => boolean): void => {
    if (!text.includes(sign)) return
    for (const match of text.matchAll(pattern)) {
      const [all, name, value] = match as unknown as readonly [string, string, string]
      if (isWanted(name) && isTaken?.(value) !== false) take({ name, value, index: match.index + all.length })
    }
  }
  for (const each of isDocument ? IN_LINES : []) search(each)
  for (const each of ANYWHERE_NOTATIONS) search(each)
  for (const each of AMONG_WORDS) search(each, isMixed)
}

/** Letters and digits: where words are common, as in a command or a default for development. */
export function isMixed(value: string): boolean {
  return value.length >= 8 && /[A-Za-z]/.test(value) && /\d/.test(value)
}
