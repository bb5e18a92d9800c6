/** The keyring of each workspace: loaded once, made when the first secret is, never made over records that exist. */

import { type Keyring, newKeyringBody, openKeyring, wipe } from '../crypto/keyring.ts'
import { PROVIDER_DEADLINE } from '../crypto/provider-calls.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { RecordKey } from '../ports/storage.ts'
import { answerOf } from './deadline.ts'
import { KeyAdmission, type TellOfSlot } from './key-admission.ts'
import {
  isJoinable,
  isSameRow,
  joinedTo,
  type KeyringOpening,
  type LoadedKeyring,
  waitedFor,
} from './loaded-keyring.ts'
import { MAX_RECENT_WORKSPACES, Recent } from './recent.ts'
import { retryOnConflict } from './rivals.ts'
import { isOlder, type RecordPlace, rolledBack, type SeenVersions } from './seen-versions.ts'
import { closedMeanwhile } from './storage-errors.ts'
import type { Row, Store } from './store.ts'

/** Where the keyring lives; `$` is outside the grammar of names, so no user's record can be called so. */
export const KEYRING_KEY: RecordKey = /* @__PURE__ */ Object.freeze({ environment: '$', tag: '$keyring' })

/** A read of the keyring that came along with one of records; `row` is undefined where there is no keyring. */
export interface KeyringRead {
  readonly row: Row | undefined
}

/** Fewer than this are not swept. */
const MIN_SWEEP = 64

/** The keyrings of one vault, over its store, wrapped by its key providers. */
export class Keyrings {
  readonly #store: Store
  readonly #providers: readonly KeyProvider[]
  readonly #seenVersions: SeenVersions
  readonly #loaded: Recent<LoadedKeyring>
  readonly #openings = new Map<string, KeyringOpening>()
  readonly #admission: KeyAdmission
  /** All that may be in use still: a snapshot can hold one that was replaced, or whose workspace is idle. */
  readonly #opened = new Set<WeakRef<Keyring>>()
  #sweepAt = MIN_SWEEP
  #isClosed = false

  /** @param limit how many workspaces are remembered. @default MAX_RECENT_WORKSPACES */
  constructor(
    store: Store,
    providers: readonly KeyProvider[],
    seenVersions: SeenVersions,
    tell: TellOfSlot = async () => undefined,
    limit: number = MAX_RECENT_WORKSPACES,
  ) {
    this.#loaded = new Recent(limit)
    this.#admission = new KeyAdmission(this, tell, limit)
    this.#store = store
    this.#providers = providers
    this.#seenVersions = seenVersions
  }

  /** The vault's keys, the one first that wraps new data keys. */
  get providers(): readonly KeyProvider[] {
    return this.#providers
  }

  /** The keyring as far as it is loaded: no I/O. */
  loaded(workspace: string): Keyring | undefined {
    return this.#loaded.get(workspace)?.keyring
  }

