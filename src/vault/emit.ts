/** Events, as they are sent to the listener: before anything is returned, after anything was written, on every failure. */

import { codeOf, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import type { Reference } from '../location.ts'
import { withoutUndefined } from '../plain-object.ts'
import type { Destination } from '../secrets/allow.ts'
import type { EventSecret, VaultEvent } from './events.ts'
import type { SecretSet } from './secret-set.ts'
import type { View } from './view.ts'

/** What one action adds to an event. */
export interface EventDetails {
  readonly action: VaultEvent['action']
  readonly secrets: readonly EventSecret[]
  readonly destination: VaultEvent['destination'] | undefined
  readonly locations: VaultEvent['locations'] | undefined
}

/** The details of an action that is not a use of a template. */
export function detailsOf(action: VaultEvent['action'], secrets: readonly EventSecret[]): EventDetails {
  return { action, secrets, destination: undefined, locations: undefined }
}

/** A use of a template: its references, and where it goes. */
export interface TemplateUse {
  readonly compiled: { readonly tags: readonly string[]; readonly references: readonly Reference[] }
  /** Undefined also while a secret is in the host. */
  readonly destination: Destination | undefined
}

/**
 * Tells the listener that a value is about to be returned.
 *
 * @throws ERR_PERMISSION_DENIED when the listener throws: what cannot be audited does not happen
 */
export function emitBefore(view: View, details: EventDetails): void {
  try {
    emit(view, details, 'ok')
  } catch {
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'The event listener threw, so nothing was returned; repair onEvent and try again.',
    )
  }
}

/** Tells the listener of a write that is done; what it throws cannot undo it and is dropped. */
export function emitAfter(view: View, details: EventDetails): void {
  try {
    emit(view, details, 'ok')
  } catch {
    // the write is done, and an error here would say that it is not
  }
}

/** Tells the listener that an action failed; what the listener throws gives way to the failure itself. */
export function emitFailure(view: View, details: EventDetails, error: unknown): void {
  try {
    emit(view, details, (codeOf(error) ?? 'ERR_INVALID_INPUT') as GuillemetErrorCode)
  } catch {
    // the caller gets the failure
  }
}

/** Runs an action and tells the listener of its failure. */
export async function withFailureEvent<R>(view: View, details: () => EventDetails, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    emitFailure(view, details(), error)
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
    locations: [...new Set(compiled.references.map(({ location }) => location))],
  }
}

/** The one place where an event is made. */
function emit(
  { root, workspace, environment, actor, purpose }: View,
  details: EventDetails,
  outcome: VaultEvent['outcome'],
): void {
  if (root.onEvent === undefined) return
  const { action, secrets, destination, locations } = details
  const time = new Date(root.now())
  const event = { action, outcome, time, workspace, environment, actor, purpose, secrets, destination, locations }
  const returned: unknown = root.onEvent(withoutUndefined(event) as VaultEvent)
  // an async listener is not waited for; its failure must not end the process
  if (returned instanceof Promise) returned.catch(() => undefined)
}
