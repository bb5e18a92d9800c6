/** Records by tag, through the environments in which a view looks: one round trip for all of them. */

import type { RecordKey } from '../ports/storage.ts'
import { KEYRING_KEY, type KeyringRead } from './keyrings.ts'
import { readStored, type Stored } from './records.ts'
import { entryOf, type SecretEntry, SecretSet } from './secret-set.ts'
import { type RecordPlace, rolledBack } from './seen-versions.ts'
import type { Row } from './store.ts'
import { requireKeyrings, type View } from './view.ts'

const ABSENT: Stored = Object.freeze({ state: 'absent', version: 0 })

/**
 * The secrets of these tags, to be used, and the keyring along with them where it is not loaded yet.
 *
 * Only an absent secret falls through to the next environment; a deleted or unreadable one stops the search.
 *
 * @param batch how many tags are read in one round trip. @default all of them
 */
export async function findForUse(view: View, tags: readonly string[], batch = tags.length): Promise<SecretSet> {
  const { store } = view.root
  const entries: SecretEntry[] = []
  let keyringRead: KeyringRead | undefined
  for (let start = 0; start < tags.length; start += batch) {
    const some = tags.slice(start, start + batch)
    const keys = recordKeys(view, some)
    const needsKeyring = keyringRead === undefined && requireKeyrings(view).loaded(view.workspace) === undefined
    const rows = await store.get(view.workspace, needsKeyring ? [...keys, KEYRING_KEY] : keys)
    if (needsKeyring) keyringRead = { row: rows[keys.length] }
    let picked = pickRecords(view, some, rows, true)
    // a slow or cached read may be older than what this vault has written since: ask once more, past every cache
    if (picked.some(({ error }) => error?.reason === 'rolled-back')) {
      picked = pickRecords(view, some, await store.get(view.workspace, keys, true), true)
    }
    entries.push(...picked)
  }
  return new SecretSet(view, entries, keyringRead)
}

/** The secrets of these tags, to say what is known of them: none is opened, and what was seen is not consulted. */
export async function findForCheck(view: View, tags: readonly string[]): Promise<SecretSet> {
  const rows = await view.root.store.get(view.workspace, recordKeys(view, tags))
  return new SecretSet(view, pickRecords(view, tags, rows, false), undefined)
}

/** The secret of one tag in the view's own environment, read past every cache. */
export async function findForReveal(view: View, tag: string): Promise<SecretSet> {
  const { place, stored } = await readFresh(view, tag)
  return new SecretSet(view, [entryOf(place, stored)], undefined)
}

/** What is stored in the view's own environment, read past every cache, as a change needs it. */
export async function readFresh(
  view: View,
  tag: string,
): Promise<{ readonly place: RecordPlace; readonly stored: Stored }> {
  const place: RecordPlace = { workspace: view.workspace, environment: view.environment, tag }
  const [row] = await view.root.store.get(view.workspace, [place], true)
  if (view.root.seenVersions.isRollback(place, row?.version ?? 0)) throw rolledBack(place)
  return { place, stored: readStored(row) }
}

function recordKeys({ environments }: View, tags: readonly string[]): readonly RecordKey[] {
  const keys: RecordKey[] = []
  for (const tag of tags) for (const environment of environments) keys.push({ environment, tag })
  return keys
}

/** For each tag the first record that counts, in the order of the environments; the rows are in that of `recordKeys`. */
function pickRecords(
  view: View,
  tags: readonly string[],
  rows: readonly (Row | undefined)[],
  isForUse: boolean,
): readonly SecretEntry[] {
  const { root, workspace, environments } = view
  let next = 0
  return tags.map((tag) => {
    const first = next
    next += environments.length
    for (const [offset, environment] of environments.entries()) {
      const place: RecordPlace = { workspace, environment, tag }
      const row = rows[first + offset]
      if (isForUse && root.seenVersions.isRollback(place, row?.version ?? 0)) {
        return entryOf(place, ABSENT, rolledBack(place))
      }
      const stored = readStored(row)
      if (stored.state !== 'absent') return entryOf(place, stored)
    }
    return entryOf({ workspace, environment: view.environment, tag }, ABSENT)
  })
}
