/** What all views of one vault share (root), and what one view adds: who looks, and where. */

import { GuillemetError } from '../errors.ts'
import { requireValid } from '../read-options.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { Syntax } from '../template/compile.ts'
import type { LoopTurns } from '../waiting.ts'
import type { VaultEvent } from './events.ts'
import type { Keyrings } from './keyrings.ts'
import type { ViewOptions } from './option-types.ts'
import { readActor, readViewOptions } from './options.ts'
import type { Actor, Policy } from './policy.ts'
import { LearnedTexts, type ResultRedactors } from './redactors.ts'
import type { SeenVersions } from './seen-versions.ts'
import type { Store } from './store.ts'

/** Shared by the vault and all its views. */
export interface Root {
  readonly store: Store
  /** Undefined for a vault without keys. */
  readonly keyrings: Keyrings | undefined
  readonly seenVersions: SeenVersions
  readonly fallback: ReadonlyMap<string, readonly string[]>
  readonly policy: Policy | undefined
  readonly syntax: Syntax
  /** How many secrets one field of a template may hold; undefined for any number. */
  readonly perField: 1 | undefined
  /** Learns from every view; for process logs only. */
  readonly redactor: Redactor
  /** What cleans results, each of the values of its own use. */
  readonly resultRedactors: ResultRedactors
  readonly onEvent: ((event: VaultEvent) => void | Promise<void>) | undefined
  /** Told of what `onEvent` threw. */
  readonly onEventError: ((error: unknown) => void) | undefined
  /** Whether nothing is returned that `onEvent` was not told of. */
  readonly isAuditRequired: boolean
  /** For the commands of an administrator, which may go through many workspaces. */
  readonly turns: LoopTurns
  now(): number
  isClosed: boolean
}

/** One way to look at the vault. */
export interface View {
  readonly root: Root
  /** Whether it is that of the vault itself, and none that `with` gave. */
  readonly isRoot: boolean
  readonly workspace: string
  readonly environment: string
  /** Where this view looks for a secret to use: its environment, then the fallbacks, in order. */
  readonly environments: readonly string[]
  readonly actor: Actor | undefined
  readonly purpose: string | undefined
  /** Of one call: ends its waiting for the storage. */
  readonly signal: AbortSignal | undefined
  /** Given to `with`: learns what this view uses, and cleans its results. */
  readonly redactor: Redactor | undefined
  /** What this view has used; of the vault itself and of a view with a redactor of its own, that one knows it. */
  readonly learned: LearnedTexts | undefined
  /** What `createVault` or `with` has set, and no further `with` may change. */
  readonly locked: { readonly workspace: boolean; readonly environment: boolean; readonly actor: boolean }
}

const views = new WeakMap<object, View>()

/** Notes the view of a vault, or of one that `with` gave, for what else this package has; nobody outside can ask for it. */
export function rememberView(vault: object, view: View): void {
  views.set(vault, view)
}

/** The view of what `createVault` or `with` gave; undefined of anything else. */
export function viewOf(vault: unknown): View | undefined {
  return views.get(vault as object)
}

/** The environments in which a view of this one looks, in order. */
export function searchOrder({ fallback }: Root, environment: string): readonly string[] {
  return [environment, ...(fallback.get(environment) ?? [])]
}

/**
 * The view that `with` asks for.
 *
 * A view of one tenant must not lead to another one: what was set stays.
 *
 * @throws ERR_PERMISSION_DENIED when workspace, environment or actor was already set to another value
 */
export function viewWith(view: View, given: ViewOptions): View {
  const options = readViewOptions(given)
  const { root, locked } = view
  const workspace = options.workspace ?? view.workspace
  const environment = options.environment ?? view.environment
  const actor = options.actor === undefined ? view.actor : readActor(options.actor)
  requireUnlocked(locked.workspace, workspace === view.workspace)
  requireUnlocked(locked.environment, environment === view.environment)
  requireUnlocked(locked.actor, actor?.id === view.actor?.id && actor?.role === view.actor?.role)
  // a redactor of one workspace must not learn another's values by inheritance
  const redactor = options.redactor ?? (workspace === view.workspace ? view.redactor : undefined)
  return {
    root,
    isRoot: false,
    workspace,
    environment,
    environments: searchOrder(root, environment),
    actor,
    purpose: options.purpose ?? view.purpose,
    signal: undefined,
    redactor,
    learned: redactor === undefined ? new LearnedTexts() : undefined,
    locked: {
      workspace: locked.workspace || options.workspace !== undefined,
      environment: locked.environment || options.environment !== undefined,
      actor: locked.actor || options.actor !== undefined,
    },
  }
}

/** The view of one call, where that has a signal of its own: `view` from then on, and the one that was given is `lasting`. */
export function viewOfCall(view: View, signal: AbortSignal | undefined): View {
  return signal === undefined ? view : { ...view, signal }
}

function requireUnlocked(isLocked: boolean, isSame: boolean): void {
  if (!isLocked || isSame) return
  throw new GuillemetError(
    'ERR_PERMISSION_DENIED',
    'This vault or view is bound to a workspace, an environment or an actor already; make the view from one that is not.',
  )
}

/**
 * The keys of the workspaces.
 *
 * @throws ERR_INVALID_KEY in a vault without keys
 */
export function requireKeyrings({ root }: View): Keyrings {
  if (root.keyrings !== undefined) return root.keyrings
  throw new GuillemetError(
    'ERR_INVALID_KEY',
    'This vault was made without keys (keys: null), so it can neither open nor seal; make one with a key.',
  )
}

/** @throws ERR_INVALID_INPUT when the vault is closed */
export function requireOpen({ root }: View): void {
  requireValid(!root.isClosed, 'The vault is closed; make a new one with createVault.')
}
