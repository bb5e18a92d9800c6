/** Who may do what: one function, asked before anything is opened or written. */

import { GuillemetError } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { SecretInfo } from '../secrets/secret.ts'

/** Who acts. */
export interface Actor {
  readonly id: string
  readonly role?: string
}

/** What an actor may do with a secret. */

export type Action = 'create' | 'read' | 'update' | 'delete' | 'reveal' | 'use'

/** What a policy is asked. */
export interface PolicyRequest {
  readonly action: Action
  readonly tag: string
  /** The stored, unauthenticated information; absent where there is no such secret. */
  readonly secret?: SecretInfo
  readonly actor?: Actor
  readonly purpose?: string
  /** With `use`: the origin only; absent while a secret stands in the host, or where nobody named a destination. */
  readonly destination?: string
  /** With `use` in a template: where the references stand. */
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
 */
export function rolePolicy(): Policy {
  return (request) => ROLES.get(ownValue(ownValue(request, 'actor'), 'role') ?? '')?.includes(request.action) ?? false
}

/** The refusal of a policy, or undefined where it agrees. A policy that throws refuses; what it threw is dropped. */
export async function askPolicy(
  policy: Policy | undefined,
  request: PolicyRequest,
): Promise<GuillemetError | undefined> {
  if (policy === undefined) return undefined
  let allowed: unknown
  try {
    // without a prototype: an actor that is not there must not be found on a polluted one
    allowed = await policy(withoutPrototype(request))
  } catch {
    allowed = false // its message may quote anything
  }
  if (allowed === true) return undefined
  return new GuillemetError(
    'ERR_PERMISSION_DENIED',
    `The policy does not let this actor ${request.action} the secret "${request.tag}"; ask an owner or an admin.`,
    { tag: request.tag },
  )
}
