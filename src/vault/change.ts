/** Changes of one secret: create, set, update, delete, each by compare-and-set on the version that was read. */

import { GuillemetError } from '../errors.ts'
import { bare, own, readOptions } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import { copyInput, parseInput, parsePatch, writeBody } from '../secrets/schema.ts'
import {
  type ClearInfo,
  infoOf,
  type NewSecret,
  type ParsedPatch,
  type SecretInfo,
  type SecretInput,
  type SecretPatch,
  shown,
} from '../secrets/secret.ts'
import { requireName } from '../tag.ts'
import { report, reportingFailure } from './emit.ts'
import type { EventPart } from './events.ts'
import { missingKeyring } from './keyrings.ts'
import { type Action, askPolicy } from './policy.ts'
import { corruptRecord, type LiveRecord, openRecord, type Stored, sealRecord } from './records.ts'
import { fetchFresh, requireKeysOf } from './secret-set.ts'
import type { Place } from './seen-versions.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

/** How often a change without `ifVersion` is tried against others who are faster. */
const ATTEMPTS = 64
/** The longest pause before another attempt, in milliseconds; the pause is random, so that rivals part. */
const MAX_PAUSE = 20

export async function createSecret(view: View, input: SecretInput): Promise<SecretInfo> {
  const given = copyInput(input)
  return changing(view, 'create', given['tag'], async (place) => {
    const secret = parseInput(given)
    requireKeyrings(view)
    return attempt(async () => {
      const { stored } = await fetchFresh(view, place.tag)
      await requirePermission(view, 'create', place, stored)
      if (stored.state === 'live') throw exists(place.tag)
      if (stored.state === 'corrupt') throw corruptRecord(place.tag)
      return insert(view, place, stored, secret)
    })
  })
}

export async function setSecret(view: View, input: SecretInput): Promise<SecretInfo> {
  const given = copyInput(input)
  return changing(view, 'update', given['tag'], async (place) => {
    requireKeyrings(view)
    return attempt(async () => {
      const { stored } = await fetchFresh(view, place.tag)
      await requirePermission(view, stored.state === 'live' ? 'update' : 'create', place, stored)
      if (stored.state === 'corrupt') throw corruptRecord(place.tag)
      if (stored.state !== 'live') {
        return insert(view, place, stored, parseInput(given))
      }
      return replace(view, place, stored, patchOf(place.tag, given, stored.info))
    })
  })
}

export async function updateSecret(
  view: View,
  tag: string,
  patch: SecretPatch,
  options: { readonly ifVersion?: number } | undefined,
): Promise<SecretInfo> {
  const given = copyInput(patch)
  return changing(view, 'update', tag, async (place) => {
    const ifVersion = readVersion(options, ['ifVersion'])
    requireKeyrings(view)
    return attempt(async () => {
      const { stored } = await fetchFresh(view, tag)
      await requirePermission(view, 'update', place, stored)
      const live = requireLive(stored, tag)
      requireVersion(live.version, ifVersion, tag)
      const outcome = await replace(view, place, live, parsePatch(given, live.info.type))
      if (outcome === undefined && ifVersion !== undefined) throw conflict(tag)
      return outcome
    })
  })
}

export async function deleteSecret(
  view: View,
  tag: string,
  options: { readonly confirm: string; readonly ifVersion?: number },
): Promise<void> {
  await changing(view, 'delete', tag, async (place) => {
    const ifVersion = readVersion(options, ['confirm', 'ifVersion'])
    if (own(options, 'confirm') !== tag) {
      throw new GuillemetError(
        'ERR_CONFIRMATION_REQUIRED',
        `Deleting cannot be undone; type the tag again: delete('${tag}', { confirm: '${tag}' }).`,
        { tag },
      )
    }
    return attempt(async () => {
      const { stored } = await fetchFresh(view, tag)
      await requirePermission(view, 'delete', place, stored)
      // a tombstone needs no key and opens nothing: it is the way out for a record that nobody can read
      if (stored.state !== 'live' && stored.state !== 'corrupt') throw notFound(tag)
      requireVersion(stored.version, ifVersion, tag)
      const version = stored.version + 1
      const body = writeBody({ state: 'deleted', at: new Date(view.root.now()).toISOString() })
      if (await put(view, place, version, body)) return { action: 'delete', version, result: undefined }
      if (ifVersion !== undefined) throw conflict(tag)
      return undefined
    })
  })
}

interface Done<R> {
  readonly action: EventPart['action']
  readonly version: number
  readonly result: R
}

/** One change with its event: the tag checked before any I/O, the failure told. */
async function changing<R>(
  view: View,
  action: 'create' | 'update' | 'delete',
  tag: unknown,
  work: (place: Place) => Promise<Done<R>>,
): Promise<R> {
  requireOpen(view)
  const { workspace, environment } = view
  const place: Place = { workspace, environment, tag: requireName(tag, 'tag') }
  const done = await reportingFailure(
    view,
    () => ({ action, secrets: [{ tag: place.tag, environment }] }),
    () => work(place),
  )
  report(view, { action: done.action, secrets: [{ tag: place.tag, environment, version: done.version }] })
  return done.result
}

