/** The keyring of each workspace: loaded once, made when the first secret is, never made over records that exist. */

import { createKeyring, type Keyring, openKeyring, wipe } from '../crypto/keyring.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { RecordKey } from '../ports/storage.ts'
import { MAX_WORKSPACES, Recent } from './recent.ts'
import { type RecordPlace, rolledBack, type SeenVersions } from './seen-versions.ts'
import type { Row, Store } from './store.ts'

/** Where the keyring lives; `$` is outside the grammar of names, so no user's record can be called so. */
export const KEYRING_KEY: RecordKey = Object.freeze({ environment: '$', tag: '$keyring' })

/** A read of the keyring that came along with one of records; `row` is undefined where there is no keyring. */
export interface KeyringRead {
  readonly row: Row | undefined
}

interface LoadedKeyring {
  readonly version: number
  readonly body: string
  readonly keyring: Keyring
}

const MIN_SWEEP = 64

/** The keyrings of one vault, over its store, wrapped by its key providers. */
export class Keyrings {
  readonly #store: Store
  readonly #providers: readonly KeyProvider[]
  readonly #seenVersions: SeenVersions
  readonly #loaded: Recent<LoadedKeyring>
  /** All that may be in use still: a snapshot can hold one that was replaced, or whose workspace is idle. */
  readonly #opened = new Set<WeakRef<Keyring>>()
  #sweepAt = MIN_SWEEP
  #isClosed = false

  /** @param limit how many workspaces are remembered. @default MAX_WORKSPACES */
  constructor(
    store: Store,
    providers: readonly KeyProvider[],
    seenVersions: SeenVersions,
    limit: number = MAX_WORKSPACES,
  ) {
    this.#loaded = new Recent(limit)
    this.#store = store
    this.#providers = providers
    this.#seenVersions = seenVersions
  }

  /** The ids of the given providers; the first wraps what is new. */
  get providerIds(): readonly string[] {
    return this.#providers.map(({ id }) => id)
  }

  /** The keyring as far as it is loaded: no I/O. */
  loaded(workspace: string): Keyring | undefined {
    return this.#loaded.get(workspace)?.keyring
  }

  /**
   * A keyring that holds these data keys, as far as any does; it is read again at most once.
   *
   * @throws ERR_KEYRING_MISSING when there is none, since records that need it are there
   */
  async holding(workspace: string, keyIds: readonly string[], read: KeyringRead | undefined): Promise<Keyring> {
    const known = read === undefined ? this.loaded(workspace) : await this.#adopt(workspace, read.row)
    let isComplete = known !== undefined
    for (const id of keyIds) isComplete &&= known?.key(id) !== undefined
    return (isComplete ? known : await this.reload(workspace)) ?? missingKeyring()
  }

  /** Reads the keyring past every cache; undefined where there is none. */
  async reload(workspace: string): Promise<Keyring | undefined> {
    const [row] = await this.#store.get(workspace, [KEYRING_KEY], true)
    return this.#adopt(workspace, row)
  }

  /** Reads the keyring, and makes the first one where nothing was ever stored. */
  async ensure(workspace: string): Promise<Keyring> {
    const existing = await this.reload(workspace)
    if (existing !== undefined) return existing
    const records = await this.#store.list(workspace, { limit: 1 })
    if (records.length > 0) return (await this.reload(workspace)) ?? missingKeyring()
    const { body } = await createKeyring(workspace, this.#providers)
    await this.#store.put({ workspace, ...KEYRING_KEY, version: 1, body })
    // what this process wrote itself is read back as well: another process may have been first
    return (await this.reload(workspace)) ?? missingKeyring()
  }

  /** Wipes the keys, also those that only a snapshot holds, and closes the providers. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const opened of this.#opened) {
      const keyring = opened.deref()
      if (keyring !== undefined) wipe(keyring)
    }
    this.#opened.clear()
    this.#loaded.clear()
    const closed = await Promise.allSettled(this.#providers.map(async (provider) => provider.close?.()))
    if (closed.every(({ status }) => status === 'fulfilled')) return
    // what a provider threw may repeat what it was given
    throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'A key provider could not be closed; check whether it works.')
  }

  async #adopt(workspace: string, given: Row | undefined): Promise<Keyring | undefined> {
    const place: RecordPlace = { workspace, ...KEYRING_KEY }
    const row = await this.#current(place, given)
    if (row === undefined) return undefined
    const known = this.#loaded.get(workspace)
    if (known?.version === row.version && known.body === row.body) return known.keyring
    if (this.#isClosed) throw closedMeanwhile()
    const keyring = await openKeyring(row.body, workspace, this.#providers)
    if (this.#isClosed) {
      wipe(keyring)
      throw closedMeanwhile()
    }
    const current = this.#loaded.get(workspace)
    if (current !== undefined && current.version > row.version) return current.keyring
    // an older sequence under a newer version is an old keyring that was put back with care
    if (current !== undefined && keyring.sequence < current.keyring.sequence) throw rolledBack(place)
    this.#seenVersions.saw(place, row.version, true)
    this.#loaded.set(workspace, { version: row.version, body: row.body, keyring })
    this.#remember(keyring)
    return keyring
  }

  /** Remembers whom to wipe; what the engine has taken back is looked for each time there are twice as many. */
  #remember(keyring: Keyring): void {
    if (this.#opened.size >= this.#sweepAt) {
      for (const opened of this.#opened) if (opened.deref() === undefined) this.#opened.delete(opened)
      this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#opened.size)
    }
    this.#opened.add(new WeakRef(keyring))
  }

  /** A read that was under way while another one saw a rotation is old, not put back: it is read once more. */
  async #current(place: RecordPlace, row: Row | undefined): Promise<Row | undefined> {
    if (!this.#seenVersions.isRollback(place, row?.version ?? 0, row === undefined)) return row
    const [fresh] = await this.#store.get(place.workspace, [KEYRING_KEY], true)
    if (this.#seenVersions.isRollback(place, fresh?.version ?? 0, fresh === undefined)) throw rolledBack(place)
    return fresh
  }
}

function closedMeanwhile(): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', 'The vault was closed meanwhile; make a new one with createVault.')
}

/** @throws ERR_KEYRING_MISSING */
export function missingKeyring(): never {
  throw new GuillemetError(
    'ERR_KEYRING_MISSING',
    'The keyring of this workspace is gone while its secrets are still there; restore the record "$keyring" from a backup. Nothing was written.',
  )
}
