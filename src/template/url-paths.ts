/**
 * The paths that clients could make of a request: they differ in how they put base and URL together, so a rule that names
 * paths is held against each.
 */

import type { CompiledTemplate, TextNode } from './compiled.ts'
import { encodeKnown } from './encoding.ts'
import { DUMMY_ORIGIN, dummyFor, joined } from './url-origin.ts'
import type { Lookup } from './values.ts'

/** Stands for a value that is not opened yet: a segment that no rule can name. */
const UNKNOWN = '*'
/** A scheme with slashes, or slashes alone: what follows is a host. */
const ABSOLUTE = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]{2}/

/**
 * The path of each URL that a client could send the request to, as the WHATWG URL parser gives it; empty where nobody
 * knows.
 *
 * @param lookup what stands in place of references; a value that it does not know is a segment that no rule names
 * @param fallback where a relative URL, or a config without any, is sent
 */
export function urlPathsOf({ route }: CompiledTemplate, lookup: Lookup, fallback?: URL): readonly string[] {
  if (route === undefined) return fallback === undefined ? [] : [fallback.pathname]
  if (!route.isReadable || route.isForeign) return []
  const texts = (given: readonly (string | TextNode)[]) => given.map((each) => textOf(each, lookup))
  const given = texts(route.bases)
  const bases = given.length === 0 && fallback !== undefined ? [fallback.href] : given
  const paths = [
    ...texts(route.targets).flatMap((target) => targetPaths(target, bases, given)),
    ...texts(route.paths).flatMap((path) => [
      joinedUrl(DUMMY_ORIGIN, path),
      ...given.map((base) => joinedUrl(base, path)),
    ]),
  ]
  if (paths.length > 0) return paths
  return bases.length === 0 ? ['/'] : bases.map((base) => urlPathOf(base))
}

/** What clients make of a URL: some resolve it against the base, others append it to the base, even when it is absolute. */
function targetPaths(target: string, bases: readonly string[], given: readonly string[]): readonly string[] {
  if (ABSOLUTE.test(target) || bases.length === 0) {
    return [urlPathOf(target), ...given.map((base) => joinedUrl(base, target))]
  }
  return bases.flatMap((base) => [urlPathOf(target, base), joinedUrl(base, target)])
}

function joinedUrl(base: string, path: string): string {
  const start = base.replace(/[?#].*$/s, '')
  const isDivided = start.endsWith('/') || path.startsWith('/')
  return urlPathOf(
    start.endsWith('/') && path.startsWith('/') ? start + path.slice(1) : start + (isDivided ? '' : '/') + path,
  )
}

function textOf(given: string | TextNode, lookup: Lookup): string {
  if (typeof given === 'string') return given
  return joined(given, (index) => {
    const placeholder = given.placeholders[index]!
    return encodeKnown(placeholder, lookup) ?? dummyFor(placeholder, UNKNOWN)
  })
}

/** The path of a text as a URL; of one that is not a URL, a path that no rule names. */
function urlPathOf(text: string, base?: string): string {
  for (const origin of base === undefined ? [undefined, DUMMY_ORIGIN] : [base]) {
    try {
      return new URL(text, origin).pathname
    } catch {
      // its error repeats the text
    }
  }
  return ''
}