/** Runs one compare-and-set after the other until one wins; undefined means that somebody else was faster. */
async function attempt<R>(once: () => Promise<Done<R> | undefined>): Promise<Done<R>> {
  for (let count = 1; count <= ATTEMPTS; count++) {
    const done = await once()
    if (done !== undefined) return done
    await new Promise((resume) => setTimeout(resume, Math.random() * Math.min(MAX_PAUSE, count)))
  }
  throw new GuillemetError(
    'ERR_CONFLICT',
    `Others changed this secret faster, ${ATTEMPTS} times in a row; nothing was written, try again later.`,
  )
}

/** Claims the next version, reads the keyring again, then seals: a key that was rotated meanwhile is never used. */
async function insert(
  view: View,
  place: Place,
  stored: Stored,
  secret: NewSecret,
): Promise<Done<SecretInfo> | undefined> {
  const keyrings = requireKeyrings(view)
  await keyrings.ensure(place.workspace)
  const at = new Date(view.root.now()).toISOString()
  const claim = stored.version + 1
  const before = stored.state === 'deleted' ? 'deleted' : 'absent'
  if (!(await put(view, place, claim, writeBody({ state: 'claim', before, at })))) return undefined
  const keyring = (await keyrings.reload(place.workspace)) ?? missingKeyring()
  const version = claim + 1
  const { value, type, visibility, enabled } = secret
  const clear: Omit<ClearInfo, 'fields'> = bare({
    type,
    visibility,
    ...(secret.name !== undefined && { name: secret.name }),
    ...(secret.description !== undefined && { description: secret.description }),
    ...(secret.allow !== undefined && { allow: secret.allow }),
    enabled,
    ...(secret.expiresAt !== undefined && { expiresAt: secret.expiresAt }),
    createdAt: at,
    updatedAt: at,
  })
  const { info, body } = sealRecord(place, version, clear, value, keyring)
  if (!(await put(view, place, version, body))) return undefined
  return { action: 'create', version, result: shown(infoOf({ ...place, version }, info)) }
}

/** Opens the stored version, whatever the patch names, and seals the whole record again. */
async function replace(
  view: View,
  place: Place,
  live: LiveRecord,
  patch: ParsedPatch,
): Promise<Done<SecretInfo> | undefined> {
  const keyring = await requireKeysOf(view, [live])
  const opened = openRecord(place, live, keyring)
  view.root.marks.raise(place, live.version)
  const value: SecretValue = patch.value ?? opened
  const clear = patched(live.info, patch, new Date(view.root.now()).toISOString())
  const version = live.version + 1
  const { info, body } = sealRecord(place, version, clear, value, keyring)
  if (!(await put(view, place, version, body))) return undefined
  return { action: 'update', version, result: shown(infoOf({ ...place, version }, info)) }
}

function patched(info: ClearInfo, patch: ParsedPatch, updatedAt: string): Omit<ClearInfo, 'fields'> {
  const name = patch.name === undefined ? info.name : patch.name
  const description = patch.description === undefined ? info.description : patch.description
  const allow = patch.allow === undefined ? info.allow : patch.allow
  const expiresAt = patch.expiresAt === undefined ? info.expiresAt : patch.expiresAt
  return bare({
    type: info.type,
    visibility: info.visibility,
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(allow !== null && allow !== undefined && { allow }),
    enabled: patch.enabled ?? info.enabled,
    ...(typeof expiresAt === 'string' && { expiresAt }),
    createdAt: info.createdAt,
    updatedAt,
  })
}

/** What `set` names of an existing secret; type and visibility may be named as they are, a default is no difference. */
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

async function put(view: View, place: Place, version: number, body: string): Promise<boolean> {
  const isDone = await view.root.store.put({ ...place, version, body })
  if (isDone) view.root.marks.raise(place, version)
  return isDone
}

async function requirePermission(view: View, action: Action, place: Place, stored: Stored): Promise<void> {
  const secret = stored.state === 'live' ? infoOf({ ...place, version: stored.version }, stored.info) : undefined
  const denial = await askPolicy(view.root.policy, {
    action,
    tag: place.tag,
    ...(secret !== undefined && { secret }),
    ...(view.actor !== undefined && { actor: view.actor }),
    ...(view.purpose !== undefined && { purpose: view.purpose }),
  })
  if (denial !== undefined) throw denial
}

function requireLive(stored: Stored, tag: string): LiveRecord {
  if (stored.state === 'live') return stored
  throw stored.state === 'corrupt' ? corruptRecord(tag) : notFound(tag)
}

function requireVersion(version: number, ifVersion: number | undefined, tag: string): void {
  if (ifVersion !== undefined && ifVersion !== version) throw conflict(tag)
}

function readVersion(options: object | undefined, known: readonly string[]): number | undefined {
  const ifVersion = own(readOptions(options as Record<string, unknown> | undefined, 'options', known), 'ifVersion')
  if (ifVersion === undefined || (Number.isSafeInteger(ifVersion) && (ifVersion as number) > 0)) {
    return ifVersion as number | undefined
  }
  throw new GuillemetError('ERR_INVALID_INPUT', 'The option ifVersion must be a version as describe gives it.')
}

/** @throws nothing itself: the error for a tag that is not there */
export function notFound(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_SECRET_NOT_FOUND',
    `There is no secret "${tag}" in this environment; list shows those that are.`,
    {
      tag,
    },
  )
}

function exists(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_SECRET_EXISTS',
    `The secret "${tag}" exists already; use set or update to change it.`,
    { tag },
  )
}

function conflict(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_CONFLICT',
    `The secret "${tag}" was changed meanwhile; describe it again and repeat the change.`,
    {
      tag,
    },
  )
}
