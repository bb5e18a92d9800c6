/** What somebody with access to the storage can try, and what the vault says of it. Nothing is ever overwritten by it. */

import { describe, expect, it } from 'vitest'
import { rotateKeys } from '../../src/admin.ts'
import { openKeyring } from '../../src/crypto/keyring.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { createVault } from '../../src/vault/vault.ts'
import { bodyOf } from '../crypto/rings.ts'
import { backstage, failure, KEY, localKey } from './fixture.ts'

const unreadable = (reason: string) => ({ code: 'ERR_RECORD_UNREADABLE', reason })

function edited(record: StoredRecord, change: (body: Record<string, unknown>) => void): StoredRecord {
  const body = JSON.parse(record.body)
  change(body)
  return { ...record, body: JSON.stringify(body) }
}

describe('a version at the end of the numbers', () => {
  it('is told, and keeps nothing but its own tag from being changed', async () => {
    const { vault, storage, stored, overwrite, another } = backstage()
    for (const tag of ['a', 'b', 'other']) await vault.create({ tag, value: 'v' })
    await vault.delete('b', { confirm: 'b' })
    for (const tag of ['a', 'b']) overwrite({ ...(await stored(tag)), version: Number.MAX_SAFE_INTEGER })
    const fresh = another()
    const calls = [fresh.delete('a', { confirm: 'a' }), fresh.create({ tag: 'b', value: 'v', allow: null })]
    for (const [index, error] of (await Promise.all(calls.map(failure))).entries()) {
      expect(error).toMatchObject({ code: 'ERR_RECORD_CORRUPT', tag: ['a', 'b'][index] })
      expect(error.message).toContain('a version that no vault gives')
    }
    const [done] = (await rotateKeys(createVault({ storage, keys: KEY }))).workspaces
    expect(done).toMatchObject({ rotated: 1, unreadable: [{ tag: 'a' }, { tag: 'b', code: 'ERR_RECORD_CORRUPT' }] })
  })
})

describe('a record that was changed in the storage', () => {
  it.each([
    ['its rule widened', (body) => Object.assign(body, { allow: { hosts: ['evil.example'] } })],
    ['its rule removed', (body) => delete body['allow']],
    ['switched on', (body) => Object.assign(body, { enabled: true })],
    ['its expiry moved', (body) => Object.assign(body, { expiresAt: '2099-01-01T00:00:00.000Z' })],
    ['its visibility widened', (body) => Object.assign(body, { visibility: 'masked' })],
    ['its type changed', (body) => Object.assign(body, { type: 'password' })],
  ] as [string, (body: Record<string, unknown>) => void][])(
    '%s does not open, for use or for an update',
    async (_, change) => {
      const { vault, stored, overwrite, another } = backstage()
      await vault.create({ tag: 'a', value: 'v-0123456789', allow: { hosts: ['acme.dev'] }, enabled: false })
      overwrite(edited(await stored('a'), change))
      const evil = another()
      const request = { url: 'https://evil.example/', headers: { A: '<< secrets.a >>' } }
      const error = await failure(evil.resolveRequest(request))
      expect(['ERR_RECORD_UNREADABLE', 'ERR_HOST_DENIED', 'ERR_SECRET_DISABLED']).toContain(error.code)
      const before = await stored('a')
      expect(await failure(evil.update('a', { value: 'new' }))).toMatchObject({ ...unreadable('moved'), tag: 'a' })
      expect(await failure(evil.set({ tag: 'a', value: 'new' }))).toMatchObject(unreadable('moved'))
      expect(await stored('a')).toEqual(before)
      // the only way on: delete, and create with the rule given again
      await evil.delete('a', { confirm: 'a' })
      expect((await evil.create({ tag: 'a', value: 'new' })).version).toBe(5)
    },
  )

  it('does not open under other field names, which are checked against the sealed ones', async () => {
    const { vault, stored, overwrite, another } = backstage()
    await vault.create({ tag: 'a', value: { one: '1', two: '2' } })
    overwrite(edited(await stored('a'), (body) => Object.assign(body, { fields: ['two', 'one'] })))
    expect(await failure(another().resolve('<< secrets.a.one >>'))).toMatchObject(unreadable('tampered'))
    overwrite(edited(await stored('a'), (body) => Object.assign(body, { fields: ['one'] })))
    expect(await failure(another().resolve('<< secrets.a.one >>'))).toMatchObject(unreadable('tampered'))
  })

  it.each([
    ['not JSON', 'rubbish'],
    ['an unknown format', '{"format":2,"state":"deleted","at":"2026-01-01T00:00:00.000Z"}'],
    ['an array', '[]'],
  ])('is refused as %s', async (_, body) => {
    const { vault, stored, overwrite } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    overwrite({ ...(await stored('a')), body })
    for (const call of [vault.resolve('<< secrets.a >>'), vault.update('a', {}), vault.set({ tag: 'a', value: 'w' })]) {
      expect(await failure(call)).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    }
    expect(await failure(vault.create({ tag: 'a', value: 'w' }))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  })

  it('whose sealed value is no longer text of the format is an error where it is used, and of that secret alone', async () => {
    const { vault, another, stored, overwrite } = backstage()
    await vault.create({ tag: 'a', value: 'v-a' })
    await vault.create({ tag: 'b', value: 'v-b' })
    const record = await stored('b')
    overwrite(edited(record, (body) => Object.assign(body, { sealed: 'gm1.!' })))
    const use = { code: 'ERR_RECORD_CORRUPT', tag: 'b' }
    expect(await failure(vault.resolve('<< secrets.a >> << secrets.b >>'))).toMatchObject(use)
    expect(await failure(vault.update('b', { description: 'x' }))).toMatchObject(use)
    expect(await failure(another({ policy: ({ tag }) => tag !== 'b' }).resolve('<< secrets.b >>'))).toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
    })
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('v-a')
  })

  it('is refused after one character of its sealed value was changed', async () => {
    const { vault, stored, overwrite, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const record = await stored('a')
    const { sealed } = JSON.parse(record.body)
    for (const at of [4, 8, 16, 50, 90, 130, sealed.length - 5]) {
      const flipped = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
      overwrite(edited(record, (body) => Object.assign(body, { sealed: flipped })))
      const error = await failure(another().resolve('<< secrets.a >>'))
      expect(['ERR_RECORD_UNREADABLE', 'ERR_RECORD_CORRUPT']).toContain(error.code)
    }
  })
})

