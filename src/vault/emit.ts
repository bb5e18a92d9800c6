/** Telling the listener: before anything is handed out, after anything was written, and of every failure. */

import { codeOf, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import type { EventPart, VaultEvent } from './events.ts'
import type { View } from './view.ts'

/**
 * Tells the listener that something is about to be handed out.
 *
 * @throws ERR_PERMISSION_DENIED when the listener throws: what cannot be audited does not happen
 */
export function announce(view: View, part: EventPart): void {
  try {
    tell(view, part, 'ok')
  } catch {
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'The event listener threw, so nothing was handed out; repair onEvent and try again.',
    )
  }
}

/** Tells the listener of a write that is done; what it throws cannot undo it and is dropped. */
export function report(view: View, part: EventPart): void {
  try {
    tell(view, part, 'ok')
  } catch {
    // the write stands, and an error here would say that it does not
  }
}

/** Runs an action and tells the listener of its failure. */
export async function reportingFailure<R>(view: View, part: () => EventPart, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    tellFailure(view, part(), error)
    throw error
  }
}

/** Tells the listener that an action failed; what the listener throws gives way to the failure itself. */
export function tellFailure(view: View, part: EventPart, error: unknown): void {
  try {
    tell(view, part, (codeOf(error) ?? 'ERR_INVALID_INPUT') as GuillemetErrorCode)
  } catch {
    // the caller gets the failure
  }
}

function tell(view: View, part: EventPart, outcome: VaultEvent['outcome']): void {
  const { onEvent, now } = view.root
  if (onEvent === undefined) return
  const told: unknown = onEvent({
    action: part.action,
    outcome,
    time: new Date(now()),
    workspace: view.workspace,
    environment: view.environment,
    ...(view.actor !== undefined && { actor: view.actor }),
    ...(view.purpose !== undefined && { purpose: view.purpose }),
    secrets: part.secrets,
    ...(Object.hasOwn(part, 'destination') && { destination: part.destination }),
    ...(Object.hasOwn(part, 'locations') && { locations: part.locations }),
  })
  // an async listener is not waited for; its failure must not end the process
  if (told instanceof Promise) told.catch(() => undefined)
}
