/** What every storage in a database is measured by: create, fifty references at once, and a listing of 10,000. */

import type { RecordKey, VaultStorage } from '../../src/ports/storage.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

/** A storage, and the least that its bare client can do for the same work. */
export interface Pair {
  readonly storage: VaultStorage
  readonly create: (tag: string, body: string) => Promise<void>
  readonly read: (tags: string[]) => Promise<unknown>
  readonly list: () => Promise<unknown>
  /** How many times the server has been asked. */
  readonly roundTrips: () => Promise<number>
}

const RECORDS = 10_000
const REFERENCES = 50
/** About what a sealed token with its clear information takes. */
const BODY = 'x'.repeat(600)
const TOGETHER = 100

const keyOf = (tag: string): RecordKey => ({ environment: 'default', tag })

export async function rowsOf({ storage, create, read, list, roundTrips }: Pair): Promise<readonly Row[]> {
  const put = (tag: string): Promise<void> =>
    storage.put({ workspace: 'default', ...keyOf(tag), version: 1, body: BODY })
  const tags = Array.from({ length: RECORDS }, (_, index) => `secret-${index}`)
  for (let first = 0; first < RECORDS; first += TOGETHER) {
    const some = tags.slice(first, first + TOGETHER)
    await Promise.all(some.map((tag) => put(tag)))
    await Promise.all(some.map((tag) => create(tag, BODY)))
  }
  const wanted = tags.filter((_, index) => index % (RECORDS / REFERENCES) === 0)
  const keys = wanted.map(keyOf)
  const before = await roundTrips()
  await storage.get('default', keys)
  const trips = (await roundTrips()) - before

  const many = await byTurns({
    own: () => storage.get('default', keys),
    bare: () => read(wanted),
  })
  const all = await byTurns({
    own: () => storage.list('default', { limit: RECORDS }),
    bare: list,
  })
  let count = 0
  const creates = await byTurns({
    own: () => put(`new-${count++}`),
    bare: () => create(`new-${count++}`, BODY),
  })
  return [
    beside('create one record', creates.own, creates.bare),
    beside(`get ${REFERENCES} records`, many.own, many.bare),
    {
      work: `get ${REFERENCES} records`,
      ratio: `${trips}`,
      figure: 'round trips',
      budget: 'exactly 1',
      met: trips === 1,
    },
    beside(`list ${RECORDS} records`, all.own, all.bare),
  ]
}

function beside(work: string, own: readonly number[], bare: readonly number[]): Row {
  return {
    work: `${work}, beside the bare client`,
    ratio: `${timesAsLong(own, bare).toFixed(2)} × the time`,
    figure: `${shown(own)} against ${shown(bare)}`,
  }
}
