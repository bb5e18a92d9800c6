/** Opening a sealed text from the text on, as the vault does in two steps. */

import { decodeEnvelope } from '../../src/crypto/envelope.ts'
import { type DataKey, open as openEnvelope } from '../../src/crypto/seal.ts'

/** The value of a sealed text; `key` gives the data key of an id. */
export function open(sealed: string, key: (id: string) => DataKey | undefined, aad: Uint8Array): Uint8Array {
  const envelope = decodeEnvelope(sealed)
  return openEnvelope(envelope, key(envelope.keyId), aad)
}

/** Which data key sealed it. */
export function keyIdOf(sealed: string): string {
  return decodeEnvelope(sealed).keyId
}

/** The data key under the id of another one, as a keyring that was tampered with would give it. */
export function under(id: string, key: DataKey): DataKey {
  return { id, bytes: key.bytes, derive: (info, derived) => key.derive(info, derived), wipe: () => key.wipe() }
}
