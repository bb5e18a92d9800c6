/**
 * One entry of `allow.in`: a location, `header`, or one with a name, `header:authorization`, `query:api_key`,
 * `body:auth.client_secret`.
 */

import { isWellFormed } from '../bytes.ts'
import { lowerCaseName } from '../header-name.ts'
import { LOCATIONS, type ReferenceLocation } from '../location.ts'
import type { AllowedLocation } from './secret.ts'

/** The most entries of one rule. */
export const MAX_LOCATIONS = 100

/** Where names tell the places apart. */
const NAMED_LOCATIONS: readonly string[] = ['header', 'query', 'body']
const MAX_PLACE_NAME_LENGTH = 256
/** RFC 9110 §5.1, in the lower case in which names of headers are compared. */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
const CONTROL_CHARACTER = /[\0-\x1f\x7f-\x9f]/
/** What a message repeats: other names may be anything that a request held. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9._[\]-]{0,63}$/

/** The entry in its one form, the name of a header in lower case; anything else comes back as it is, to be refused. */
export function normaliseLocation(given: unknown): unknown {
  return typeof given === 'string' && given.startsWith('header:') ? lowerCaseName(given) : given
}

/** Whether this is an entry in its one form. */
export function isAllowedLocation(given: string): given is AllowedLocation {
  const colon = given.indexOf(':')
  if (colon < 0) return (LOCATIONS as readonly string[]).includes(given)
  const location = given.slice(0, colon)
  const name = given.slice(colon + 1)
  if (!NAMED_LOCATIONS.includes(location) || name === '' || name.length > MAX_PLACE_NAME_LENGTH) return false
  if (location === 'header') return HEADER_NAME.test(name)
  return isWellFormed(name) && !CONTROL_CHARACTER.test(name) && name.trim() === name
}

/** Whether the entries permit a place; one without a name, or of which nobody knows it, needs its whole location. */
export function permitsPlace(
  entries: readonly AllowedLocation[],
  location: ReferenceLocation,
  name: string | undefined,
): boolean {
  return entries.includes(location) || (name !== undefined && entries.includes(namedLocation(location, name)))
}

/** The narrowest entry that permits a place, as far as it can be shown. */
export function entryFor(location: ReferenceLocation, name: string | undefined): AllowedLocation {
  const isShown = name !== undefined && NAMED_LOCATIONS.includes(location) && PLAIN_NAME.test(name)
  return isShown ? namedLocation(location, name) : location
}

function namedLocation(location: ReferenceLocation, name: string): AllowedLocation {
  return `${location}:${location === 'header' ? lowerCaseName(name) : name}` as AllowedLocation
}
