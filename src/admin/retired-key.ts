/** Which key is to be retired: its id, made sure to be one before it is stored or told to anybody. */

import { readKeyringBody } from '../crypto/keyring-body.ts'
import { KEY_PREFIX, localKeyFrom } from '../crypto/local-key.ts'
import { isProviderId } from '../crypto/provider-id.ts'
import { GuillemetError } from '../errors.ts'
import { KEYRING_KEY } from '../vault/keyrings.ts'
import type { Key } from '../vault/option-types.ts'
import type { View } from '../vault/view.ts'

/**
 * The id of a key that is given as itself or by its id.
 *
 * @throws ERR_INVALID_KEY for the text of a key that is not whole; ERR_INVALID_INPUT for what is neither
 */
export function idOfKey(key: Key): string {
  if (typeof key === 'string' && key.includes(KEY_PREFIX)) {
    const provider = localKeyFrom('The key that is to be retired', key)
    void provider.close?.()
    return provider.id
  }
  const id: unknown = typeof key === 'string' ? key : (key as unknown as { id?: unknown } | null | undefined)?.id
  if (isProviderId(id)) return id
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The key that is to be retired must be its text, its provider, or its id of 1 to 128 characters of printable ASCII.',
  )
}

/**
 * That a keyring knows the key. A text that none knows may be a passphrase or another secret, which must reach neither the
 * keyring, where withdrawn ids are kept as they are, nor an event; and nobody may take an id with a typing error for retired.
 *
 * @throws ERR_INVALID_INPUT, which does not repeat the id
 */
export async function requireKnownKey({ root }: View, workspaces: readonly string[], id: string): Promise<void> {
  let hasKeyring = false
  for (const workspace of workspaces) {
    const row = await root.store.getFresh(workspace, KEYRING_KEY)
    if (row === undefined) continue
    hasKeyring = true
    const { keys, withdrawn } = readKeyringBody(row.body)
    if (withdrawn.includes(id) || keys.some(({ slots }) => slots.some(({ provider }) => provider === id))) return
  }
  if (!hasKeyring) return
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'No workspace that was looked at has a key of this id; give the key itself, or its id as rewrapKeys reports it. Nothing was changed.',
  )
}
