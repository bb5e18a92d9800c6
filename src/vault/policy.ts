/** Who may do what: one function, asked before anything is opened or written. */

import type { ReferenceLocation } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { SecretInfo } from '../secrets/secret.ts'

/** Who acts. */
export interface Actor {
  /** The user, service or job; free text of 1 to 256 characters. It is stored with what the actor creates and changes. */
  readonly id: string
  /** What `rolePolicy` goes by. */
  readonly role?: string
}

/** What an actor may do with a secret. */
export type Action = 'create' | 'read' | 'update' | 'delete' | 'reveal' | 'use'

/** What a policy is asked. */
export interface PolicyRequest {
  /** What is about to happen. */
  readonly action: Action
  /** The tag that was asked for, whether or not there is such a secret. */
  readonly tag: string
  /** The stored, unauthenticated information; absent where there is no such secret. */
  readonly secret?: SecretInfo
  /** The actor of the view; absent where it has none. */
  readonly actor?: Actor
  /** The purpose of the view; absent where it has none. */
  readonly purpose?: string
  /** With `use`: the origin only; absent while a secret is in the host, or where no destination was given. */
  readonly destination?: string
  /** With `use` in a template: where the references are. */
  readonly locations?: readonly ReferenceLocation[]
}

/** Says yes or no; throwing, and anything but `true`, is no. */
export type Policy = (request: PolicyRequest) => boolean | Promise<boolean>

const EVERYTHING: readonly Action[] = ['create', 'read', 'update', 'delete', 'reveal', 'use']
// a Map, since a role comes from outside and may be called `constructor`
const ROLES: ReadonlyMap<string, readonly Action[]> = new Map([
  ['owner', EVERYTHING],
  ['admin', EVERYTHING],
  ['editor', ['read', 'use', 'reveal']],
  ['runner', ['use']],
])

/**
 * The built-in roles: owner and admin do everything; editor reads descriptions, uses secrets and reveals masked ones;
 * runner only uses. No actor, no role or another role may do nothing.
 *
 * @returns a policy for `createVault`
 * @example
 * ```ts
 * const vault = createVault({ storage, keys, policy: rolePolicy() })
 * await vault.with({ actor: { id: 'ann', role: 'runner' } }).resolve(config)
 * ```
 */
export function rolePolicy(): Policy {
  return (request) => ROLES.get(ownValue(ownValue(request, 'actor'), 'role') ?? '')?.includes(request.action) ?? false
}
