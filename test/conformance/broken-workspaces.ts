/** Storages with one fault in how they list their workspaces. */

import type { VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type BrokenStorage, wrapped } from './breaking.ts'

const workspacesBy = (change: (names: string[]) => string[]): BrokenStorage['make'] =>
  wrapped((sound) => ({
    workspaces: async ({ after = '', limit }) => {
      const all = await sound.workspaces!({ limit: 10_000 })
      return change([...all])
        .filter((name) => name > after)
        .slice(0, limit)
    },
  }))

export const brokenWorkspaces: readonly BrokenStorage[] = [
  {
    fault: 'lists workspaces in the order in which they came',
    make: workspacesBy((names) => names.reverse()),
    caughtBy: 'workspaces lists each that holds a record once',
    says: 'a collation that is not bytewise?',
  },
  {
    fault: 'lists a workspace once for each record',
    make: workspacesBy((names) => names.flatMap((name) => [name, name])),
    caughtBy: 'workspaces lists each that holds a record once',
  },
  {
    fault: 'always lists a workspace',
    make: workspacesBy((names) => (names.length === 0 ? ['default'] : names)),
    caughtBy: 'workspaces lists none where nothing was written',
  },
  {
    fault: 'has a cursor of workspaces that has to be one of them',
    make: wrapped((sound) => ({
      workspaces: async ({ after, limit }) => {
        const all = await sound.workspaces!({ limit: 10_000 })
        return all.slice(after === undefined ? 0 : all.indexOf(after) + 1).slice(0, limit)
      },
    })),
    caughtBy: 'the cursor of workspaces',
  },
]

/** What a stranger reads of a storage without the optional method. */
export const withoutWorkspaces: BrokenStorage['make'] = (sameDataAs?: VaultStorage) => {
  const { workspaces: _, ...rest } = memoryStorage()
  return sameDataAs ?? rest
}
