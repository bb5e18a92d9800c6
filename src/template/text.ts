/** One text of a template: its references, and how each value will be written. */

import type { Reference } from '../location.ts'
import { locateInXml } from './body-positions.ts'
import type { EncodedPosition, Encoding, Placeholder, Position, Silenced, TextNode, TextSyntax } from './compiled.ts'
import { type Context, pathOf } from './context.ts'
import { parseEncoded } from './encoded.ts'
import { headerError, keyError, syntaxError, templateError } from './errors.ts'
import { type FilterName, replacesEncoder } from './filter-names.ts'
import type { Name } from './grammar.ts'
import { headerRule } from './headers.ts'
import { isBrokenJson, isMisplaced, locateInJson } from './json-positions.ts'
import type { Parsed, ParsedReference } from './parse.ts'
import { placeNames } from './place-names.ts'
import { warnOfPlaces } from './place-warnings.ts'
import { originWithoutSecrets } from './url-origin.ts'
import { locateInUrl } from './url-positions.ts'

/** In a text of these, the references do not all stand alike. */
const LOCATED: readonly TextSyntax[] = ['url', 'url-path', 'json', 'json-lines', 'xml', 'credentials']

/** Reads a text; undefined when it comes out as it is. */
export function readText(context: Context, text: string, position: Position): TextNode | undefined {
  const { handler, parser, isEncodedOurs } = context
  const isDecoded = isEncodedOurs !== undefined && mayBeEncoded(position) && text.includes('%')
  handler.text?.(text, context, position, isDecoded)
  const parsed = isDecoded ? parseOwnEncoded(context, text, position) : parser.parse(text, handler.maxFaults)
  return parsed && textNode(context, text, parsed, position)
}

/** Whether a text stands there that its writer percent-encodes. */
function mayBeEncoded({ syntax, encoding }: Position): boolean {
  return syntax === 'url' || syntax === 'url-path' || (syntax === 'raw' && encoding === 'percent')
}

/** The same for a text whose author may have percent-encoded the references. */
function parseOwnEncoded(context: Context, text: string, { syntax }: Position): Parsed | undefined {
  const path = pathOf(context.keys)
  return parseEncoded(context, text, syntax === 'raw', (name) => context.isEncodedOurs!(namedAt(name, path)))
}

/** What a name says, at a path. */
function namedAt({ tag, field, filters }: Name, path: string): Silenced {
  return field === undefined ? { tag, filters, path } : { tag, field, filters, path }
}

/** Makes the node of a text that was cut up already; its references are noted, its faults reported. */
export function textNode(context: Context, text: string, parsed: Parsed, position: Position): TextNode | undefined {
  const { literals, references, invalid, silenced } = parsed
  const { syntax } = position
  const path = pathOf(context.keys)
  for (const name of silenced) context.silenced.push(namedAt(name, path))
  if (syntax === 'no-references') return rejectReferences(context, text, parsed, path)
  for (const { reason, index } of invalid) context.handler.fault(syntaxError(reason, index, path), text)
  const placeholders = references.length === 0 ? [] : readPlaceholders(context, text, parsed, position, path)
  const isTyped = position.isTyped && isOneReference(literals, placeholders)
  const node: TextNode = { kind: 'text', path, literals, placeholders, syntax, isTyped, origin: undefined }
  if (placeholders.length === 0) return node
  if (context.handler.warn !== undefined) warnOfPlaces(context, node, position)
  if (syntax === 'url') return withOrigin(context, text, node)
  // what the author wrote around the references of a header must be a header's
  const broken = syntax === 'header' ? headerRule(literals) : undefined
  if (broken !== undefined) context.handler.fault(headerError(placeholders[0]!.tag, path, broken), text)
  return node
}

/** Makes the placeholders of a text with references, which are noted with the names of their places. */
function readPlaceholders(
  context: Context,
  text: string,
  parsed: Parsed,
  position: Position,
  path: string,
): readonly Placeholder[] {
  const { references } = parsed
  const located = LOCATED.includes(position.syntax) ? locate(context, text, parsed, position, path) : undefined
  const isInHeader = (position.within ?? position.location) === 'header'
  const names = isInHeader ? undefined : placeNames(context, text, parsed, position, located)
  const placeholders: Placeholder[] = []
  for (let index = 0; index < references.length; index++) {
    const placeholder = placeholderOf(references[index]!, located === undefined ? position : located[index]!, path)
    placeholders.push(placeholder)
    context.references.push(placeholder.reference)
    const name = isInHeader ? position.under?.name : names?.[index]
    if (name !== undefined) context.names.set(placeholder.reference, name)
  }
  return placeholders
}

