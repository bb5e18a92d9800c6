/** One text of a template: its references, and how each value will be written. */

import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { Context } from './context.ts'
import { headerRule } from './encoding.ts'
import { headerError, keyError, syntaxError, templateError } from './faults.ts'
import { replacesEncoder } from './filter-names.ts'
import { locateInJson } from './json-text.ts'
import type { FaultAt, Tag } from './parse.ts'
import type { Encode, Mode, Part, TextNode, TextRule } from './plan.ts'
import { mayHold } from './scan.ts'
import { originWithout } from './url-check.ts'
import { locateInUrl, type Slot } from './url-text.ts'

const RULES: Readonly<Record<Mode['syntax'], TextRule>> = Object.freeze({
  raw: 'none',
  header: 'header',
  env: 'env',
  username: 'username',
  url: 'url',
  'url-path': 'url-path',
  json: 'none',
  percent: 'none',
  never: 'none',
})

/** Reads a text; undefined when it comes out as it is. */
export function readText(context: Context, text: string, mode: Mode): TextNode | undefined {
  context.sink.text?.(text, context)
  if (!mayHold(text)) return undefined
  const parsed = context.parser.parse(text, context.sink.maxFaults)
  return parsed && textNode(context, text, parsed, mode)
}

/** Makes the node of a text that was cut up already; its references are noted, its faults reported. */
export function textNode(
  context: Context,
  text: string,
  cut: { readonly literals: readonly string[]; readonly tags: readonly Tag[]; readonly faults: readonly FaultAt[] },
  mode: Mode,
): TextNode | undefined {
  const { literals, tags, faults } = cut
  const path = context.path()
  if (mode.syntax === 'never') {
    refuse(context, text, tags, faults)
    return undefined
  }
  for (const { fault, index } of faults) context.fault(syntaxError(fault, index, path), text)
  const slots = slotsOf(context, text, literals, tags, mode)
  const parts = tags.map((tag, index) => partOf(tag, slots[index]!, path))
  for (const part of parts) context.references.push(part.reference)
  const broken = mode.syntax === 'header' && parts.length > 0 ? headerRule(literals) : undefined
  if (broken !== undefined) context.fault(headerError(parts[0]!.tag, path, broken), text)
  const node: TextNode = {
    kind: 'text',
    path,
    literals,
    parts,
    rule: parts.length === 0 ? 'none' : RULES[mode.syntax],
    isTyped:
      mode.isTyped && parts.length === 1 && literals.every((literal) => literal === '') && isPlainPart(parts[0]!),
    origin: undefined,
  }
  return mode.syntax === 'url' && parts.length > 0 ? withOrigin(context, text, node) : node
}

function isPlainPart({ filters }: Part): boolean {
  return filters.length === 0
}

/** A text in which no reference may stand: a key, a header name, `Host`. */
function refuse(context: Context, text: string, tags: readonly Tag[], faults: readonly FaultAt[]): void {
  const tag = tags[0]
  const fault = faults[0]
  if (tag === undefined && fault === undefined) return
  const isTag = tag !== undefined && (fault === undefined || tag.index < fault.index)
  context.fault(keyError(isTag ? tag.name.tag : undefined, isTag ? tag.index : fault!.index, context.path()), text)
}

/** Where each tag stands; a fault of the whole text is reported, and the tags then keep the mode's own location. */
function slotsOf(
  context: Context,
  text: string,
  literals: readonly string[],
  tags: readonly Tag[],
  mode: Mode,
): readonly Slot[] {
  const { syntax, location } = mode
  const everywhere = (encode: Encode): readonly Slot[] => tags.map(() => ({ location, encode }))
  if (tags.length === 0) return []
  if (syntax === 'url' || syntax === 'url-path') {
    const found = locateInUrl(literals, syntax === 'url-path')
    const within = ownValue(mode, 'within')
    if (typeof found !== 'string')
      return within === undefined ? found : found.map((slot) => ({ ...slot, location: within }))
    context.fault(templateError(found, context.path(), tags[0]!.index), text)
    return everywhere('none')
  }
  if (syntax !== 'json') return everywhere(syntax === 'percent' ? 'percent' : 'none')
  const found = locateInJson(literals)
  if (Array.isArray(found)) return (found as readonly Encode[]).map((encode) => ({ location, encode }))
  const { part, isKey } = found as Exclude<typeof found, readonly Encode[]>
  const { name, index } = tags[part]!
  const path = context.path()
  context.fault(
    isKey
      ? keyError(name.tag, index, path)
      : templateError('has an escape before a reference in JSON text; write four backslashes for one', path, index),
    text,
  )
  return everywhere('none')
}

function partOf({ name, index, source }: Tag, { location, encode }: Slot, path: string): Part {
  const { tag, field, filters } = name
  const reference: Reference = Object.freeze({
    tag,
    ...(field !== undefined && { field }),
    filters,
    path,
    index,
    location,
  })
  return {
    reference,
    tag,
    field,
    filters,
    isPlain: field === undefined && filters.length === 0,
    encode: replacedBy(filters.at(-1), encode),
    source,
  }
}

/** The encoder once the last filter has had its say: some filters take its place, none lifts a refusal of a host. */
function replacedBy(filter: Part['filters'][number] | undefined, encode: Encode): Encode {
  if (!replacesEncoder(filter)) return encode
  if (encode === 'percent' || encode === 'user' || encode === 'json-literal') return 'none'
  if (encode === 'json-string') return filter === 'json' ? encode : 'none'
  if (encode === 'path') return filter === 'raw' ? 'none' : 'segment'
  return encode
}

/** A URL whose host is literal: where it leads is known now, and it must be a URL. */
function withOrigin(context: Context, text: string, node: TextNode): TextNode | undefined {
  if (node.parts.some(({ reference }) => reference.location === 'host')) return node
  const origin = originWithout(node)
  if (origin !== undefined) return { ...node, origin }
  context.fault(templateError('is no URL', node.path), text)
  return undefined
}
