/** Which text a body is: its content type says so, and without one what it looks like. */

import { POSITIONS, type Position } from './compiled.ts'
import type { Context } from './context.ts'
import { isJsonDocument, isMisplaced, locateInJson } from './json-positions.ts'

const JSON_TYPE = /^(?:[^/]+\/json|.+\+json|application\/x-amz-json-[\w.]+)$/
const JSON_LINES_TYPE = /^application\/(?:x-)?(?:nd-?json|jsonl|json-?lines|json-seq|json-stream)$|^.+\+json-seq$/
const XML_TYPE = /^(?:[^/]+\/xml|.+\+xml)$/
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** JSON with more than JSON's own escapes and quotes: a value that is written as it is may end its string. */
const LOOSE_JSON_TYPE = /^(?:[^/]+\/|.+\+)json(?:5|c)$/
/** No type has these characters, but most tags of other engines do. */
const FOREIGN_TYPE = /[{}<>]/
/** A comma stands between several, as headers of one name are joined. */
const ONE_TYPE = /^(?:[^",]|"[^"]*")*$/
const OPEN_CDATA = '<![CDATA['

/** How a text body is read; undefined where neither its content type nor the text itself says how values are escaped in it. */
export function bodyPosition(context: Context, text: string, contentType: string | undefined): Position | undefined {
  if (contentType === undefined) return looksLikeJson(context, text) ? POSITIONS.jsonText : undefined
  if (FOREIGN_TYPE.test(contentType) || context.parser.parse(contentType, 1) !== undefined) return undefined
  // of several the platform reads the last one, others the first
  if (!ONE_TYPE.test(contentType)) return POSITIONS.bodyText
  const [type = ''] = contentType.trim().toLowerCase().split(/[;\s]/)
  if (JSON_TYPE.test(type)) return POSITIONS.jsonText
  if (JSON_LINES_TYPE.test(type)) return POSITIONS.jsonLines
  if (XML_TYPE.test(type)) return POSITIONS.xmlText
  if (LOOSE_JSON_TYPE.test(type)) return undefined
  return type === FORM_TYPE ? POSITIONS.formText : POSITIONS.bodyText
}

function looksLikeJson({ parser }: Context, text: string): boolean {
  const parsed = parser.parse(text, 1)
  if (parsed === undefined) return false
  const found = locateInJson(parsed.literals)
  return !isMisplaced(found) && isJsonDocument(found)
}

/** Where no escapes are known, and what ends that. A reference within a comment or an instruction is escaped all the same. */
const SECTIONS: readonly (readonly [open: string, close: string])[] = [
  [OPEN_CDATA, ']]>'],
  ['<!--', '-->'],
  ['<?', '?>'],
]
const SECTION_START = /<!\[CDATA\[|<!--|<\?/g

/** How each reference of an XML text is written: escaped, but for those in a CDATA section, which knows no escapes. */
export function locateInXml(literals: readonly string[]): readonly ('xml' | 'cdata')[] {
  let section: readonly [open: string, close: string] | undefined
  return literals.slice(0, -1).map((literal) => {
    section = sectionAfter(literal, section)
    return section?.[0] === OPEN_CDATA ? 'cdata' : 'xml'
  })
}

/** The section that is open after a text, which begins in one or in none. */
function sectionAfter(text: string, before: (typeof SECTIONS)[number] | undefined): typeof before {
  let section = before
  for (let at = 0; ; ) {
    if (section !== undefined) {
      const end = text.indexOf(section[1], at)
      if (end < 0) return section
      at = end + section[1].length
      section = undefined
    }
    SECTION_START.lastIndex = at
    const start = SECTION_START.exec(text)
    if (start === null) return undefined
    section = SECTIONS.find(([open]) => open === start[0])
    at = SECTION_START.lastIndex
  }
}
