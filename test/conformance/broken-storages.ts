/** Storages with one fault each, and the case that has to catch it. */

import { GuillemetError } from '../../src/errors.ts'
import { compareKeys, type RecordKey, type StoredRecord, type VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { MakeStorage } from '../../src/testing.ts'

export interface BrokenStorage {
  readonly fault: string
  readonly make: MakeStorage
  /** The beginning of the name of a case that fails on it. */
  readonly caughtBy: string
}

type Faults = (sound: VaultStorage) => Partial<VaultStorage>

/** A sound storage with some methods replaced; the second handle is the same storage. */
function wrapped(faults: Faults): MakeStorage {
  return (sameDataAs) => {
    if (sameDataAs !== undefined) return sameDataAs
    const sound = memoryStorage()
    return { ...sound, ...faults(sound) }
  }
}

/** Passes what comes out through a function. */
function reading(
  change: (records: readonly (StoredRecord | undefined)[]) => (StoredRecord | undefined)[],
): MakeStorage {
  return wrapped((sound) => ({
    get: async (...of) => change(await sound.get(...of)),
    list: async (...of) => change(await sound.list(...of)) as StoredRecord[],
  }))
}

/** Keeps the body in another way than it was given. */
function keeping(change: (body: string) => string): MakeStorage {
  return wrapped((sound) => ({ put: (record) => sound.put({ ...record, body: change(record.body) }) }))
}

/** Sees keys in another way than they were given, but answers with those asked for. */
function keyed(change: (key: RecordKey) => RecordKey): MakeStorage {
  return wrapped((sound) => ({
    put: (record) => sound.put({ ...record, ...change(record) }),
    get: async (workspace, keys) => {
      const found = await sound.get(workspace, keys.map(change))
      return found.map((record, index) => record && { ...record, ...keys[index]! })
    },
  }))
}

/** A list that sorts by another order. */
function sortedBy(compare: (a: StoredRecord, b: StoredRecord) => number): MakeStorage {
  return wrapped((sound) => ({
    list: async (workspace, page) => {
      const { environment, after, limit } = page
      const all = [...(await sound.list(workspace, { ...(environment && { environment }), limit: 10_000 }))].sort(
        compare,
      )
      const start = after ? all.findIndex((record) => compare(record, after as StoredRecord) > 0) : 0
      return start < 0 ? [] : all.slice(start, start + limit)
    },
  }))
}

/** An array of records per storage, with the compare-and-set left to the fault. */
function naive(put: (records: StoredRecord[], record: StoredRecord) => Promise<void>): MakeStorage {
  return wrapped(() => {
    const records: StoredRecord[] = []
    return {
      put: (record) => put(records, { ...record }),
      get: async (workspace, keys) =>
        keys.map((key) => {
          const found = records.find((record) => isAt(record, workspace, key))
          return found && { ...found }
        }),
      list: async (workspace, { environment, after, limit }) =>
        records
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

function isAt(record: StoredRecord, workspace: string, key: RecordKey): boolean {
  return record.workspace === workspace && compareKeys(record, key) === 0
}

function versionIn(records: readonly StoredRecord[], record: StoredRecord): number {
  return records.find((stored) => isAt(stored, record.workspace, record))?.version ?? 0
}

function write(records: StoredRecord[], record: StoredRecord): void {
  const index = records.findIndex((stored) => isAt(stored, record.workspace, record))
  records.splice(index < 0 ? records.length : index, index < 0 ? 0 : 1, record)
}

function conflictUnless(isExpected: boolean): void {
  if (!isExpected) throw new GuillemetError('ERR_CONFLICT', 'The record was changed meanwhile.')
}

const tick = () => new Promise((resolve) => setImmediate(resolve))
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Hands out and takes in the very objects that it stores. */
function lending(isCopying: 'in' | 'out'): MakeStorage {
  return wrapped(() => {
    const records: StoredRecord[] = []
    const lend = (record: StoredRecord | undefined) => (isCopying === 'out' && record ? { ...record } : record)
    return {
      put: async (record) => {
        conflictUnless(versionIn(records, record) === record.version - 1)
        write(records, isCopying === 'in' ? { ...record } : record)
      },
      get: async (workspace, keys) => keys.map((key) => lend(records.find((record) => isAt(record, workspace, key)))),
      list: async (workspace, { limit }) =>
        records.filter((record) => record.workspace === workspace).slice(0, limit) as StoredRecord[],
    }
  })
}

export const soundOne: MakeStorage = naive(async (records, record) => {
  conflictUnless(versionIn(records, record) === record.version - 1)
  write(records, record)
})

export const brokenStorages: readonly BrokenStorage[] = [
  {
    fault: 'forgets the expected version',
    make: naive(async (records, record) => write(records, record)),
    caughtBy: 'a put of version 1 over a record is a conflict',
  },
  {
    fault: 'takes any version that is newer',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) < record.version)
      write(records, record)
    }),
    caughtBy: 'a put that skips a version is a conflict',
  },
  {
    fault: 'checks only that there is a record',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) > 0 || record.version === 1)
      if (record.version === 1) conflictUnless(versionIn(records, record) === 0)
      write(records, record)
    }),
    caughtBy: 'a put of a version that was already written is a conflict',
  },
  {
    fault: 'updates what is not there',
    make: naive(async (records, record) => {
      const stored = versionIn(records, record)
      conflictUnless(stored === record.version - 1 || stored === 0)
      write(records, record)
    }),
    caughtBy: 'a put of version 2 where there is no record is a conflict',
  },
  {
    fault: 'reports a conflict without its code',
    make: wrapped((sound) => ({
      put: (record) =>
        sound.put(record).catch(() => {
          throw new Error('duplicate key')
        }),
    })),
    caughtBy: 'a put of version 1 over a record is a conflict',
  },
  {
    fault: 'says nothing of a conflict',
    make: wrapped((sound) => ({ put: (record) => sound.put(record).catch(() => undefined) })),
    caughtBy: 'of parallel puts of one version exactly one wins',
  },
  {
    fault: 'compares first and writes later',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      await tick()
      write(records, record)
    }),
    caughtBy: 'of parallel puts of one version exactly one wins',
  },
  {
    fault: 'loses one of two parallel writes',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      const next = records.map((stored) => ({ ...stored }))
      await tick()
      write(next, record)
      records.splice(0, records.length, ...next)
    }),
    caughtBy: 'parallel puts of different records are all kept',
  },
  {
    fault: 'acknowledges before it is written',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      void tick().then(() => write(records, record))
    }),
    caughtBy: 'an acknowledged put is seen by the next get and list',
  },
  {
    fault: 'keeps what is written to itself',
    make: () => memoryStorage(),
    caughtBy: 'an acknowledged put is seen through a second handle',
  },
  {
    fault: 'removes a deleted record and starts again at version 1',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      write(records, record)
      if (record.body === '') records.splice(records.indexOf(record), 1)
    }),
    caughtBy: 'versions go on after a deletion',
  },
  {
    fault: 'hides deleted records from list',
    make: wrapped((sound) => ({
      list: async (...of) => (await sound.list(...of)).filter((record) => record.body !== ''),
    })),
    caughtBy: 'list gives the newest version of each record, deleted ones included',
  },
  { fault: 'hands out its own objects', make: lending('in'), caughtBy: 'what get and list give is a copy' },
  { fault: 'keeps the object it was given', make: lending('out'), caughtBy: 'the object given to put is copied' },
  {
    fault: 'reads the keys when it comes to them',
    make: wrapped((sound) => ({
      get: async (workspace, keys) => {
        await tick()
        return sound.get(workspace, keys)
      },
    })),
    caughtBy: 'the keys given to get are copied',
  },
  {
    fault: 'reads the page when it comes to it',
    make: wrapped((sound) => ({
      list: async (workspace, page) => {
        await tick()
        return sound.list(workspace, page)
      },
    })),
    caughtBy: 'the page given to list is copied',
  },
  {
    fault: 'answers in its own order',
    make: wrapped((sound) => ({
      get: async (workspace, keys) => sound.get(workspace, [...keys].sort(compareKeys)),
    })),
    caughtBy: 'get answers in the order of the keys',
  },
  {
    fault: 'leaves out what is not there',
    make: wrapped((sound) => ({
      get: async (...of) => (await sound.get(...of)).filter((record) => record !== undefined),
    })),
    caughtBy: 'get answers in the order of the keys',
  },
  {
    fault: 'answers a key once however often it is asked',
    make: wrapped((sound) => ({
      get: async (workspace, keys) =>
        sound.get(
          workspace,
          keys.filter((key, index) => keys.findIndex((other) => compareKeys(key, other) === 0) === index),
        ),
    })),
    caughtBy: 'get answers a key as often as it is asked',
  },
  {
    fault: 'answers at most 100 keys',
    make: wrapped((sound) => ({ get: (workspace, keys) => sound.get(workspace, keys.slice(0, 100)) })),
    caughtBy: 'get answers 300 keys',
  },
  {
    fault: 'refuses an option',
    make: wrapped((sound) => ({
      get: async (workspace, keys, options) => {
        if (options?.fresh === false) throw new Error('unknown option')
        return sound.get(workspace, keys)
      },
    })),
    caughtBy: 'get takes the option fresh',
  },
  {
    fault: 'ignores case',
    make: keyed(({ environment, tag }) => ({ environment: environment.toLowerCase(), tag: tag.toLowerCase() })),
    caughtBy: 'names special to JavaScript',
  },
  {
    fault: 'looks names up in a plain object',
    make: wrapped((sound) => {
      const seen: Record<string, boolean> = {}
      return {
        put: async (record) => {
          if (record.version === 1 && seen[record.tag] !== undefined && !seen[record.tag]) return
          await sound.put(record)
          seen[record.tag] = true
        },
        get: async (workspace, keys) => {
          const found = await sound.get(workspace, keys)
          return found.map((record, index) =>
            seen[keys[index]!.tag] === undefined ? undefined : (record ?? ({ ...keys[index]! } as StoredRecord)),
          )
        },
      }
    }),
    caughtBy: 'names special to JavaScript',
  },
  {
    fault: 'joins the names with a character that they may hold',
    make: keyed(({ environment, tag }) => ({ environment: '', tag: `${environment}_${tag}` })),
    caughtBy: 'places whose names run together are apart',
  },
  {
    fault: 'refuses names outside the grammar, so the keyring too',
    make: wrapped((sound) => ({
      put: async (record) => {
        if (record.tag.startsWith('$')) throw new Error('bad name')
        await sound.put(record)
      },
    })),
    caughtBy: 'the record of the keyring',
  },
  {
    fault: 'mixes workspaces',
    make: wrapped((sound) => ({
      list: async (_, page) => sound.list('main', page),
      put: (record) => sound.put({ ...record, workspace: 'main' }),
      get: async (_, keys) => sound.get('main', keys),
    })),
    caughtBy: 'workspaces are apart in get, put and list',
  },
  {
    fault: 'sorts by locale',
    make: sortedBy((a, b) => a.environment.localeCompare(b.environment) || a.tag.localeCompare(b.tag)),
    caughtBy: 'list is ordered by tag, bytewise',
  },
  {
    fault: 'sorts by tag before environment',
    make: sortedBy((a, b) => byText(a.tag, b.tag) || byText(a.environment, b.environment)),
    caughtBy: 'list is ordered by environment before tag',
  },
  {
    fault: 'sorts by names run together',
    make: sortedBy((a, b) => byText(`${a.environment}/${a.tag}`, `${b.environment}/${b.tag}`)),
    caughtBy: 'list is ordered by environment before tag',
  },
  {
    fault: 'has a cursor that includes its record',
    make: wrapped((sound) => ({
      list: async (workspace, page) => {
        const at = page.after && (await sound.get(workspace, [page.after]))[0]
        const rest = await sound.list(workspace, page)
        return (at ? [at, ...rest] : rest).slice(0, page.limit)
      },
    })),
    caughtBy: 'the cursor is exclusive',
  },
  {
    fault: 'has a cursor that compares each name by itself',
    make: wrapped((sound) => ({
      list: async (workspace, { after, limit, ...filter }) => {
        const all = await sound.list(workspace, { ...filter, limit: 10_000 })
        const rest = all.filter(
          (record) => !after || (record.environment >= after.environment && record.tag > after.tag),
        )
        return rest.slice(0, limit)
      },
    })),
    caughtBy: 'the cursor is exclusive',
  },
  {
    fault: 'has a cursor that goes stale',
    make: wrapped((sound) => {
      let offset = 0
      return {
        list: async (workspace, page) => {
          if (page.after === undefined) offset = 0
          const { after: _, ...first } = page
          const all = await sound.list(workspace, { ...first, limit: 10_000 })
          const found = all.slice(offset, offset + page.limit)
          offset += found.length
          return found
        },
      }
    }),
    caughtBy: 'the cursor holds while records are written',
  },
  {
    fault: 'finds its cursor among the records',
    make: wrapped((sound) => ({
      list: async (workspace, { after, ...first }) => {
        const all = await sound.list(workspace, { ...first, limit: 10_000 })
        const start = after ? all.findIndex((record) => compareKeys(record, after) === 0) + 1 : 0
        return all.slice(start, start + first.limit)
      },
    })),
    caughtBy: 'the cursor need not be a record',
  },
  {
    fault: 'ignores the environment',
    make: wrapped((sound) => ({
      list: (workspace, { environment: _, ...page }) => sound.list(workspace, page),
    })),
    caughtBy: 'list with an environment gives that environment only',
  },
  {
    fault: 'takes the environment for a prefix',
    make: wrapped((sound) => ({
      list: async (workspace, { environment = '', ...page }) => {
        const all = await sound.list(workspace, { ...page, limit: 10_000 })
        return all.filter((record) => record.environment.startsWith(environment)).slice(0, page.limit)
      },
    })),
    caughtBy: 'list with an environment gives that environment only',
  },
  {
    fault: 'ignores the limit',
    make: wrapped((sound) => ({ list: (workspace, page) => sound.list(workspace, { ...page, limit: 10_000 }) })),
    caughtBy: 'list gives at most as many as the limit',
  },
  {
    fault: 'filters after it has counted',
    make: wrapped((sound) => ({
      list: async (workspace, { environment, ...page }) =>
        (await sound.list(workspace, page)).filter(
          (record) => (environment ?? record.environment) === record.environment,
        ),
    })),
    caughtBy: 'the cursor and the environment work together',
  },
  {
    fault: 'lists a version behind',
    make: wrapped((sound) => {
      let before: StoredRecord | undefined
      return {
        put: async (record) => {
          before = (await sound.get(record.workspace, [record]))[0]
          await sound.put(record)
        },
        list: async (...of) =>
          (await sound.list(...of)).map((record) => (before && compareKeys(record, before) === 0 ? before : record)),
      }
    }),
    caughtBy: 'list gives the newest version of each record',
  },
  {
    fault: 'drops a leading U+FEFF',
    make: keeping((body) => new TextDecoder().decode(new TextEncoder().encode(body))),
    caughtBy: 'a body comes back exactly: a leading and an inner U+FEFF',
  },
  {
    fault: 'ends a text at NUL',
    make: keeping((body) => body.split('\0')[0]!),
    caughtBy: 'a body comes back exactly: NUL',
  },
  {
    fault: 'trims',
    make: keeping((body) => body.trim()),
    caughtBy: 'a body comes back exactly: white space',
  },
  {
    fault: 'makes line ends alike',
    make: keeping((body) => body.replace(/\r\n?/g, '\n')),
    caughtBy: 'a body comes back exactly: line ends',
  },
  {
    fault: 'normalises',
    make: keeping((body) => body.normalize('NFC')),
    caughtBy: 'a body comes back exactly: characters that look alike',
  },
  {
    fault: 'keeps Latin-1',
    make: keeping((body) => Buffer.from(body, 'latin1').toString('latin1')),
    caughtBy: 'a body comes back exactly: emoji',
  },
  {
    fault: 'cuts a long body',
    make: keeping((body) => body.slice(0, 2 * 1024 * 1024)),
    caughtBy: 'a body comes back exactly: more than 2 MiB',
  },
  {
    fault: 'parses the body',
    make: keeping((body) => {
      try {
        return JSON.stringify(JSON.parse(body))
      } catch {
        return body
      }
    }),
    caughtBy: 'a body comes back exactly: JSON',
  },
  {
    fault: 'gives another version than was put',
    make: reading((records) => records.map((record) => record && { ...record, version: record.version - 1 })),
    caughtBy: 'a put of version 1 creates a record',
  },
  {
    fault: 'gives null for none',
    make: reading((records) => records.map((record) => record ?? (null as unknown as undefined))),
    caughtBy: 'get answers in the order of the keys',
  },
]
