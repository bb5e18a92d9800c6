/** The box of one part of a backup: sealed with a data key of the workspace, and bound to its place in the backup. */

import { concat, u64 } from '../bytes.ts'
import { base64url, fromBase64url } from '../encode/base64.ts'
import { lengthPrefixed } from './aad.ts'
import { type BoxFault, openBox, readBox, sealBox } from './box.ts'
import { type DataKey, KEY_ID_BYTES, keyIdBytes } from './data-key.ts'
import { BACKUP_LABEL } from './labels.ts'

/** Where a part belongs: in which backup, and where in it. */
export interface BackupPlace {
  /** The id of the backup, 16 random bytes as text. */
  readonly backup: string
  readonly workspace: string
  /** From 0 for records; how many there are for the end. */
  readonly index: number
  /** With the end: the text of the keyring. */
  readonly keyring?: string
}

/** Base64url of key id 8 ‖ nonce 24 ‖ commitment 32 ‖ ciphertext ‖ tag 16. */
export function sealPart(value: Uint8Array, key: DataKey, place: BackupPlace): string {
  const { nonce, commitment, ciphertext } = sealBox(value, key, BACKUP_LABEL, backupAad(place))
  return base64url(concat(keyIdBytes(key.id)!, nonce, commitment, ciphertext))
}

/** The data key that sealed the part; undefined where it is not a part. */
export function partKeyId(part: string): string | undefined {
  const bytes = fromBase64url(part)
  return bytes === undefined || readBox(bytes.subarray(KEY_ID_BYTES)) === undefined
    ? undefined
    : base64url(bytes.slice(0, KEY_ID_BYTES))
}

/** What was sealed, or why it does not open: `moved` where the part belongs elsewhere or the data key is another one. */
export function openPart(part: string, key: DataKey, place: BackupPlace): Uint8Array | BoxFault {
  const box = readBox(fromBase64url(part)!.subarray(KEY_ID_BYTES))!
  return openBox(box, key, BACKUP_LABEL, backupAad(place))
}

function backupAad({ backup, workspace, index, keyring }: BackupPlace): Uint8Array {
  const kind = keyring === undefined ? 'record' : 'end'
  return lengthPrefixed(backup, workspace, kind, u64(index), keyring ?? '')
}
