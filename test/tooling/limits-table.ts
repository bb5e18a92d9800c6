/**
 * The table of limits in docs/REDACTION.md: the exported numbers of one source file and the comments above them, but
 * for those that change only how fast the search is.
 */

import * as limits from '../../src/redact/limits.ts'
import { read } from './repository.ts'

const SOURCE = 'src/redact/limits.ts'
/** What no user can notice in a result; a new number is in the table unless it is named here. */
const TUNING: ReadonlySet<string> = new Set([
  'BLOCK',
  'TAIL',
  'LONG_NEEDLE',
  'MIDDLE_NEEDLE',
  'MANY_ALIKE',
  'FILTER_BITS',
  'SMALLEST_FILTER',
  'LARGEST_FILTER',
  'MAX_SHARED',
])
const COMMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export const (\w+)/g

/**
 * The rows as Markdown.
 *
 * @throws Error where a name of {@link TUNING} is gone from the source
 */
export function limitsTable(): string {
  const gone = [...TUNING].filter((name) => !Object.hasOwn(limits, name))
  if (gone.length > 0) throw new Error(`${SOURCE}: there is no ${gone.join(', ')}; strike it from the names left out`)
  return limitRows(read(SOURCE), Object.fromEntries(Object.entries(limits).filter(([name]) => !TUNING.has(name))))
}

/**
 * One row a number.
 *
 * @throws Error where a number has no comment
 */
export function limitRows(source: string, exported: Readonly<Record<string, unknown>>): string {
  const comments = new Map([...source.matchAll(COMMENTED)].map(([, text, name]) => [name, text!]))
  const names = [...comments.keys(), ...Object.keys(exported).filter((name) => !comments.has(name))]
  const rows = names.flatMap((name) => {
    const value = exported[name!]
    if (typeof value !== 'number') return []
    const comment = comments.get(name)
    if (comment === undefined) throw new Error(`${SOURCE}: ${name} has no comment, and the table needs one`)
    return [`| \`${name}\` | ${value.toLocaleString('en-US')} | ${comment.replace(/\s*\n\s*\*\s*/g, ' ').trim()} |`]
  })
  return ['| name | figure | |', '|---|---:|---|', ...rows].join('\n')
}
