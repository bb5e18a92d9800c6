/** Documents: the values of a text with their names, whatever format it has. */

import { LINE_END } from '../characters.ts'

/** Told of each value with its name, `''` where it has none, and whether it is in a group of secrets. */
export type VisitPair = (name: string, value: string, isGrouped: boolean) => void

/**
 * A name, what separates it from its value, and the value if it is quoted, or in braces in a connection string, where the
 * sign that ends it is doubled within; or the text of an element, and its name.
 */
const PAIR =
  />([^<>]+)<\/([\w:.-]{1,64})>|(?<![\w.$-])(["']?)([A-Za-z_.][\w.$-]{0,63})\3\s{0,16}(=>|:=|=|:(?!\/\/)|,(?=\s?["']))[ \t]{0,16}(?:"((?:[^"\\]|\\.|"")*)"|'((?:[^'\\]|\\.|'')*)'|\{((?:[^}]|\}\}){1,256})\}(?=\s{0,16};)|\{(?<=;[^;{}=]{1,80}=[ \t]{0,16}\{)((?:[^}]|\}\}){1,256})\}$)?/g
/** After the value of a pair another pair follows in the same line. */
const NEXT_PAIR = /[;&,\s]["']?[A-Za-z_][\w.$ -]{0,63}["']?\s{0,16}=[^=]/
/** A value in a line of several. */
const BARE = /^[^\s;&,<>"'{}()=][^\s;&,<>"'{}()]*/
/** Before the first name of a line: marks of comments and lists, and words of shells. */
const LEAD = /^(?:#+|\/\/|;|- |\* |export |set |ENV )\s*/
const SECTION = /^\[+\s*"?([\w. -]+)"?\s*\]+$/
/** Nothing of a value is in this line: those below are. */
const OPENS = /^(?:[|>][-+\d]*|"""|'''|[[{(].*)?$/
const TRAILING_COMMENT = /\s[#;]\s.*$|,$/
/** `{ "name": "DB_PASSWORD", "value": "…" }` */
const NAMING = /^(?:name|key|property|option|field|id)$/i
const GENERIC_NAME = /^(?:value|content|text|defaultvalue|entry|item|string)$/i
const PART_NAME = /^[\w.$-]{1,64}$/
/** Tags and brackets. */
const STRUCTURE = /^[<{}[\]()]/

/** Values whose name is the value before them, as in a list of variables. */
function named(visit: VisitPair): VisitPair {
  let label = ''
  return (name, value, isGrouped) => {
    if (NAMING.test(name) && PART_NAME.test(value)) label = value
    const isNamed = label !== '' && GENERIC_NAME.test(name)
    visit(isNamed ? label : name, value, isGrouped)
    if (isNamed) label = ''
  }
}

/** Visits the leaves of what JSON means; the list grows as it is read, so that depth costs no stack. */
export function visitJson(root: unknown, isGroup: (name: string) => boolean, visitor: VisitPair): void {
  const visit = named(visitor)
  const items: [name: string, item: unknown, isGrouped: boolean][] = [['', root, false]]
  for (const [name, item, isGrouped] of items) {
    if (!(item instanceof Object)) visit(name, String(item), isGrouped)
    else if (Array.isArray(item)) for (const each of item) items.push([name, each, isGrouped])
    else {
      const isBelow = isGrouped || isGroup(name)
      for (const [key, value] of Object.entries(item)) items.push([key, value, isBelow])
    }
  }
}

/** What the lines before a line say of its values. */
interface Parent {
  readonly indent: number
  readonly name: string
  readonly isGroup: boolean
}

/**
 * Visits the values of a text of pairs: YAML, TOML, INI, `.env`, XML, HCL, connection strings, queries and the like.
 *
 * @returns how many lines have none, nor belong to one before them
 */
export function visitPairs(text: string, isGroup: (name: string) => boolean, visitor: VisitPair): number {
  const visit = named(visitor)
  const parents: Parent[] = []
  let loose = 0
  for (const line of text.split(LINE_END)) {
    const indent = line.search(/\S/)
    if (indent < 0) continue
    const content = line.trim().replace(LEAD, '').replace(LEAD, '')
    const section = SECTION.exec(content)?.[1]
    while (parents.length > 0 && (section !== undefined || parents.at(-1)!.indent >= indent)) parents.pop()
    if (section !== undefined) {
      parents.push({ indent: -1, name: '', isGroup: isGroup(section.split('.').pop()!) })
      continue
    }
    const isGrouped = parents.some((parent) => parent.isGroup)
    const opened = visitLine(content, (name, value) => visit(name, value, isGrouped))
    if (opened === undefined) {
      // an item of a list, or a line of a block
      const name = parents.at(-1)?.name ?? ''
      if (name === '' && !STRUCTURE.test(content)) loose++
      visit(name, content.replace(/^["']|["']?,?$/g, ''), isGrouped)
    } else if (opened !== '') parents.push({ indent, name: opened, isGroup: isGroup(opened) })
  }
  return loose
}

/** Visits the pairs of a line; gives the name whose value is on the lines below, or undefined where there are no pairs. */
function visitLine(content: string, visit: (name: string, value: string) => void): string | undefined {
  let opened: string | undefined
  let until = 0
  // all pairs first, since a value may be a document of its own
  for (const pair of content.matchAll(PAIR)) {
    const [whole, element, tag, , name = '', separator, double, single, braced, last = braced] = pair
    opened ??= ''
    // a value in a line of several holds no other
    if (pair.index < until) continue
    if (element !== undefined) visit(tag!, element)
    else if (double !== undefined) visit(name, unescaped(double.replaceAll('""', '"')))
    else if (single !== undefined) visit(name, single.replaceAll("''", "'"))
    else if (last !== undefined) for (const text of new Set([last, last.replaceAll('}}', '}')])) visit(name, text)
    else {
      const rest = content.slice(pair.index + whole.length)
      const isFirst = pair.index === 0
      const isLine = isFirst && (separator === ':' || !NEXT_PAIR.test(rest))
      if (OPENS.test(rest)) opened = isFirst ? name : opened
      else if (isLine) visit(name, rest.replace(TRAILING_COMMENT, '').trim())
      else {
        const value = BARE.exec(rest)?.[0] ?? ''
        until = pair.index + whole.length + value.length
        visit(name, value)
      }
    }
  }
  return opened
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string
  } catch {
    return quoted
  }
}
