/** Tables in documents that are measured or read off the sources: `npm run tables` writes them, a test compares. */

import { limitsTable } from './limits-table.ts'
import { peersTable } from './peers-table.ts'

/** Where a table stands, between its mark and `<!-- /table -->`, and what makes it. */
export interface Table {
  readonly document: string
  readonly name: string
  make(): string
}

export const TABLES: readonly Table[] = [
  { document: 'docs/REDACTION.md', name: 'limits', make: limitsTable },
  { document: 'docs/REDACTION.md', name: 'peers', make: peersTable },
]

const END = '<!-- /table -->'

/**
 * The document with the text of the table in its place.
 *
 * @throws Error where the document has no such place, or two
 */
export function withTable(markdown: string, name: string, text: string): string {
  const mark = `<!-- table: ${name} -->`
  const [before, rest, more] = markdown.split(`${mark}\n`)
  const end = rest?.indexOf(END) ?? -1
  if (end < 0 || more !== undefined) throw new Error(`The document needs ${mark} once, and ${END} behind it.`)
  return `${before}${mark}\n${text}\n${rest!.slice(end)}`
}
