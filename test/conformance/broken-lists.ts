/** Storages with one fault in how they list, and the case that has to catch it. */

import { compareKeys, type StoredRecord } from '../../src/ports/storage.ts'
import { type BrokenStorage, byText, sortedBy, wrapped } from './breaking.ts'

export const brokenLists: readonly BrokenStorage[] = [
  {
    fault: 'hides deleted records from list',
    make: wrapped((sound) => ({
      list: async (...of) => (await sound.list(...of)).filter((record) => record.body !== ''),
    })),
    caughtBy: 'list gives the newest version of each record, deleted ones included',
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
]
