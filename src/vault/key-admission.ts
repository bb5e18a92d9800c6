/** Which keys of the vault a workspace's keyring has slots of: the first one gets its own, and what lacks one is told. */

import type { Keyring } from '../crypto/keyring.ts'
import { isWithdrawn, lacksSlot, withSlotsOf } from '../crypto/keyring-change.ts'
import type { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { isKeyUnknown, withdrawnKey } from './key-errors.ts'
import type { LoadedKeyring } from './loaded-keyring.ts'
import { Recent } from './recent.ts'

/** Told of what becomes of a key of the vault in a workspace; `error` where it gets no slot, or does not unwrap. */
export type TellOfSlot = (
  workspace: string,
  action: 'key-added' | 'key-pending' | 'key-failed',
  provider: string,
  error?: unknown,
) => Promise<void>

/** The keyrings, as far as they are changed here. */
export interface ChangeableKeyrings {
  /** The vault's keys, the one first that wraps new data keys. */
  readonly providers: readonly KeyProvider[]
  loaded(workspace: string): Keyring | undefined
  reload(workspace: string): Promise<Keyring | undefined>
  change(workspace: string, edit: (loaded: LoadedKeyring) => Promise<string | undefined> | undefined): Promise<Keyring>
}

/** How long no write tries again to give a provider its slots that has failed to wrap. */
const RETRY_AFTER_MS = 60_000

/** Gives slots, and tells. */
export class KeyAdmission {
  readonly #keyrings: ChangeableKeyrings
  /** Also of a key that fails, which is noticed elsewhere. */
  readonly tell: TellOfSlot
  /** Workspaces where the first key could not be given its slot, and when, by the monotonic clock, a write may try that again. */
  readonly #pending: Recent<number>
  /** Workspaces whose keyring was opened and has no slot of some of the keys, of which nothing was told yet. */
  readonly untold = new Set<string>()

  /** @param limit how many workspaces are remembered */
  constructor(keyrings: ChangeableKeyrings, tell: TellOfSlot, limit: number) {
    this.#keyrings = keyrings
    this.tell = tell
    this.#pending = new Recent(limit)
  }

  /** Notes a keyring that was opened for the first time. */
  noteOpened(workspace: string, keyring: Keyring): void {
    if (this.#keyrings.providers.some(({ id }) => lacksSlot(keyring, id))) this.untold.add(workspace)
  }

  /** Nothing is told any more. */
  forget(): void {
    this.untold.clear()
  }

  /**
   * Gives the first provider its slots where the keyring has none of them: before a write, never on a read, and never to
   * a provider that was withdrawn. A failure keeps nobody from writing; it is told.
   *
   * @throws ERR_RECORD_UNREADABLE `key-unknown` when no provider has a slot: a vault with the wrong key writes nothing
   */
  async admitFirst(workspace: string): Promise<void> {
    const keyring = this.#keyrings.loaded(workspace) ?? (await this.#keyrings.reload(workspace))
    const [first] = this.#keyrings.providers
    if (keyring === undefined || first === undefined) return
    const isTried = needsSlot(keyring, first.id) && performance.now() >= (this.#pending.get(workspace) ?? 0)
    if (isTried) await this.#admit(workspace, first)
    await this.tellPending(workspace)
  }

  /** Tells once of each key that opens nothing in this workspace yet, or never will. */
  async tellPending(workspace: string): Promise<void> {
    const keyring = this.#keyrings.loaded(workspace)
    if (!this.untold.delete(workspace) || keyring === undefined) return
    const isTold = this.#pending.get(workspace) !== undefined
    for (const [index, provider] of this.#keyrings.providers.entries()) {
      if (!lacksSlot(keyring, provider.id) || (index === 0 && isTold)) continue
      await this.tell(workspace, 'key-pending', provider.id, this.#refusalOf(workspace, provider))
    }
  }

  async #admit(workspace: string, first: KeyProvider): Promise<void> {
    try {
      let isAdded = false
      await this.#keyrings.change(workspace, ({ keyring: current }) => {
        isAdded = needsSlot(current, first.id)
        return isAdded ? withSlotsOf(current, workspace, first) : undefined
      })
      if (isAdded) await this.tell(workspace, 'key-added', first.id)
    } catch (error) {
      if (isKeyUnknown(error)) throw error
      const isNews = this.#pending.get(workspace) === undefined
      this.#pending.set(workspace, performance.now() + RETRY_AFTER_MS)
      if (isNews) await this.tell(workspace, 'key-pending', first.id, this.#refusalOf(workspace, first) ?? error)
    }
  }

  #refusalOf(workspace: string, { id }: KeyProvider): GuillemetError | undefined {
    const keyring = this.#keyrings.loaded(workspace)
    return keyring !== undefined && isWithdrawn(keyring, id) ? withdrawnKey(id) : undefined
  }
}

function needsSlot(keyring: Keyring, provider: string): boolean {
  return !isWithdrawn(keyring, provider) && lacksSlot(keyring, provider)
}
