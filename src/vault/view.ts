/** What all views of one vault share (root), and what one view adds: who looks, and where. */

import { GuillemetError } from '../errors.ts'
import type { Delimiters } from '../location.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { VaultEvent } from './events.ts'
import type { Keyrings } from './keyrings.ts'
import type { Actor, Policy } from './policy.ts'
import type { Marks } from './seen-versions.ts'
import type { Store } from './store.ts'

/** Shared by the vault and all its views. */
export interface Root {
  readonly store: Store
  /** Undefined for a vault without keys. */
  readonly keyrings: Keyrings | undefined
  readonly marks: Marks
  readonly fallback: ReadonlyMap<string, readonly string[]>
  readonly policy: Policy | undefined
  readonly delimiters: readonly Delimiters[]
  /** Learns from every view; for process logs only. */
  readonly redactor: Redactor
  /** The private redactor of a workspace: the only one that text returned to a tenant ever meets. */
  redactorOf(workspace: string): Redactor
  readonly onEvent: ((event: VaultEvent) => void) | undefined
  now(): number
  isClosed: boolean
}

/** One way to look at the vault. */
export interface View {
  readonly root: Root
  readonly workspace: string
  readonly environment: string
  readonly actor: Actor | undefined
  readonly purpose: string | undefined
  /** Given to `with`: in place of the workspace's private one. */
  readonly redactor: Redactor | undefined
  /** What `with` has set, and no further `with` may change. */
  readonly isFixed: { readonly workspace: boolean; readonly environment: boolean; readonly actor: boolean }
}

/** The environments in which this view looks for a secret, in order. */
export function environmentsOf(view: View): readonly string[] {
  return [view.environment, ...(view.root.fallback.get(view.environment) ?? [])]
}

/** The redactor that cleans what this view gives back. */
export function cleanerOf(view: View): Redactor {
  return view.redactor ?? view.root.redactorOf(view.workspace)
}

/** The keys of the workspaces.
 *
 * @throws ERR_INVALID_KEY in a vault without keys
 */
export function requireKeyrings(view: View): Keyrings {
  if (view.root.keyrings !== undefined) return view.root.keyrings
  throw new GuillemetError(
    'ERR_INVALID_KEY',
    'This vault was made without keys (keys: null), so it can neither open nor seal; make it with a key to do that.',
  )
}

/** @throws ERR_INVALID_INPUT when the vault is closed */
export function requireOpen(view: View): void {
  if (view.root.isClosed) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The vault is closed; make a new one with createVault.')
  }
}
