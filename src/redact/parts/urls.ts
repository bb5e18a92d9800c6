/** URLs: what of a URL is secret. */

import { isKeyLike } from '../../looks/key-looks.ts'
import { readsAsWord } from '../../looks/words.ts'

const URL_TEXT = /^[a-z][a-z\d+.-]*:\/\/\S+$/i
/** Pieces of a path and values of a query. */
const PIECES = /[^/?&=#]{8,}/g

export function isUrl(text: string): boolean {
  return URL_TEXT.test(text)
}

/**
 * The secret parts of a URL but its password and the values of its query: the path without and with the query, pieces of
 * it that are keys, and a user name that is one.
 *
 * @param isWhole whether the URL is the whole secret, so that something in it must be secret
 */
export function urlParts(text: string, isWhole: boolean): readonly string[] {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return []
  }
  const { username, password, pathname, search } = url
  const parts: string[] = []
  if (isKeyLike(username) || (isWhole && username !== '' && password === '')) parts.push(username)
  const isSecret = (piece: string): boolean =>
    isKeyLike(piece) || (isWhole && username === '' && /\d/.test(piece) && !readsAsWord(piece))
  const isQuerySecret = search.match(PIECES)?.some(isSecret) ?? false
  // what is printed of a request is often its path alone; where the query has the key, the path need not be secret
  const isPathSecret = pathname.match(PIECES)?.some(isQuerySecret ? isKeyLike : isSecret) ?? false
  if (isPathSecret) parts.push(pathname)
  if (isPathSecret || isQuerySecret) parts.push(pathname + search)
  // those of the query are judged by their names
  parts.push(...pathname.split(/[/:]/).filter(isKeyLike))
  return parts
}

/** The URL as parsers write it. */
export function normalizedUrl(text: string): string {
  try {
    return new URL(text).href
  } catch {
    return text
  }
}
