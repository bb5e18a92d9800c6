/** What an author probably meant as a reference, while the grammar reads it as plain text. */

import { backslashesBefore } from '../encode/quote.ts'
import { lateRegExp } from '../late-regexp.ts'
import type { Delimiters } from '../location.ts'
import { DEFAULTING_OPENINGS } from './caret.ts'
import { writeReference } from './escape.ts'
import { DEFAULT_SYNTAX, type Syntax } from './syntax.ts'

/** One of them. */
export interface Lookalike {
  readonly code: keyof typeof MESSAGES
  readonly message: string
  /** Offset of the opening delimiter. */
  readonly index: number
  /** The reference that was perhaps meant. */
  readonly suggestion: string | undefined
}

/** What stands before a backslash of the text itself. */
const letterDigitOrColon = /* @__PURE__ */ lateRegExp('[\\p{L}\\d:]', 'u')

const MESSAGES = {
  WARN_SECTION: 'A section over a secret is plain text here; write the reference itself.',
  WARN_BRACKET_ACCESS: 'Brackets are plain text here; write "secrets.tag" or "secrets.tag.field".',
  WARN_NAME_CASE: 'Names are case-sensitive; write "secrets." or "RUNPOD_SECRET_".',
  WARN_DIALECT: 'This looks like a reference of another tool and is sent as it stands; write "<< secrets.tag >>".',
  WARN_ENCODED: 'This looks like an encoded reference and is sent as it stands.',
  WARN_ESCAPED: 'The backslash makes this reference plain text; write two of them to keep one and the value.',
} as const

