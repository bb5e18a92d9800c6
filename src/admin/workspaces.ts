/** Which workspaces a command works on, one after the other. */

import { GuillemetError, type GuillemetErrorCode, type UnreadableReason } from '../errors.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import type { Vault } from '../vault/api.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { unorderedListing } from '../vault/storage-errors.ts'
import { requireKeyrings, type View } from '../vault/view.ts'

/** Which workspaces, and when to stop. */
export interface WorkspacesOptions {
  /**
   * Only these. @default every workspace of the storage where it can list them; else the vault's own. A vault that was
   * made for one workspace works on that one only
   */
  readonly workspaces?: readonly string[] | undefined
  /** Ends the command after the record or the workspace at hand; what was done stays done. */
  readonly signal?: AbortSignal | undefined
}

/** The workspaces of one run. */
export interface ChosenWorkspaces {
  readonly names: readonly string[]
  /**
   * Whether these are all: the storage lists no other. A storage that cannot list them is believed to have those that were
   * given, and no others.
   */
  readonly isAll: boolean
}

/** A workspace that could not be worked on, and why. */
export interface WorkspaceFailure {
  /** The workspace. */
  readonly workspace: string
  /** What is wrong there. */
  readonly code: GuillemetErrorCode
  /** With `ERR_RECORD_UNREADABLE`: why its keyring does not open. */
  readonly reason?: UnreadableReason
  /** The message of the error; safe to log. */
  readonly message: string
}

const WORKSPACES_PER_PAGE = 200
/** What is wrong with one workspace alone. */
const OWN_FAILURES: readonly GuillemetErrorCode[] = [
  'ERR_RECORD_UNREADABLE',
  'ERR_RECORD_CORRUPT',
  'ERR_KEYRING_MISSING',
  'ERR_NEWER_FORMAT',
  'ERR_INVALID_KEY',
  'ERR_CONFLICT',
]

/**
 * The workspaces to work on.
 *
 * @throws ERR_PERMISSION_DENIED when the vault was made for another workspace; ERR_INVALID_INPUT for what is not a list of
 *   names, and for a name under which nothing is stored: a typing error must not look like success
 */
export async function chooseWorkspaces(view: View, given: readonly string[] | undefined): Promise<ChosenWorkspaces> {
  const wanted = given === undefined ? undefined : readNames(given)
  if (wanted !== undefined) requirePermitted(view, wanted)
  const stored = view.locked.workspace ? undefined : await storedWorkspaces(view)
  for (const name of wanted ?? []) {
    const isStored = stored?.includes(name) ?? (await view.root.store.list(name, { limit: 1 })).length > 0
    if (!isStored) throw noSuchWorkspace(view, name, stored ?? [])
  }
  if (view.locked.workspace) return { names: [view.workspace], isAll: false }
  if (stored === undefined) return { names: wanted ?? [view.workspace], isAll: wanted !== undefined }
  return { names: wanted ?? stored, isAll: stored.every((name) => wanted?.includes(name) ?? true) }
}

/** @throws ERR_PERMISSION_DENIED when the vault was made for another workspace */
export function requirePermitted({ locked, workspace }: View, names: readonly string[]): void {
  if (!locked.workspace || names.every((name) => name === workspace)) return
  throw new GuillemetError(
    'ERR_PERMISSION_DENIED',
    'The vault was made for one workspace; make one without the option workspace to work on others.',
  )
}

function noSuchWorkspace({ root }: View, name: string, stored: readonly string[]): GuillemetError {
  const suggestion = suggest(name, stored)
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `Nothing is stored in a workspace "${name}" of ${root.store.where}${hint === '' ? '.' : hint} Nothing was done.`,
    { suggestion },
  )
}

/**
 * The view of a vault for a command that reads or writes the secrets of every environment: to copy, export, import or purge
 * what a vault for staging holds must not reach production's. Commands on keys do not ask this: a data key is that of a
 * workspace, and they hand over, move and delete no value.
 *
 * @throws ERR_PERMISSION_DENIED when the vault was made for one environment, and as {@link rootViewOf} does; ERR_INVALID_KEY
 *   for a vault without keys
 */
export function viewOfEveryEnvironment(vault: Vault, command: string): View {
  const view = rootViewOf(vault)
  requireKeyrings(view)
  if (!view.locked.environment) return view
  throw new GuillemetError(
    'ERR_PERMISSION_DENIED',
    `The vault was made for one environment, and ${command} works on every environment of a workspace; make one without the option environment for it.`,
  )
}

/** A view of the same root in another workspace, for work and events there. */
export function inWorkspace(view: View, workspace: string): View {
  return { ...view, workspace }
}

/**
 * What is wrong with one workspace alone, so that the others can be worked on.
 *
 * @throws the error itself where it would meet every workspace
 */
export function failureOf(workspace: string, error: unknown): WorkspaceFailure {
  requireOwnFailure(error)
  const { code, reason, message } = error
  return { workspace, code, message, ...(reason === undefined ? {} : { reason }) }
}

/**
 * That an error is one of the workspace it comes from.
 *
 * @throws the error itself where it would meet every workspace, such as a storage that does not answer
 */
export function requireOwnFailure(error: unknown): asserts error is GuillemetError {
  if (!(error instanceof GuillemetError && OWN_FAILURES.includes(error.code))) throw error
}

/** The names of workspaces, each once. */
export function readNames(given: unknown): readonly string[] {
  if (!Array.isArray(given)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The option workspaces must be a list of names.')
  }
  return [...new Set(given.map((name: unknown) => requireName(name, 'workspace')))]
}

/** All that the storage lists; undefined where it cannot. */
async function storedWorkspaces({ root }: View): Promise<readonly string[] | undefined> {
  const names: string[] = []
  for (;;) {
    const after = names.at(-1)
    const page = await root.store.workspaces(
      after === undefined ? { limit: WORKSPACES_PER_PAGE } : { limit: WORKSPACES_PER_PAGE, after },
    )
    if (page === undefined) return undefined
    if (page.length === 0) return names
    for (const name of page) {
      const last = names.at(-1)
      if (last !== undefined && name <= last) throw unorderedListing('workspaces')
      names.push(requireName(name, 'workspace'))
    }
  }
}
