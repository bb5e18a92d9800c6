/** Makes a template ready to be rendered: reads it once, and says where its references stand. */

import type { Kind } from '../location.ts'
import { type CompiledTemplate, type Node, POSITIONS, type Silenced } from './compiled.ts'
import { type Context, createContext, IGNORE_FAULTS, THROW_FIRST } from './context.ts'
import { readPairs } from './name-value-pairs.ts'
import { parserOf } from './parse.ts'
import { readRequest, readUrls } from './request.ts'
import type { Syntax } from './syntax.ts'
import { readAs, readValue } from './walk.ts'

export type { CompiledTemplate } from './compiled.ts'
export { createSyntax, DEFAULT_SYNTAX, type Syntax } from './syntax.ts'

/**
 * Reads a template of the given kind.
 *
 * The result keeps what it read: an author who changes the template later changes only the parts without references.
 *
 * @param isEncodedOurs which references that a URL or form text has percent-encoded are ours; none by default
 * @throws the first fault: ERR_UNCLOSED_REFERENCE, ERR_MALFORMED_REFERENCE, ERR_UNKNOWN_FILTER, ERR_REFERENCE_IN_KEY;
 *   ERR_UNSAFE_HEADER_VALUE for a header whose own text no client sends; ERR_INVALID_INPUT for a template that holds
 *   itself, is too deep or too large, cannot be read, or has a URL that is not valid
 */
export function compile<T>(
  template: T,
  as: Kind,
  syntax: Syntax,
  isEncodedOurs?: (reference: Silenced) => boolean,
): CompiledTemplate<T> {
  const context = createContext(parserOf(syntax), THROW_FIRST, as, isEncodedOurs)
  const root = READERS[as](context, template)
  const { route, references, names, silenced } = context
  const tags = new Set<string>()
  let hasTagsOnly = true
  let hasSecretHost = false
  for (const reference of references) {
    tags.add(reference.tag)
    hasSecretHost ||= route !== undefined && reference.location === 'host'
    hasTagsOnly &&= reference.filters.length === 0 && !Object.hasOwn(reference, 'field')
  }
  Object.freeze(references)
  return { template, as, references, names, silenced, tags: [...tags], hasTagsOnly, hasSecretHost, root, route }
}

/** The references that a template holds, those of entries that are switched off too, with the names of their places. */
export function heldReferences(
  template: unknown,
  as: Kind,
  syntax: Syntax,
): Pick<CompiledTemplate, 'references' | 'names'> {
  const context = createContext(parserOf(syntax), IGNORE_FAULTS, as, undefined, true)
  READERS[as](context, template)
  return context
}

/** Reads a template of each kind into a context. */
export const READERS: Readonly<Record<Kind, (context: Context, template: unknown) => Node | undefined>> = {
  request: readRequest,
  url: readUrls,
  headers: readAs(POSITIONS.header, readPairs),
  env: readAs(POSITIONS.env, readPairs),
  value: readAs(POSITIONS.value, readValue, POSITIONS.valueText),
  json: readAs(POSITIONS.body, readValue, POSITIONS.jsonText),
  form: readAs(POSITIONS.body, readPairs, POSITIONS.formText),
}
