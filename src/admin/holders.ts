/** Who gets the next data key: the keys of the vault that hold the one before. */

import type { Keyring } from '../crypto/keyring.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { requireKeyrings, type View } from '../vault/view.ts'

/** The keys of this vault that hold the active data key: all of them get the next one. */
export function holdersIn(view: View, { content, active }: Keyring): readonly KeyProvider[] {
  const { slots } = content.keys.find(({ id }) => id === active.id)!
  return requireKeyrings(view).providers.filter(({ id }) => slots.some(({ provider }) => provider === id))
}
