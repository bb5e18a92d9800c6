/** Changes of one secret: create, set, update, delete, each by compare-and-set on the version that was read. */

import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions, requireValid } from '../read-options.ts'
import { parseInput, parsePatch, snapshotInput } from '../secrets/input.ts'
import type { ClearInfo, ParsedPatch, SecretInfo, SecretInput, SecretPatch } from '../secrets/secret.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import { askAbout } from './authorize.ts'
import { detailsOf, emitAfter, withFailureEvent } from './emit.ts'
import type { VaultEvent } from './events.ts'
import { lookFresh } from './find.ts'
import { isKeyUnknown } from './key-errors.ts'
import { requireNoReference } from './lone-reference.ts'
import { notFound } from './not-found.ts'
import type { DeleteOptions, UpdateOptions, WaitOptions } from './option-types.ts'
import { corruptRecord, type LiveRecord, type Stored } from './records.ts'
import { retryOnConflict } from './rivals.ts'
import type { RecordPlace } from './seen-versions.ts'
import { readSignal, requireSignal } from './signal.ts'
import { requireKeyrings, requireOpen, type View, viewOfCall } from './view.ts'
import { type Done, insert, newTombstone, put, replace } from './write.ts'

/** Stores a new secret. */
export async function createSecret(lasting: View, input: SecretInput, options?: WaitOptions): Promise<SecretInfo> {
  const given = snapshotInput(input)
  const view = viewOfCall(lasting, readSignal(options))
  return withEvent(
    view,
    () => 'create',
    given['tag'],
    async (place) => {
      const secret = parseInput(given)
      requireNoReference(secret.value, view.root.syntax)
      requireKeyrings(view)
      return retryOnConflict('this secret', async () => {
        const stored = await readPermitted(view, place, () => 'create')
        if (stored.state === 'live') throw alreadyExists(place.tag)
        if (stored.state === 'corrupt') throw corruptRecord(place.tag)
        return insert(view, place, stored, secret)
      })
    },
  )
}

/** Creates a secret, or updates it. */
export async function setSecret(
  lasting: View,
  input: SecretInput,
  options: WaitOptions | undefined,
): Promise<SecretInfo> {
  const given = snapshotInput(input)
  const view = viewOfCall(lasting, readSignal(options))
  let action: 'create' | 'update' = 'update'
  return withEvent(
    view,
    () => action,
    given['tag'],
    async (place) => {
      requireKeyrings(view)
      return retryOnConflict('this secret', async () => {
        const onStored = ({ state }: Stored) => {
          action = state === 'live' || state === 'corrupt' ? 'update' : 'create'
          return action
        }
        const stored = await readPermitted(view, place, onStored, 'set')
        if (stored.state === 'corrupt') throw corruptRecord(place.tag)
        if (stored.state !== 'live') return insertGiven(view, place, stored, given)
        const patch = patchOf(place.tag, given, stored.info)
        requireNoReference(patch.value, view.root.syntax)
        return replace(view, place, stored, patch)
      })
    },
  )
}

