/** Templates over a store of one's own: the grammar and the encoders without a vault. */

import { GuillemetError } from '../errors.ts'
import { type Delimiters, KINDS, type Kind, type Reference } from '../location.ts'
import { readOptions } from '../read-options.ts'
import { compile } from './compile.ts'
import { syntaxError } from './errors.ts'
import { parserOf } from './parse.ts'
import { render } from './render.ts'
import type { Lookup } from './values.ts'

/** How a template is read. */
export interface TemplateOptions {
  /** What the whole template is. @default 'value' */
  readonly as?: Kind
  /** @default both `<< >>` and `{{ }}` */
  readonly delimiters?: readonly Delimiters[]
}

/** How a template is rendered. */
export interface RenderTemplateOptions extends TemplateOptions {
  /** Whether a missing reference is an error or stays as it is. @default 'error' */
  readonly onMissing?: 'error' | 'keep'
}

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
export function parse(
  text: string,
  options?: Pick<TemplateOptions, 'delimiters'>,
): readonly (string | TextReference)[] {
  const { delimiters } = readOptions(options, 'options', ['delimiters'])
  const parsed = parserOf(delimiters).parse(text, 1)
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
  const { as, delimiters } = readOptions(options, 'options', ['as', 'delimiters'])
  return compile(template, requireKind(as), parserOf(delimiters).delimiters).references
}

/**
 * A copy of a template with values from a look-up in it; without references, the template itself.
 *
 * @param lookup the value of a tag, a string or an object of fields; undefined where it has none
 * @throws the first fault of the template; ERR_MISSING_SECRETS with every missing occurrence; ERR_FIELD_REQUIRED;
 *   ERR_UNSAFE_HEADER_VALUE, ERR_UNSAFE_ENV_VALUE or ERR_UNSAFE_URL_VALUE; ERR_INVALID_INPUT for unsound options
 */
export function renderTemplate<T>(template: T, lookup: Lookup, options?: RenderTemplateOptions): T {
  const { as, delimiters, onMissing = 'error' } = readOptions(options, 'options', ['as', 'delimiters', 'onMissing'])
  if (onMissing !== 'error' && onMissing !== 'keep') throw optionError("option onMissing must be 'error' or 'keep'")
  if (typeof lookup !== 'function') throw optionError('look-up must be a function from a tag to its value')
  return render(compile(template, requireKind(as), parserOf(delimiters).delimiters), lookup, onMissing)
}

function requireKind(as: Kind | undefined): Kind {
  if (as === undefined) return 'value'
  if (KINDS.includes(as)) return as
  throw optionError(`option as must be one of ${KINDS.join(', ')}`)
}

function optionError(rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The ${rule}.`)
}
