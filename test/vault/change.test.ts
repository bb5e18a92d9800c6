import { describe, expect, it } from 'vitest'
import type { SecretInput } from '../../src/index.ts'
import { ownValue } from '../../src/plain-object.ts'
import { all, backstage, failure, listener, thrown } from './fixture.ts'

const DOTS = '••••••••'

describe('create', () => {
  it('stores a secret and says what it is, with eight dots for its value', async () => {
    const { vault } = backstage()
    const info = await vault.create({ tag: 'zendesk', value: 'zd-7f3e9a1c5b', name: 'Zendesk', description: 'support' })
    expect(info).toEqual({
      tag: 'zendesk',
      workspace: 'default',
      environment: 'default',
      type: 'text',
      visibility: 'restricted',
      version: 2,
      name: 'Zendesk',
      description: 'support',
      enabled: true,
      createdAt: new Date('2026-01-01T00:00:00.000Z'),
      updatedAt: new Date('2026-01-01T00:00:00.000Z'),
      value: DOTS,
    })
    expect((await vault.resolve('<< secrets.zendesk >>')).expose()).toBe('zd-7f3e9a1c5b')
  })

  it.each([
    { tag: 't', type: 'text', value: 'v' },
    { tag: 't', type: 'password', value: ' ' },
    { tag: 't', type: 'apiKey', value: 'v' },
    { tag: 't', type: 'token', value: 'v', expiresAt: '2027-01-01T00:00:00.000Z' },
    { tag: 't', type: 'basicAuth', value: { username: 'u', password: 'p' } },
    {
      tag: 'authentication',
      type: 'authentication',
      value: { jwksUri: 'https://id.acme.dev/jwks', audience: 'acme' },
      enabled: false,
    },
    { tag: 'database', type: 'database', value: { name: 'main', mode: 'uri', uri: 'mongodb://u:p@h/' } },
    {
      tag: 'database',
      type: 'database',
      value: { name: 'm', mode: 'atlas', projectId: '1', publicKey: 'a', privateKey: 'b', clusterName: 'c' },
    },
    { tag: 't', type: 'custom', value: { host: 'h', port: 5432, tls: true } },
  ] as const)('takes the type $type', async (input) => {
    const { vault } = backstage()
    const info = await vault.create(input)
    expect(info.type).toBe(input.type)
    const [listed] = await all(vault.list())
    expect(listed).toEqual(info)
    expect(info.value).toEqual(
      typeof input.value === 'string' ? DOTS : Object.fromEntries(Object.keys(input.value).map((key) => [key, DOTS])),
    )
  })

  it('refuses a second one under the same tag, and the fixed tags for other types', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'one' })
    expect(await failure(vault.create({ tag: 'a', value: 'two' }))).toMatchObject({
      code: 'ERR_SECRET_EXISTS',
      tag: 'a',
    })
    expect(await failure(vault.create({ tag: 'database', type: 'text', value: 'x' }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
    })
    expect(await failure(vault.create(undefined as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('one')
  })

  it('keeps names of JavaScript as ordinary names', async () => {
    const { vault } = backstage()
    for (const tag of ['__proto__', 'constructor', 'then', 'toString']) {
      await vault.create({ tag, value: `value of ${tag}` })
      expect((await vault.resolve(`<< secrets.${tag} >>`)).expose()).toBe(`value of ${tag}`)
    }
    const value = JSON.parse('{"__proto__":"p","constructor":"c"}')
    await vault.create({ tag: 'odd', value })
    expect((await vault.resolve('<< secrets.odd.__proto__ >>')).expose()).toBe('p')
    expect(await failure(vault.create({ tag: '../x', value: 'v' }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('goes on where a killed process left a claim', async () => {
    const { vault, storage, another } = backstage()
    await vault.create({ tag: 'first', value: 'makes the keyring' })
    const body = '{"format":1,"state":"claim","before":"absent","at":"2026-01-01T00:00:00.000Z"}'
    await storage.put({ workspace: 'default', environment: 'default', tag: 'a', version: 1, body })
    expect(await another().describe('a')).toBeUndefined()
    expect((await another().create({ tag: 'a', value: 'v' })).version).toBe(3)
  })
})

describe('set', () => {
  it('creates, then changes only what it names', async () => {
    const { vault, clock } = backstage()
    const allow = { hosts: ['acme.zendesk.com'] }
    await vault.set({ tag: 'a', value: 'one', type: 'apiKey', visibility: 'masked', name: 'A', allow })
    clock.now += 1_000
    const info = await vault.set({ tag: 'a', value: 'two' })
    expect(info).toMatchObject({ type: 'apiKey', visibility: 'masked', name: 'A', allow, version: 3 })
    expect(info.updatedAt.getTime() - info.createdAt.getTime()).toBe(1_000)
    expect((await vault.reveal('a')).expose()).toBe('two')
  })

  it('refuses another type or visibility, and takes the same ones', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'a', value: 'one', type: 'apiKey' })
    await vault.set({ tag: 'a', value: 'two', type: 'apiKey', visibility: 'restricted' })
    for (const change of [{ type: 'text' }, { visibility: 'masked' }] as const) {
      expect(await failure(vault.set({ tag: 'a', value: 'x', ...change }))).toMatchObject({
        code: 'ERR_IMMUTABLE_FIELD',
        tag: 'a',
        field: Object.keys(change)[0],
      })
    }
  })

  it('holds a new value against the stored type', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'a', type: 'basicAuth', value: { username: 'u', password: 'p' } })
    await vault.set({ tag: 'a', value: { username: 'u2', password: 'p2' } })
    expect(await failure(vault.set({ tag: 'a', value: 'text' }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect((await vault.resolve('<< secrets.a.username >>')).expose()).toBe('u2')
  })

  it('stores what the caller gave, whatever he does to it afterwards', async () => {
    const { vault } = backstage()
    const expiresAt = new Date('2026-06-01T00:00:00.000Z')
    const allow = { hosts: ['ok.example'] }
    const pending = vault.set({ tag: 'x', value: 'v', expiresAt, allow })
    expiresAt.setFullYear(2090)
    allow.hosts.push('evil.example')
    expect(await pending).toMatchObject({
      expiresAt: new Date('2026-06-01T00:00:00.000Z'),
      allow: { hosts: ['ok.example'] },
    })
  })
})

describe('update', () => {
  it('changes description and state, and null removes', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v', name: 'A', description: 'd', allow: {}, expiresAt: '2030-01-01' })
    const info = await vault.update('a', {
      name: null,
      description: null,
      allow: null,
      expiresAt: null,
      enabled: false,
    })
    const left = Object.keys(info)
    for (const removed of ['name', 'description', 'allow', 'expiresAt']) expect(left).not.toContain(removed)
    expect(info.enabled).toBe(false)
    expect((await vault.update('a', { name: 'B', expiresAt: new Date(0), value: 'w' })).name).toBe('B')
  })

  it('replaces all fields with a new value', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: { one: '1', two: '2' } })
    const info = await vault.update('a', { value: { three: '3' } })
    expect(Object.keys(info.value)).toEqual(['three'])
  })

  it('is refused for a version that is not the stored one', async () => {
    const { vault } = backstage()
    const { version } = await vault.create({ tag: 'a', value: 'v' })
    await vault.update('a', { name: 'x' }, { ifVersion: version })
    expect(await failure(vault.update('a', { name: 'y' }, { ifVersion: version }))).toMatchObject({
      code: 'ERR_CONFLICT',
    })
    expect(await failure(vault.update('a', {}, { ifVersion: 0 }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await failure(vault.update('a', {}, { version: 1 } as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await failure(vault.update('gone', {}))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
  })

  it('refuses what never changes', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    for (const patch of [{ tag: 'b' }, { type: 'token' }, { visibility: 'masked' }]) {
      expect((await failure(vault.update('a', patch as never))).code).toMatch(/ERR_IMMUTABLE_FIELD|ERR_INVALID_INPUT/)
    }
  })

  it('loses no update of many at once', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const vaults = Array.from({ length: 8 }, () => another())
    await Promise.all(vaults.map((each, index) => each.update('a', { name: `by ${index}` })))
    expect((await vault.describe('a'))?.version).toBe(10)
  })
})

describe('delete', () => {
  it('needs the tag typed again, and versions go on counting', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    for (const confirm of ['', 'A', undefined]) {
      expect(await failure(vault.delete('a', { confirm } as never))).toMatchObject({
        code: 'ERR_CONFIRMATION_REQUIRED',
      })
    }
    // shown to the person who deletes, next to the field
    expect(await failure(vault.delete('a', undefined as never))).toMatchObject({
      code: 'ERR_CONFIRMATION_REQUIRED',
      path: 'confirm',
      message: 'Deleting cannot be undone; to confirm it, type the tag "a" once more.',
    })
    expect(await failure(vault.delete('a', { confirm: 'a', ifVersion: 1 }))).toMatchObject({ code: 'ERR_CONFLICT' })
    await vault.delete('a', { confirm: 'a', ifVersion: 2 })
    expect(await vault.describe('a')).toBeUndefined()
    expect(await failure(vault.delete('a', { confirm: 'a' }))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    expect(await failure(vault.reveal('a'))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    expect((await vault.create({ tag: 'a', value: 'w' })).version).toBe(5)
  })

  it('needs no key', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const keyless = another({ keys: null })
    await keyless.delete('a', { confirm: 'a' })
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
  })
})

describe('describe and list', () => {
  it('list by type and by text, in the order of tags', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'b', value: 'v', name: 'Billing' })
    await vault.create({ tag: 'a', value: 'v', type: 'token', description: 'for BILLING' })
    await vault.create({ tag: 'c', value: 'v' })
    const tags = async (filter?: object) => (await all(vault.list(filter))).map(({ tag }) => tag)
    expect(await tags()).toEqual(['a', 'b', 'c'])
    expect(await tags({ search: 'billing' })).toEqual(['a', 'b'])
    expect(await tags({ type: 'token' })).toEqual(['a'])
    expect(await tags({ environment: 'other' })).toEqual([])
  })

  it('lists more than a page', async () => {
    const { vault, storage } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const [first] = await storage.list('default', { environment: 'default', limit: 1 })
    const body = first!.body
    for (let index = 0; index < 450; index++) {
      const tag = `t${String(index).padStart(3, '0')}`
      await storage.put({ workspace: 'default', environment: 'default', tag, version: 1, body })
    }
    expect(await all(vault.list())).toHaveLength(451)
  })

  it('shows all others, and names the one that cannot be read', async () => {
    const { vault, overwrite } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    await vault.create({ tag: 'b', value: 'v' })
    await vault.create({ tag: 'c', value: 'v' })
    overwrite({ workspace: 'default', environment: 'default', tag: 'b', version: 2, body: 'rubbish' })
    const list = vault.list()
    expect((await all(list)).map(({ tag }) => tag)).toEqual(['a', 'c'])
    expect(list.unreadable).toEqual(['b'])
    await all(list)
    expect(list.unreadable).toEqual(['b'])
    expect(await failure(vault.describe('b'))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    await vault.delete('b', { confirm: 'b' })
    expect(await vault.describe('b')).toBeUndefined()
  })
})

