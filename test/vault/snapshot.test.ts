import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ownValue } from '../../src/plain-object.ts'
import { backstage, failure, listener, thrown } from './fixture.ts'

const A = '<< secrets.a >>'

describe('a snapshot', () => {
  it('resolves without I/O, as it was when it was taken', async () => {
    const { vault, storage } = backstage()
    await vault.create({ tag: 'a', value: 'v-one' })
    const snapshot = await vault.snapshot(['a', 'a'])
    await vault.update('a', { value: 'v-two' })
    storage.reads.count = 0
    const resolved = snapshot.resolve({ A }, { as: 'headers' })
    expect(resolved.expose()).toEqual({ A: 'v-one' })
    expect(resolved.redacted).toEqual({ A: '[secret:a]' })
    expect(resolved.references).toMatchObject([{ tag: 'a', version: 2 }])
    expect(snapshot.resolve(vault.prepare({ A }, { as: 'headers' })).expose()).toEqual({ A: 'v-one' })
    expect(storage.reads.count).toBe(0)
    snapshot.close()
    expect(thrown(() => snapshot.resolve(A))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('of named tags needs all of them', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    expect(await failure(vault.snapshot(['a', 'b']))).toMatchObject({
      code: 'ERR_MISSING_SECRETS',
      missing: [{ tag: 'b' }],
    })
    expect(await failure(vault.snapshot(['../a']))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await failure(vault.snapshot('a' as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await failure(another({ policy: () => false }).snapshot(['a']))).toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
    })
    expect((await vault.snapshot([])).resolve('x').expose()).toBe('x')
  })

  it('of all tags looks through the fallback, and refuses what may not be used where it is used', async () => {
    const { vault, another, overwrite, stored } = backstage({ fallback: { default: ['shared'] } })
    await vault.create({ tag: 'a', value: 'v-a' })
    await vault.create({ tag: 'denied', value: 'v-denied' })
    await vault.create({ tag: 'broken', value: 'v-broken' })
    await vault.with({ environment: 'shared' }).create({ tag: 's', value: 'v-shared' })
    const snapshot = await another({ policy: ({ tag }) => tag !== 'denied' }).snapshot()
    expect(snapshot.resolve('<< secrets.a >> << secrets.s >>').expose()).toBe('v-a v-shared')
    expect(thrown(() => snapshot.resolve('<< secrets.denied >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    expect(thrown(() => snapshot.resolve('<< secrets.x >>'))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
    const body = (await stored('broken')).body.replace('"enabled":true', '"enabled":false')
    overwrite({ ...(await stored('broken')), body })
    const other = await another().snapshot()
    expect(thrown(() => other.resolve('<< secrets.broken >>'))).toMatchObject({ code: 'ERR_SECRET_DISABLED' })
  })

  it.each<[string, (body: string) => string, object]>([
    ['is damaged', () => 'rubbish', { code: 'ERR_RECORD_CORRUPT' }],
    ['has a damaged seal', (body) => body.replace('gm1.', 'gm2.'), { code: 'ERR_RECORD_CORRUPT' }],
    ['was edited', (body) => body.replace('"apiKey"', '"token"'), { reason: 'moved' }],
    ['was rolled back', (body) => body, { reason: 'rolled-back' }],
  ])('of all tags goes on where one %s, which is not missing but what it is', async (_, edit, error) => {
    const onEvent = listener()
    const { vault, another, overwrite, stored } = backstage({ onEvent })
    await vault.create({ tag: 'a', value: 'v-a' })
    await vault.create({ tag: 'broken', type: 'apiKey', value: 'v-broken' })
    const row = await stored('broken')
    const reader = another()
    if (edit(row.body) === row.body) await reader.update('broken', { value: 'v-newer' })
    overwrite({ ...row, body: edit(row.body) })
    onEvent.mockClear()
    const snapshot = await reader.snapshot()
    expect(onEvent.mock.calls.map(([{ secrets }]) => secrets.map(({ tag }) => tag))).toEqual([['a']])
    expect(snapshot.resolve(A).expose()).toBe('v-a')
    for (const onMissing of ['error', 'keep'] as const) {
      expect(thrown(() => snapshot.resolve('<< secrets.broken >>', { onMissing }))).toMatchObject(error)
    }
    expect(await failure(reader.snapshot(['a', 'broken']))).toMatchObject(error)
  })

  it('keeps a secret with hosts sealed until a resolve that its rule permits', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789', allow: { hosts: ['acme.dev'] } })
    const snapshot = await vault.snapshot()
    expect(vault.redactor.text('v-0123456789')).toBe('v-0123456789')
    expect(thrown(() => snapshot.resolve(A))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    const request = { url: 'https://acme.dev/', headers: { A } }
    expect(snapshot.resolve(request, { as: 'request' }).expose().headers).toEqual({ A: 'v-0123456789' })
    expect(vault.redactor.text('v-0123456789')).toBe('[secret:a]')
    expect(snapshot.resolve({ A }, { as: 'headers', destination: 'https://acme.dev' }).expose()).toEqual({
      A: 'v-0123456789',
    })
  })

  it('looks at the clock on each resolve', async () => {
    const { vault, clock } = backstage()
    await vault.create({ tag: 'a', value: 'v', expiresAt: new Date(clock.now + 10) })
    await vault.create({ tag: 'over', value: 'v', expiresAt: new Date(clock.now) })
    const snapshot = await vault.snapshot()
    expect(snapshot.resolve(A).expose()).toBe('v')
    clock.now += 10
    expect(thrown(() => snapshot.resolve(A))).toMatchObject({ code: 'ERR_SECRET_EXPIRED' })
    expect(thrown(() => snapshot.resolve('<< secrets.over >>'))).toMatchObject({ code: 'ERR_SECRET_EXPIRED' })
  })

  it('tells of its making and of each use', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent })
    await vault.create({ tag: 'a', value: 'v' })
    onEvent.mockClear()
    const snapshot = await vault.snapshot(['a'])
    snapshot.resolve({ url: 'https://h/?k=<< secrets.a >>' }, { as: 'request' })
    snapshot.resolve('nothing')
    await failure(vault.snapshot(['b']))
    const told = onEvent.mock.calls.map(([event]) => [event.outcome, event.secrets, ownValue(event, 'destination')])
    const secrets = [{ tag: 'a', environment: 'default', version: 2 }]
    expect(told).toEqual([
      ['ok', secrets, undefined],
      ['ok', secrets, 'https://h'],
      ['ERR_MISSING_SECRETS', [{ tag: 'b', environment: 'default' }], undefined],
    ])
  })

  it('takes more secrets than one round trip', async () => {
    const { vault, storage } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const tombstone = '{"format":1,"state":"deleted","at":"2026-01-01T00:00:00.000Z"}'
    for (let index = 0; index < 600; index++) {
      await storage.put({ workspace: 'default', environment: 'default', tag: `t${index}`, version: 1, body: tombstone })
    }
    const snapshot = await vault.snapshot()
    expect(snapshot.resolve(A).expose()).toBe('v')
  })

  it('was closed: a result keeps its references and masks', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const snapshot = await vault.snapshot(['free'])
    const resolved = snapshot.resolve(['<< secrets.free >>'])
    snapshot.close()
    expect(resolved.references).toHaveLength(1)
    expect(resolved.redacted).toEqual(['[secret:free]'])
    expect(inspect(snapshot, { depth: 9, showHidden: true })).not.toContain('free-0123456789')
  })
})
