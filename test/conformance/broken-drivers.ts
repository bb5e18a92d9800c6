/** Storages with the faults of real adapters, by which data was lost in the field, and the case that has to catch each. */

import { compareKeys, type StoredRecord } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import {
  type BrokenStorage,
  conflictUnless,
  isAt,
  keeping,
  keyed,
  naive,
  reading,
  sortedBy,
  tick,
  versionIn,
  wrapped,
  write,
} from './breaking.ts'

const utf8 = new TextEncoder()

/** A reader that is one write behind, as a replica is whose log has not arrived. */
function lagging(isFreshToo: boolean) {
  return wrapped((sound) => {
    let before = memoryStorage()
    const queue: StoredRecord[] = []
    const replicate = async () => {
      while (queue.length > 1) await before.put(queue.shift()!)
    }
    return {
      put: async (record) => {
        await sound.put(record)
        queue.push({ ...record })
        await replicate()
      },
      get: (workspace, keys, options) =>
        (options?.fresh === true && !isFreshToo ? sound : before).get(workspace, keys, options),
      close: async () => {
        before = memoryStorage()
      },
    }
  })
}

/** Statements of two tasks on one connection: the COMMIT of one ends the transaction of the other. */
function sharedTransaction(): BrokenStorage['make'] {
  return wrapped(() => {
    let committed: StoredRecord[] = []
    let working: StoredRecord[] | undefined
    const statement = async <T>(run: () => T): Promise<T> => {
      await tick()
      return run()
    }
    return {
      put: async (given) => {
        const record = { ...given }
        await statement(() => {
          working ??= [...committed]
        })
        const version = await statement(() => versionIn(working ?? committed, record))
        if (version !== record.version - 1) {
          await statement(() => {
            working = undefined // ROLLBACK, also of what another task has written meanwhile
          })
          conflictUnless(false)
        }
        await statement(() => {
          working ??= [...committed]
          write(working, record)
        })
        await statement(() => {
          committed = working ?? committed
          working = undefined
        })
      },
      get: async (workspace, keys) => {
        const wanted = keys.map((key) => ({ ...key }))
        return statement(() =>
          wanted.map((key) => {
            const found = committed.find((record) => isAt(record, workspace, key))
            return found && { ...found }
          }),
        )
      },
      list: async (workspace, { environment, after, limit }) =>
        committed
          .filter(
            (record) => record.workspace === workspace && (environment ?? record.environment) === record.environment,
          )
          .filter((record) => after === undefined || compareKeys(record, after) > 0)
          .sort(compareKeys)
          .slice(0, limit)
          .map((record) => ({ ...record })),
    }
  })
}

/** Asks for each row whether it was changed, where the same body means that it was not. */
const changedRowsOnly: BrokenStorage['make'] = naive(async (records, record) => {
  conflictUnless(versionIn(records, record) === record.version - 1)
  const stored = records.find((other) => isAt(other, record.workspace, record))
  write(records, record)
  conflictUnless(stored?.body !== record.body)
})

