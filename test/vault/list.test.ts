import { describe, expect, it } from 'vitest'
import type { ListFilter } from '../../src/secrets/secret.ts'
import type { Vault } from '../../src/vault/api.ts'
import { all, backstage, failure } from './fixture.ts'

async function stageOf(tags: readonly string[]) {
  const stage = backstage()
  for (const tag of tags) await stage.vault.create({ tag, value: 'v-0123456789' })
  return stage
}

it('of secrets is an error as JSON, with the loop that reads it: it would look like an empty vault', async () => {
  const { vault } = await stageOf(['a'])
  const list = vault.list()
  for (const print of [() => JSON.stringify(list), () => JSON.stringify({ secrets: list })]) {
    expect(print).toThrow(/for await/)
  }
  expect(await all(list)).toHaveLength(1)
})

const tagsOf = async (vault: Vault, filter?: ListFilter) => (await all(vault.list(filter))).map(({ tag }) => tag)

describe('a page of a listing', () => {
  it('begins behind a tag and ends after as many as were asked for', async () => {
    const { vault } = await stageOf(['a', 'b', 'c', 'd', 'e'])
    expect(await tagsOf(vault, { limit: 2 })).toEqual(['a', 'b'])
    expect(await tagsOf(vault, { limit: 2, after: 'b' })).toEqual(['c', 'd'])
    expect(await tagsOf(vault, { limit: 2, after: 'd' })).toEqual(['e'])
    expect(await tagsOf(vault, { after: 'e' })).toEqual([])
    // one that was deleted meanwhile is a place like any other
    expect(await tagsOf(vault, { after: 'bb', limit: 1 })).toEqual(['c'])
  })

  it('counts only what is given: neither what the filter nor what the policy leaves out', async () => {
    const { vault, another } = await stageOf(['a', 'b', 'c', 'd'])
    await vault.update('b', { enabled: false })
    const guarded = another({ policy: ({ tag }) => tag !== 'a' })
    expect(await tagsOf(guarded, { limit: 2, enabled: true })).toEqual(['c', 'd'])
  })

  it('reads no further than it gives', async () => {
    const { storage, another } = await stageOf(
      Array.from({ length: 250 }, (_, at) => `t${String(at).padStart(3, '0')}`),
    )
    let lists = 0
    const vault = another({
      storage: {
        ...storage,
        list(...of) {
          lists++
          return storage.list(...of)
        },
      },
    })
    expect(await tagsOf(vault, { limit: 200 })).toHaveLength(200)
    expect(lists).toBe(1)
    expect(await tagsOf(vault, { limit: 201 })).toHaveLength(201)
    expect(lists).toBe(3)
  })
})

describe('a storage that answers with short pages', () => {
  /** As a service that cuts its pages by their size: 5 at most, and 1 after the third. */
  async function shortPages(count: number) {
    const tags = Array.from({ length: count }, (_, at) => `t${String(at).padStart(3, '0')}`)
    const { storage, another } = await stageOf(tags)
    let pages = 0
    const list: typeof storage.list = (workspace, page) => {
      const most = ++pages === 3 ? 1 : 5
      return storage.list(workspace, { ...page, limit: Math.min(page.limit, most) })
    }
    return { tags, vault: another({ storage: { ...storage, list } }) }
  }

  it('is listed to its end', async () => {
    const { tags, vault } = await shortPages(23)
    expect(await tagsOf(vault)).toEqual(tags)
    expect(await tagsOf(vault, { after: 't009' })).toEqual(tags.slice(10))
  })

  it('is in a snapshot as a whole, and in suggestions', async () => {
    const { tags, vault } = await shortPages(23)
    const snapshot = await vault.snapshot()
    expect(snapshot.resolve(tags.map((tag) => `<< secrets.${tag} >>`)).references).toHaveLength(23)
    expect((await failure(vault.resolve('<< secrets.t0022 >>'))).missing).toMatchObject([{ suggestion: 't002' }])
    expect((await failure(vault.resolve('<< secrets.t02z >>'))).missing?.[0]?.suggestion).toMatch(/^t02/)
  })
})

