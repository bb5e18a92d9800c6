/** A second reader of backups, written from docs/FORMAT.md; it shares no code with the library. */

import {
  decodeKeyring,
  fromBase64url,
  type GivenKeys,
  openBox,
  parseBody,
  part,
  type StoredRow,
  u64,
} from './second-decoder.ts'

interface Line {
  readonly workspace: string
  readonly record?: string
  readonly keyring?: string
  readonly end?: string
}

/** A backup that was opened: every record as it is stored, and the data keys of each workspace. */
export interface DecodedBackup {
  readonly rows: readonly StoredRow[]
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, Buffer>>
}

/** Opens every part of a backup, or throws. */
export function decodeBackup(text: string, given: GivenKeys): DecodedBackup {
  if (!text.endsWith('\n')) throw new Error('cut off')
  const [first, ...rest] = text.slice(0, -1).split('\n').map(parseBody)
  const { guillemet, format, id, createdAt, workspaces } = first as {
    guillemet: string
    format: number
    id: string
    createdAt: string
    workspaces: readonly string[]
  }
  if (guillemet !== 'backup' || format !== 1) throw new Error('not a backup')
  const lines = rest as Line[]
  const rows: StoredRow[] = []
  const keys = new Map<string, ReadonlyMap<string, Buffer>>()
  for (const workspace of workspaces) {
    const count = lines.findIndex(({ end }) => end !== undefined)
    const block = lines.splice(0, count + 1)
    const { keyring, end } = block.pop()!
    const { keys: own } = decodeKeyring(workspace, keyring!, given)
    const opened = (sealed: string, kind: string, index: number, ring: string) =>
      parseBody(openPart(sealed, own, [id, workspace, kind, u64(index), ring]))
    for (const [index, { workspace: named, record }] of block.entries()) {
      if (named !== workspace) throw new Error('out of order')
      rows.push({ workspace, ...(opened(record!, 'record', index, '') as Omit<StoredRow, 'workspace'>) })
    }
    const summary = JSON.stringify(opened(end!, 'end', count, keyring!))
    if (summary !== JSON.stringify({ createdAt, workspaces })) throw new Error('another header')
    keys.set(workspace, own)
  }
  if (lines.length > 0) throw new Error('more than the header names')
  return { rows, keys }
}

function openPart(sealed: string, keys: ReadonlyMap<string, Buffer>, aad: readonly (string | Buffer)[]): string {
  const bytes = fromBase64url(sealed)
  const key = keys.get(bytes.subarray(0, 8).toString('base64url'))
  if (key === undefined) throw new Error('no such data key')
  return openBox(bytes.subarray(8), key, 'gm1:bkup', Buffer.concat(aad.map(part))).toString()
}
