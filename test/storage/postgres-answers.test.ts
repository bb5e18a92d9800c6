/** What `postgresStorage` makes of what a driver answers, without a server. */

import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { ListPage } from '../../src/ports/storage.ts'
import { type PostgresPool, postgresStorage } from '../../src/storage/postgres.ts'
import { driverError, type FakeBehaviour, fakePool } from './postgres-client.ts'
import { keyOf, recordOf } from './scratch.ts'

const storageOf = (behaviour: FakeBehaviour) => {
  const pool = fakePool(behaviour)
  return { pool, storage: postgresStorage({ client: pool }) }
}
const row = (tag: string, version: unknown = '1', body: unknown = '=b') => ({
  environment: 'default',
  tag,
  version,
  body,
})
const codeOfRejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (error) => error.code,
  )

describe('options', () => {
  test.each([
    [{ table: 'a"; DROP TABLE x; --' }],
    [{ table: "a'b" }],
    [{ table: 'a.b' }],
    [{ table: '' }],
    [{ table: '1a' }],
    [{ table: 'a'.repeat(64) }],
    [{ table: 'tablé' }],
    [{ schema: 'a\0' }],
    [{ schema: 'a b' }],
    [{ schema: 7 as unknown as string }],
    [{ tabel: 'a' }],
    [{ notify: 'yes' as unknown as boolean }],
  ])('%j are refused before anything is sent', (options) => {
    const pool = fakePool({ query: () => ({ rows: [] }) })
    expect(() => postgresStorage({ client: pool, ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  })

  test.each([[undefined], [null], ['postgres://app:hunter2@db/vault'], [{}], [{ connect: true }]])(
    'a client that is none is refused: %j',
    (client) => {
      let thrown: unknown
      try {
        postgresStorage({ client: client as unknown as PostgresPool })
      } catch (error) {
        thrown = error
      }
      expect(thrown).toMatchObject({ code: 'ERR_INVALID_INPUT' })
      expect(inspect(thrown)).not.toContain('hunter2')
    },
  )
})

describe('a version', () => {
  test.each([['7'], [7], [7n]])(
    'is read as a number, whatever the parser of the driver makes of it: %o',
    async (seven) => {
      const { storage } = storageOf({ query: () => ({ rows: [{ position: '1', version: seven, body: '=b' }] }) })
      expect(await storage.get('default', [keyOf('a')])).toEqual([recordOf('a', 7, 'b')])
    },
  )

  test.each([['7.5'], [7.5], [0], ['0'], [-1], ['-1'], [1e300], ['9007199254740993'], [{}], [[7]], [true], ['١']])(
    'that is none is corrupt: %o',
    async (version) => {
      const { storage } = storageOf({ query: () => ({ rows: [{ position: '1', version, body: '=b' }] }) })
      expect(await codeOfRejection(storage.get('default', [keyOf('a')]))).toBe('ERR_RECORD_CORRUPT')
    },
  )

  test('is sent as a text, so that no driver makes a double of it', async () => {
    const { pool, storage } = storageOf({ query: () => ({ rows: [{ done: 1 }] }) })
    await storage.put(recordOf('a', Number.MAX_SAFE_INTEGER))
    expect(pool.sent[0]!.values[3]).toBe('9007199254740991')
  })
})

describe('a put', () => {
  test.each([[null], ['1'], [0], [2], [undefined]])(
    'rests on the row that came back, not on a count, which was %o',
    async (rowCount) => {
      const won = storageOf({ query: () => ({ rows: [{ done: '1' }], rowCount }) as object })
      await won.storage.put(recordOf('a'))
      const lost = storageOf({ query: () => ({ rows: [], rowCount }) as object })
      expect(await codeOfRejection(lost.storage.put(recordOf('a')))).toBe('ERR_CONFLICT')
    },
  )

  test('whose answer is no answer is outcome unknown, and the connection is not used again', async () => {
    for (const answer of [{}, { rows: undefined }, { rows: null }, { rows: 1 }]) {
      const { pool, storage } = storageOf({ query: () => answer as object })
      expect(await codeOfRejection(storage.put(recordOf('a')))).toBe('ERR_OUTCOME_UNKNOWN')
      expect(pool.released.at(-1)).toBeInstanceOf(Error)
    }
  })

  test('is one statement, never named, and sends nothing of the record as text of it', async () => {
    const { pool, storage } = storageOf({ query: () => ({ rows: [{ done: 1 }] }) })
    const texts = new Set<string>()
    for (const [tag, version] of [
      ['a', 1],
      ["'; DROP TABLE x; --", 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      await storage.put(recordOf(tag, version, `body of ${tag}`))
    }
    for (const { text } of pool.sent) texts.add(text)
    expect(pool.sent).toHaveLength(4)
    expect(texts.size).toBe(2)
    for (const text of texts) expect(text).not.toMatch(/DROP|BEGIN|COMMIT|;/)
  })
})

describe('an answer of get', () => {
  const inOrder = [
    { position: '1', version: '1', body: '=a@1' },
    { position: '2', version: null, body: null },
  ]
  test.each([
    ['in another order', [inOrder[1], inOrder[0]]],
    ['of fewer rows', [inOrder[0]]],
    ['of more rows', [...inOrder, inOrder[1]]],
    [
      'whose rows are arrays',
      [
        ['1', '1', '=a@1'],
        ['2', null, null],
      ],
    ],
    ['whose rows are not objects', [null, 'a']],
    ['whose body is not as it was asked for', [{ position: '1', version: '1', body: 'a@1' }, inOrder[1]]],
    ['whose body is not a text', [{ position: '1', version: '1', body: null }, inOrder[1]]],
    ['whose members are inherited', [Object.create(inOrder[0]!), inOrder[1]]],
  ])('%s is corrupt', async (_, rows) => {
    const { storage } = storageOf({ query: () => ({ rows }) })
    expect(await codeOfRejection(storage.get('default', [keyOf('a'), keyOf('b')]))).toBe('ERR_RECORD_CORRUPT')
  })

  test('is asked for in one statement, however many keys there are, of one text', async () => {
    const { pool, storage } = storageOf({
      query: (_, [, environments]) => ({
        rows: (environments as string[]).map((_, index) => ({
          position: String(index + 1),
          version: null,
          body: null,
        })),
      }),
    })
    for (const many of [1, 50, 300]) {
      const keys = Array.from({ length: many }, (_, index) => keyOf(`t${index}`))
      expect(await storage.get('default', keys)).toHaveLength(many)
    }
    expect(pool.sent).toHaveLength(3)
    expect(new Set(pool.sent.map(({ text }) => text)).size).toBe(1)
    expect(await storage.get('default', [])).toEqual([])
    expect(pool.sent).toHaveLength(3)
  })
})

describe('a page', () => {
  const page: ListPage = { limit: 3 }
  test.each<[string, unknown[], ListPage]>([
    ['with two rows swapped', [row('b'), row('a')], page],
    ['that is ordered as a language orders', [row('a'), row('B')], page],
    ['with a row twice', [row('a'), row('a')], page],
    ['that begins before its cursor', [row('a')], { after: keyOf('b'), limit: 3 }],
    ['that begins at its cursor', [row('b')], { after: keyOf('b'), limit: 3 }],
    ['with more rows than asked', [row('a'), row('b')], { limit: 1 }],
    ['of another environment', [{ ...row('a'), environment: 'other' }], { environment: 'default', limit: 3 }],
    ['whose tag is not a text', [row(7 as unknown as string)], page],
  ])('%s is corrupt, so that no scan believes it saw all', async (_, rows, asked) => {
    const { storage } = storageOf({ query: () => ({ rows }) })
    expect(await codeOfRejection(storage.list('default', asked))).toBe('ERR_RECORD_CORRUPT')
  })

  test('of workspaces that is not in bytewise order is corrupt', async () => {
    for (const names of [['b', 'a'], ['a', 'a'], ['a', 'b', 'c'], [null]]) {
      const { storage } = storageOf({ query: () => ({ rows: names.map((workspace) => ({ workspace })) }) })
      expect(await codeOfRejection(storage.workspaces!({ limit: 2 }))).toBe('ERR_RECORD_CORRUPT')
    }
  })
})

describe('a failure with the code', () => {
  const CERTAIN = [
    ['25006', 'is read-only', 'destroyed'],
    ['42P01', 'migrate\\(\\)', 'kept'],
    ['3F000', 'migrate\\(\\)', 'kept'],
    ['42501', 'grant the role', 'kept'],
    ['28P01', 'grant the role', 'destroyed'],
    ['53300', 'no more connections', 'destroyed'],
    ['57P03', 'no more connections', 'destroyed'],
    ['53100', 'no room left', 'destroyed'],
    ['57014', 'cancelled', 'kept'],
    ['55P03', 'cancelled', 'kept'],
    ['25P02', 'give the storage a pool', 'destroyed'],
    ['22021', 'UTF-8', 'kept'],
    ['42P10', 'not as the storage made it', 'kept'],
    ['23514', '\\(23514\\)', 'kept'],
    ['08001', '\\(08001\\)', 'destroyed'],
  ] as const
  const UNKNOWN = [
    '57P01',
    '57P02',
    '57P05',
    '08006',
    '08P01',
    '08003',
    '40003',
    '58030',
    'XX000',
    'ECONNRESET',
    'EPIPE',
    undefined,
  ]

  test.each(CERTAIN)('%s is certainly not written: %s, and the connection is %s', async (code, words, connection) => {
    const { pool, storage } = storageOf({ query: () => Promise.reject(driverError(code)) })
    for (const call of [() => storage.put(recordOf('a')), () => storage.list('default', { limit: 1 })]) {
      const error = await call().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(words) })
      expect(inspect(error)).not.toContain('hunter2')
      expect(pool.released.at(-1)).toEqual(connection === 'kept' ? undefined : expect.any(Error))
    }
    expect(pool.sent).toHaveLength(2)
  })

  test.each(UNKNOWN)('%s says nothing about a write, and the connection is not used again', async (code) => {
    const { pool, storage } = storageOf({ query: () => Promise.reject(driverError(code)) })
    const error = await storage.put(recordOf('a')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    expect(inspect(error)).not.toContain('hunter2')
    expect(await codeOfRejection(storage.get('default', [keyOf('a')]))).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(pool.released.slice(-2)).toEqual([expect.any(Error), expect.any(Error)])
    expect(pool.sent).toHaveLength(2)
  })

  test.each(['40001', '40P01'])('%s is tried again, and is a conflict if that does not help', async (code) => {
    vi.spyOn(Math, 'random').mockReturnValue(0) // no pauses
    let left = 3
    const { pool, storage } = storageOf({
      query: () => (left-- > 0 ? Promise.reject(driverError(code)) : { rows: [{ done: 1 }] }),
    })
    await storage.put(recordOf('a'))
    expect(pool.sent).toHaveLength(4)
    left = Number.POSITIVE_INFINITY
    expect(await codeOfRejection(storage.put(recordOf('a')))).toBe('ERR_CONFLICT')
    expect(await codeOfRejection(storage.list('default', { limit: 1 }))).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(new Set(pool.released)).toEqual(new Set([undefined]))
  })

  test.each(['ECONNREFUSED', '28P01', '57P03', '3D000', undefined])(
    '%s before there is a connection is unavailable',
    async (code) => {
      const { pool, storage } = storageOf({ query: () => ({}), connect: () => Promise.reject(driverError(code)) })
      const error = await storage.put(recordOf('a')).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
      expect(inspect(error)).not.toContain('hunter2')
      expect(pool.sent).toEqual([])
    },
  )
})

describe('a pool', () => {
  test('of two whose statements fail twenty times still gives a session', async () => {
    let isWell = false
    const { pool, storage } = storageOf({
      connect: () => expect(pool.open).toBeLessThan(2),
      look: () => (isWell ? { rows: [] } : Promise.reject(driverError('XX000'))),
      query: () => Promise.reject(driverError(undefined)),
    })
    for (let round = 0; round < 20; round++) {
      expect(await codeOfRejection(storage.migrate())).toBe('ERR_STORAGE_UNAVAILABLE')
      isWell = true
      expect(await codeOfRejection(storage.migrate())).toBe('ERR_OUTCOME_UNKNOWN')
      isWell = false
    }
    expect(pool.open).toBe(0)
  })

  test('that throws when it is given a session back, or when it is asked, breaks nothing', async () => {
    const answering = fakePool({ query: () => ({ rows: [{ done: 1 }] }) })
    const client: PostgresPool = {
      async connect() {
        const session = await answering.connect()
        return { query: session.query, release: () => expect.unreachable() }
      },
    }
    await postgresStorage({ client }).put(recordOf('a'))
    const throwing: PostgresPool = {
      connect() {
        throw driverError('ECONNREFUSED')
      },
    }
    expect(await codeOfRejection(postgresStorage({ client: throwing }).put(recordOf('a')))).toBe(
      'ERR_STORAGE_UNAVAILABLE',
    )
  })

  test('that gives a connection with an open transaction is not written through', async () => {
    for (const status of ['T', 'E']) {
      const { pool, storage } = storageOf({ query: () => ({ rows: [{ done: 1 }] }), status })
      await expect(storage.put(recordOf('a'))).rejects.toMatchObject({
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringMatching(/inside a transaction/),
      })
      expect(pool.sent).toEqual([])
      expect(pool.released).toEqual([expect.any(Error)])
    }
  })

  test('whose connections or whose self report an error when nobody listens ends no process', async () => {
    const emitter = Object.assign(new EventEmitter(), { query: async () => ({ rows: [] }) })
    const session = Object.assign(new EventEmitter(), fakePool({ query: () => ({ rows: [{ done: 1 }] }) }))
    for (const client of [emitter, session]) {
      const storage = postgresStorage({ client: client as unknown as PostgresPool })
      for (let call = 0; call < 20; call++) await storage.put(recordOf('a')).catch(() => undefined)
      expect(client.emit('error', new Error('gone'))).toBe(true)
      expect(client.listenerCount('error')).toBe(1)
    }
  })
})

describe('a signal', () => {
  const never = () => new Promise<never>(() => undefined)

  test('that is aborted while the statement runs makes a write unknown, and its connection is not used again', async () => {
    const giveUp = new AbortController()
    const { pool, storage } = storageOf({
      query: () => {
        giveUp.abort()
        return never()
      },
    })
    expect(await codeOfRejection(storage.put(recordOf('a'), { signal: giveUp.signal }))).toBe('ERR_OUTCOME_UNKNOWN')
    expect(pool.released.at(-1)).toBeInstanceOf(Error)
    expect(pool.open).toBe(0)
  })

  test('that is aborted before anything is sent makes it unavailable: certainly not written', async () => {
    const { pool, storage } = storageOf({ query: () => ({ rows: [{ done: 1 }] }) })
    expect(await codeOfRejection(storage.put(recordOf('a'), { signal: AbortSignal.abort() }))).toBe(
      'ERR_STORAGE_UNAVAILABLE',
    )
    expect(pool.sent).toEqual([])
  })

  test('that is aborted while a session is awaited gives it back when it comes', async () => {
    const giveUp = new AbortController()
    let give = (): void => undefined
    const { pool, storage } = storageOf({
      query: () => ({ rows: [{ done: 1 }] }),
      connect: () =>
        new Promise<void>((resolve) => {
          give = resolve
          giveUp.abort()
        }),
    })
    expect(await codeOfRejection(storage.put(recordOf('a'), { signal: giveUp.signal }))).toBe('ERR_STORAGE_UNAVAILABLE')
    give()
    await expect.poll(() => pool.released).toEqual([undefined])
    expect(pool.sent).toEqual([])
  })
})

describe('one connection', () => {
  test('gets a statement when the one before is over, also one that was given up', async () => {
    let running = 0
    const finishes: (() => void)[] = []
    const { connect } = fakePool({
      async query() {
        expect(++running).toBe(1)
        await new Promise<void>((resolve) => finishes.push(resolve))
        running--
        return { rows: [{ done: 1 }] }
      },
    })
    const { query } = await connect()
    const storage = postgresStorage({ client: { query } })
    const giveUp = new AbortController()
    const first = codeOfRejection(storage.put(recordOf('a'), { signal: giveUp.signal }))
    await expect.poll(() => finishes.length).toBe(1)
    const second = storage.put(recordOf('b'))
    const impatient = codeOfRejection(storage.put(recordOf('c'), { signal: AbortSignal.timeout(1) }))
    expect(await impatient).toBe('ERR_STORAGE_UNAVAILABLE')
    giveUp.abort()
    expect(await first).toBe('ERR_OUTCOME_UNKNOWN')
    expect(finishes).toHaveLength(1)
    finishes[0]!()
    await expect.poll(() => finishes.length).toBe(2)
    finishes[1]!()
    await second
  })
})

describe('migrate', () => {
  test('fails where the database says that it made the table and did not, as after a COMMIT that answers ROLLBACK', async () => {
    const { storage } = storageOf({
      query: () => ({ rows: [], command: 'ROLLBACK' }) as object,
      look: () => ({ rows: [] }),
    })
    await expect(storage.migrate()).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/has not made the table/),
    })
  })

  test.each(['23505', '42P07', '42710', '42P06'])(
    'takes %s as somebody else having made it, and looks',
    async (code) => {
      let looks = 0
      const sound = fakePool({ query: () => ({}) })
      const { rows } = await (await sound.connect()).query('pg_attribute')
      const { storage } = storageOf({
        query: () => Promise.reject(driverError(code)),
        look: () => ({ rows: looks++ === 0 ? [] : rows }),
      })
      await storage.migrate()
      expect(looks).toBe(2)
    },
  )
})
