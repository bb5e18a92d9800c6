/** Puts values into a plan: one pass, into a copy; a value is never read for references. */

import { ownValue } from '../plain-object.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { encode, hasFirmEdges, requireEnv, requireHeaderEdges, requireHeaderText, requireUsername } from './encoding.ts'
import { missingError, valueError } from './faults.ts'
import { faultsOf } from './fields.ts'
import { takesFields } from './filter-names.ts'
import { applyFilters } from './filters.ts'
import type { Node, ObjectNode, Part, Plan, TextNode } from './plan.ts'
import { requireSafeUrl } from './url-check.ts'

export { type JsonValue, type Masks, renderRedacted } from './redacted.ts'

/** The value of a tag, or undefined when there is none. Asked once for each reference; must answer alike each time. */
export type Lookup = (tag: string) => SecretValue | undefined

/** Options of a rendering. */
export interface RenderOptions {
  /** Whether a missing reference is an error or stays as it is. @default 'error' */
  readonly onMissing?: 'error' | 'keep'
}

/** What one rendering carries along. */
export interface State {
  /** Whose references an error lists. */
  readonly plan: Plan
  readonly lookup: Lookup
  readonly isKeeping: boolean
}

/**
 * A copy of the template with its values; without references, the template itself.
 *
 * @throws ERR_MISSING_SECRETS with every occurrence, ERR_FIELD_REQUIRED, and ERR_UNSAFE_HEADER_VALUE,
 *   ERR_UNSAFE_ENV_VALUE or ERR_UNSAFE_URL_VALUE for a value that cannot stand where it would
 */
export function render<T>(plan: Plan<T>, lookup: Lookup, options?: RenderOptions): T {
  return renderAs(plan, lookup, ownValue(options, 'onMissing') === 'keep')
}

/** `render` with its options read already. */
export function renderAs<T>(plan: Plan<T>, lookup: Lookup, isKeeping: boolean): T {
  const { root } = plan
  if (root === undefined) return plan.template
  return renderNode(root, { plan, lookup, isKeeping }) as T
}

function renderNode(node: Node, state: State): unknown {
  switch (node.kind) {
    case 'text':
      return renderText(node, state)
    case 'object':
      return renderObject(node, state)
    case 'array': {
      const copy = node.base.slice()
      for (let index = 0; index < node.indexes.length; index++) {
        copy[node.indexes[index]!] = renderNode(node.nodes[index]!, state)
      }
      return copy
    }
    case 'entries': {
      const { target, add } = node.make()
      for (const [name, value, child] of node.entries) add(name, child === undefined ? value : renderNode(child, state))
      return target
    }
    case 'url':
      return new URL(renderText(node.text, state) as string)
  }
}

function renderObject(node: ObjectNode, state: State): Record<string, unknown> {
  const { base, isBare, keys, nodes } = node
  const copy: Record<string, unknown> = isBare ? Object.assign(Object.create(null), base) : { ...base }
  // each key is an own one by now, so that `__proto__` is written as data and a setter is never met
  for (let index = 0; index < keys.length; index++) copy[keys[index]!] = renderNode(nodes[index]!, state)
  return copy
}

function renderText(node: TextNode, state: State): Scalar {
  const { literals, parts, rule } = node
  if (rule === 'header') return renderHeader(node, state)
  if (rule === 'url' || rule === 'url-path') return renderUrl(node, state)
  if (node.isTyped) return resolvePart(parts[0]!, state) ?? parts[0]!.source
  let text = literals[0]!
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const value = resolvePart(part, state)
    text += (value === undefined ? part.source : encode(part, value)) + literals[index + 1]!
  }
  if (rule === 'env') requireEnv(node, text)
  else if (rule === 'username') requireUsername(node, text)
  return text
}

/** Its own text was looked at when the plan was made, so only the values are. */
function renderHeader(node: TextNode, state: State): string {
  const { literals, parts } = node
  let text = literals[0]!
  let isFirm = true
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const value = resolvePart(part, state)
    const written = value === undefined ? part.source : typeof value === 'string' ? value : String(value)
    if (value !== undefined) {
      requireHeaderText(part, written)
      isFirm &&= hasFirmEdges(written)
    }
    text += written + literals[index + 1]!
  }
  if (!isFirm) requireHeaderEdges(node, text)
  return text
}

function renderUrl(node: TextNode, state: State): string {
  const { literals, parts } = node
  const pieces: (string | undefined)[] = []
  let text = literals[0]!
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const value = resolvePart(part, state)
    const piece = value === undefined ? undefined : encode(part, value)
    pieces.push(piece)
    text += (piece ?? part.source) + literals[index + 1]!
  }
  requireSafeUrl(node, pieces)
  return text
}

/** The value of a reference after its filters, or undefined when it is kept. */
export function resolvePart(part: Part, state: State): Scalar | undefined {
  const found = state.lookup(part.tag)
  return part.isPlain && typeof found === 'string' ? found : derivedValue(part, found, state)
}

function derivedValue(part: Part, found: SecretValue | undefined, state: State): Scalar | undefined {
  const { tag, field, filters, reference } = part
  if (found === undefined) return absent(state)
  if (typeof found !== 'string' && (typeof found !== 'object' || found === null)) {
    throw valueError(tag, reference.path, 'must be a string or an object of fields')
  }
  let value: SecretValue | Scalar = found
  if (field !== undefined) {
    if (typeof found === 'string' || !Object.hasOwn(found, field)) return absent(state)
    value = found[field]!
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw valueError(tag, reference.path, 'must have fields that are strings, numbers or booleans')
    }
  } else if (typeof found === 'object' && !takesFields(filters)) throw faultOf(state)
  return applyFilters(filters, value, reference)
}

function absent(state: State): undefined {
  if (state.isKeeping) return undefined
  throw faultOf(state)
}

/** The one error for all that is missing; only when nothing is, the one for the first field that is not named. */
function faultOf({ plan, lookup, isKeeping }: State): Error {
  const { missing, fieldRequired } = faultsOf(plan.references, (tag) => {
    const found = lookup(tag)
    return typeof found === 'object' && found !== null ? Object.keys(found) : found === undefined ? undefined : null
  })
  return fieldRequired !== undefined && (isKeeping || missing.length === 0) ? fieldRequired : missingError(missing)
}