export const brokenDrivers: readonly BrokenStorage[] = [
  {
    fault: 'sends BEGIN and COMMIT over a connection that others share',
    make: sharedTransaction(),
    caughtBy: 'of parallel puts of one version exactly one wins',
  },
  {
    fault: 'lists without regard to case',
    make: sortedBy((a, b) => {
      const [one, other] = [a, b].map(({ environment, tag }) => `${environment} ${tag}`.toLowerCase())
      return one! < other! ? -1 : one! > other! ? 1 : compareKeys(a, b)
    }),
    caughtBy: 'list is ordered by tag, bytewise',
    says: 'a collation that is not bytewise?',
  },
  {
    fault: 'gives a BIGINT as text',
    make: reading((records) =>
      records.map((record) => record && { ...record, version: String(record.version) as unknown as number }),
    ),
    caughtBy: 'a put of version 1 creates a record',
    says: 'a BIGINT that the driver gives as text?',
  },
  {
    fault: 'gives a BIGINT as a bigint',
    make: reading((records) =>
      records.map((record) => record && { ...record, version: BigInt(record.version) as unknown as number }),
    ),
    caughtBy: 'a put of version 1 creates a record',
    says: 'got the version 1n (a BIGINT',
  },
  {
    fault: 'adds 1 to a version that is text',
    make: naive(async (records, record) => {
      const stored = versionIn(records, record)
      conflictUnless(
        stored === 0 ? record.version === 1 : [`${stored}1`, `${stored + 1}`].includes(`${record.version}`),
      )
      write(records, record)
    }),
    caughtBy: 'versions are compared as numbers',
  },
  {
    fault: 'cuts a body at 65,535 bytes, as MySQL does without strict mode',
    make: keeping((body) => {
      const bytes = utf8.encode(body)
      return bytes.length <= 65_535
        ? body
        : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.slice(0, 65_535))
    }),
    caughtBy: 'a body comes back exactly: 65,535, 65,536 and 65,537 bytes',
    says: 'cut after 65535 bytes: a column for short texts',
  },
  {
    fault: 'cuts a body at 65,535 characters',
    make: keeping((body) => body.slice(0, 65_535)),
    caughtBy: 'a body comes back exactly: 65,535, 65,536 and 65,537 bytes',
  },
  {
    fault: 'cuts a body of 8 MiB, and says nothing',
    make: keeping((body) => body.slice(0, 8 * 1024 * 1024 - 1)),
    caughtBy: 'a body of 8 MiB comes back exactly, or is refused',
  },
  {
    fault: 'keeps no emoji',
    make: keeping((body) => body.replace(/[\u{10000}-\u{10ffff}]/gu, '?')),
    caughtBy: 'a body comes back exactly: emoji',
    says: 'utf8mb3',
  },
  {
    fault: 'reads from a replica that lags',
    make: lagging(true),
    caughtBy: 'an acknowledged put is seen by the next get and list',
    says: 'a replica, a cache?',
  },
  {
    fault: 'counts the rows that were changed, not those that were found',
    make: changedRowsOnly,
    caughtBy: 'a put that changes nothing but the version is a put',
    says: 'are changed rows counted',
  },
  {
    fault: 'takes the 2 affected rows of an upsert for success, and the 0 of none too',
    make: wrapped((sound) => ({
      put: async (record) => {
        const [stored] = await sound.get(record.workspace, [record])
        if (stored === undefined || stored.version === record.version - 1) await sound.put(record)
      },
    })),
    caughtBy: 'a put of a version that was already written is a conflict',
    says: 'affected rows misread?',
  },
  {
    fault: 'matches keys by their beginning',
    make: wrapped((sound) => ({
      get: async (workspace, keys) => {
        const copies = keys.map((key) => ({ ...key }))
        const all = await sound.list(workspace, { limit: 10_000 })
        return copies.map((key) => {
          const found = all.find(({ environment, tag }) => environment === key.environment && tag.startsWith(key.tag))
          return found && { ...found, tag: key.tag }
        })
      },
    })),
    caughtBy: 'a name that begins another one is not that one',
  },
  {
    fault: 'shows what stands in another workspace where its own has nothing',
    make: wrapped((sound) => ({
      get: async (workspace, keys) => {
        const copies = keys.map((key) => ({ ...key }))
        const own = await sound.get(workspace, copies)
        const first = await sound.get('main', copies)
        return own.map((record, index) => record ?? (first[index] && { ...first[index], workspace }))
      },
    })),
    caughtBy: 'get of no keys, and of a workspace that nobody wrote to',
  },
  {
    fault: 'lists what a second workspace wrote last',
    make: wrapped((sound) => ({
      list: async (workspace, page) => {
        const own = await sound.list(workspace, page)
        if (workspace !== 'second') return own
        const first = await sound.list('main', page)
        return [...own, ...first.map((record) => ({ ...record, workspace }))].sort(compareKeys).slice(0, page.limit)
      },
    })),
    caughtBy: 'list is ordered by tag, bytewise (in a second workspace)',
  },
  {
    fault: 'skips what begins like its cursor',
    make: wrapped((sound) => ({
      list: async (workspace, { after, limit, ...filter }) => {
        const all = await sound.list(workspace, { ...filter, limit: 10_000 })
        return all
          .filter((record) => after === undefined || compareKeys(record, after) > 0)
          .filter((record) => after === undefined || !record.environment.startsWith(`${after.environment}-`))
          .slice(0, limit)
      },
    })),
    caughtBy: 'the cursor is exclusive, and pages of any size give every record once',
    says: 'without default-2',
  },
  {
    fault: 'has a cache that does not ask when it has to',
    make: wrapped((sound) => {
      const cached = new Map<string, StoredRecord>()
      return {
        get: async (workspace, keys) => {
          const copies = keys.map((key) => ({ ...key }))
          const found = await sound.get(workspace, copies)
          return found.map((record, index) => {
            const { environment, tag } = copies[index]!
            const key = `${workspace}/${environment}/${tag}`
            if (record !== undefined && !cached.has(key)) cached.set(key, record)
            const kept = cached.get(key)
            return kept && { ...kept }
          })
        },
      }
    }),
    caughtBy: 'each put of the next version replaces the record',
  },
  {
    fault: 'folds names as a file system of a desktop does',
    make: keyed(({ environment, tag }) => ({ environment, tag: tag.toUpperCase() })),
    caughtBy: 'names special to JavaScript',
  },
  {
    fault: 'gives an old body for a moment after a write',
    make: wrapped((sound) => {
      const before = new Map<string, StoredRecord | undefined>()
      let reads = 0
      return {
        put: async (record) => {
          const [stored] = await sound.get(record.workspace, [record])
          await sound.put(record)
          before.set(record.tag, stored)
        },
        // every seventh read of a record is of the state before
        get: async (workspace, keys) => {
          const copies = keys.map((key) => ({ ...key }))
          const found = await sound.get(workspace, copies)
          return found.map((record, index) => (++reads % 7 === 0 ? before.get(copies[index]!.tag) : record))
        },
      }
    }),
    caughtBy: 'what parallel writers see can have happened in one order',
  },
]