/** At most that many of one text are listed. */
const MAX_LISTED = 100
/** The name, and what fingers make of it; the name alone where Handlebars opens it. */
const LIKE_A_NAME =
  /(?:secrets?|secerts?|sercets?|scerets?|secrtes?|secrest|secretes|secrects?)\s{0,8}\??[.:[/]|runpod_secrets?_|(?<=\{\{[#^]\s{0,8}(?:with|each)\s{1,8})secrets(?=\s{0,8}(?:\}|as\b))/gi
const NAMES = DEFAULT_SYNTAX.prefixes
/** White space that may stand between an opening delimiter and a name, also encoded. */
const BLANKS = ['%20', '&nbsp;']
const BLANK = /[\s+\u200b-\u200d\u2060]/
const UNSEEN = /[\u200b-\u200d\u2060]/
const MAX_BLANKS = 32
/** Signs of other dialects, between them. */
const SIGN = /[#^&$.~"'-]/
/** Opening delimiters of other tools, and ours as URLs, HTML and JSON write them. */
const FOREIGN_OPENINGS = ['${', '$(', '«', '＜＜', '｛｛', '<%=', '#{', '%{']
const ENCODED_OPENING =
  /(?:%7b%7b|%3c%3c|&lt;&lt;|&#x3c;&#x3c;|&#60;&#60;|&#123;&#123;|&#x7b;&#x7b;|\\u003c\\u003c|\\u007b\\u007b)$/i
const LONGEST_ENCODED = 12
/** After one bracket in place of two: what must follow, so that it is no comparison and no tag of HTML. */
const SINGLE = /^ {0,8}(?:secrets?\.|runpod_secrets?_)[\w-]{1,128}(?:\.[\w-]{1,128})? {0,8}>(?!>)/i
const LONGEST_SINGLE = 300
/** Tag and field after a prefix, also in brackets. */
const NAMED = /^\s{0,8}["']?([A-Za-z0-9_-]{1,128})["']?\]?(?:(?:\.|\[["'])([A-Za-z0-9_-]{1,128}))?/
const NAMED_TO_HYPHEN = new RegExp(NAMED.source.replaceAll('_-]', '_]'))

/** Warnings for what is nearly a reference, in order; `isDecoded`: percent-encoded ones are read as references here. */
export function lookalikesIn(text: string, syntax: Syntax, isDecoded = false): readonly Lookalike[] {
  const lookalikes: Lookalike[] = []
  // who has other names leaves these to an engine
  if (!NAMES.every((name) => syntax.prefixes.includes(name))) return lookalikes
  for (const match of text.matchAll(LIKE_A_NAME)) {
    if (lookalikes.length === MAX_LISTED) break
    if (match[0].toLowerCase() === 'secrets') {
      if (!syntax.delimiters.some(([opening]) => opening === '{{')) continue
      const index = text.lastIndexOf('{{', match.index)
      lookalikes.push({ code: 'WARN_SECTION', message: MESSAGES.WARN_SECTION, index, suggestion: undefined })
      continue
    }
    const end = leadStart(text, match.index)
    const found = { name: match[0], lead: text.slice(end, match.index) }
    // in quotes it is a name only with a tag
    if (/["']/.test(found.lead) && !/\w/.test(text[match.index + match[0].length] ?? '')) continue
    const lookalike = lookalikeBefore(text, end, found, syntax.delimiters)
    if (lookalike === undefined || (isDecoded && lookalike.code === 'WARN_ENCODED')) continue
    // after a colon stands a name, or a value in place of a secret: nobody knows
    const suggestion = match[0].endsWith(':')
      ? undefined
      : suggestionAt(text, match.index + match[0].length, end, syntax)
    lookalikes.push({ ...lookalike, message: MESSAGES[lookalike.code], suggestion })
  }
  return lookalikes
}

/** Where an opening delimiter must end before a name: before white space, one sign, and white space. */
function leadStart(text: string, index: number): number {
  const start = blanksStart(text, index)
  return blanksStart(text, start > 0 && SIGN.test(text[start - 1]!) ? start - 1 : start)
}

// read backwards, each sign once: a regular expression that ends with `$` would try every beginning
function blanksStart(text: string, index: number): number {
  let at = index
  for (let blanks = 0; blanks < MAX_BLANKS && at > 0; blanks++) {
    const encoded = BLANKS.find((blank) => text.endsWith(blank, at))
    if (encoded === undefined && !BLANK.test(text[at - 1]!)) break
    at -= encoded?.length ?? 1
  }
  return at
}

/** A name, and what stands between it and an opening delimiter. */
interface NameFound {
  readonly name: string
  readonly lead: string
}

function lookalikeBefore(
  text: string,
  end: number,
  found: NameFound,
  delimiters: readonly Delimiters[],
): Pick<Lookalike, 'code' | 'index'> | undefined {
  const open = delimiters.find(([opening]) => text.endsWith(opening, end))?.[0]
  if (open !== undefined) {
    const index = end - open.length
    if (open === '{{' && text[index - 1] === '$') return { code: 'WARN_DIALECT', index: index - 1 }
    const code = warningCode(found, isSilencedByAccident(text, index))
    return code && { code, index }
  }
  const foreign = FOREIGN_OPENINGS.find((opening) => text.endsWith(opening, end))
  if (foreign !== undefined) return { code: 'WARN_DIALECT', index: end - foreign.length }
  if (isSingle(text, end)) return { code: 'WARN_DIALECT', index: end - 1 }
  const index = otherOpening(text, end, found, delimiters)
  if (index !== undefined) return { code: 'WARN_DIALECT', index }
  const encoded = ENCODED_OPENING.exec(text.slice(Math.max(0, end - LONGEST_ENCODED), end))
  return encoded === null ? undefined : { code: 'WARN_ENCODED', index: end - encoded[0].length }
}

/** Where `{{ (secrets.t) }}`, `[[ .secrets.t ]]` or `@secrets.t` begins; `[[secrets.t]]` is a table of TOML. */
function otherOpening(
  text: string,
  end: number,
  { name, lead }: NameFound,
  delimiters: readonly Delimiters[],
): number | undefined {
  if (text[end - 1] === '(') {
    const before = blanksStart(text, end - 1)
    const open = delimiters.find(([opening]) => text.endsWith(opening, before))?.[0]
    return open === undefined ? undefined : before - open.length
  }
  if (text.endsWith('[[', end)) return /[.$]/.test(lead) ? end - 2 : undefined
  return lead === '' && name.endsWith('.') && /(?<![\w.@-])@$/.test(text.slice(Math.max(0, end - 2), end))
    ? end - 1
    : undefined
}

/** Whether one angle bracket stands on each side of a name, in place of two. */
function isSingle(text: string, end: number): boolean {
  return text[end - 1] === '<' && SINGLE.test(text.slice(end, end + LONGEST_SINGLE))
}

/** The reference with the name at an offset, as it would be written; undefined where none can be read. `end`: of the opening. */
function suggestionAt(text: string, index: number, end: number, syntax: Syntax): string | undefined {
  const isDefaulting = DEFAULTING_OPENINGS.some((opening) => text.endsWith(opening, end))
  const [, tag, field] = (isDefaulting ? NAMED_TO_HYPHEN : NAMED).exec(text.slice(index, index + LONGEST_SINGLE)) ?? []
  return tag === undefined ? undefined : writeReference(field === undefined ? tag : `${tag}.${field}`, syntax)
}

function warningCode({ name, lead }: NameFound, isSilenced: boolean): Lookalike['code'] | undefined {
  const sign = lead.trim()
  if (sign === '#' || sign === '^') return 'WARN_SECTION'
  if (name.endsWith('[')) return 'WARN_BRACKET_ACCESS'
  if ((sign !== '' && sign !== '&') || UNSEEN.test(lead) || name.endsWith('/')) return 'WARN_DIALECT'
  if (NAMES.includes(name)) return isSilenced ? 'WARN_ESCAPED' : undefined
  return NAMES.some((known) => known.toLowerCase() === name.toLowerCase()) ? 'WARN_NAME_CASE' : 'WARN_DIALECT'
}

/** Whether the backslash before a reference probably belongs to the text before it: `CORP\<< … >>`, `C:\{{ … }}`. */
function isSilencedByAccident(text: string, index: number): boolean {
  const backslashes = backslashesBefore(text, index, 0)
  return backslashes % 2 === 1 && letterDigitOrColon().test(text[index - backslashes - 1] ?? '')
}
