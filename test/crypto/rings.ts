/** Keyrings as a rotation will leave them: made of entries, with a mac that fits. */

import { wrapAad } from '../../src/crypto/aad.ts'
import { type DataKey, keyIdBytes } from '../../src/crypto/data-key.ts'
import {
  type KeyEntry,
  type KeySlot,
  type KeyState,
  keyringMac,
  readKeyringBody,
  writeKeyringBody,
} from '../../src/crypto/keyring-body.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'

/** One data key, wrapped by each of the providers. */
export async function entry(
  key: DataKey,
  state: KeyState,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<KeyEntry> {
  const slots: KeySlot[] = []
  for (const provider of providers) {
    const aad = wrapAad(workspace, keyIdBytes(key.id)!, provider.id)
    const { bytes: wrapped, keyVersion } = await provider.wrap(key.bytes.slice(), aad)
    slots.push({ provider: provider.id, keyVersion, wrapped })
  }
  return { id: key.id, state, slots }
}

/** The text of the entries, authenticated by the active data key. */
export function bodyOf(
  workspace: string,
  sequence: number,
  keys: readonly KeyEntry[],
  active: DataKey,
  withdrawn: readonly string[] = [],
): string {
  const content = { sequence, keys, withdrawn }
  return writeKeyringBody({ ...content, mac: keyringMac(workspace, content, active) })
}

/** The text after somebody edited what it says, but could not make a new mac. */
export function edited(body: string, edit: (keys: KeyEntry[]) => KeyEntry[]): string {
  const { keys, ...rest } = readKeyringBody(body)
  return writeKeyringBody({ ...rest, keys: edit([...keys]) })
}

/** The entry with another value in its first slot. */
export function withSlot(keys: readonly KeyEntry[], index: number, slot: Partial<KeySlot>): KeyEntry[] {
  return keys.map((key, at) => {
    const [first, ...others] = key.slots
    return at === index ? { ...key, slots: [{ ...first!, ...slot }, ...others] } : key
  })
}
