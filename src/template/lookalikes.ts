/** What an author probably meant as a reference, while the grammar reads it as plain text. */

import type { Delimiters } from '../location.ts'

/** One of them. */
export interface Lookalike {
  readonly code: 'WARN_NAME_CASE' | 'WARN_SECTION' | 'WARN_BRACKET_ACCESS'
  readonly message: string
  /** Offset of the opening delimiter. */
  readonly index: number
}

/** At most that many of one text are listed. */
const MAX_LISTED = 100
const LIKE_A_NAME = /secrets\.|secrets\s{0,8}\[|runpod_secret_/gi
// what may stand between an opening delimiter and a name: white space, and the sign of a section
const LEAD = /\s{0,32}[#^&]?\s{0,32}$/
const LONGEST_LEAD = 65
const SECTION = /[#^]/

/** Warnings for names in another case, sections over a secret, and bracket access; in order. */
export function lookalikesIn(text: string, delimiters: readonly Delimiters[]): readonly Lookalike[] {
  const found: Lookalike[] = []
  for (const match of text.matchAll(LIKE_A_NAME)) {
    if (found.length === MAX_LISTED) break
    const [name] = match
    const from = Math.max(0, match.index - LONGEST_LEAD)
    const lead = LEAD.exec(text.slice(from, match.index))!
    const end = from + lead.index
    const pair = delimiters.find(([open]) => text.endsWith(open, end))
    if (pair === undefined) continue
    const index = end - pair[0].length
    if (pair[0] === '{{' && text[index - 1] === '$') continue
    const lookalike = lookalikeOf(name, lead[0])
    if (lookalike !== undefined) found.push({ ...lookalike, index })
  }
  return found
}

function lookalikeOf(name: string, lead: string): Omit<Lookalike, 'index'> | undefined {
  if (SECTION.test(lead)) {
    return {
      code: 'WARN_SECTION',
      message:
        'A section over a secret is plain text here; write the reference itself, and decide outside the template.',
    }
  }
  if (name.endsWith('[')) {
    return {
      code: 'WARN_BRACKET_ACCESS',
      message: 'Brackets are plain text here; write "secrets.tag" or "secrets.tag.field".',
    }
  }
  if (name === 'secrets.' || name === 'RUNPOD_SECRET_') return undefined
  return { code: 'WARN_NAME_CASE', message: 'Names are case-sensitive; write "secrets." or "RUNPOD_SECRET_".' }
}
