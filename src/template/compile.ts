/** Makes a template ready to be rendered: reads it once, and says where its references stand. */

import type { Delimiters, Kind, Reference } from '../location.ts'
import { Context, THROWING } from './context.ts'
import { readNamed } from './named.ts'
import { parserOf } from './parse.ts'
import { MODES, type Node, type Plan, type Route } from './plan.ts'
import { readRequest, readUrls } from './request.ts'
import { readText } from './text.ts'
import { readValue } from './walk.ts'

export { checkDelimiters, DEFAULT_DELIMITERS } from './delimiters.ts'
export type { Plan } from './plan.ts'

/**
 * Reads a template of the given kind.
 *
 * The plan keeps what it read: an author who changes the template later changes only the parts without references.
 *
 * @param delimiters what `checkDelimiters` returned
 * @throws the first fault: ERR_UNCLOSED_REFERENCE, ERR_MALFORMED_REFERENCE, ERR_UNKNOWN_FILTER, ERR_REFERENCE_IN_KEY;
 *   ERR_UNSAFE_HEADER_VALUE for a header whose own text no client sends; ERR_INVALID_INPUT for a template that holds
 *   itself, is too deep or too large, cannot be read, or has a URL that is none
 */
export function compile<T>(template: T, as: Kind, delimiters: readonly Delimiters[]): Plan<T> {
  const context = new Context(parserOf(delimiters), THROWING)
  const { root, route } = readTemplate(context, template, as)
  const references = Object.freeze(context.references)
  const tags = [...new Set(references.map(({ tag }) => tag))]
  return { template, as, references, tags, isSimple: route === undefined && references.every(isSimple), root, route }
}

function isSimple(reference: Reference): boolean {
  return !Object.hasOwn(reference, 'field') && reference.filters.length === 0 && reference.location !== 'host'
}

/** Reads a template into a context. */
export function readTemplate(
  context: Context,
  template: unknown,
  as: Kind,
): { readonly root: Node | undefined; readonly route: Route | undefined } {
  if (as === 'request') return readRequest(context, template)
  if (as === 'url') return readUrls(context, template)
  return { root: readKind(context, template, as), route: undefined }
}

function readKind(context: Context, template: unknown, as: Exclude<Kind, 'request' | 'url'>): Node | undefined {
  const isText = typeof template === 'string'
  switch (as) {
    case 'value':
      return isText ? readText(context, template, MODES.valueText) : readValue(context, template, MODES.value)
    case 'env':
      return readNamed(context, template, MODES.env)
    case 'headers':
      return readNamed(context, template, MODES.header)
    case 'json':
      return isText ? readText(context, template, MODES.jsonText) : readValue(context, template, MODES.body)
    case 'form':
      return isText ? readText(context, template, MODES.formText) : readNamed(context, template, MODES.body)
  }
}
