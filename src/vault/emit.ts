/** Events, as they are sent to the listener: before anything is returned, after anything was written, on every failure. */

import { codeOf, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import type { Reference } from '../location.ts'
import { isPromise, withoutUndefined } from '../plain-object.ts'
import type { Destination } from '../secrets/denial.ts'
import { untilAborted } from '../waiting.ts'
import type { EventSecret, VaultEvent } from './events.ts'
import { usedLocations } from './grouped.ts'
import type { SecretSet } from './secret-set.ts'
import { abortedBefore } from './storage-errors.ts'
import type { View } from './view.ts'

/** What one action adds to an event. */
export interface EventDetails {
  readonly action: VaultEvent['action']
  readonly secrets: readonly EventSecret[]
  readonly destination: VaultEvent['destination'] | undefined
  readonly locations: VaultEvent['locations'] | undefined
  readonly key?: VaultEvent['key'] | undefined
}

/** The details of an action that is not a use of a template. */
export function detailsOf(action: VaultEvent['action'], secrets: readonly EventSecret[]): EventDetails {
  return { action, secrets, destination: undefined, locations: undefined }
}

/** The details of something that happened to a key. */
export function keyDetails(action: VaultEvent['action'], key: string | undefined): EventDetails {
  return { ...detailsOf(action, []), key }
}

/** A use of a template: its references, and where it goes. */
export interface TemplateUse {
  readonly compiled: { readonly tags: readonly string[]; readonly references: readonly Reference[] }
  /** Undefined also while a secret is in the host. */
  readonly destination: Destination | undefined
}

/**
 * Tells the listener that a value is about to be returned, and waits for it.
 *
 * @throws ERR_PERMISSION_DENIED when the listener fails and an audit is required: what cannot be audited does not happen;
 *   ERR_STORAGE_UNAVAILABLE when the caller gives up before it has answered
 */
export async function emitBefore(view: View, details: EventDetails): Promise<void> {
  let isDone = true
  try {
    isDone = await isHeard(view, emit(view, details, 'ok'))
  } catch (error) {
    notTold(view, error)
    if (view.root.isAuditRequired) throw notAudited()
  }
  if (!isDone) throw abortedBefore('onEvent')
}

/**
 * The same for a call that cannot wait: a listener that returns a promise is told, and its failure is reported later.
 *
 * @throws ERR_PERMISSION_DENIED when an audit is required and the listener fails, or does not say at once that it is done
 */
export function emitAtOnce(view: View, details: EventDetails): void {
  let isTold = true
  try {
    const returned = emit(view, details, 'ok')
    if (isPromise(returned)) {
      isTold = false
      returned.then(undefined, (error: unknown) => notTold(view, error))
    }
  } catch (error) {
    isTold = false
    notTold(view, error)
  }
  if (view.root.isAuditRequired && !isTold) throw notAudited()
}

/** Tells the listener of a write that is done; its failure cannot undo it. */
export function emitAfter(view: View, details: EventDetails): Promise<void> {
  return emitAnyway(view, details, 'ok')
}

/** Tells the listener that an action failed; the caller gets that failure, whatever becomes of the event. */
export function emitFailure(view: View, details: EventDetails, error: unknown): Promise<void> {
  return emitAnyway(view, details, (codeOf(error) ?? 'ERR_INVALID_INPUT') as GuillemetErrorCode)
}

async function emitAnyway(view: View, details: EventDetails, outcome: VaultEvent['outcome']): Promise<void> {
  try {
    await isHeard(view, emit(view, details, outcome))
  } catch (error) {
    notTold(view, error)
  }
}

/**
 * Waits for the listener as long as the caller waits: one that hangs must not keep a call whose time is over.
 *
 * @returns whether it is done; what it fails with later is told all the same
 */
async function isHeard(view: View, returned: void | Promise<void>): Promise<boolean> {
  if (!isPromise(returned)) return true
  const heard = Promise.resolve(returned)
  let isGivenUp = false
  const giveUp = () => {
    isGivenUp = true
    heard.catch((late: unknown) => notTold(view, late))
  }
  await untilAborted(heard, view.signal, giveUp).catch((error: unknown) => {
    if (!isGivenUp) throw error
  })
  return !isGivenUp
}

function notAudited(): GuillemetError {
  return new GuillemetError(
    'ERR_PERMISSION_DENIED',
    'The use could not be recorded, so nothing was returned; repair onEvent and try again.',
  )
}

/** Hands the listener's failure to the one who can repair it; what that one throws is nobody's any more. */
function notTold({ root }: View, error: unknown): void {
  try {
    const returned: unknown = root.onEventError?.(error)
    if (isPromise(returned)) returned.then(undefined, () => undefined)
  } catch {
    // a resolve must not fail because a report of a failure did
  }
}

/** Runs an action and tells the listener of its failure. */
export async function withFailureEvent<R>(view: View, details: () => EventDetails, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    await emitFailure(view, details(), error)
    throw error
  }
}

/** The secrets of an event, each where it was found. */
export function eventSecrets(
  { environment }: View,
  tags: readonly string[],
  secrets: SecretSet | undefined,
): readonly EventSecret[] {
  return tags.map((tag) => {
    const entry = secrets?.entry(tag)
    if (entry?.record === undefined) return { tag, environment }
    return { tag, environment: entry.place.environment, version: entry.record.version }
  })
}

/** The details of a use of a template; `secrets` are those that were found, if any were. */
export function useDetails(
  view: View,
  { compiled, destination }: TemplateUse,
  secrets: SecretSet | undefined,
): EventDetails {
  return {
    action: 'use',
    secrets: eventSecrets(view, compiled.tags, secrets),
    destination: destination?.url.origin,
    locations: usedLocations(compiled.references),
  }
}

/** The one place where an event is made; what the listener returns comes back. */
function emit(
  { root, workspace, environment, actor, purpose }: View,
  details: EventDetails,
  outcome: VaultEvent['outcome'],
): void | Promise<void> {
  if (root.onEvent === undefined) return
  const { action, secrets, destination, locations, key } = details
  const time = new Date(root.now())
  const event = { action, outcome, time, workspace, environment, actor, purpose, secrets, destination, locations, key }
  return root.onEvent(withoutUndefined(event) as VaultEvent)
}
