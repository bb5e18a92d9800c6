/** Conformance: the workspaces of a storage, for those that can list them, and the same cases again in a second one. */

import type { RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'
import { type MakeStorage, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { everyWorkspace } from './every-page.ts'
import { expectThat } from './expect.ts'
import { orderHint } from './usual-causes.ts'

const SORTED_WORKSPACES = ['-', '1', 'Main', '_', '__proto__', 'a', 'mai', 'main', 'main-2', 'z']
const NEEDS = { needs: 'workspaces' } as const

export const workspaceCases: readonly StorageCase[] = [
  storageCase(
    'workspaces lists none where nothing was written',
    async ({ storage }) => expectNames(await everyWorkspace(storage, { limit: 10 }), []),
    NEEDS,
  ),

  storageCase(
    'workspaces lists each that holds a record once, bytewise, deleted records and the keyring included',
    async ({ storage }) => {
      for (const workspace of [...SORTED_WORKSPACES].reverse()) await storage.put(recordOf('a', 1, { workspace }))
      await storage.put(recordOf('a', 2, { workspace: 'main', body: '' }))
      await storage.put(recordOf('b', 1, { workspace: 'main' }))
      await storage.put(recordOf('$keyring', 1, { workspace: 'zz', environment: '$' }))
      expectNames(await everyWorkspace(storage, { limit: 100 }), [...SORTED_WORKSPACES, 'zz'])
    },
    NEEDS,
  ),

  storageCase(
    'the cursor of workspaces is exclusive, need not be one, and pages of any size give each once',
    async ({ storage }) => {
      for (const workspace of SORTED_WORKSPACES) await storage.put(recordOf('a', 1, { workspace }))
      for (const limit of [1, 3, SORTED_WORKSPACES.length]) {
        expectNames(await everyWorkspace(storage, { limit }), SORTED_WORKSPACES)
      }
      expectNames(await everyWorkspace(storage, { after: 'maim', limit: 2 }), ['main', 'main-2', 'z'])
    },
    NEEDS,
  ),
]

function expectNames(actual: readonly string[], expected: readonly string[]): void {
  const [seen, wanted] = [actual.join(', '), expected.join(', ')]
  expectThat(seen === wanted, `expected [${wanted}], got [${seen}]${orderHint(actual, expected)}`)
}

const SECOND_WORKSPACE = 'second'
/** Keys of a case that are also written in the first workspace: enough to be seen, few enough for a slow disk. */
const MOST_DECOYS = 4

/** The same case in another workspace than the first, which holds other records under the same keys. */
export function inSecondWorkspace(one: StorageCase): StorageCase {
  return {
    ...one,
    name: `${one.name} (in a second workspace)`,
    run(makeStorage) {
      const inner = new Map<VaultStorage, VaultStorage>()
      const decoys = new Map<string, Promise<unknown>>()
      const makeSecond: MakeStorage = async (sameDataAs) => {
        const opened = await makeStorage(sameDataAs && inner.get(sameDataAs))
        const second = secondWorkspaceOf(opened, decoys)
        inner.set(second, opened)
        return second
      }
      return one.run(makeSecond)
    },
  }
}

/** Shows the second workspace of a storage as the first; before a key is written there it is written in the first. */
function secondWorkspaceOf(storage: VaultStorage, decoys: Map<string, Promise<unknown>>): VaultStorage {
  const renamed = (workspace: string) => (workspace === WORKSPACE ? SECOND_WORKSPACE : workspace)
  const back = (record: StoredRecord) =>
    record?.workspace === SECOND_WORKSPACE ? { ...record, workspace: WORKSPACE } : record
  const decoy = ({ environment, tag }: RecordKey) => {
    const key = `${environment}/${tag}`
    const known = decoys.get(key)
    if (known !== undefined || decoys.size === MOST_DECOYS) return known
    const written = storage.put(recordOf(tag, 1, { environment, body: 'another workspace' }))
    decoys.set(key, written)
    return written
  }
  return {
    async get(workspace, keys, options) {
      const found = await storage.get(renamed(workspace), keys, options)
      return found.map((record) => record && back(record))
    },
    async put(record, options) {
      const copy = { ...record, workspace: renamed(record.workspace) }
      if (record.workspace === WORKSPACE) await decoy(record)
      await storage.put(copy, options)
    },
    async list(workspace, page, options) {
      return (await storage.list(renamed(workspace), page, options)).map(back)
    },
    async close() {
      await storage.close?.()
    },
  }
}
