/** An opened copy of secrets, for resolving without I/O: the same evaluation, with secrets that are there already. */

import { codeOf, GuillemetError } from '../errors.ts'
import { LOCATIONS, type ReferenceLocation } from '../location.ts'
import { readOptions, requireValid } from '../read-options.ts'
import type { Destination } from '../secrets/denial.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import { missingError, notTakenError, withSuggestions } from '../template/errors.ts'
import { LoopTurns } from '../waiting.ts'
import type { Prepared, Resolved, Snapshot, SnapshotUse } from './api.ts'
import { originFor, stateDenial } from './authorize.ts'
import { readDestination } from './destination.ts'
import { detailsOf, emitAtOnce, emitBefore, emitFailure, eventSecrets, useDetails, withFailureEvent } from './emit.ts'
import { checkAndRender, sayingDeleted } from './evaluate.ts'
import { findForUse, findWithKeys } from './find.ts'
import { storedRecords } from './list.ts'
import { emptyStorageHint } from './not-found.ts'
import type { ResolveOptions } from './option-types.ts'
import { type ResolveCall, readResolveCall } from './prepare.ts'
import type { SecretSet } from './secret-set.ts'
import { requireSignal } from './signal.ts'
import { suggestionsAmong } from './suggestions.ts'
import { requireKeyrings, requireOpen, type View, viewOfCall } from './view.ts'

/** Tags that are read in one round trip. */
const READ_BATCH = 500

/** Whose policy was asked about each. */
const takers = new WeakMap<object, View>()

/** Whether a snapshot was taken of this very vault or view. */
export function hasTaken(view: View, snapshot: unknown): boolean {
  return takers.get(snapshot as object) === view
}

/** Opens these secrets; all that the view may use where no tags are given. */
export async function takeSnapshot(
  lasting: View,
  given: readonly string[] | undefined,
  givenUse: SnapshotUse | undefined,
): Promise<Snapshot> {
  requireOpen(lasting)
  requireKeyrings(lasting)
  const named = given === undefined ? undefined : readTags(given)
  const use = readUse(givenUse)
  const view = viewOfCall(lasting, use.signal)
  const { destination, locations } = use
  const intended = { references: [], destination, isRequested: true, locations }
  const failed = () => detailsOf('use', eventSecrets(view, named ?? [], undefined))
  return withFailureEvent(view, failed, async () => {
    const tags = named ?? (await allTags(view))
    const find = async (isFresh: boolean): Promise<SecretSet> => {
      const found = await findForUse(view, tags, isFresh, READ_BATCH)
      // of all tags, an unusable one is an error only where it is used
      if (named === undefined) await found.askPolicy('use', intended)
      else {
        await found.authorize('use', intended)
        await requireAll(view, found)
      }
      return found
    }
    const secrets = await findWithKeys(find, false)
    await openUnbound(view, secrets, named === undefined ? secrets.openAhead : secrets.open)
    // what the policy refuses, or nobody can read, is not used
    const taken = usableTags(secrets)
    await emitBefore(view, detailsOf('use', eventSecrets(view, taken, secrets)))
    // of all tags, nobody has asked the policy which ones the actor may read
    const suggested = named !== undefined || view.root.policy === undefined ? taken : []
    const snapshot = snapshotOf(lasting, secrets, use, suggested)
    takers.set(snapshot, lasting)
    return snapshot
  })
}

/** Named tags must all be there. */
async function requireAll(view: View, secrets: SecretSet): Promise<void> {
  const missing = Array.from(secrets.entries()).filter(([, { record }]) => record === undefined)
  if (missing.length === 0) return
  const entries = missing.map(([tag]) => sayingDeleted({ tag, path: '' }, secrets))
  throw missingError(entries, await emptyStorageHint(view))
}

/** Opens what no destination is needed for; the rest stays sealed until a resolve that its rule permits. */
async function openUnbound(view: View, secrets: SecretSet, open: (tag: string) => unknown): Promise<void> {
  const turns = new LoopTurns()
  for (const [tag, { record, denial }] of secrets.entries()) {
    if (record === undefined || denial !== undefined) continue
    const { allow } = record.info
    const isBound = allow?.hosts !== undefined || allow?.methods !== undefined
    // a disabled or expired secret is refused on every resolve, so there is no reason to open it
    if (!isBound && stateDenial({ tag, path: '' }, record.info, view.root.now()) === undefined) {
      await turns.next()
      open(tag)
    }
  }
}

