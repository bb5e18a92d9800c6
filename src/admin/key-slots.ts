/** Which keys the data keys of a workspace need: what may be switched off at a key service, and what may not. */

import type { KeyringContent } from '../crypto/keyring-body.ts'

/** A key that wrapped data keys, and which version of it. */
export interface KeyVersion {
  /** The id of the provider. */
  readonly provider: string
  /** As the provider said it; absent where it does not say. */
  readonly keyVersion?: string
}

/** One data key as one provider holds it. */
export interface KeySlotInfo extends KeyVersion {
  /** The id of the data key. */
  readonly dataKey: string
  /** Active: seals and opens. Retired: opens what was not rotated yet. */
  readonly state: 'active' | 'retired'
}

/** All slots of a keyring. */
export function slotsOf({ keys }: KeyringContent): readonly KeySlotInfo[] {
  return keys.flatMap(({ id, state, slots }) =>
    state === 'destroyed'
      ? []
      : slots.map(({ provider, keyVersion }) => ({ ...version(provider, keyVersion), dataKey: id, state })),
  )
}

/** The data keys that no given key has opened: they stay as they are stored. */
export function unopenedIn({ keys }: KeyringContent, opened: readonly string[]): readonly string[] {
  return keys.flatMap(({ id, state }) => (state === 'destroyed' || opened.includes(id) ? [] : [id]))
}

/** A set of versions. */
export class KeyVersions {
  readonly #versions = new Map<string, KeyVersion>()

  /** Adds what these slots need. */
  add(slots: readonly KeyVersion[]): void {
    for (const { provider, keyVersion } of slots) {
      this.#versions.set(slotKeyOf({ provider, keyVersion }), version(provider, keyVersion))
    }
  }

  /** Each version once, without those of the other set. */
  list(without?: KeyVersions): readonly KeyVersion[] {
    const left = new Map(this.#versions)
    if (without !== undefined) for (const key of without.#versions.keys()) left.delete(key)
    return [...left.values()]
  }
}

function slotKeyOf({ provider, keyVersion }: { provider: string; keyVersion: string | undefined }): string {
  return JSON.stringify([provider, keyVersion])
}

function version(provider: string, keyVersion: string | undefined): KeyVersion {
  return keyVersion === undefined ? { provider } : { provider, keyVersion }
}
