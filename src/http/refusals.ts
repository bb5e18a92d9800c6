/** What a client refuses to put into a header, and which option would allow it. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import type { Vault } from '../vault/api.ts'
import type { ClientSettings } from './client-options.ts'
import type { FoundHeader } from './found-references.ts'

/**
 * Refuses a reference, broken ones included, in a header that may carry somebody else's text.
 *
 * It is an error, not silence: it stops only the request of the one whose text it is.
 *
 * @throws ERR_LOCATION_DENIED
 */
export function requireHeaderMayResolve(
  { header, references }: FoundHeader,
  isOpenName: boolean,
  { client, authored }: ClientSettings,
): void {
  if (isOpenName) return
  const remedy =
    authored === undefined
      ? 'name that header in its option headers, or use a credential header such as Authorization'
      : 'it is not among those of the option authored, so escape text that is rendered there with escapeReferences'
  const tag = references[0]?.tag
  const what = tag === undefined ? 'What looks like a reference' : `The reference to "${tag}"`
  throw new GuillemetError(
    'ERR_LOCATION_DENIED',
    `${what} is in the header ${header.name}, in which ${client} resolves none; ${remedy}.`,
    { tag, path: pathOf(header.keys), location: 'header' },
  )
}

/** What `String` makes of an object without a text of its own. */
const NO_TEXT = /^\[object /

/**
 * Refuses an object without a text in place of a header's: the platform would send `[object Map]`, and a reference in it is
 * not seen (the entries of a `Metadata` of gRPC).
 *
 * @throws ERR_OPAQUE_VALUE
 */
export function requireTextualHeader(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || !NO_TEXT.test(String(value))) return
  throw new GuillemetError(
    'ERR_OPAQUE_VALUE',
    'A header holds an object, in which no reference could be found; give its text.',
    { path },
  )
}

/** @throws ERR_PERMISSION_DENIED for a reference in a header to a tag that the option `tags` does not list */
export function requireListedTags({ header, references }: FoundHeader, { client, tags }: ClientSettings): void {
  const stray = references.find(({ tag }) => tags !== undefined && !tags.has(tag))
  if (stray === undefined) return
  const { tag } = stray
  throw new GuillemetError(
    'ERR_PERMISSION_DENIED',
    `The reference to "${tag}" in the header ${header.name} is not among the option tags of ${client}; add the tag there.`,
    { tag, path: pathOf(header.keys), location: 'header' },
  )
}

/**
 * Refuses a reference in a member that is not sent (`params`, `json`), or would be sent on every hop (`referrer`).
 *
 * @param sender what would send it
 * @throws ERR_LOCATION_DENIED
 */
export function requireSentMembers({ rest }: { readonly rest: object }, vault: Vault, sender = 'fetch'): void {
  for (const [name, member] of Object.entries(rest)) {
    if (typeof member !== 'string' && !isPlainObject(member)) continue
    const tag = firstTag(vault, member)
    if (tag === undefined) continue
    throw new GuillemetError(
      'ERR_LOCATION_DENIED',
      `A reference is in the member ${name}, which ${sender} does not send; put it into the url, the headers or the body.`,
      { tag: tag === '' ? undefined : tag, path: name },
    )
  }
}

/** The first tag in a member; `''` for a reference that does not parse. */
function firstTag(vault: Vault, member: unknown): string | undefined {
  try {
    return vault.references(member)[0]?.tag
  } catch {
    return ''
  }
}