/** @param suggested the tags of which one may be suggested */
function snapshotOf(view: View, secrets: SecretSet, use: ReadUse, suggested: readonly string[]): Snapshot {
  let isClosed = false
  return {
    resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Resolved<T> {
      requireOpen(view)
      requireValid(!isClosed, 'The snapshot is closed; take a new one.')
      const call = readResolveCall(view, template, options, undefined, use.destination)
      requireValid(!call.isFresh, 'A snapshot reads nothing; take a new one instead of the option fresh.')
      try {
        if (use.locations !== undefined || use.destination !== undefined) requireIntended(call, use)
        const resolved = checkAndRender(view, call, secrets)
        if (view.root.onEvent !== undefined && call.compiled.tags.length > 0) {
          emitAtOnce(view, useDetails(view, call, secrets))
        }
        return resolved
      } catch (thrown) {
        const isMissing = codeOf(thrown) === 'ERR_MISSING_SECRETS'
        const error = isMissing ? suggesting(thrown as GuillemetError, secrets, suggested) : thrown
        void emitFailure(view, useDetails(view, call, secrets), error)
        throw error
      }
    },
    close() {
      isClosed = true
      secrets.forget()
    },
  }
}

function suggesting(error: GuillemetError, secrets: SecretSet, suggested: readonly string[]): GuillemetError {
  const missing = (error.missing ?? []).map(({ tag }) => tag)
  const suggestions = suggestionsAmong(suggested, missing)
  const isTaken = missing.some((tag) => secrets.entry(tag) !== undefined)
  return isTaken ? withSuggestions(error, suggestions) : notTakenError(error, suggestions)
}

/** What a snapshot is made for, checked. */
interface ReadUse {
  readonly destination: Destination | undefined
  readonly locations: readonly ReferenceLocation[] | undefined
  readonly signal: AbortSignal | undefined
}

function readUse(given: SnapshotUse | undefined): ReadUse {
  const known = ['destination', 'locations', 'signal'] as const
  const { destination, locations, signal } = readOptions(given, 'use of a snapshot', known, suggest)
  const isList = Array.isArray(locations) && locations.every((location) => LOCATIONS.includes(location))
  requireValid(locations === undefined || isList, `The locations must be a list of ${LOCATIONS.join(', ')}.`)
  return {
    destination: readDestination(destination),
    locations: locations && [...locations],
    signal: requireSignal(signal),
  }
}

/** The policy has permitted this use and no other. */
function requireIntended({ compiled, destination, option }: ResolveCall<unknown>, use: ReadUse): void {
  const other = compiled.references.find(({ location }) => !(use.locations?.includes(location) ?? true))
  if (other !== undefined) {
    const { tag, path, location } = other
    const message = `The snapshot was not taken for "${location}"; take one that names this location.`
    throw new GuillemetError('ERR_LOCATION_DENIED', message, { tag, path, location })
  }
  const [first] = compiled.references
  // of a host that a secret tells, the option has to say the same as the secret
  const going = destination ?? option
  const isElsewhere = originFor(going, false) !== originFor(use.destination, false)
  if (first === undefined || use.destination === undefined || going === undefined || !isElsewhere) return
  const message = 'The snapshot was taken for another destination; take one for where this goes.'
  throw new GuillemetError('ERR_HOST_DENIED', message, { tag: first.tag, path: first.path })
}

function usableTags(secrets: SecretSet): readonly string[] {
  const usable = Array.from(secrets.entries()).filter(
    ([, { record, denial, error }]) => record !== undefined && (denial ?? error) === undefined,
  )
  return usable.map(([tag]) => tag)
}

function readTags(given: readonly string[]): readonly string[] {
  requireValid(Array.isArray(given), 'The tags of a snapshot must be an array.')
  return [...new Set(given.map((tag) => requireName(tag, 'tag')))]
}

/** Also those of records that cannot be read: where such a one is used, it is not missing. */
async function allTags(view: View): Promise<readonly string[]> {
  const tags = new Set<string>()
  for await (const { place, stored } of storedRecords(view)) {
    if (stored.state === 'live' || stored.state === 'corrupt') tags.add(place.tag)
  }
  return [...tags]
}
