/** The frozen vectors, typed. Files are only ever added to: what was sealed once opens for ever. */

import keyringFile from './keyrings.json' with { type: 'json' }
import recordFile from './records.json' with { type: 'json' }
import type { GivenKeys, StoredRow } from './second-decoder.ts'

/** A keyring as it was stored, the keys that open it, and what is in it (data keys in hexadecimal). */
export interface KeyringVector extends GivenKeys {
  readonly name: string
  readonly workspace: string
  readonly body: string
  readonly opened: {
    readonly sequence: number
    readonly active: string
    readonly keys: Readonly<Record<string, string>>
  }
}

/** A record as it was stored, the keyring that it was sealed under, and what is in it (bytes in hexadecimal). */
export interface RecordVector extends StoredRow {
  readonly name: string
  readonly keyring: string
  readonly opened: {
    readonly keyId: string
    readonly digest: string
    readonly aad: string
    readonly payload: string
    readonly value: string | readonly (readonly [name: string, value: unknown])[]
  }
}

export const keyringVectors: readonly KeyringVector[] = keyringFile.keyrings
export const recordVectors = recordFile.records as unknown as readonly RecordVector[]
