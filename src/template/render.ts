/** Puts values into a compiled template: one pass, into a copy; a value is never read for references. */

import { withoutPrototype } from '../plain-object.ts'
import type { Scalar } from '../secret-value.ts'
import type { CompiledTemplate, Node, TextNode } from './compiled.ts'
import { encode, requireEnv, requireUsername } from './encoding.ts'
import { requireCookieText, requireHeaderEdges, requireHeaderText, VISIBLE } from './headers.ts'
import { requireSafeUrl } from './safe-url.ts'
import { joined } from './url-origin.ts'
import { type Lookup, type Rendering, valueFor } from './values.ts'

/**
 * A copy of the template with its values; without references, the template itself.
 *
 * @param onMissing whether a missing reference is an error or stays as it is
 * @throws ERR_MISSING_SECRETS with every occurrence, ERR_FIELD_REQUIRED, and ERR_UNSAFE_HEADER_VALUE,
 *   ERR_UNSAFE_ENV_VALUE or ERR_UNSAFE_URL_VALUE for a value that cannot stand where it would
 */
export function render<T>(
  { template, references, root }: CompiledTemplate<T>,
  lookup: Lookup,
  onMissing: 'error' | 'keep' = 'error',
): T {
  if (root === undefined) return template
  return renderNode(root, { references, lookup, onMissing }) as T
}

function renderNode(node: Node, rendering: Rendering): unknown {
  switch (node.kind) {
    case 'text':
      return node.syntax === 'header' ? renderHeader(node, rendering) : renderText(node, rendering)
    case 'url':
      return new URL(renderText(node.text, rendering) as string)
    case 'object': {
      const { base, keys, nodes } = node
      const copy: Record<string, unknown> = Object.getPrototypeOf(base) === null ? withoutPrototype(base) : { ...base }
      // each key is an own one by now, so that `__proto__` is written as data and a setter is never met
      for (let index = 0; index < keys.length; index++) copy[keys[index]!] = renderNode(nodes[index]!, rendering)
      return copy
    }
    case 'array': {
      const copy = node.base.slice()
      for (const [index, key] of node.keys.entries()) copy[key] = renderNode(node.nodes[index]!, rendering)
      return copy
    }
    case 'entries': {
      const { target, add } = node.make()
      const values = renderNode(node.values, rendering) as readonly unknown[]
      for (const [index, name] of node.names.entries()) add(name, values[index])
      return target
    }
  }
}

function renderText(node: TextNode, rendering: Rendering): Scalar {
  const { literals, placeholders, syntax } = node
  const [first] = placeholders
  if (first === undefined) return literals[0]!
  if (node.isTyped) return valueFor(first, rendering) ?? first.source
  const pieces = placeholders.map((placeholder) => {
    const value = valueFor(placeholder, rendering)
    return value === undefined ? undefined : encode(placeholder, value)
  })
  const text = joined(node, (index) => pieces[index] ?? placeholders[index]!.source)
  if (syntax === 'url' || syntax === 'url-path') requireSafeUrl(node, pieces)
  else if (syntax === 'env') requireEnv(node, text)
  else if (syntax === 'username') requireUsername(first, text)
  return text
}

/** The author's own text was checked when the template was compiled, so only the values are. */
function renderHeader(node: TextNode, rendering: Rendering): string {
  const { literals, placeholders } = node
  let text = literals[0]!
  let isSafe = true
  for (let index = 0; index < placeholders.length; index++) {
    const placeholder = placeholders[index]!
    const value = valueFor(placeholder, rendering)
    const written = value === undefined ? placeholder.source : String(value)
    if (value !== undefined && !VISIBLE.test(written)) {
      requireHeaderText(placeholder, written)
      isSafe = false
    }
    if (value !== undefined && placeholder.encoding === 'cookie' && !isAlone(node)) {
      requireCookieText(placeholder, written)
    }
    text += written + literals[index + 1]!
  }
  if (!isSafe) requireHeaderEdges(node, text)
  return text
}

/** Whether a text is one reference and nothing else. */
function isAlone({ literals }: TextNode): boolean {
  return literals.length === 2 && literals[0] === '' && literals[1] === ''
}