/** Whether a text is one reference and nothing else, not even a filter. */
function isOneReference(literals: readonly string[], placeholders: readonly Placeholder[]): boolean {
  return placeholders.length === 1 && literals[0] === '' && literals[1] === '' && placeholders[0]!.filters.length === 0
}

/** A text in which no reference may stand: a key, a header name, `Host`. */
function rejectReferences(context: Context, text: string, { references, invalid }: Parsed, path: string): undefined {
  const [reference] = references
  const [broken] = invalid
  if (reference !== undefined && !(broken !== undefined && broken.index < reference.index)) {
    context.handler.fault(keyError(reference.name.tag, reference.index, path), text)
  } else if (broken !== undefined) context.handler.fault(keyError(undefined, broken.index, path), text)
}

/** Where each reference stands; undefined where all stand alike, which is also after a fault of the whole text. */
function locate(
  context: Context,
  text: string,
  parsed: Parsed,
  { syntax, location, within }: Position,
  path: string,
): readonly EncodedPosition[] | undefined {
  const { literals, references } = parsed
  const alike = (encodings: readonly Encoding[]) => encodings.map((encoding) => ({ location, encoding }))
  if (syntax === 'xml') return alike(locateInXml(literals))
  if (syntax === 'credentials') return alike(locateInCredentials(literals))
  if (syntax === 'json' || syntax === 'json-lines') {
    const encodings = jsonEncodings(context, text, parsed, syntax === 'json-lines', path)
    return encodings && alike(encodings)
  }
  const found = locateInUrl(literals, syntax === 'url-path', context.as === 'request' && within === undefined)
  if (typeof found !== 'string') {
    return within === undefined ? found : found.map(({ encoding }) => ({ location: within, encoding }))
  }
  context.handler.fault(templateError(found, path, references[0]!.index), text)
  return undefined
}

/** How each reference of a JSON text is written; undefined, with a fault, where that cannot be said. */
function jsonEncodings(
  context: Context,
  text: string,
  { literals, references }: Parsed,
  isLines: boolean,
  path: string,
): readonly Encoding[] | undefined {
  const found = locateInJson(literals, isLines)
  if (isMisplaced(found)) {
    const { name, index } = references[found.index]!
    const error = found.isKey
      ? keyError(name.tag, index, path)
      : templateError('has an escape before a reference in JSON text; write four backslashes for one', path, index)
    context.handler.fault(error, text)
    return undefined
  }
  if (isBrokenJson(found, isLines)) {
    context.handler.fault(templateError('is not valid JSON around its references; correct it', path), text)
  }
  return found.encodings
}

/** Up to a colon that its author wrote, a text of credentials is a user name. */
function locateInCredentials(literals: readonly string[]): readonly Encoding[] {
  const colon = literals.findIndex((literal) => literal.includes(':'))
  return literals.slice(1).map((_, index) => (index < colon ? 'username' : 'none'))
}

function placeholderOf(
  { name, index, source }: ParsedReference,
  { location, encoding }: EncodedPosition,
  path: string,
): Placeholder {
  const { tag, field, filters } = name
  // a field that nobody named must not be a member, since references are printed and compared
  const reference: Reference = Object.freeze(
    field === undefined ? { tag, filters, path, index, location } : { tag, field, filters, path, index, location },
  )
  return {
    reference,
    tag,
    field,
    filters,
    encoding: filters.length === 0 ? encoding : replacedBy(filters.at(-1)!, encoding),
    source,
  }
}

/** The encoder once the last filter has had its say: some filters take its place, none lifts a refusal of a host. */
function replacedBy(filter: FilterName, encoding: Encoding): Encoding {
  if (!replacesEncoder(filter)) return encoding
  if (encoding === 'percent' || encoding === 'user' || encoding === 'json-literal' || encoding === 'xml') return 'none'
  if (encoding === 'json-string') return filter === 'json' ? encoding : 'none'
  if (encoding === 'path') return filter === 'raw' ? 'none' : 'segment'
  return encoding
}

/** A URL whose host is literal: where it leads is known now, and it must be a URL. */
function withOrigin(context: Context, text: string, node: TextNode): TextNode | undefined {
  if (node.placeholders.some(({ reference }) => reference.location === 'host')) return node
  const origin = originWithoutSecrets(node)
  if (origin !== undefined) return { ...node, origin }
  context.handler.fault(templateError('is not a valid URL; correct it', node.path), text)
  return undefined
}
