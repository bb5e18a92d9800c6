import type { Delimiters, Kind, Reference } from '../location.ts'
import { readOptions, requireKind, requireOnMissing, requireValid } from '../read-options.ts'
import { compile } from './compile.ts'
import { syntaxError } from './errors.ts'
import { makeInert } from './escape.ts'
import { type Finding, lint } from './lint.ts'
import { parserOf } from './parse.ts'
import { render } from './render.ts'
import { createSyntax, DEFAULT_SYNTAX, type Syntax } from './syntax.ts'
import type { Lookup } from './values.ts'

/** How a template is read. */
export interface TemplateOptions {
  /** What the whole template is. @default 'value' */
  readonly as?: Kind | undefined
  /** @default both `<< >>` and `{{ }}` */
  readonly delimiters?: readonly Delimiters[] | undefined
  /** What the name of a reference begins with. @default 'secrets.' and 'RUNPOD_SECRET_' */
  readonly prefixes?: readonly string[] | undefined
}

/** How references are written. */
export type SyntaxOptions = Pick<TemplateOptions, 'delimiters' | 'prefixes'>

/** How a template is rendered. */
export interface RenderTemplateOptions extends TemplateOptions {
  /** Whether a missing reference is an error or stays as it is. @default 'error' */
  readonly onMissing?: 'error' | 'keep' | undefined
}

const SYNTAX_OPTIONS = ['delimiters', 'prefixes'] as const

/** A reference within a text. */
export interface TextReference {
  /** The name of the secret. */
  readonly tag: string
  /** Absent where the reference names the whole secret. */
  readonly field?: string
  /** Their names, from left to right. */
  readonly filters: readonly string[]
  /** Offset of the opening delimiter in UTF-16 code units. */
  readonly index: number
}

/**
 * Cuts a text into literal pieces and references.
 *
 * The literals come without the backslashes that escape a reference; a text without references is one literal.
 *
 * @throws ERR_UNCLOSED_REFERENCE, ERR_MALFORMED_REFERENCE, ERR_UNKNOWN_FILTER; ERR_INVALID_INPUT for unsound delimiters
 */
export function parse(text: string, options?: SyntaxOptions): readonly (string | TextReference)[] {
  const { delimiters, prefixes } = readOptions(options, 'options', SYNTAX_OPTIONS)
  const parsed = parserOf(syntaxOf(delimiters, prefixes)).parse(text, 1)
  if (parsed === undefined) return [text]
  const [broken] = parsed.invalid
  if (broken !== undefined) throw syntaxError(broken.reason, broken.index, '')
  return parsed.literals.flatMap((literal, gap): (string | TextReference)[] => {
    const literals = literal === '' ? [] : [literal]
    const found = parsed.references[gap]
    if (found === undefined) return literals
    const { index, name } = found
    const { tag, field, filters } = name
    return [...literals, field === undefined ? { tag, filters, index } : { tag, field, filters, index }]
  })
}

/**
 * The references of a template, one for each occurrence, in document order.
 *
 * @throws the first fault of the template, as `render` does
 */
export function references(template: unknown, options?: TemplateOptions): readonly Reference[] {
  const { as, delimiters, prefixes } = readOptions(options, 'options', ['as', ...SYNTAX_OPTIONS])
  return compile(template, requireKind(as), syntaxOf(delimiters, prefixes)).references
}

/**
 * Everything that is wrong with a template, or looks so: what does not parse, near misses, literal credentials where a
 * reference belongs. It needs no vault and no key, opens nothing, and never throws for what is in the template.
 *
 * A text is read as a file (YAML, JSON, `.env`, Markdown), each of its lines with a name of its own; anything else as a
 * config of the kind. `vault.check` shows the same, and what the stored secrets tell.
 *
 * @returns the findings in document order; each with `caret`, two lines for printing that hold nothing of what stands
 *   around it
 * @throws ERR_INVALID_INPUT for an unsound option
 * @example
 * for (const { path, line, column, message, caret } of lint('TOKEN=<< secret.acme >>')) console.log({ line, column, message, caret })
 */
export function lintTemplate(template: unknown, options?: TemplateOptions): readonly Finding[] {
  const { as, delimiters, prefixes } = readOptions(options, 'options', ['as', ...SYNTAX_OPTIONS])
  return lint(template, requireKind(as), syntaxOf(delimiters, prefixes)).findings
}

/**
 * A copy of a template with values from a look-up in it; without references, the template itself.
 *
 * @param lookup the value of a tag, a string or an object of fields; undefined where it has none
 * @throws the first fault of the template; ERR_MISSING_SECRETS with every missing occurrence; ERR_FIELD_REQUIRED;
 *   ERR_UNSAFE_HEADER_VALUE, ERR_UNSAFE_ENV_VALUE or ERR_UNSAFE_URL_VALUE; ERR_INVALID_INPUT for unsound options
 */
export function renderTemplate<T>(template: T, lookup: Lookup, options?: RenderTemplateOptions): T {
  const known = ['as', 'onMissing', ...SYNTAX_OPTIONS] as const
  const { as, onMissing, delimiters, prefixes } = readOptions(options, 'options', known)
  const whenMissing = requireOnMissing(onMissing)
  requireValid(typeof lookup === 'function', 'The look-up must be a function from a tag to its value.')
  return render(compile(template, requireKind(as), syntaxOf(delimiters, prefixes)), lookup, whenMissing)
}

/**
 * The text with a backslash before everything that is, or only starts like, a reference of ours, so that it comes out
 * of a template as it went in.
 *
 * It makes one inserted piece inert. Two pieces that only together form a reference are covered by `authored` alone.
 *
 * @param options those that the template will be read with
 * @throws ERR_INVALID_INPUT for delimiters or prefixes that are not sound
 */
export function escapeReferences(text: string, options?: SyntaxOptions): string {
  const { delimiters, prefixes } = readOptions(options, 'options', SYNTAX_OPTIONS)
  return makeInert(text, syntaxOf(delimiters, prefixes))
}

/** Not as one object of options: what `...rest` makes has a prototype, which may be polluted. */
function syntaxOf(delimiters: SyntaxOptions['delimiters'], prefixes: SyntaxOptions['prefixes']): Syntax {
  return delimiters === undefined && prefixes === undefined ? DEFAULT_SYNTAX : createSyntax(delimiters, prefixes)
}
