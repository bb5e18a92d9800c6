/** What a conformance case is, and the small set of tools each case is written with. */

import { ownValue } from '../plain-object.ts'
import type { RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'
import { BrokenPromise } from './expect.ts'

/**
 * Opens the storage under test.
 *
 * Without an argument: a new one that holds nothing. With a storage that it gave before: a second handle on the same
 * data, as another process would have it (a new connection, a new file handle), or that storage itself where a
 * second one is impossible.
 */
export type MakeStorage = (sameDataAs?: VaultStorage) => VaultStorage | Promise<VaultStorage>

/** What some cases need that not every storage has. */
export type Need = 'processes' | 'workspaces'

/** One promise of the storage port. */
export interface StorageCase {
  /** A sentence of behaviour, unique and stable. */
  readonly name: string
  /**
   * `processes`: a second handle on the same data, which a storage of one process cannot have. `workspaces`: the optional
   * method of that name. Absent: every storage has to pass. What is left out should be seen, so skip it by the runner.
   */
  readonly needs?: Need
  /** Resolves when the storage keeps the promise, else rejects with an error that says what was seen instead. */
  run(makeStorage: MakeStorage): Promise<void>
}

/** What a case works with. */
export interface Stage {
  readonly storage: VaultStorage
  /** A second handle on the same data. */
  again(): Promise<VaultStorage>
}

/** More about a case. */
export interface AboutCase {
  readonly needs?: Need
  /** What the suite did and what is usually wrong, as a sentence: said after what it saw. */
  readonly hint?: string
}

/** A case that opens its storages on a fresh place and closes them whatever happens. */
export function storageCase(name: string, act: (stage: Stage) => Promise<void>, about: AboutCase = {}): StorageCase {
  const needs = ownValue(about, 'needs')
  const hint = ownValue(about, 'hint')
  return {
    name,
    ...(needs !== undefined && { needs }),
    async run(makeStorage) {
      const opened = new Set<VaultStorage>()
      try {
        const open = async (sameDataAs?: VaultStorage): Promise<VaultStorage> => {
          const made = await makeStorage(sameDataAs)
          requireStorage(made)
          opened.add(made)
          return made
        }
        const storage = await open()
        await act({ storage, again: () => open(storage) })
      } catch (error) {
        if (hint === undefined) throw error
        const seen = error instanceof Error ? error.message : 'a call was rejected with something that is not an error'
        throw new BrokenPromise(`${seen.replace(/\.$/, '')}. ${hint}`, { cause: error })
      } finally {
        for (const storage of opened) await storage.close?.()
      }
    },
  }
}

/** The workspace of every case that does not need two. */
export const WORKSPACE = 'main'

/** A record of the usual place; a body that tells where it belongs. */
export function recordOf(tag: string, version = 1, more: Partial<StoredRecord> = {}): StoredRecord {
  // by own keys: the suite may run where an attack on Object.prototype is tested
  const workspace = ownValue(more, 'workspace') ?? WORKSPACE
  const environment = ownValue(more, 'environment') ?? 'default'
  const body = ownValue(more, 'body') ?? `${workspace}/${environment}/${tag}@${version}`
  return { workspace, environment, tag, version, body }
}

/** Keys of the usual environment. */
export function defaultKeys(...tags: readonly string[]): RecordKey[] {
  return tags.map((tag) => ({ environment: 'default', tag }))
}

/** The record of a tag in the usual place, as a reader gets it that may not be served from a cache. */
export async function readBack(storage: VaultStorage, tag: string): Promise<StoredRecord | undefined> {
  const [found] = await storage.get(WORKSPACE, defaultKeys(tag), { fresh: true })
  return found
}

/** A factory without a `return`, or a class that lacks a method, would otherwise fail far from its cause. */
function requireStorage(made: unknown): void {
  const methods = (made ?? {}) as Partial<Record<'get' | 'put' | 'list', unknown>>
  for (const name of ['get', 'put', 'list'] as const) {
    if (typeof methods[name] === 'function') continue
    throw new BrokenPromise(
      `What your function gave has no method ${name}; it must return a storage, or a promise of one`,
    )
  }
}
