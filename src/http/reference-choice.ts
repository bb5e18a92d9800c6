/** The choice among the references that a request holds: by place and tag, or those that its author wrote. */

import { lowerCaseName } from '../header-name.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { unexpectedReferences } from '../template/authored.ts'
import type { ClientSettings } from './client-options.ts'
import { type FoundText, jsonReferencesOf } from './found-references.ts'

/** The places within a URL. */
export const URL_LOCATIONS: readonly ReferenceLocation[] = ['host', 'path', 'query', 'auth']

/** Whether a reference is resolved. */
export type IsWanted = (reference: Reference) => boolean

/** Whether anything in such a place could be resolved. */
export function mayResolve(
  { locations, authored }: Pick<ClientSettings, 'locations' | 'authored'>,
  place: ReferenceLocation,
): boolean {
  if (authored === undefined) return locations.has(place)
  return authored.some((reference) => reference?.location === place)
}

/** Which references are resolved. What an author wrote is told by its path, at most as often as it was written. */
export function createChoice({ authored, tags, locations }: ClientSettings, found: readonly FoundText[]): IsWanted {
  const isListed: IsWanted = ({ tag }) => tags === undefined || tags.has(tag)
  if (authored === undefined) {
    return (reference) => isListed(reference) && (reference.location === 'header' || locations.has(reference.location))
  }
  const given = authored.map(withFoldedPath)
  const wanted = new Set<Reference>()
  const leaves = found.flatMap(jsonReferencesOf)
  const strayLeaves = new Set(
    unexpectedReferences(
      leaves.map(({ leaf }) => leaf),
      given,
    ),
  )
  for (const { leaf, reference } of leaves) if (!strayLeaves.has(leaf)) wanted.add(reference)
  const others = found.flatMap(({ references }) => references.filter((each) => !wanted.has(each)))
  const folded = others.map(withFoldedPath)
  const stray = new Set(unexpectedReferences(folded, given))
  for (const [index, reference] of others.entries()) if (!stray.has(folded[index]!)) wanted.add(reference)
  return (reference) => isListed(reference) && wanted.has(reference)
}

/** Names of headers have no case. */
export function withFoldedPath(reference: Reference): Reference {
  const path: unknown = reference?.path
  return typeof path === 'string' && path.startsWith('headers')
    ? { ...reference, path: lowerCaseName(path) }
    : reference
}