describe('reveal', () => {
  it('shows a masked secret, fields and all, to nobody by accident', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: { username: 'u', port: 1 }, visibility: 'masked', enabled: false })
    const revealed = await vault.reveal('a')
    expect(revealed.expose()).toEqual({ username: 'u', port: 1 })
    expect(JSON.stringify(revealed)).toBe('{"username":"[secret]","port":"[secret:a.port]"}')
    expect(revealed.references).toEqual([])
  })

  it('shows no restricted one', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    expect(await failure(vault.reveal('a'))).toMatchObject({ code: 'ERR_NOT_REVEALABLE', tag: 'a' })
  })
})

describe('events', () => {
  it('tell of every change with its version, and of failures with their code', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent, actor: { id: 'ann', role: 'owner' }, purpose: 'set-up' })
    await vault.create({ tag: 'a', value: 'v', visibility: 'masked' })
    await vault.update('a', { name: 'A' })
    await vault.reveal('a')
    await vault.delete('a', { confirm: 'a' })
    await failure(vault.update('a', {}))
    const told = onEvent.mock.calls.map(([{ action, outcome, secrets }]) => [
      action,
      outcome,
      ownValue(secrets[0], 'version'),
    ])
    expect(told).toEqual([
      ['create', 'ok', 2],
      ['update', 'ok', 3],
      ['reveal', 'ok', 3],
      ['delete', 'ok', 4],
      ['update', 'ERR_SECRET_NOT_FOUND', undefined],
    ])
    expect(onEvent.mock.calls[0]![0]).toMatchObject({ actor: { id: 'ann' }, purpose: 'set-up', workspace: 'default' })
  })

  it('tell of a creation where set creates', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent })
    await vault.set({ tag: 'x', value: 'v' })
    await vault.set({ tag: 'x', value: 'w' })
    expect(onEvent.mock.calls.map(([{ action }]) => action)).toEqual(['create', 'update'])
  })

  it('refuse a reveal and a use that cannot be told where an audit is required, and leave a write as it is', async () => {
    const { vault } = backstage({
      audit: 'required',
      onEvent: () => {
        throw new Error('disk full')
      },
    })
    await vault.create({ tag: 'a', value: 'v', visibility: 'masked' })
    expect(await failure(vault.reveal('a'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    expect((await vault.describe('a'))?.version).toBe(2)
  })
})

describe('a closed vault', () => {
  it('does nothing any more', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const snapshot = await vault.snapshot()
    await vault.with({ purpose: 'x' }).close()
    expect(await vault.describe('a')).toBeDefined()
    await vault.close()
    await vault.close()
    for (const call of [vault.describe('a'), vault.create({ tag: 'b', value: 'v' }), vault.resolve('x')]) {
      expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
    expect(thrown(() => snapshot.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

it('what does not fit its type is refused by the compiler too', async () => {
  const { vault } = backstage()
  // @ts-expect-error fields under a type of one text
  const fields: SecretInput = { tag: 'a', type: 'text', value: { a: 'b' } }
  // @ts-expect-error one text under a type of fields
  const text: SecretInput = { tag: 'a', type: 'basicAuth', value: 'b' }
  for (const input of [fields, text])
    expect(await failure(vault.set(input))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  const untyped: SecretInput = { tag: 'a', value: JSON.parse('"v"') as SecretInput['value'] }
  expect((await vault.set(untyped)).type).toBe('text')
})
