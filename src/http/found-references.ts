/** What looks like a reference in one request, wherever it is, before anything is decided about it. */

import type { Reference, ReferenceLocation } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import { jsonPathsAt } from '../template/json-paths.ts'
import type { Cut } from '../template/scan.ts'
import type { ClientAccess } from '../vault/client.ts'
import { basicText } from './basic-auth.ts'
import type { CallHeader, HttpCall } from './http-call.ts'
import type { ReadBody } from './request-body.ts'

/** One text of a request that holds references, escaped ones, or what only starts like one. */
export interface FoundText {
  readonly part: 'header' | 'url' | 'body'
  readonly text: string
  readonly cuts: readonly Cut[]
  /** Those that parse, in order; locations within a URL are filled in later. */
  readonly references: readonly Reference[]
  readonly isBroken: boolean
}

/** A header that holds something. */
export interface FoundHeader extends FoundText {
  readonly header: CallHeader
  /** `text` is what its base64 holds. */
  readonly isBasic: boolean
}

/** An entry of a form that holds something. */
export interface FoundEntry extends FoundText {
  /** Which of the form's entries, texts or not. */
  readonly number: number
}

export type Scan = ClientAccess['scan']

/** The headers that hold something. */
export function findInHeaders({ headers }: HttpCall, scan: Scan): readonly FoundHeader[] {
  const all: FoundHeader[] = []
  for (const header of headers) {
    const decoded = basicText(header.name, header.value)
    const found = findInText(scan, decoded ?? header.value, 'header', header.keys)
    if (found === undefined) continue
    const references = header.keys[0] === 'auth' ? found.references.map(inPair(found.text)) : found.references
    all.push({ ...found, references, header, isBasic: decoded !== undefined })
  }
  return all
}

/** Where a reference is in `auth: { username, password }`, of which a client has made the header. */
function inPair(text: string): (reference: Reference) => Reference {
  const colon = text.indexOf(':')
  return (reference) => {
    const path = reference.index < colon ? 'auth.username' : 'auth.password'
    return { ...reference, path, location: 'auth' }
  }
}

/** The URL, where it holds something; each reference with the location that a URL gives it. */
export function findInUrl(
  call: HttpCall,
  scan: Scan,
  locate: (url: string, cuts: readonly Cut[]) => readonly ReferenceLocation[],
): FoundText | undefined {
  const found = findInText(scan, ownValue(call, 'params')?.url ?? call.url, 'url', ['url'])
  if (found === undefined) return undefined
  const locations = locate(found.text, found.cuts)
  const references = found.references.map((each, index) => ({ ...each, location: locations[index] ?? each.location }))
  return { ...found, references }
}

/** The text of the body, where it holds something. */
export function findInBody({ text }: ReadBody, scan: Scan): FoundText | undefined {
  return text === undefined ? undefined : findInText(scan, text, 'body', ['body'])
}

/** The entries of a form that hold something. */
export function findInForm({ form }: ReadBody, scan: Scan): readonly FoundEntry[] {
  if (form === undefined) return []
  return [...form].flatMap(([name, value], number) => {
    const found = typeof value === 'string' ? findInText(scan, value, 'body', ['body', name]) : undefined
    return found === undefined ? [] : [{ ...found, number }]
  })
}

/** What one text holds; undefined where that is nothing. */
export function findInText(
  scan: Scan,
  text: string,
  part: FoundText['part'],
  keys: readonly (string | number)[],
): FoundText | undefined {
  const cuts = scan(text)
  if (cuts.length === 0) return undefined
  const path = pathOf(keys)
  const location = part === 'url' ? 'path' : part
  const references: Reference[] = []
  let isBroken = false
  for (const { content, index } of cuts) {
    if (content === undefined) continue
    if (content.code !== undefined) isBroken = true
    else {
      const { tag, field, filters } = content
      references.push({ tag, ...(field !== undefined && { field }), filters, path, index, location })
    }
  }
  return { part, text, cuts, references, isBroken }
}

/** A reference, and the same by its path within JSON text. */
export interface JsonReference {
  readonly reference: Reference
  readonly leaf: Reference
}

/** The references in strings of a body of JSON text. */
export function jsonReferencesOf({ part, text, references }: FoundText): readonly JsonReference[] {
  if (part !== 'body' || references[0]?.path !== 'body') return []
  const offsets = references.map(({ index }) => index)
  const paths = jsonPathsAt(text, offsets)
  return references.flatMap((reference, index) => {
    const keys = paths[index]
    return keys === undefined ? [] : [{ reference, leaf: { ...reference, path: pathOf(['body', ...keys]) } }]
  })
}
