/** Whether a secret may be used here and now, judged on clear information before anything is opened. */

import { GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { withoutPrototype, withoutUndefined } from '../plain-object.ts'
import { type Destination, denialOf, locationDenialOf, useCountDenialOf } from '../secrets/denial.ts'
import { type ClearInfo, infoOf } from '../secrets/secret.ts'
import { untilAborted } from '../waiting.ts'
import { groupedBy } from './grouped.ts'
import { type Action, type Actor, type Policy, type PolicyRequest, rolesWithout } from './policy.ts'
import type { LiveRecord, Stored } from './records.ts'
import type { RecordPlace } from './seen-versions.ts'
import { abortedBefore } from './storage-errors.ts'
import type { View } from './view.ts'

/** One question to the policy. */
export interface PolicyQuestion {
  readonly action: Action
  /** Where the secret was found, or was looked for. */
  readonly place: RecordPlace
  /** Undefined where there is no such secret. */
  readonly record: LiveRecord | undefined
  /** The origin that a use goes to, or `unknown`. */
  readonly destination: string | undefined
  /** Where the references of a use stand. */
  readonly locations: readonly ReferenceLocation[] | undefined
}

/**
 * The policy's refusal, or undefined where it agrees. A policy that throws refuses; what it threw is dropped.
 *
 * @param called what the refusal says was tried. @default the action
 * @throws ERR_STORAGE_UNAVAILABLE when the caller gives up before it has answered
 */
export async function askPolicy(
  view: View,
  question: PolicyQuestion,
  called: string = question.action,
): Promise<GuillemetError | undefined> {
  const { policy } = view.root
  if (policy === undefined) return undefined
  const { action, place, record, destination, locations } = question
  const { workspace, environment, tag } = place
  const { actor, purpose } = view
  const secret = record && infoOf({ ...place, version: record.version }, record.info)
  // without a prototype: an actor that is not there must not be found on a polluted one
  const request = withoutPrototype(
    withoutUndefined({ action, workspace, environment, tag, secret, actor, purpose, destination, locations }),
  ) as PolicyRequest
  const asked = async (): Promise<unknown> => policy(request)
  // what it throws may quote anything
  const answer = asked().catch(() => false)
  const isAllowed = await untilAborted(answer, view.signal, () => abortedBefore('the policy'))
  if (isAllowed === true) return undefined
  return new GuillemetError('ERR_PERMISSION_DENIED', policyRefusal(policy, actor, `${called} the secret "${tag}"`), {
    tag,
  })
}

/** The policy's refusal of what is no use, or undefined: it goes nowhere, and no template is concerned. */
export function askAbout(
  view: View,
  action: Exclude<Action, 'use'>,
  place: RecordPlace,
  stored: Stored,
  called?: string,
): Promise<GuillemetError | undefined> {
  const record = stored.state === 'live' ? stored : undefined
  return askPolicy(view, { action, place, record, destination: undefined, locations: undefined }, called)
}

/** The role of the actor comes from outside, and is not repeated. */
function policyRefusal(policy: Policy, actor: Actor | undefined, what: string): string {
  if (actor === undefined) {
    return `The policy does not let anybody unnamed ${what}; say who acts: vault.with({ actor: { id, role } }).`
  }
  const roles = rolesWithout(policy, actor)
  return roles === undefined
    ? `The policy does not let this actor ${what}; ask an owner or an admin.`
    : `The policy does not know the role of this actor, so it cannot ${what}; its roles are ${roles.join(', ')}.`
}

/** Where a request goes, as far as rules must know. */
export interface KnownDestination {
  readonly destination: Destination | undefined
  /** What errors show in place of the host, where it came out of a secret. */
  readonly shownHost: string | undefined
  /** A member of the request that could lead it elsewhere. */
  readonly diversion?: string | undefined
  /** As `SecretUse` has them. */
  readonly urlPaths: (() => readonly string[]) | undefined
}

/** The refusal of a secret that is disabled or expired. */
export function stateDenial(
  { tag, path }: Pick<Reference, 'tag' | 'path'>,
  { enabled, expiresAt }: ClearInfo,
  now: number,
): GuillemetError | undefined {
  if (!enabled) {
    const message = `The secret "${tag}" is disabled; enable it to use it.`
    return new GuillemetError('ERR_SECRET_DISABLED', message, { tag, path })
  }
  // a clock that gives no number lets everything expire
  if (expiresAt === undefined || Date.parse(expiresAt) > now) return undefined
  const message = `The secret "${tag}" has expired; give it a new value and a new expiry date.`
  return new GuillemetError('ERR_SECRET_EXPIRED', message, { tag, path })
}

/** The refusal of one reference by the secret's own rule, where the request goes; `name` is that of its place. */
export function ruleDenial(
  { tag, location, path }: Reference,
  name: string | undefined,
  { allow }: ClearInfo,
  { destination, shownHost, diversion, urlPaths }: KnownDestination,
): GuillemetError | undefined {
  if (allow === undefined) return undefined
  return denialOf(allow, tag, { location, name, path, destination, shownHost, diversion, urlPaths })
}

/** The refusals of secrets to which there are more references than their rules allow in one resolve. */
export function useCountDenials(
  references: readonly Reference[],
  infoOf: (tag: string) => ClearInfo | undefined,
): readonly GuillemetError[] {
  return [...groupedBy(references, ({ tag }) => tag)].flatMap(([tag, uses]) => {
    const limit = infoOf(tag)?.allow?.maxUses ?? uses.length
    return uses.length > limit ? [useCountDenialOf(limit, tag, uses.length, uses[limit]!.path)] : []
  })
}

/**
 * The refusal, before it is opened, of a secret that is in the host itself: whether its rule names that host is not known
 * yet, but whether it may be in a host at all is.
 */
export function hostPositionDenial({ tag, path }: Reference, { allow }: ClearInfo): GuillemetError | undefined {
  return locationDenialOf(allow, tag, { location: 'host', name: undefined, path })
}

/** What a policy is told of where a use goes: the origin, or `unknown` for a request that nobody knows the origin of. */
export function originFor(destination: Destination | undefined, isRequested: boolean): string | undefined {
  if (destination === undefined) return isRequested ? 'unknown' : undefined
  const { origin, protocol, host } = destination.url
  // the URL parser knows no origin of schemes other than those of the web
  return origin === 'null' ? `${protocol}//${host}` : origin
}
