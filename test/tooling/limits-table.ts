/** The table of limits in docs/REDACTION.md: the exported numbers of one source file and the comments above them. */

import * as limits from '../../src/redact/limits.ts'
import { read } from './repository.ts'

const SOURCE = 'src/redact/limits.ts'
const COMMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export const (\w+)/g

/** The rows as Markdown. */
export function limitsTable(): string {
  return limitRows(read(SOURCE), limits)
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
