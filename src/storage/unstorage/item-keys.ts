/**
 * Places as keys of unstorage, of which no two are one on any of its backends.
 *
 * unstorage takes `:`, `/` and `\` for separators, cuts a key at `?`, and hides keys that end with `$`; some backends are file systems
 * that ignore case or reserve names. The names of the file storage are safe from all of that but the dollar sign of the library's own
 * records, which becomes a hyphen here: names of users begin with `_`.
 */

import type { RecordKey } from '../../ports/storage.ts'
import { decodeName, encodeName } from '../file/names.ts'

const KEY_SEPARATOR = ':'
const OWN_SIGN = '$'
const OWN_SIGN_IN_KEYS = '-'

/**
 * The key of a record.
 *
 * @throws ERR_INVALID_INPUT when a name is neither one nor one of the library's own
 */
export function itemKey(base: string, workspace: string, { environment, tag }: RecordKey): string {
  return [workspaceKey(base, workspace), encodeItemName(environment, 'environment'), encodeItemName(tag, 'tag')].join(
    KEY_SEPARATOR,
  )
}

/** What all keys of a workspace begin with; a separator follows. */
export function workspaceKey(base: string, workspace: string): string {
  return [base, encodeItemName(workspace, 'workspace')].join(KEY_SEPARATOR)
}

/** The place that a key stands for, or undefined for a key of somebody else. */
export function placeOf(base: string, key: string): (RecordKey & { readonly workspace: string }) | undefined {
  if (!key.startsWith(base + KEY_SEPARATOR)) return undefined
  const names = key
    .slice(base.length + KEY_SEPARATOR.length)
    .split(KEY_SEPARATOR)
    .map(decodeItemName)
  const [workspace, environment, tag] = names
  if (names.length !== 3 || workspace === undefined || environment === undefined || tag === undefined) return undefined
  return { workspace, environment, tag }
}

function encodeItemName(name: string, what: string): string {
  const encoded = encodeName(name, what)
  return encoded.startsWith(OWN_SIGN) ? OWN_SIGN_IN_KEYS + encoded.slice(OWN_SIGN.length) : encoded
}

function decodeItemName(encoded: string): string | undefined {
  const isOwn = encoded.startsWith(OWN_SIGN_IN_KEYS)
  return decodeName(isOwn ? OWN_SIGN + encoded.slice(OWN_SIGN_IN_KEYS.length) : encoded)
}
