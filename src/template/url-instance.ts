/** References within a `URL` instance, which has percent-encoded them. */

import { POSITIONS, type Position, type UrlNode } from './compiled.ts'
import type { Context } from './context.ts'
import { parseEncoded } from './encoded.ts'
import { hrefOf } from './shapes.ts'
import { textNode } from './text.ts'

/** Reads a `URL`; undefined when it comes out as it is. */
export function readUrlInstance(context: Context, url: URL, position: Position): UrlNode | undefined {
  const href = hrefOf(url)
  const parsed = parseEncoded(context, href, false)
  context.handler.text?.(href, context, position, parsed !== undefined)
  if (parsed === undefined) return undefined
  const isOwn = position.syntax === 'no-references' || position.syntax === 'url'
  const inner: Position = isOwn ? position : { ...POSITIONS.url, within: position.location, under: position.under }
  const node = textNode(context, href, parsed, inner)
  return node && { kind: 'url', text: node }
}
