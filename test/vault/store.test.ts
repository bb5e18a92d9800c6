/** What the vault makes of a storage that fails, lies or does not answer. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { backstage, failure } from './fixture.ts'

const coded = (code: string) => Object.assign(new Error('postgres://app:hunter22@db/ is down'), { code })

/** A vault with one secret, over a storage that a test can disturb. */
async function disturbed(disturb: (storage: VaultStorage) => Partial<VaultStorage>) {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v-0123456789' })
  return { ...stage, vault: stage.another({ storage: { ...stage.storage, ...disturb(stage.storage) } }) }
}

describe('a storage that does not answer', () => {
  it.each([
    [coded('ECONNREFUSED'), 'ERR_STORAGE_UNAVAILABLE', '(ECONNREFUSED)'],
    [coded('ERR_STORAGE_UNAVAILABLE'), 'ERR_STORAGE_UNAVAILABLE', 'did not answer;'],
    [coded('ERR_RECORD_CORRUPT'), 'ERR_RECORD_CORRUPT', 'not a record'],
    [new Error('postgres://app:hunter22@db/'), 'ERR_STORAGE_UNAVAILABLE', 'did not answer;'],
    [Object.assign(new Error('x'), { cause: coded('EROFS') }), 'ERR_STORAGE_UNAVAILABLE', '(EROFS)'],
    ['a thrown text', 'ERR_STORAGE_UNAVAILABLE', 'did not answer;'],
    [undefined, 'ERR_STORAGE_UNAVAILABLE', 'did not answer;'],
  ])('is an error that quotes nothing of it', async (reason, code, text) => {
    const { vault } = await disturbed(() => ({ get: () => Promise.reject(reason), list: () => Promise.reject(reason) }))
    const error = await failure(vault.resolve('<< secrets.a >>'))
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
    expect(`${error.stack}${error.cause}`).not.toContain('hunter22')
  })

  it('says of a read that nothing was read, of a write that nothing was written', async () => {
    const refused = () => Promise.reject(coded('ERR_STORAGE_UNAVAILABLE'))
    const reading = await disturbed(() => ({ get: refused, list: refused }))
    for (const call of [reading.vault.resolve('<< secrets.a >>'), reading.vault.describe('a')]) {
      expect((await failure(call)).message).toContain('nothing was read.')
    }
    const { vault, another, storage } = await disturbed(() => ({ put: refused }))
    expect((await failure(vault.update('a', { name: 'A' }))).message).toContain('nothing was written.')
    const deaf = another({ storage: { ...storage, get: () => new Promise(() => {}) }, storageTimeout: 20 })
    expect((await failure(deaf.describe('a'))).message).toContain('(storageTimeout); nothing was read.')
    const stopped = vault.describe('a', { signal: AbortSignal.abort() })
    expect((await failure(stopped)).message).toContain('before the storage had answered; nothing was read.')
  })

  it.each([
    ['not a list', () => 'rows'],
    ['too few rows', () => []],
    ['rows that are no records', (keys: unknown[]) => keys.map(() => ({ version: 'x', body: 1 }))],
    ['nulls', (keys: unknown[]) => keys.map(() => null)],
  ])('or gives back %s is corrupt', async (_, rows) => {
    const { vault } = await disturbed(() => ({ get: async (_workspace, keys) => rows([...keys]) as never }))
    expect(await failure(vault.describe('a'))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  })

  it('or lists what are no records is corrupt', async () => {
    for (const rows of ['rows', [{ version: 1, body: '' }], [1]]) {
      const { vault } = await disturbed(() => ({ list: async () => rows as never }))
      expect(await failure(vault.list()[Symbol.asyncIterator]().next())).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    }
  })

  it.each(['b\u001b[2J', 'c"? Run this', '$$', ''])(
    'or lists a name that no vault gives is corrupt: %j',
    async (tag) => {
      const row = { workspace: 'default', environment: 'default', tag, version: 1, body: '{}' }
      for (const listed of [row, { ...row, tag: 'a', environment: tag }]) {
        const { vault } = await disturbed(() => ({ list: async () => [listed] }))
        const error = await failure(vault.list()[Symbol.asyncIterator]().next())
        expect(error).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
        expect(error.message).not.toContain('Run')
      }
      const { vault } = await disturbed(() => ({ list: async () => [row] }))
      expect((await failure(vault.resolve('<< secrets.bb >>'))).message).not.toContain('Run')
    },
  )

  it('or throws before it gives a promise tells nothing', async () => {
    const { storage, another } = backstage()
    const throwing = () => {
      throw new Error('postgres://app:hunter22@db/')
    }
    for (const broken of [{ get: throwing }, { list: throwing }, { close: throwing }]) {
      const vault = another({ storage: { ...storage, ...broken } })
      const call =
        'get' in broken
          ? vault.describe('a')
          : 'list' in broken
            ? vault.list()[Symbol.asyncIterator]().next()
            : vault.close()
      const error = await failure(call)
      expect(error.code).toBe('ERR_STORAGE_UNAVAILABLE')
      expect(inspect(error)).not.toContain('hunter22')
    }
  })
})

it('a storage is asked for keys of two members, whatever is done', async () => {
  const asked = new Set<string>()
  let failures = 1
  const { vault } = await disturbed((storage) => ({
    get(workspace, keys, options) {
      for (const key of keys) asked.add(Object.keys(key).sort().join())
      return storage.get(workspace, keys, options)
    },
    async put(record: StoredRecord) {
      await storage.put(record)
      if (failures-- > 0) throw coded('ERR_OUTCOME_UNKNOWN')
    },
  }))
  await vault.update('a', { name: 'A' })
  await vault.resolve('<< secrets.a >>')
  await vault.check('<< secrets.a >>')
  await vault.describe('a')
  await failure(vault.reveal('a'))
  await vault.snapshot()
  await vault.create({ tag: 'b', value: 'v-0123456789' })
  await vault.delete('b', { confirm: 'b' })
  expect([...asked]).toEqual(['environment,tag'])
})

describe('a write whose outcome nobody could tell', () => {
  it('is settled by reading back when it was done', async () => {
    const { vault } = await disturbed((storage) => ({
      async put(record: StoredRecord) {
        await storage.put(record)
        throw new Error('connection reset at commit')
      },
    }))
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
  })

  it('is offered again when it was not done, which the version makes safe', async () => {
    let failures = 1
    const { vault, stored } = await disturbed((storage) => ({
      async put(record: StoredRecord) {
        if (failures-- > 0) throw coded('ERR_OUTCOME_UNKNOWN')
        await storage.put(record)
      },
    }))
    await vault.update('a', { name: 'A' })
    expect((await stored('a')).version).toBe(3)
  })

  it('is its own when the repetition conflicts with itself', async () => {
    let calls = 0
    const { vault, stored } = await disturbed((storage) => ({
      get: async (workspace, keys, options) => {
        const rows = await storage.get(workspace, keys, options)
        // the read-back sees an old state once, as behind a pooler that fails over
        return calls === 1 && ++calls ? rows.map((row) => row && { ...row, version: 2 }) : rows
      },
      async put(record: StoredRecord) {
        await storage.put(record)
        if (calls++ === 0) throw new Error('reset')
      },
    }))
    await vault.update('a', { name: 'A' })
    expect((await stored('a')).version).toBe(3)
  })

  it('is somebody else’s when another record stands there', async () => {
    let isFirst = true
    const { vault, stored } = await disturbed((storage) => ({
      async put(record: StoredRecord) {
        if (isFirst) {
          isFirst = false
          const [row] = await storage.get(record.workspace, [record])
          await storage.put({ ...record, body: row!.body })
          throw new Error('reset')
        }
        await storage.put(record)
      },
    }))
    // the rival's record does not open at its version, so the second attempt says so instead of overwriting it
    expect(await failure(vault.update('a', { name: 'A' }))).toMatchObject({ code: 'ERR_RECORD_UNREADABLE' })
    expect((await stored('a')).version).toBe(3)
  })

  it('stays unknown when nothing answers, or when it never arrives', async () => {
    let isDown = false
    const down = await disturbed((storage) => ({
      get: async (...call) => (isDown ? Promise.reject(new Error('down')) : storage.get(...call)),
      async put() {
        isDown = true
        throw new Error('reset')
      },
    }))
    const never = await disturbed(() => ({ put: () => Promise.reject(new Error('reset')) }))
    const failures = [down, never].map(({ vault }) => failure(vault.update('a', { name: 'A' })))
    for (const each of await Promise.all(failures)) expect(each).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })

  it('was not done where the storage says that it is unavailable', async () => {
    const { vault } = await disturbed(() => ({ put: () => Promise.reject(coded('ERR_STORAGE_UNAVAILABLE')) }))
    expect(await failure(vault.update('a', { name: 'A' }))).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
  })

  it('never undoes what others did since', async () => {
    const { vault, storage, another } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    let isCut = true
    const cut = another({
      storage: {
        ...storage,
        async put(record: StoredRecord) {
          await storage.put(record)
          if (!isCut) return
          isCut = false
          // the connection dies after the deletion, and somebody creates the secret anew
          await another().create({ tag: 'free', value: 'created-meanwhile' })
          throw new Error('reset')
        },
      },
    })
    expect(await failure(cut.delete('free', { confirm: 'free' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    expect((await vault.with({ purpose: 'look' }).describe('free'))?.version).toBe(5)
  })

  it('is in doubt until it is settled', async () => {
    const { vault, another, storage } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    let puts = 0
    const flaky = another({
      storage: {
        ...storage,
        put: () =>
          Promise.reject(
            Object.assign(new Error('x'), { code: ++puts === 1 ? 'ECONNRESET' : 'ERR_STORAGE_UNAVAILABLE' }),
          ),
      },
    })
    expect(await failure(flaky.update('free', { name: 'x' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })
})

describe('a conflict', () => {
  it('that never ends is an error in the end', async () => {
    const { vault } = await disturbed(() => ({ put: () => Promise.reject(coded('ERR_CONFLICT')) }))
    const failures = [
      vault.update('a', { name: 'A' }),
      vault.update('a', { name: 'A' }, { ifVersion: 2 }),
      vault.delete('a', { confirm: 'a', ifVersion: 2 }),
      vault.create({ tag: 'b', value: 'v' }),
    ].map(failure)
    for (const each of await Promise.all(failures)) expect(each).toMatchObject({ code: 'ERR_CONFLICT' })
  })

  it('between claim and value is tried again', async () => {
    let puts = 0
    const { vault, storage } = await disturbed((inner) => ({
      async put(record: StoredRecord) {
        // a rotation bumps the claim before the value arrives
        if (++puts === 2) {
          const [claim] = await inner.get(record.workspace, [record])
          await inner.put({ ...claim!, version: claim!.version + 1 })
        }
        await inner.put(record)
      },
    }))
    const { version } = await vault.create({ tag: 'b', value: 'v' })
    expect(version).toBe(4)
    expect(await storage.get('default', [{ environment: 'default', tag: 'b' }])).toMatchObject([{ version: 4 }])
  })
})

it('closing closes the storage, and says when that fails', async () => {
  let isClosed = false
  const { vault } = await disturbed(() => ({
    close: async () => {
      isClosed = true
    },
  }))
  await vault.close()
  expect(isClosed).toBe(true)
  const { vault: other } = await disturbed(() => ({ close: () => Promise.reject(new Error('hunter22')) }))
  expect(await failure(other.close())).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
})