/** A deletion, forged or not, must not free a secret of its rule: after one, `set` has to say the rule. */
function insertGiven(
  view: View,
  place: RecordPlace,
  stored: Stored,
  given: Readonly<Record<string, unknown>>,
): Promise<Done<SecretInfo> | undefined> {
  if (stored.state === 'deleted' && given['allow'] === undefined) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The secret "${place.tag}" was deleted; to set it again, say where it may be used (allow, or null for no rule).`,
      { tag: place.tag, path: 'allow' },
    )
  }
  const secret = parseInput(given)
  requireNoReference(secret.value, view.root.syntax)
  return insert(view, place, stored, secret)
}

/** Changes what the patch names. */
export async function updateSecret(
  lasting: View,
  tag: string,
  patch: SecretPatch,
  options: UpdateOptions | undefined,
): Promise<SecretInfo> {
  const given = snapshotInput(patch)
  const view = viewOfCall(lasting, requireSignal(ownValue(options, 'signal')))
  return withEvent(
    view,
    () => 'update',
    tag,
    async (place) => {
      const ifVersion = readIfVersion(options, ['ifVersion', 'signal'])
      requireKeyrings(view)
      return retryOnConflict('this secret', async () => {
        const live = await requireLive(view, await readPermitted(view, place, () => 'update'), tag)
        requireVersion(live.version, ifVersion, tag)
        const parsed = parsePatch(given, live.info.type)
        requireNoReference(parsed.value, view.root.syntax)
        return replace(view, place, live, parsed, { isOnce: ifVersion !== undefined })
      })
    },
  )
}

/** Leaves a tombstone, which needs no key and opens nothing: the way out for a record that nobody can read. */
export async function deleteSecret(lasting: View, tag: string, options: DeleteOptions): Promise<void> {
  const view = viewOfCall(lasting, requireSignal(ownValue(options, 'signal')))
  await withEvent(
    view,
    () => 'delete',
    tag,
    async (place) => {
      const ifVersion = readIfVersion(options, ['confirm', 'ifVersion', 'signal'])
      if (ownValue(options, 'confirm') !== tag) {
        throw new GuillemetError(
          'ERR_CONFIRMATION_REQUIRED',
          `Deleting cannot be undone; to confirm it, type the tag "${tag}" once more.`,
          { tag, path: 'confirm' },
        )
      }
      return retryOnConflict('this secret', async () => {
        const stored = await readPermitted(view, place, () => 'delete')
        if (stored.state !== 'live' && stored.state !== 'corrupt') throw await notFound(view, tag)
        requireVersion(stored.version, ifVersion, tag)
        await admitFirst(view)
        const version = stored.version + 1
        const isDone = await put(view, place, version, newTombstone(view), { isOnce: ifVersion !== undefined })
        return isDone ? { action: 'delete', version, result: undefined } : undefined
      })
    },
  )
}

/**
 * One change with its event: the tag is checked before any I/O, a failure is told.
 *
 * @param action what a failure was: whether a `set` creates is known once it has read
 */
async function withEvent<R>(
  view: View,
  action: () => VaultEvent['action'],
  given: unknown,
  work: (place: RecordPlace) => Promise<Done<R>>,
): Promise<R> {
  requireOpen(view)
  const { workspace, environment } = view
  const tag = requireName(given, 'tag')
  const failed = () => detailsOf(action(), [{ tag, environment }])
  const done = await withFailureEvent(view, failed, () => work({ workspace, environment, tag }))
  await emitAfter(view, detailsOf(done.action, [{ tag, environment, version: done.version }]))
  return done.result
}

/**
 * What is stored, once the policy has permitted the change.
 *
 * @param called what a refusal says of it: of a `set`, to create or to update would tell whether the secret is there
 * @throws ERR_PERMISSION_DENIED; ERR_RECORD_UNREADABLE `rolled-back` where it is older than what was seen
 */
async function readPermitted(
  view: View,
  place: RecordPlace,
  actionOn: (stored: Stored) => 'create' | 'update' | 'delete',
  called?: 'set',
): Promise<Stored> {
  const { stored, rollback } = await lookFresh(view, place)
  const refusal = (await askAbout(view, actionOn(stored), place, stored, called)) ?? rollback
  if (refusal !== undefined) throw refusal
  return stored
}

/** What `set` names of an existing secret; type and visibility may be named as they are. */
function patchOf(tag: string, given: Readonly<Record<string, unknown>>, info: ClearInfo): ParsedPatch {
  const { tag: _tag, type, visibility, ...patch } = given
  for (const [field, value] of Object.entries({ type, visibility })) {
    if (value !== undefined && value !== info[field as 'type' | 'visibility']) {
      throw new GuillemetError(
        'ERR_IMMUTABLE_FIELD',
        `The ${field} of "${tag}" was fixed when it was created; delete the secret and create it again to change it.`,
        { tag, field },
      )
    }
  }
  return parsePatch(patch, info.type)
}

async function requireLive(view: View, stored: Stored, tag: string): Promise<LiveRecord> {
  if (stored.state === 'live') return stored
  throw stored.state === 'corrupt' ? corruptRecord(tag) : await notFound(view, tag)
}

function requireVersion(version: number, ifVersion: number | undefined, tag: string): void {
  if (ifVersion !== undefined && ifVersion !== version) throw changedMeanwhile(tag)
}

function readIfVersion(
  options: Partial<DeleteOptions> | undefined,
  known: readonly (keyof DeleteOptions)[],
): number | undefined {
  const { ifVersion } = readOptions(options, 'options', known, suggest)
  const isVersion = ifVersion === undefined || (Number.isSafeInteger(ifVersion) && ifVersion > 0)
  requireValid(isVersion, 'The option ifVersion must be a version as describe gives it.')
  return ifVersion
}

/**
 * A deletion is the way out for a record that nobody can read, so it goes on whatever is wrong with the keyring, but not
 * in a vault that was given the keys of another one.
 */
async function admitFirst({ root, workspace, signal }: View): Promise<void> {
  try {
    await root.keyrings?.admitFirst(workspace, signal)
  } catch (error) {
    if (isKeyUnknown(error)) throw error
  }
}

function alreadyExists(tag: string): GuillemetError {
  const message = `The secret "${tag}" exists already; choose another name, or change that one.`
  return new GuillemetError('ERR_SECRET_EXISTS', message, { tag })
}

function changedMeanwhile(tag: string): GuillemetError {
  const message = `The secret "${tag}" was changed meanwhile; look at it again and repeat the change.`
  return new GuillemetError('ERR_CONFLICT', message, { tag })
}