describe('a record that was moved', () => {
  it('does not open under another tag, environment or workspace', async () => {
    const { vault, stored, overwrite, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    await vault.create({ tag: 'b', value: 'v-other-value' })
    await vault.with({ environment: 'development' }).create({ tag: 'a', value: 'v-development' })
    const production = await stored('a')
    overwrite({ ...production, tag: 'b' })
    expect(await failure(another().resolve('<< secrets.b >>'))).toMatchObject(unreadable('moved'))
    overwrite({ ...production, environment: 'development' })
    const development = another({ environment: 'development' })
    expect(await failure(development.resolve('<< secrets.a >>'))).toMatchObject(unreadable('moved'))
    expect(await failure(development.update('a', { name: 'mine' }))).toMatchObject(unreadable('moved'))
  })

  it('is read at the place that was asked for, whatever the row says of itself', async () => {
    const { vault, stored, overwrite, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const record = await stored('a')
    overwrite(record)
    expect((await another().resolve('<< secrets.a >>')).expose()).toBe('v-0123456789')
    overwrite({ ...record, version: record.version + 1 })
    expect(await failure(another().resolve('<< secrets.a >>'))).toMatchObject(unreadable('moved'))
  })
})

describe('an older record that was put back', () => {
  it('is noticed by the vault that saw the newer one, also past a delete and a new creation', async () => {
    const { vault, stored, overwrite, erase } = backstage()
    await vault.create({ tag: 'a', value: 'v-old-0123456' })
    const old = await stored('a')
    await vault.update('a', { value: 'v-new-0123456' })
    overwrite(old)
    const calls = () => [vault.resolve('<< secrets.a >>'), vault.update('a', {}), vault.delete('a', { confirm: 'a' })]
    for (const call of calls()) expect(await failure(call)).toMatchObject(unreadable('rolled-back'))
    expect((await vault.describe('a'))?.version).toBe(old.version)
    erase(old)
    for (const call of calls()) expect(await failure(call)).toMatchObject(unreadable('rolled-back'))
  })

  it('is noticed across delete and create', async () => {
    const { vault, stored, overwrite, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-old-0123456' })
    const old = await stored('a')
    await vault.delete('a', { confirm: 'a' })
    await vault.create({ tag: 'a', value: 'v-new-0123456' })
    overwrite(old)
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject(unreadable('rolled-back'))
    // a vault that has seen nothing newer cannot know
    expect((await another().resolve('<< secrets.a >>')).expose()).toBe('v-old-0123456')
  })

  it('is noticed where it is a change that lost when it was written, of the same version as the one that won', async () => {
    const { vault, storage, stored, overwrite, another } = backstage()
    const allow = (host: string) => ({ hosts: ['a.example', host] })
    await vault.create({ tag: 'a', value: 'v-old-0123456', allow: allow('a.example') })
    let lost: StoredRecord | undefined
    const refused = another({
      storage: {
        ...storage,
        async put(record) {
          lost = record
          throw Object.assign(new Error('conflict'), { code: 'ERR_CONFLICT' })
        },
      },
    })
    expect(await failure(refused.update('a', { allow: allow('b.example') }, { ifVersion: 2 }))).toMatchObject({
      code: 'ERR_CONFLICT',
    })
    await vault.update('a', { value: 'v-new-0123456' })
    const won = await stored('a')
    expect(lost?.version).toBe(won.version)
    overwrite(lost!)
    const elsewhere = { url: 'https://b.example/', headers: { Authorization: '<< secrets.a >>' } }
    const calls = () => [vault.resolveRequest(elsewhere), vault.update('a', {})]
    for (const call of calls()) expect(await failure(call)).toMatchObject(unreadable('rolled-back'))
    const rotated = await rotateKeys(vault)
    expect(rotated.workspaces[0]?.unreadable).toMatchObject([{ tag: 'a', reason: 'rolled-back' }])
    overwrite(won)
    await vault.delete('a', { confirm: 'a' })
    overwrite({ ...lost!, version: won.version + 1 })
    expect(await failure(vault.resolveRequest(elsewhere))).toMatchObject(unreadable('moved'))
  })

  it('is not taken for one where a cache was only slow', async () => {
    const { vault, storage, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-old-0123456' })
    const stale = await storage.get('default', [{ environment: 'default', tag: 'a' }])
    const cached = another({
      storage: {
        ...storage,
        get: async (workspace, keys, options) => {
          const rows = await storage.get(workspace, keys)
          return options?.fresh ? rows : rows.map((row, index) => (keys[index]?.tag === 'a' ? stale[0] : row))
        },
      },
    })
    await cached.update('a', { value: 'v-new-0123456' })
    expect((await cached.resolve('<< secrets.a >>')).expose()).toBe('v-new-0123456')
  })
})

describe('the keyring', () => {
  const KEYRING = { environment: '$', tag: '$keyring' }
  const keyringOf = async ({ storage }: ReturnType<typeof backstage>, workspace = 'default') => {
    const [row] = await storage.get(workspace, [KEYRING])
    return row as StoredRecord
  }

  it('is made once by two vaults that start at the same time', async () => {
    const stage = backstage()
    const [one, two] = [stage.another(), stage.another()]
    await Promise.all([one.create({ tag: 'a', value: 'v-a' }), two.create({ tag: 'b', value: 'v-b' })])
    const third = stage.another()
    expect((await third.resolve('<< secrets.a >> << secrets.b >>')).expose()).toBe('v-a v-b')
    expect((await keyringOf(stage)).version).toBe(1)
  })

  it('that is gone while secrets are there stops everything, and no new one is made', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v' })
    stage.erase(KEYRING)
    const fresh = stage.another()
    for (const call of [
      fresh.resolve('<< secrets.a >>'),
      fresh.create({ tag: 'b', value: 'v' }),
      fresh.update('a', {}),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'ERR_KEYRING_MISSING' })
    }
    expect(await stage.storage.get('default', [KEYRING])).toEqual([undefined])
    // the vault that knew it still reads, and notices when it asks again
    expect((await stage.vault.resolve('<< secrets.a >>')).expose()).toBe('v')
    expect(await failure(stage.vault.create({ tag: 'b', value: 'v' }))).toMatchObject(unreadable('rolled-back'))
  })

  it('of another workspace, or one that was edited, is refused', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v' })
    await stage.vault.with({ workspace: 'other' }).create({ tag: 'a', value: 'v' })
    stage.overwrite({ ...(await keyringOf(stage, 'other')), workspace: 'default' })
    expect(await failure(stage.another().resolve('<< secrets.a >>'))).toMatchObject(unreadable('moved'))
    const own = await keyringOf(stage, 'other')
    stage.overwrite({ ...own, body: own.body.replace(/"sequence":1\b/, '"sequence":2') })
    const other = stage.another({ workspace: 'other' })
    expect(await failure(other.resolve('<< secrets.a >>'))).toMatchObject(unreadable('tampered'))
    stage.overwrite({ ...own, body: 'rubbish' })
    expect(await failure(other.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  })

  it('that lost a race when it was written does not take the place of the one that won', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v' })
    const row = await keyringOf(stage)
    const provider = localKey(KEY)
    const { active, content } = await openKeyring(row.body, 'default', [provider])
    const textOf = (withdrawn: string) => bodyOf('default', 2, content.keys, active, [withdrawn])
    stage.overwrite({ ...row, version: 2, body: textOf('local:won') })
    await stage.vault.create({ tag: 'b', value: 'v' })
    for (const version of [2, 3]) {
      stage.overwrite({ ...row, version, body: textOf('local:lost') })
      expect(await failure(stage.vault.create({ tag: 'c', value: 'v' }))).toMatchObject(unreadable('rolled-back'))
    }
    // the same text under another version says nothing else
    stage.overwrite({ ...row, version: 3, body: textOf('local:won') })
    await stage.vault.create({ tag: 'd', value: 'v' })
  })

  it('does not open with another key', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'v' })
    const stranger = stage.another({ keys: generateKey() })
    expect(await failure(stranger.resolve('<< secrets.a >>'))).toMatchObject(unreadable('key-unknown'))
    expect(await failure(stranger.create({ tag: 'b', value: 'v' }))).toMatchObject(unreadable('key-unknown'))
  })
})
