/** Storages with one fault in what they give for a key, and the case that has to catch it. */

import { compareKeys, type StoredRecord } from '../../src/ports/storage.ts'
import { type BrokenStorage, keyed, lending, reading, tick, wrapped } from './breaking.ts'

export const brokenReads: readonly BrokenStorage[] = [
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