it('of a storage that forgets where a page ended does not go on for ever', async () => {
  const { vault, storage, another } = await stageOf(['a', 'free'])
  const row = (await storage.list('default', { environment: 'default', limit: 1 }))[0]!
  const rows = Array.from({ length: 200 }, (_, index) => ({ ...row, tag: `t${String(index).padStart(3, '0')}` }))
  const endless = another({ storage: { ...storage, list: async () => rows } })
  expect(
    await failure(
      (async () => {
        for await (const _ of endless.list());
      })(),
    ),
  ).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  expect(await vault.describe('a')).toBeDefined()
})

describe('a filter', () => {
  it('goes by state and expiry', async () => {
    const { vault } = await stageOf(['never'])
    await vault.create({ tag: 'past', value: 'v', expiresAt: '2020-01-01' })
    await vault.create({ tag: 'soon', value: 'v', expiresAt: '2026-06-01', enabled: false })
    await vault.create({ tag: 'later', value: 'v', expiresAt: '2030-01-01' })
    expect(await tagsOf(vault, { enabled: false })).toEqual(['soon'])
    expect(await tagsOf(vault, { enabled: true })).toEqual(['later', 'never', 'past'])
    expect(await tagsOf(vault, { expiresBefore: new Date('2026-06-01T00:00:00.001Z') })).toEqual(['past', 'soon'])
    expect(await tagsOf(vault, { expiresBefore: '2026-06-01', enabled: true })).toEqual(['past'])
  })

  it.each([
    { limit: 0 },
    { limit: 1.5 },
    { limit: 10_001 },
    { limit: '5' },
    { after: '' },
    { after: '../x' },
    { enabled: 'yes' },
    { expiresBefore: 'soon' },
    { tag: 'a' },
  ])('is not %o', async (filter) => {
    const { vault } = backstage()
    expect(await failure(all(vault.list(filter as never)))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('a record that cannot be read', () => {
  it('is named to those only who may read it', async () => {
    const { vault, another, stored, overwrite } = await stageOf(['a', 'b', 'c'])
    for (const tag of ['a', 'b']) overwrite({ ...(await stored(tag)), body: 'rubbish' })
    const list = another({ policy: ({ tag }) => tag !== 'a' }).list()
    expect((await all(list)).map(({ tag }) => tag)).toEqual(['c'])
    expect(list.unreadable).toEqual(['b'])
    const page = vault.list({ after: 'a', limit: 1 })
    await all(page)
    expect(page.unreadable).toEqual(['b'])
  })
})

describe('who created and changed a secret', () => {
  it('is said by the ids of the actors', async () => {
    const { vault } = backstage()
    const [ann, bob] = ['ann', 'bob'].map((id) => vault.with({ actor: { id } })) as [Vault, Vault]
    expect(await ann.create({ tag: 'a', value: 'v' })).toMatchObject({ createdBy: 'ann', updatedBy: 'ann' })
    expect(await bob.update('a', { value: 'w' })).toMatchObject({ createdBy: 'ann', updatedBy: 'bob' })
    // what changes nothing is by nobody
    expect(await ann.update('a', { value: 'w' })).toMatchObject({ updatedBy: 'bob' })
    expect(await vault.describe('a')).toMatchObject({ createdBy: 'ann', updatedBy: 'bob' })
    const nobody = await vault.update('a', { value: 'x' })
    expect(nobody).toMatchObject({ createdBy: 'ann' })
    expect(nobody).not.toHaveProperty('updatedBy')
  })

  it.each([
    ['createdBy', 'mallory'],
    ['createdBy', undefined],
    ['updatedBy', 'mallory'],
  ])('is authenticated: a record whose %s was made %s does not open', async (member, id) => {
    const { vault, another, stored, overwrite } = backstage()
    await vault.with({ actor: { id: 'ann' } }).create({ tag: 'a', value: 'v' })
    const record = await stored('a')
    const body = JSON.stringify({ ...JSON.parse(record.body), [member]: id })
    overwrite({ ...record, body })
    expect(await failure(another().resolve('<< secrets.a >>'))).toMatchObject({ reason: 'moved' })
    expect(await failure(another().update('a', { name: 'A' }))).toMatchObject({ reason: 'moved' })
  })

  it('has at most 256 characters', async () => {
    const { vault } = backstage()
    await vault.with({ actor: { id: 'i'.repeat(256) } }).create({ tag: 'a', value: 'v' })
    for (const id of ['i'.repeat(257), '\ud800']) {
      expect(() => vault.with({ actor: { id } })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
    }
  })
})
