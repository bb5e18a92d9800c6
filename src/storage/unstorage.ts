/**
 * Records in any backend of unstorage, for programs of which one process writes.
 *
 * @module guillemet/storage/unstorage
 */

import { GuillemetError } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import { compareKeys, type RecordKey, type StoredRecord, type VaultStorage } from '../ports/storage.ts'
import { readOptions } from '../read-options.ts'
import { mapBounded } from './bounded.ts'
import { conflict, outcomeUnknown } from './failures.ts'
import { requireRecord } from './records.ts'
import { itemKey, placeOf, workspaceKey } from './unstorage/item-keys.ts'
import { ask, itemText, listedButAbsent, readItem, type UnstorageItems } from './unstorage/items.ts'
import { Turns, type Write } from './unstorage/turns.ts'

export type { UnstorageItems } from './unstorage/items.ts'

/** Options of {@link unstorageStorage}. */
export interface UnstorageStorageOptions {
  /** What `createStorage()` of unstorage made; it is not disposed when the vault closes. */
  readonly storage: UnstorageItems
  /**
   * That one process at a time writes, through one storage of this function: unstorage cannot compare and set, so that of two
   * writers the slower would undo what the faster was told is done. Any number of processes may read.
   */
  readonly singleWriter: true
  /** What the keys begin with: names of `A–Z a–z 0–9 _ -`, joined by `:`, at most 200 characters. @default 'guillemet' */
  readonly base?: string | undefined
}

/** What {@link unstorageStorage} makes. */
export interface UnstorageStorage extends VaultStorage {
  /** The workspaces that hold a record, bytewise; reads all keys. */
  workspaces: NonNullable<VaultStorage['workspaces']>
}

const DEFAULT_BASE = 'guillemet'
const BASE = /^(?=.{1,200}$)[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*$/

/**
 * A storage in a backend that unstorage has a driver for, for one writing process.
 *
 * A put is read back, so that a driver that is read-only or drops values is noticed. What is durable, and whether reads of other
 * processes see it at once, is as the backend has it. A listing, and a put of a first version, read all keys of a workspace.
 *
 * @throws ERR_INVALID_INPUT when an option is not as it must be, `singleWriter` above all. Later failures have the codes of
 *   {@link VaultStorage}
 * @example
 * const storage = unstorageStorage({ storage: createStorage({ driver }), singleWriter: true })
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function unstorageStorage(options: UnstorageStorageOptions): UnstorageStorage {
  const { items, base } = readUnstorageOptions(options)
  const turns = new Turns()

  /** A read waits for a write of the same record: not every driver writes so that others see all of it or nothing. */
  async function readOne(workspace: string, key: RecordKey, isListed: boolean): Promise<StoredRecord | undefined> {
    const item = itemKey(base, workspace, key)
    await turns.settled(item)
    return await readItem(items, item, workspace, key, isListed)
  }

  return {
    where: `the keys under ${JSON.stringify(base)} of an unstorage storage`,

    async get(workspace, keys) {
      const asked = keys.map(({ environment, tag }) => ({ environment, tag }))
      return await mapBounded(asked, (key) => readOne(workspace, key, false))
    },

    async put({ workspace, environment, tag, version, body }, call) {
      const record: StoredRecord = { workspace, environment, tag, version, body }
      requireRecord(record)
      const signal = ownValue(call, 'signal')
      await turns.take(itemKey(base, workspace, record), signal, (write) => compareAndSet(items, base, record, write))
    },

    async list(workspace, given) {
      const { environment, after: cursor, limit } = withoutPrototype(given)
      const after = cursor && { ...cursor }
      const places = (await placesUnder(items, base, workspaceKey(base, workspace)))
        .filter((place) => environment === undefined || place.environment === environment)
        .filter((place) => after === undefined || compareKeys(place, after) > 0)
        .sort(compareKeys)
        .slice(0, limit)
      const records = await mapBounded(places, (place) => readOne(workspace, place, true))
      // for the types: of what is listed none is absent
      return records.filter((record) => record !== undefined)
    },

    async workspaces(page) {
      const { after = '', limit } = withoutPrototype(page)
      const names = new Set((await placesUnder(items, base, base)).map(({ workspace }) => workspace))
      return [...names]
        .filter((name) => name > after)
        .sort()
        .slice(0, limit)
    },
  }
}

async function compareAndSet(items: UnstorageItems, base: string, record: StoredRecord, write: Write): Promise<void> {
  const item = itemKey(base, record.workspace, record)
  const stored = await readItem(items, item, record.workspace, record)
  if ((stored?.version ?? 0) !== record.version - 1) throw conflict(record.tag)
  // over a keyring that only seems not to be there, a new one would lose every secret
  if (stored === undefined && (await isListed(items, base, record))) throw listedButAbsent()
  await write(async () => {
    try {
      await items.setItem(item, itemText(record))
    } catch {
      throw outcomeUnknown('The unstorage driver failed while it wrote')
    }
  })
  const kept = await readItem(items, item, record.workspace, record).catch(() => undefined)
  if (kept?.version !== record.version || kept.body !== record.body) {
    throw outcomeUnknown('The unstorage driver did not give back what was written, as one that is read-only does not')
  }
}

async function isListed(items: UnstorageItems, base: string, record: StoredRecord): Promise<boolean> {
  const places = await placesUnder(items, base, workspaceKey(base, record.workspace))
  return places.some((place) => place.workspace === record.workspace && compareKeys(place, record) === 0)
}

/** The places of the keys that begin so; keys of others are passed over. */
async function placesUnder(items: UnstorageItems, base: string, above: string) {
  const keys = await ask(() => items.getKeys(above))
  const places = new Map(keys.map((key) => [key, placeOf(base, key)]))
  return [...places.values()].filter((place) => place !== undefined)
}

function readUnstorageOptions(given: UnstorageStorageOptions): { items: UnstorageItems; base: string } {
  const known = ['storage', 'singleWriter', 'base'] as const
  const { storage, singleWriter, base = DEFAULT_BASE } = readOptions(given, 'options of unstorageStorage', known)
  const items = storage as Partial<UnstorageItems> | null | undefined
  const methods = [items?.getItem, items?.setItem, items?.getKeys]
  if (!methods.every((method) => typeof method === 'function')) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'unstorageStorage needs the option storage: what createStorage() made.',
    )
  }
  if (singleWriter !== true) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'unstorage cannot compare and set: say singleWriter: true if only one process writes, or use another storage.',
    )
  }
  if (typeof base !== 'string' || !BASE.test(base)) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option base must be names of A-Z, a-z, 0-9, "_" and "-", joined by ":", of at most 200 characters.',
    )
  }
  return { items: storage, base }
}
