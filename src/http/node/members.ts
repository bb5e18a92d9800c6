/** The members of a call of `vaultRequest`. */

import type { RequestOptions } from 'node:https'
import type { Readable } from 'node:stream'
import { GuillemetError } from '../../errors.ts'

/** A body that `vaultRequest` sends; a stream, or any other async iterable of texts and bytes, is sent as it comes. */
export type NodeBody = string | Uint8Array | URLSearchParams | Readable | AsyncIterable<string | Uint8Array>

/** The members that were given, each as it was. */
export type NodeMembers = Readonly<Partial<Record<keyof RequestOptions | 'body', unknown>>>

/** The error of a member of that path. */
export function invalidMember(what: string, path: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `${what}; correct the member ${path} of the request.`, { path })
}
