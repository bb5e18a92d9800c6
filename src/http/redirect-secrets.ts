/** Which of a request's secrets a server has written into the URL of its redirect, and where in it they stand. */

import type { ReferenceLocation } from '../location.ts'
import { createRedactor } from '../redact/redactor.ts'
import type { UsedSecret } from '../vault/resolved.ts'

/** Shorter values would be found in most URLs by chance. */
const MIN_LENGTH = 4

/**
 * The secrets of this request in a redirect's target, once for each part of the URL that holds them.
 *
 * Each secret is searched for by itself, so that one with the same value does not hide it, in all its forms, and without
 * regard to case, since a URL parser changes that of a host.
 *
 * @param location the header as the server sent it
 */
export function secretsIn(target: URL, location: string, secrets: readonly UsedSecret[]): readonly UsedSecret[] {
  const parts: readonly (readonly [ReferenceLocation, string])[] = [
    ['host', target.host],
    ['auth', `${target.username}:${target.password}`],
    ['path', target.pathname],
    ['query', `${target.search}${target.hash}`],
  ]
  return secrets.flatMap((secret) => {
    const isHeldBy = finderOf(secret.texts)
    const found = parts
      .filter(([, text]) => isHeldBy(text))
      .map(([part]): UsedSecret => ({ ...secret, location: part }))
    // spread over several parts, it is in none of them
    return found.length > 0 || !(isHeldBy(location) || isHeldBy(target.href))
      ? found
      : [{ ...secret, location: 'path' }]
  })
}

function finderOf(texts: readonly string[]): (text: string) => boolean {
  const redactor = createRedactor({ minLength: MIN_LENGTH })
  for (const text of texts) {
    redactor.add('', text)
    redactor.add('', text.toLowerCase())
  }
  return (text) => redactor.find(text).length > 0 || redactor.find(text.toLowerCase()).length > 0
}
