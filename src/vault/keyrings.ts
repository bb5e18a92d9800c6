/** The keyring of each workspace: loaded once, made when the first secret is, never made over records that exist. */

import { createKeyring, type Keyring, openKeyring, wipe } from '../crypto/keyring.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { RecordKey } from '../ports/storage.ts'
import { type Marks, type Place, rolledBack } from './seen-versions.ts'
import type { Row, Store } from './store.ts'

/** Where the keyring lives; `$` is outside the grammar of names, so no user's record can be called so. */
export const KEYRING_KEY: RecordKey = Object.freeze({ environment: '$', tag: '$keyring' })

/** The keyrings of one vault. */
export interface Keyrings {
  /** The keyring as far as it is loaded: no I/O. */
  loaded(workspace: string): Keyring | undefined
  /** Takes a row that was fetched along with records; undefined where there is no keyring. */
  adopt(workspace: string, row: Row | undefined): Promise<Keyring | undefined>
  /** Reads the keyring past every cache; undefined where there is none. */
  reload(workspace: string): Promise<Keyring | undefined>
  /** Reads the keyring, and makes the first one where nothing was ever stored. */
  ensure(workspace: string): Promise<Keyring>
  close(): Promise<void>
}

interface Loaded {
  readonly version: number
  readonly body: string
  readonly keyring: Keyring
}

/** Keyrings over a store, wrapped by these providers. */
export function createKeyrings(store: Store, providers: readonly KeyProvider[], marks: Marks): Keyrings {
  const cache = new Map<string, Loaded>()
  let isClosed = false

  async function adopt(workspace: string, given: Row | undefined): Promise<Keyring | undefined> {
    const place: Place = { workspace, ...KEYRING_KEY }
    let row = given
    if (marks.isOlder(place, row?.version ?? 0)) {
      // a read that was under way while another one saw a rotation is old, not put back
      row = (await store.get(workspace, [KEYRING_KEY], true))[0]
      if (marks.isOlder(place, row?.version ?? 0)) throw rolledBack(place)
    }
    if (row === undefined) return undefined
    const known = cache.get(workspace)
    if (known?.version === row.version && known.body === row.body) return known.keyring
    const keyring = await openKeyring(row.body, workspace, providers)
    const current = cache.get(workspace)
    if (isClosed) {
      wipe(keyring)
      throw new GuillemetError('ERR_INVALID_INPUT', 'The vault was closed meanwhile; make a new one with createVault.')
    }
    if (current !== undefined && current.version > row.version) return current.keyring
    // an older sequence under a newer version is an old keyring that was put back with care
    if (current !== undefined && keyring.sequence < current.keyring.sequence) throw rolledBack(place)
    marks.raise(place, row.version)
    cache.set(workspace, { version: row.version, body: row.body, keyring })
    return keyring
  }

  async function reload(workspace: string): Promise<Keyring | undefined> {
    const [row] = await store.get(workspace, [KEYRING_KEY], true)
    return adopt(workspace, row)
  }

  async function ensure(workspace: string): Promise<Keyring> {
    const existing = await reload(workspace)
    if (existing !== undefined) return existing
    const records = await store.list(workspace, { limit: 1 })
    if (records.length > 0) return (await reload(workspace)) ?? missingKeyring()
    const { body } = await createKeyring(workspace, providers)
    await store.put({ workspace, ...KEYRING_KEY, version: 1, body })
    // whoever won, and also what this process wrote itself, is read back before any record uses it
    return (await reload(workspace)) ?? missingKeyring()
  }

  return {
    loaded: (workspace) => cache.get(workspace)?.keyring,
    adopt,
    reload,
    ensure,
    async close() {
      isClosed = true
      for (const { keyring } of cache.values()) wipe(keyring)
      cache.clear()
      const closed = await Promise.allSettled(providers.map(async (provider) => provider.close?.()))
      if (closed.every(({ status }) => status === 'fulfilled')) return
      // what a provider threw may repeat what it was given
      throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'A key provider could not be closed; see whether it works.')
    },
  }
}

/** @throws ERR_KEYRING_MISSING */
export function missingKeyring(): never {
  throw new GuillemetError(
    'ERR_KEYRING_MISSING',
    'The keyring of this workspace is gone while its secrets are there; restore the record "$keyring" from a backup, nothing was written.',
  )
}
