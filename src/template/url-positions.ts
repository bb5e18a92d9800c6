/**
 * Where the references of a URL stand, read from the text between them as the URL parser would (WHATWG URL §4.4).
 *
 * A value is percent-encoded, or held to what a host name may be, so it can never end the part that it stands in: the
 * literals alone decide.
 */

import type { EncodedPosition } from './compiled.ts'

/** A place between two characters: within a literal, before the character at the offset. */
interface Point {
  readonly literal: number
  readonly offset: number
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/
const SPECIAL = ['http', 'https', 'ws', 'wss', 'ftp']
const SLASHES = /^[\\/]*/
const TWO_SLASHES = /^[\\/]{2}/
// the URL parser drops tabs and line breaks anywhere, so `ht<tab>tp` is a scheme that this reading would not see
const CONTROL = /[\0-\x1f\x7f]/
const NOT_PLAIN_HOST = /[^\x21-\x7e]|%/

const PATH: EncodedPosition = { location: 'path', encoding: 'path' }
const QUERY: EncodedPosition = { location: 'query', encoding: 'percent' }
const USER: EncodedPosition = { location: 'auth', encoding: 'user' }
const PASSWORD: EncodedPosition = { location: 'auth', encoding: 'percent' }

/** A position for each reference, or the rule that the literals break. `isPath`: the text is a path, whatever it looks like. */
export function locateInUrl(literals: readonly string[], isPath: boolean): readonly EncodedPosition[] | string {
  if (literals.some((literal) => CONTROL.test(literal))) {
    return 'holds a tab, line break or other control character within its URL, where the URL parser would drop it'
  }
  if (literals[0]!.startsWith(' ') || literals.at(-1)!.endsWith(' ')) {
    return 'begins or ends with a space around its URL; remove it'
  }
  if (isPath) return locateInPath(literals, { literal: 0, offset: 0 })
  if (literals[0] === '') return locateAfterReference(literals)
  const { start, isSpecial } = authorityStart(literals[0]!)
  if (start === undefined) return locateInPath(literals, { literal: 0, offset: 0 })
  const end = authorityEnd(literals, start, isSpecial)
  const authority = locateInAuthority(literals, start, end)
  return typeof authority === 'string' ? authority : [...authority, ...locateInPath(literals, end)]
}

/** The text begins with a reference: the whole URL, or its beginning up to the path. */
function locateAfterReference(literals: readonly string[]): readonly EncodedPosition[] {
  if (literals.length === 2 && literals[1] === '') return [{ location: 'host', encoding: 'whole' }]
  return [{ location: 'host', encoding: 'base' }, ...locateInPath(literals, { literal: 1, offset: 0 })]
}

/** Where the authority begins, if there is one; and whether a backslash is a slash to this scheme. */
function authorityStart(text: string): { start: Point | undefined; isSpecial: boolean } {
  const scheme = SCHEME.exec(text)
  const after = scheme === null ? 0 : scheme[0].length
  const rest = text.slice(after)
  const name = scheme?.[1]?.toLowerCase()
  const isSpecial = name === undefined || name === 'file' || SPECIAL.includes(name)
  // after a special scheme the URL parser skips any number of slashes, none included
  const isAuthority =
    name !== undefined && SPECIAL.includes(name) ? true : isSpecial ? TWO_SLASHES.test(rest) : rest.startsWith('//')
  if (!isAuthority) return { start: undefined, isSpecial }
  const slashes = name === 'file' || !isSpecial ? 2 : SLASHES.exec(rest)![0].length
  return { start: { literal: 0, offset: after + slashes }, isSpecial }
}

function authorityEnd(literals: readonly string[], start: Point, isSpecial: boolean): Point {
  const ends = isSpecial ? /[/?#\\]/ : /[/?#]/
  for (let literal = start.literal; literal < literals.length; literal++) {
    const from = literal === start.literal ? start.offset : 0
    const found = literals[literal]!.slice(from).search(ends)
    if (found >= 0) return { literal, offset: from + found }
  }
  return { literal: literals.length - 1, offset: literals.at(-1)!.length }
}

function locateInAuthority(literals: readonly string[], start: Point, end: Point): readonly EncodedPosition[] | string {
  const pieces = literals
    .slice(start.literal, end.literal + 1)
    .map((text, index, all) =>
      text.slice(index === 0 ? start.offset : 0, index === all.length - 1 ? end.offset : undefined),
    )
  const atSign = pieces.reduce((last, piece, index) => (piece.includes('@') ? index : last), -1)
  const colon = pieces.findIndex((piece) => piece.includes(':'))
  const positions: EncodedPosition[] = []
  for (let gap = 0; gap < atSign; gap++) positions.push(colon >= 0 && colon <= gap ? PASSWORD : USER)
  const host = atSign < 0 ? pieces : pieces.slice(atSign)
  if (atSign >= 0) host[0] = host[0]!.slice(host[0]!.lastIndexOf('@') + 1)
  if (host.length > 1 && host.some((piece) => NOT_PLAIN_HOST.test(piece))) {
    return 'has a reference in a host that is not plain ASCII; write the host in its ASCII form'
  }
  return [...positions, ...locateInHost(host)]
}

/** `pieces` are the literals within the host and port. */
function locateInHost(pieces: readonly string[]): readonly EncodedPosition[] {
  const positions: EncodedPosition[] = []
  let isPort = false
  let isAddress = false
  for (let gap = 0; gap < pieces.length - 1; gap++) {
    for (const character of pieces[gap]!) {
      if (character === '[') isAddress = true
      else if (character === ']') isAddress = false
      else if (character === ':' && !isAddress) isPort = true
    }
    const isLast = gap === pieces.length - 2 && pieces[gap + 1] === ''
    const encoding = isPort ? 'port' : isAddress ? 'address' : isLast ? 'host-port' : 'host'
    positions.push({ location: 'host', encoding })
  }
  return positions
}

function locateInPath(literals: readonly string[], from: Point): readonly EncodedPosition[] {
  const positions: EncodedPosition[] = []
  let position = PATH
  for (let gap = from.literal; gap < literals.length - 1; gap++) {
    const text = gap === from.literal ? literals[gap]!.slice(from.offset) : literals[gap]!
    if (text.includes('?') || text.includes('#')) position = QUERY
    positions.push(position)
  }
  return positions
}