  /**
   * A keyring that holds these data keys, as far as any does; it is read again at most once. Those that did not open
   * when it was opened before are tried again.
   *
   * @throws ERR_KEYRING_MISSING when there is none, since records that need it are there
   */
  async holding(
    workspace: string,
    keyIds: readonly string[],
    read: KeyringRead | undefined,
    signal?: AbortSignal,
  ): Promise<Keyring> {
    const before = this.loaded(workspace)
    const known = read === undefined ? before : (await this.#adopt(workspace, read.row, signal))?.keyring
    let isComplete = known !== undefined
    for (const id of keyIds) isComplete &&= known?.key(id) !== undefined
    const again = async () => {
      const isRetried = keyIds.some((id) => before?.failureOf(id) !== undefined)
      return (await this.#adopt(workspace, await this.#row(workspace, signal), signal, isRetried))?.keyring
    }
    const keyring = (isComplete ? known : await again()) ?? missingKeyring()
    if (this.#admission.untold.size > 0) await waitedFor(this.#admission.tellPending(workspace), signal, 'onEvent')
    return keyring
  }

  /** Reads the keyring past every cache; undefined where there is none. */
  async reload(workspace: string, signal?: AbortSignal): Promise<Keyring | undefined> {
    return (await this.stored(workspace, signal))?.keyring
  }

  /** The same, with the text and version of its record. */
  async stored(workspace: string, signal?: AbortSignal): Promise<LoadedKeyring | undefined> {
    return this.#adopt(workspace, await this.#row(workspace, signal), signal)
  }

  /** Reads the keyring, and makes the first one where nothing was ever stored. */
  async ensure(workspace: string, signal?: AbortSignal): Promise<Keyring> {
    const existing = await this.reload(workspace, signal)
    if (existing !== undefined) return existing
    const records = await this.#store.list(workspace, { limit: 1 }, signal)
    if (records.length > 0) return (await this.reload(workspace, signal)) ?? missingKeyring()
    const body = await waitedFor(newKeyringBody(workspace, this.#providers), signal)
    await this.#store.put({ workspace, ...KEYRING_KEY, version: 1, body }, signal)
    // what this process wrote itself is read back as well: another process may have been first
    return (await this.reload(workspace, signal)) ?? missingKeyring()
  }

  /**
   * Changes the keyring by compare-and-set, and reads back what was stored.
   *
   * @param edit gives the new text, or undefined where nothing is to be changed; called again with what is stored then
   *   when somebody else was faster
   * @throws ERR_KEYRING_MISSING, ERR_CONFLICT, and what `edit` throws
   */
  async change(
    workspace: string,
    edit: (loaded: LoadedKeyring) => Promise<string | undefined> | string | undefined,
  ): Promise<Keyring> {
    return retryOnConflict('the keyring', async () => {
      const loaded = (await this.stored(workspace)) ?? missingKeyring()
      const body = await edit(loaded)
      if (body === undefined) return loaded.keyring
      const isDone = await this.#store.put({ workspace, ...KEYRING_KEY, version: loaded.version + 1, body })
      return isDone ? ((await this.reload(workspace)) ?? missingKeyring()) : undefined
    })
  }

  /**
   * Gives the first provider its slots before a write, as `KeyAdmission` does.
   *
   * @throws ERR_RECORD_UNREADABLE `key-unknown` when no provider has a slot: a vault with the wrong key writes nothing
   */
  admitFirst(workspace: string, signal?: AbortSignal): Promise<void> {
    return waitedFor(this.#admission.admitFirst(workspace), signal, 'a key provider or onEvent')
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
    this.#admission.forget()
    const closed = await Promise.allSettled(this.#providers.map(closeInTime))
    if (closed.every(({ status }) => status === 'fulfilled')) return
    // what a provider threw may repeat what it was given
    throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'A key provider could not be closed; check whether it works.')
  }

  /** @param isRetried whether data keys that did not open are tried again, also where the keyring has not changed */
  async #adopt(
    workspace: string,
    given: Row | undefined,
    signal: AbortSignal | undefined,
    isRetried = false,
  ): Promise<LoadedKeyring | undefined> {
    const place: RecordPlace = { workspace, ...KEYRING_KEY }
    const row = await this.#current(place, given, signal)
    if (row === undefined) return undefined
    for (;;) {
      const known = this.#loaded.get(workspace)
      // a slow read may bring what was replaced meanwhile
      if (known !== undefined && (known.version > row.version || (isSameRow(known, row) && !isRetried))) return known
      if (this.#isClosed) throw closedMeanwhile()
      const begun = this.#openings.get(workspace)
      if (begun === undefined || !isJoinable(begun)) return waitedFor(this.#open(place, row, known), signal)
      // one after the other, so that no data key is unwrapped twice; all who want the same text share its fate
      const isSame = begun.body === row.body
      const opened = await joinedTo(isSame ? begun : { ...begun, done: begun.done.catch(() => undefined) }, signal)
      if (isSame && opened !== undefined) return opened
    }
  }

  #open(place: RecordPlace, row: Row, known: LoadedKeyring | undefined): Promise<LoadedKeyring> {
    const { workspace } = place
    const done = this.#openAnew(place, row, known).finally(() => {
      if (this.#openings.get(workspace) === opening) this.#openings.delete(workspace)
    })
    const opening: KeyringOpening = { body: row.body, begunAt: performance.now(), done }
    this.#openings.set(workspace, opening)
    return done
  }

  async #openAnew(place: RecordPlace, row: Row, known: LoadedKeyring | undefined): Promise<LoadedKeyring> {
    const { workspace } = place
    // nobody notices otherwise that there is one key less, until the last one fails
    const onFailed = (provider: string, error: unknown): void => {
      if (!this.#isClosed) void this.#admission.tell(workspace, 'key-failed', provider, error)
    }
    const keyring = await openKeyring(row.body, workspace, this.#providers, known?.keyring, onFailed)
    if (this.#isClosed) {
      wipe(keyring)
      throw closedMeanwhile()
    }
    this.#remember(keyring)
    // one that nobody waited for any longer may come after a newer one
    const current = this.#loaded.get(workspace)
    if (current !== undefined && current.version > row.version) return current
    // an older sequence under a newer version is an old keyring that was put back with care; another text of the same
    // sequence is one that lost against it when it was written
    if (current !== undefined && current.body !== row.body && keyring.sequence <= current.keyring.sequence) {
      wipeUnknown(keyring, current.keyring)
      throw rolledBack(place)
    }
    this.#seenVersions.saw(place, row.version, '')
    const loaded = { version: row.version, body: row.body, keyring }
    this.#loaded.set(workspace, loaded)
    if (current === undefined) this.#admission.noteOpened(workspace, keyring)
    return loaded
  }

  /** Remembers whom to wipe; what the engine has taken back is looked for each time there are twice as many. */
  #remember(keyring: Keyring): void {
    if (this.#opened.size >= this.#sweepAt) {
      for (const opened of this.#opened) if (opened.deref() === undefined) this.#opened.delete(opened)
      this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#opened.size)
    }
    this.#opened.add(new WeakRef(keyring))
  }

  async #row(workspace: string, signal: AbortSignal | undefined): Promise<Row | undefined> {
    return this.#store.getFresh(workspace, KEYRING_KEY, signal)
  }

  /** A read that was under way while another one saw a rotation is old, not put back: it is read once more. */
  async #current(place: RecordPlace, row: Row | undefined, signal: AbortSignal | undefined): Promise<Row | undefined> {
    // before it is asked for: what this vault writes while the answer is on its way makes it no rollback
    const seen = this.#seenVersions.of(place)
    if (!isOlder(seen, row?.version ?? 0, row === undefined)) return row
    const fresh = await this.#row(place.workspace, signal)
    if (isOlder(seen, fresh?.version ?? 0, fresh === undefined)) throw rolledBack(place)
    return fresh
  }
}

/** A provider that never answers hangs no `close`: its deadline is that of all its calls. */
async function closeInTime(provider: KeyProvider): Promise<void> {
  await answerOf(async () => provider.close?.(), { timeout: PROVIDER_DEADLINE, signal: undefined })
}

/** Wipes the data keys that the other keyring does not hold. */
function wipeUnknown(keyring: Keyring, other: Keyring): void {
  for (const id of keyring.ids) if (other.key(id) === undefined) keyring.key(id)!.wipe()
}

/** @throws ERR_KEYRING_MISSING */
export function missingKeyring(): never {
  throw new GuillemetError(
    'ERR_KEYRING_MISSING',
    'The keyring of this workspace is gone while its secrets are still there; restore the record "$keyring" from a backup. Nothing was written.',
  )
}
