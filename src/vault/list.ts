/** Reading what is known of secrets: describe, list, and the tags for suggestions. Opens nothing, needs no key. */

import { GuillemetError } from '../errors.ts'
import { parseListFilter } from '../secrets/input.ts'
import {
  type ClearInfo,
  infoOf,
  type ListFilter,
  type ParsedFilter,
  type SecretInfo,
  toPlainInfo,
} from '../secrets/secret.ts'
import { requireName } from '../tag.ts'
import { LoopTurns } from '../waiting.ts'
import type { SecretList } from './api.ts'
import { askAbout } from './authorize.ts'
import { everyRow } from './every-row.ts'
import { ownPlace } from './find.ts'
import { KEYRING_KEY } from './keyrings.ts'
import type { WaitOptions } from './option-types.ts'
import { corruptRecord, readStored, type Stored } from './records.ts'
import type { RecordPlace } from './seen-versions.ts'
import { readSignal } from './signal.ts'
import { requireOpen, type View, viewOfCall } from './view.ts'

const LISTED_AT_ONCE = 200

/** What is known of one secret, or undefined. */
export async function describe(
  lasting: View,
  tag: string,
  options: WaitOptions | undefined,
): Promise<SecretInfo | undefined> {
  requireOpen(lasting)
  requireName(tag, 'tag')
  const view = viewOfCall(lasting, readSignal(options))
  const place = ownPlace(view, tag)
  const [row] = await view.root.store.get(view.workspace, [place], { isFresh: false, signal: view.signal })
  const stored = readStored(row)
  const denial = await askAbout(view, 'read', place, stored)
  if (denial !== undefined) throw denial
  if (stored.state === 'corrupt') throw corruptRecord(tag)
  return stored.state === 'live' ? toPlainInfo(infoOf({ ...place, version: stored.version }, stored.info)) : undefined
}

/**
 * The readable secrets of one environment. A record that cannot be read does not end the listing: its tag is in
 * `unreadable`, where the policy lets the actor read it.
 */
export function list(view: View, given: ListFilter | undefined, options: WaitOptions | undefined): SecretList {
  const unreadable: string[] = []
  return {
    unreadable,
    [Symbol.asyncIterator]() {
      unreadable.length = 0
      return listed(view, given, options, unreadable)
    },
    toJSON: notRead,
  }
}

/** As JSON a list that nobody has read would look like an empty vault. */
function notRead(): never {
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'A list of secrets has to be read first: for await (const secret of vault.list()) …',
  )
}

async function* listed(
  lasting: View,
  given: ListFilter | undefined,
  options: WaitOptions | undefined,
  unreadable: string[],
): AsyncGenerator<SecretInfo, undefined> {
  requireOpen(lasting)
  const view = viewOfCall(lasting, readSignal(options))
  const filter = parseListFilter(given)
  const environment = filter.environment ?? view.environment
  if (view.locked.environment && environment !== view.environment) {
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'This view sees one environment only; ask the vault it was made from.',
    )
  }
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  for await (const { place, stored } of storedIn(view, environment, filter.after)) {
    const isWanted =
      stored.state === 'corrupt' || (stored.state === 'live' && matchesFilter(place, stored.info, filter))
    if (!isWanted || (await askAbout(view, 'read', place, stored)) !== undefined) continue
    if (stored.state === 'corrupt') unreadable.push(place.tag)
    if (stored.state !== 'live') continue
    yield toPlainInfo(infoOf({ ...place, version: stored.version }, stored.info))
    if (--left === 0) return
  }
}

/** Every record of the environments where this view looks, in their order. */
export async function* storedRecords(view: View): AsyncGenerator<StoredAt> {
  for (const environment of view.environments) yield* storedIn(view, environment)
}

/** What is stored, and where. */
interface StoredAt {
  readonly place: RecordPlace
  readonly stored: Stored
}

async function* storedIn(
  { root, workspace, signal }: View,
  environment: string,
  afterTag?: string,
): AsyncGenerator<StoredAt> {
  const turns = new LoopTurns()
  const page = { environment, limit: LISTED_AT_ONCE }
  const start = afterTag === undefined ? undefined : { environment, tag: afterTag }
  for await (const row of everyRow(root.store, workspace, page, start, signal)) {
    await turns.next()
    if (row.environment !== environment || row.tag === KEYRING_KEY.tag) continue
    yield { place: { workspace, environment, tag: row.tag }, stored: readStored(row) }
  }
}

function matchesFilter({ tag }: RecordPlace, info: ClearInfo, filter: ParsedFilter): boolean {
  const { type, search, enabled, expiresBefore } = filter
  if (type !== undefined && info.type !== type) return false
  if (enabled !== undefined && info.enabled !== enabled) return false
  if (expiresBefore !== undefined && !(info.expiresAt !== undefined && info.expiresAt < expiresBefore)) return false
  if (search === undefined) return true
  const needle = search.toLowerCase()
  return [tag, info.name, info.description].some((text) => text?.toLowerCase().includes(needle) ?? false)
}
