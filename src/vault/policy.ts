/** Who may do what: one function, asked before anything is opened or written. */

import type { ReferenceLocation } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { requireValid } from '../read-options.ts'
import type { SecretInfo } from '../secrets/secret.ts'
import { copyMembers } from '../secrets/untrusted.ts'

/** Who acts. */
export interface Actor {
  /** The user, service or job; free text of 1 to 256 characters. It is stored with what the actor creates and changes. */
  readonly id: string
  /** What `rolePolicy` goes by. */
  readonly role?: string | undefined
}

/** What an actor may do with a secret. */
export type Action = 'create' | 'read' | 'update' | 'delete' | 'reveal' | 'use'

/** What a policy is asked. */
export interface PolicyRequest {
  /** What is about to happen. */
  readonly action: Action
  /** The workspace of the secret. */
  readonly workspace: string
  /** The environment in which the secret was found; where it was found nowhere, each in which it was looked for, one after the other. */
  readonly environment: string
  /** The tag that was asked for, whether or not there is such a secret. */
  readonly tag: string
  /** The stored, unauthenticated information; absent where there is no such secret. */
  readonly secret?: SecretInfo
  /** The actor of the view; absent where it has none. */
  readonly actor?: Actor
  /** The purpose of the view; absent where it has none. */
  readonly purpose?: string
  /**
   * With `use`: the origin only. `unknown` for a request while a secret or a foreign tag stands in its host, and for a
   * snapshot that says none: once a secret has told the host, the policy is asked again for every secret, before any
   * other is opened. Absent where nothing is requested and no destination was given.
   */
  readonly destination?: string
  /** With `use`: where the references are; of a snapshot, where it says that it is used. */
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

/** The roles of each policy that `rolePolicy` has made, for messages. */
const rolesOf = new WeakMap<Policy, ReadonlyMap<string, readonly Action[]>>()

/**
 * The built-in roles: owner and admin do everything; editor reads descriptions, uses secrets and reveals masked ones;
 * runner only uses. No actor, no role or another role may do nothing.
 *
 * @param roles what further roles may do, or one of the four in place of what it may otherwise
 * @returns a policy for `createVault`
 * @throws ERR_INVALID_INPUT for a role whose actions are not a list of known ones
 * @example
 * ```ts
 * const vault = createVault({ storage, keys, policy: rolePolicy({ editor: ['read', 'use'] }) })
 * await vault.with({ actor: { id: 'ann', role: 'editor' } }).resolve(config)
 * ```
 */
export function rolePolicy(roles?: Readonly<Record<string, readonly Action[]>>): Policy {
  const known = new Map(ROLES)
  if (roles !== undefined) for (const [role, actions] of readRoles(roles)) known.set(role, actions)
  const policy: Policy = (request) => known.get(roleOf(ownValue(request, 'actor')))?.includes(request.action) ?? false
  rolesOf.set(policy, known)
  return policy
}

function roleOf(actor: Actor | undefined): string {
  return ownValue(actor, 'role') ?? ''
}

/** The roles that a policy of `rolePolicy` knows, where that of the actor is not among them. */
export function rolesWithout(policy: Policy, actor: Actor): readonly string[] | undefined {
  const roles = rolesOf.get(policy)
  return roles === undefined || roles.has(roleOf(actor)) ? undefined : [...roles.keys()]
}

function readRoles(roles: unknown): readonly (readonly [role: string, actions: readonly Action[]])[] {
  const copy = copyMembers(roles)
  requireValid(copy !== undefined, 'The roles must be an object of lists.')
  return Object.entries(copy).map(([role, actions]) => {
    const isList = Array.isArray(actions) && actions.every(isAction)
    requireValid(isList, `The actions of a role must be a list of ${EVERYTHING.join(', ')}.`)
    return [role, [...actions]]
  })
}

function isAction(action: unknown): action is Action {
  return (EVERYTHING as readonly unknown[]).includes(action)
}
