/** What a change asks, keeps and says, member by member; and that of two writers with `ifVersion` one loses. */

import { describe, expect, it, vi } from 'vitest'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { openKeyring } from '../../src/crypto/keyring.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import type { Policy, PolicyRequest } from '../../src/vault/policy.ts'
import { bodyOf, entry } from '../crypto/rings.ts'
import { backstage, failure, KEY, listener, localKey } from './fixture.ts'

function recorder() {
  const asked: PolicyRequest[] = []
  const policy: Policy = (request) => {
    asked.push(request)
    return true
  }
  return { asked, policy }
}

describe('a policy', () => {
  it('is asked for the action that a change is, with what is stored, the actor and the purpose', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v', name: 'A', description: 'd', allow: { hosts: ['h.example'] } })
    const { asked, policy } = recorder()
    const guarded = another({ policy, actor: { id: 'ann', role: 'owner' }, purpose: 'rotation' })
    await guarded.set({ tag: 'a', value: 'w' })
    await guarded.set({ tag: 'b', value: 'w' })
    await guarded.create({ tag: 'c', value: 'w' })
    await guarded.update('a', { name: 'B' })
    await guarded.delete('a', { confirm: 'a' })
    await guarded.set({ tag: 'a', value: 'w', allow: null })
    expect(asked.map(({ action, tag }) => [action, tag])).toEqual([
      ['update', 'a'],
      ['create', 'b'],
      ['create', 'c'],
      ['update', 'a'],
      ['delete', 'a'],
      ['create', 'a'],
    ])
    for (const { actor, purpose } of asked)
      expect([{ ...actor }, purpose]).toEqual([{ id: 'ann', role: 'owner' }, 'rotation'])
    expect(asked[0]!.secret).toMatchObject({ tag: 'a', name: 'A', description: 'd', version: 2 })
    expect(asked[3]!.secret).toMatchObject({ name: 'A', version: 3 })
    expect(asked[4]!.secret).toMatchObject({ name: 'B', version: 4 })
    for (const at of [1, 2, 5]) expect(asked[at]).not.toHaveProperty('secret')
  })
})

describe('an update', () => {
  const FULL = {
    name: 'A',
    description: 'for support',
    allow: { hosts: ['h.example'] },
    enabled: false,
    expiresAt: '2030-01-01T00:00:00.000Z',
  }
  const CHANGES = {
    name: 'B',
    description: 'e',
    allow: { in: ['env'] },
    enabled: true,
    expiresAt: new Date(0),
    value: 'w',
  }

  it.each(Object.entries(CHANGES))('of %s leaves everything else', async (member, change) => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v', visibility: 'masked', type: 'apiKey', ...FULL })
    await vault.update('a', { [member]: change })
    const { value: _value, ...changed } = CHANGES
    const expected = { ...FULL, ...(member in changed && { [member]: change }) }
    const info = await another().describe('a')
    expect(info).toMatchObject({
      ...expected,
      expiresAt: new Date(expected.expiresAt),
      visibility: 'masked',
      type: 'apiKey',
      version: 3,
    })
    expect((await another().reveal('a')).expose()).toBe(member === 'value' ? 'w' : 'v')
  })

  it('of a record under a data key that is new to this vault reads the keyring again', async () => {
    const stage = backstage()
    const { vault, storage, overwrite, another } = stage
    await vault.create({ tag: 'a', value: 'v' })
    // somebody else rotates, and seals the record anew
    const provider = localKey(KEY)
    const [row] = await storage.get('default', [{ environment: '$', tag: '$keyring' }])
    const old = (await openKeyring(row!.body, 'default', [provider])).active
    const next = createDataKey()
    const keys = [
      await entry(next, 'active', 'default', [provider]),
      await entry(old, 'retired', 'default', [provider]),
    ]
    overwrite({ ...row!, version: 2, body: bodyOf('default', 2, keys, next) })
    await another().update('a', { name: 'sealed anew' })
    expect((await vault.update('a', { name: 'here' })).version).toBe(4)
    expect((await another().resolve('<< secrets.a >>')).expose()).toBe('v')
  })
})

/** A storage where somebody else is faster by one version, the first time something is put. */
function overtaken() {
  const stage = backstage()
  let isFirst = true
  const vault = stage.another({
    storage: {
      ...stage.storage,
      async put(record: StoredRecord) {
        if (isFirst && record.tag === 'a') {
          isFirst = false
          await stage.vault.update('a', { name: 'by the faster one' })
        }
        return stage.storage.put(record)
      },
    },
  })
  return { ...stage, slower: vault }
}

describe('a race', () => {
  it.each(['update', 'delete'] as const)('that an %s with ifVersion loses is its end', async (action) => {
    const { vault, slower } = overtaken()
    const { version } = await vault.create({ tag: 'a', value: 'v' })
    const call =
      action === 'update'
        ? slower.update('a', { name: 'mine' }, { ifVersion: version })
        : slower.delete('a', { confirm: 'a', ifVersion: version })
    expect(await failure(call)).toMatchObject({ code: 'ERR_CONFLICT', tag: 'a' })
    expect(await vault.describe('a')).toMatchObject({ name: 'by the faster one', version: 3 })
  })

  it.each(['update', 'delete'] as const)('that an %s without it loses is run again', async (action) => {
    const { vault, slower } = overtaken()
    await vault.create({ tag: 'a', value: 'v' })
    await (action === 'update' ? slower.update('a', { description: 'mine' }) : slower.delete('a', { confirm: 'a' }))
    const info = await vault.describe('a')
    if (action === 'delete') expect(info).toBeUndefined()
    else expect(info).toMatchObject({ name: 'by the faster one', description: 'mine', version: 4 })
  })
})

describe('the event of a failed change', () => {
  it('names the secret and the environment', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent })
    await vault.create({ tag: 'a', value: 'v' })
    onEvent.mockClear()
    await failure(vault.create({ tag: 'a', value: 'w' }))
    await failure(vault.update('b', {}))
    await failure(vault.delete('c', { confirm: 'x' }))
    await failure(vault.set({ tag: 'd', value: '' }))
    expect(onEvent.mock.calls.map(([{ action, secrets }]) => [action, secrets])).toEqual([
      ['create', [{ tag: 'a', environment: 'default' }]],
      ['update', [{ tag: 'b', environment: 'default' }]],
      ['delete', [{ tag: 'c', environment: 'default' }]],
      ['create', [{ tag: 'd', environment: 'default' }]],
    ])
  })
})

it('a claim says what was there before it: nothing, or a deletion', async () => {
  const { storage, another } = backstage()
  const put = vi.fn(storage.put.bind(storage))
  const vault = another({ storage: { ...storage, put } })
  await vault.create({ tag: 'a', value: 'v' })
  await vault.delete('a', { confirm: 'a' })
  await vault.create({ tag: 'a', value: 'w' })
  const bodies = put.mock.calls.filter(([{ tag }]) => tag === 'a').map(([{ body }]) => JSON.parse(body))
  expect(bodies.map(({ state, before }) => [state, before])).toEqual([
    ['claim', 'absent'],
    ['live', undefined],
    ['deleted', undefined],
    ['claim', 'deleted'],
    ['live', undefined],
  ])
})
