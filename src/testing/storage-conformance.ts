/** The conformance suite of the storage port, as data: any test runner can run it. */

import { bodyCases } from './body-cases.ts'
import { compareAndSetCases } from './compare-and-set-cases.ts'
import type { StorageCase } from './conformance-case.ts'
import { historyCases } from './history-cases.ts'
import { listCases } from './list-cases.ts'
import { manyKeysCases, readCases } from './read-cases.ts'
import { signalCases } from './signal-cases.ts'
import { inSecondWorkspace, workspaceCases } from './workspace-cases.ts'

const repeated: readonly StorageCase[] = [...compareAndSetCases, ...readCases, ...listCases, ...historyCases]

/**
 * Every promise a storage makes, each as a case with a `name` and a `run(makeStorage)`; a storage that passes all of
 * them is done. A case opens an empty storage by `makeStorage()`, closes what it opened, and needs no order: cases may
 * run side by side. `run` rejects with a plain error that says what was seen; no body is in it.
 *
 * `makeStorage(storage)` asks for a second handle on the same data, as another process would have; see
 * {@link MakeStorage}.
 *
 * What no suite of this kind can see, an adapter has to test itself: what survives a crash or a power loss, and the codes
 * `ERR_STORAGE_UNAVAILABLE`, `ERR_OUTCOME_UNKNOWN` and `ERR_RECORD_CORRUPT`.
 *
 * @example With vitest
 * import { storageConformance } from 'guillemet/testing'
 * import { describe, test } from 'vitest'
 *
 * describe('my storage', () => {
 *   for (const { name, run } of storageConformance) test(name, () => run(() => myStorage()))
 * })
 *
 * @example A storage of one process, without `workspaces`; vitest, jest and node:test say by name what they skip
 * for (const { name, needs, run } of storageConformance) {
 *   const check = needs === undefined ? test : test.skip
 *   check(name, () => run((sameDataAs) => sameDataAs ?? myStorage()))
 * }
 *
 * @example With node:test, on a database of which each storage takes a table
 * import test from 'node:test'
 *
 * const tables = new Map()
 * async function makeStorage(sameDataAs) {
 *   const table = tables.get(sameDataAs) ?? `t${tables.size}`
 *   const storage = myStorage({ client: await connect(), table })
 *   tables.set(storage, table)
 *   return storage
 * }
 * for (const { name, run } of storageConformance) test(name, () => run(makeStorage))
 */
export const storageConformance: readonly StorageCase[] = Object.freeze([
  ...repeated,
  ...manyKeysCases,
  ...bodyCases,
  ...signalCases,
  ...workspaceCases,
  ...repeated.map(inSecondWorkspace),
])
