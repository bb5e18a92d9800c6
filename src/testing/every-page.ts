/** A listing walked as the vault does, up to an empty page, since a page may hold fewer than its limit. */

import {
  compareKeys,
  type ListPage,
  type StoredRecord,
  type VaultStorage,
  type WorkspacePage,
} from '../ports/storage.ts'
import { WORKSPACE } from './conformance-case.ts'
import { expectThat } from './expect.ts'

const MAX_PAGES = 1000

/** Every record from this page on; one page that is out of order ends it. */
export function everyStoredRecord(
  storage: VaultStorage,
  page: ListPage,
  workspace = WORKSPACE,
): Promise<readonly StoredRecord[]> {
  const pageAfter = (last: StoredRecord | undefined) => {
    const after = last && { environment: last.environment, tag: last.tag }
    return storage.list(workspace, after === undefined ? page : { ...page, after })
  }
  return everyPage(page.limit, pageAfter, compareKeys)
}

/** Every workspace from this page on; one page that is out of order ends it. */
export function everyWorkspace(storage: VaultStorage, page: WorkspacePage): Promise<readonly string[]> {
  const pageAfter = async (after: string | undefined) => {
    const found = await storage.workspaces?.(after === undefined ? page : { ...page, after })
    if (found !== undefined) return found
    throw new Error('The storage has no method workspaces, which is optional: skip the cases that need "workspaces".')
  }
  return everyPage(page.limit, pageAfter, (a, b) => (a < b ? -1 : 1))
}

async function everyPage<T>(
  limit: number,
  pageAfter: (last: T | undefined) => Promise<readonly T[]>,
  compare: (a: T, b: T) => number,
): Promise<readonly T[]> {
  const all: T[] = []
  for (let count = 0; count < MAX_PAGES; count++) {
    const found = await pageAfter(all.at(-1))
    expectThat(found.length <= limit, `a page of ${limit} held ${found.length}`)
    all.push(...found)
    // no cursor could go on from there; what came says more than all that would come again
    const isOrdered = found.every((one, index) => index === 0 || compare(found[index - 1]!, one) < 0)
    if (found.length === 0 || !isOrdered) return all
  }
  throw new Error(`the listing did not end after ${MAX_PAGES} pages`)
}
