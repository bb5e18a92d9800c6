/** Rotations: of values, of which redactors know the last few, and of data keys behind a cache. */

import { describe, expect, it } from 'vitest'
import { destroyKey, rotateKeys } from '../../src/admin.ts'
import { KEPT_VALUES, RecentValues } from '../../src/redact/recent-values.ts'
import { cachedStorage } from '../../src/storage/cached.ts'
import { backstage, failure } from './fixture.ts'

const token = (version: number): string => `tok-${version}-9f2c1e7a4b8d`

it('the redactor for process logs forgets what many rotations have replaced', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: token(0) })
  const view = vault.with({ purpose: 'rotation' })
  for (let version = 0; version < KEPT_VALUES + 3; version++) {
    if (version > 0) await vault.update('a', { value: token(version) })
    expect((await vault.resolve('<< secrets.a >>')).redacted).toBe('[secret:a]')
    expect((await view.resolve('<< secrets.a >>')).redacted).toBe('[secret:a]')
  }
  for (const { redactor } of [vault, view]) {
    const known = Array.from(
      { length: KEPT_VALUES + 3 },
      (_, version) => redactor.text(token(version)) === '[secret:a]',
    )
    expect(known).toEqual([false, false, false, ...new Array<boolean>(KEPT_VALUES).fill(true)])
  }
})

it('a value stays known while another place has it under the same label', async () => {
  const { vault } = backstage()
  const other = vault.with({ workspace: 'other' })
  for (const each of [vault, other]) await each.create({ tag: 'a', value: token(0) })
  await other.resolve('<< secrets.a >>')
  for (let version = 0; version <= KEPT_VALUES; version++) {
    if (version > 0) await vault.update('a', { value: token(version) })
    await vault.resolve('<< secrets.a >>')
  }
  expect(vault.redactor.text(token(0))).toBe('[secret:a]')
})

it('a value that comes back is as new as the others', () => {
  const recent = new RecentValues()
  const forgotten: (string | undefined)[] = []
  const order = ['x', ...Array.from({ length: KEPT_VALUES - 1 }, (_, index) => `v${index}`), 'x', 'y', 'z']
  for (const text of order) forgotten.push(recent.note('p', 'l', text).forgotten)
  expect(forgotten.filter((text) => text !== undefined)).toEqual(['v0', 'v1'])
  expect(recent.note('p', 'l', 'z')).toEqual({ isNew: false, forgotten: undefined })
})

it('what was forgotten counts for nothing: it is held no longer, and is as new as any when it comes back', () => {
  const recent = new RecentValues()
  const order = Array.from({ length: KEPT_VALUES }, (_, index) => `v${index}`)
  for (const text of order) for (const place of ['p', 'q']) recent.note(place, 'l', text)
  recent.forget('l', (text) => text === 'v0')
  recent.forget('other', () => true)
  expect(recent.note('p', 'l', 'v0')).toEqual({ isNew: true, forgotten: undefined })
  expect(recent.note('p', 'l', 'w')).toEqual({ isNew: true, forgotten: undefined }) // the other place has v1
  expect(recent.note('q', 'l', 'w')).toEqual({ isNew: true, forgotten: undefined })
  expect(recent.note('q', 'l', 'x')).toEqual({ isNew: true, forgotten: 'v1' })
  recent.forget('l', () => true)
  for (const text of order) expect(recent.note('p', 'l', text)).toEqual({ isNew: true, forgotten: undefined })
  expect(recent.note('p', 'l', 'y').forgotten).toBe('v0')
})

describe('a record that a cache has kept from before its data key was destroyed', () => {
  async function kept() {
    const { vault, another, storage, stored, overwrite } = backstage()
    for (const tag of ['a', 'b']) await vault.create({ tag, value: token(0) })
    const before = await stored('a')
    const cache = cachedStorage(storage, { ttl: 60_000 })
    const asked: string[] = []
    const other = another({ storage: cache, policy: ({ tag }) => asked.push(tag) > 0 })
    await other.resolve('<< secrets.a >> << secrets.b >>')
    const { workspaces } = await rotateKeys(vault)
    for (const id of workspaces[0]!.retired) await destroyKey(vault, id, { confirm: id })
    // what is read anew of `b` needs the new keyring, which has no key for what is kept of `a`
    cache.invalidate('default', { environment: 'default', tag: 'b' })
    await other.resolve('<< secrets.b >>')
    asked.length = 0
    return { vault, other, asked, another, overwrite, before }
  }

  it('is read past the cache, and the policy is asked about what was found there', async () => {
    const { other, asked } = await kept()
    expect((await other.resolve('<< secrets.a >>')).expose()).toBe(token(0))
    expect(asked).toEqual(['a', 'a'])
    expect((await other.resolve('<< secrets.a >>')).expose()).toBe(token(0))
    expect(asked).toEqual(['a', 'a', 'a'])
  })

  it.each([[undefined], [['a']]])('is read past the cache for a snapshot of %s', async (tags) => {
    const { other } = await kept()
    const snapshot = await other.snapshot(tags)
    expect(snapshot.resolve('<< secrets.a >>').expose()).toBe(token(0))
  })

  it('is not opened by a rule that was changed since', async () => {
    const { vault, other } = await kept()
    await vault.update('a', { enabled: false })
    expect(await failure(other.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_SECRET_DISABLED' })
  })

  it('is told as what it is where the storage has nothing newer', async () => {
    const { another, overwrite, before } = await kept()
    overwrite(before)
    const error = await failure(another().resolve('<< secrets.a >>'))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown', tag: 'a' })
  })
})
