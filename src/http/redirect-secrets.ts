/** Which of a request's secrets a server has written into the URL of its redirect, and into which part of it. */

import type { ReferenceLocation } from '../location.ts'
import { createRedactor } from '../redact/redactor.ts'
import type { UsedSecret } from '../vault/redirect.ts'

/** Shorter values would be found in most URLs by chance. */
const MIN_LENGTH = 4

/** Finds the secrets in a redirect's target. @param location the header as the server sent it */
export type SecretFinder = (target: URL, location: string) => readonly UsedSecret[]

/**
 * Finds the secrets of a request in redirects' targets, once for each part of the URL that holds them.
 *
 * Each secret is searched for by itself, so that one with the same value does not hide it, in all its forms, and without
 * regard to case, since a URL parser changes that of a host. What that takes is made once, at the first redirect.
 */
export function secretFinder(secrets: readonly UsedSecret[]): SecretFinder {
  let finders: readonly ((text: string) => boolean)[] | undefined
  return (target, location) => {
    finders ??= secrets.map(({ texts }) => finderOf(texts))
    const parts: readonly (readonly [ReferenceLocation, string])[] = [
      ['host', target.host],
      ['auth', `${target.username}:${target.password}`],
      ['path', target.pathname],
      ['query', `${target.search}${target.hash}`],
    ]
    return secrets.flatMap((secret, index) => {
      const isHeldBy = finders![index]!
      const found = parts
        .filter(([, text]) => isHeldBy(text))
        .map(([part]): UsedSecret => ({ ...secret, location: part, name: undefined }))
      // a value that is spread over several parts is not in any one of them
      return found.length > 0 || !(isHeldBy(location) || isHeldBy(target.href))
        ? found
        : [{ ...secret, location: 'path', name: undefined }]
    })
  }
}

function finderOf(texts: readonly string[]): (text: string) => boolean {
  const redactor = createRedactor({ minLength: MIN_LENGTH })
  for (const text of texts) {
    redactor.add('', text, {})
    redactor.add('', text.toLowerCase(), {})
  }
  return (text) => redactor.find(text).length > 0 || redactor.find(text.toLowerCase()).length > 0
}
