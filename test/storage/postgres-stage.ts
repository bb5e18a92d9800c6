/** What the test files of `postgresStorage` share: a server for the file, and the conformance suite on it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type PostgresStorageOptions, postgresStorage } from '../../src/storage/postgres.ts'
import { storageConformance } from '../../src/testing.ts'
import { readOne, recordOf } from './scratch.ts'
import { type PostgresServer, postgresMissing, startPostgres } from './servers/postgres.ts'

const missing = postgresMissing()
let count = 0

/** Tests that need a server; skipped aloud where none can be had. */
export const describeOnPostgres = describe.skipIf(missing !== undefined)

/** A server for the tests of this file. */
export function postgresOfFile(): () => PostgresServer {
  if (missing !== undefined) console.warn(missing)
  let server: PostgresServer | undefined
  beforeAll(async () => {
    if (missing === undefined) server = await startPostgres()
  })
  afterAll(() => server?.stop())
  return () => server!
}

/**
 * Runs every case of the conformance suite, each on a table of its own.
 *
 * @param without what the client cannot do; cases that need it are skipped, and listed as such
 */
export function keepsEveryPromise(
  client: () => PostgresStorageOptions['client'],
  { without, ...more }: { without?: 'processes'; notify?: boolean } = {},
): void {
  const tables = new WeakMap<VaultStorage, string>()
  for (const { name, needs, run } of storageConformance) {
    test.skipIf(needs !== undefined && needs === without)(name, () =>
      run(async (sameDataAs) => {
        const table = (sameDataAs && tables.get(sameDataAs)) ?? `conformance_${count++}`
        const storage = postgresStorage({ client: client(), table, ...more })
        if (sameDataAs === undefined) await storage.migrate()
        tables.set(storage, table)
        return storage
      }),
    )
  }
}

/** Adds one this many times through each of the storages, to one record; nothing but conflicts may come between. The sum. */
export async function countTogether(storages: readonly VaultStorage[], times: number): Promise<number> {
  await Promise.all(
    storages.map(async (storage) => {
      for (let done = 0; done < times; ) {
        const found = await readOne(storage, 'shared')
        const next = recordOf('shared', (found?.version ?? 0) + 1, String(Number(found?.body ?? 0) + 1))
        const outcome = await outcomeOf(storage.put(next))
        expect(['done', 'ERR_CONFLICT']).toContain(outcome)
        if (outcome === 'done') done++
      }
    }),
  )
  return Number((await readOne(storages[0]!, 'shared'))!.body)
}

/** `done`, or the code of the failure. */
export function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error) => String(error.code),
  )
}
