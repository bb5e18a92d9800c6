/** The members of a call of `vaultRequest`. */

import type { RequestOptions } from 'node:https'
import type { Readable } from 'node:stream'

/** A body that `vaultRequest` sends. */
export type NodeBody = string | Uint8Array | URLSearchParams | Readable

/** The members that were given, each as it was. */
export type NodeMembers = Readonly<Partial<Record<keyof RequestOptions | 'body', unknown>>>
