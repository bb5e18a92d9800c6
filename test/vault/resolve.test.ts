import { describe, expect, it } from 'vitest'
import { backstage, failure, listener, thrown } from './fixture.ts'

describe('resolve', () => {
  it('reads the storage once, however many references and fallback environments', async () => {
    const { vault, storage, another } = backstage({ fallback: { default: ['staging', 'development'] } })
    for (let index = 0; index < 50; index++) await vault.create({ tag: `t${index}`, value: `v${index}` })
    const template = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`k${index}`, `<< secrets.t${index} >>`]),
    )
    const fresh = another()
    storage.reads.count = 0
    const resolved = await fresh.resolve(template)
    // the keyring comes along with the first read
    expect(storage.reads.count).toBe(1)
    expect(resolved.expose()).toEqual(Object.fromEntries(Object.keys(template).map((key, index) => [key, `v${index}`])))
    await fresh.resolve(template)
    expect(storage.reads.count).toBe(2)
  })

  it('meets no storage, policy or event for a template without references, and gives it back', async () => {
    const onEvent = listener()
    const { vault, storage } = backstage({ onEvent, policy: () => false })
    const template = Object.freeze({ a: '{{ steps.a }}', b: [1, null, undefined, () => 1] })
    expect((await vault.resolve(template)).expose()).toBe(template)
    expect(storage.reads.count).toBe(0)
    expect(onEvent).not.toHaveBeenCalled()
  })

  it('lists every missing reference in document order, with suggestions', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'ZenDesk', value: 'v' })
    await vault.create({ tag: 'svc', value: { username: 'u', password: 'p' } })
    const error = await failure(
      vault.resolveHeaders({
        A: '<< secrets.zen-desk >>',
        B: '<< secrets.svc.pasword >>',
        C: '{{ RUNPOD_SECRET_nowhere }}',
      }),
    )
    expect(error).toMatchObject({
      code: 'ERR_MISSING_SECRETS',
      missing: [
        { tag: 'zen-desk', path: 'A', suggestion: 'ZenDesk' },
        { tag: 'svc', field: 'pasword', path: 'B', suggestion: 'password' },
        { tag: 'nowhere', path: 'C' },
      ],
    })
    expect(error.message).toContain('"zen-desk" at A (did you mean "ZenDesk"?)')
  })

  it('shortens a long list in the message, not in the field', async () => {
    const { vault } = backstage()
    const error = await failure(vault.resolve(Array.from({ length: 9 }, (_, index) => `<< secrets.t${index} >>`)))
    expect(error.missing).toHaveLength(9)
    expect(error.message).toContain('and 4 more')
  })

  it('suggests only what the actor may see', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'zendesk', value: 'v' })
    const blind = another({ policy: ({ action }) => action !== 'read' })
    const error = await failure(blind.resolve('<< secrets.zendeks >>'))
    expect(error.missing).toEqual([{ tag: 'zendeks', path: '' }])
  })

  it('keeps a missing reference as it stands when asked to', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const resolved = await vault.resolve('<< secrets.a >> {{ secrets.b }} {{&secrets.c.d|trim}}', { onMissing: 'keep' })
    expect(resolved.expose()).toBe('v-0123456789 {{ secrets.b }} {{&secrets.c.d|trim}}')
    expect(resolved.redacted).toBe('[secret:a] {{ secrets.b }} {{&secrets.c.d|trim}}')
    expect(resolved.references).toEqual([
      { tag: 'a', filters: [], path: '', index: 0, location: 'value', environment: 'default', version: 2 },
    ])
  })

  it('asks for a field where there are several', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'svc', type: 'basicAuth', value: { username: 'u', password: 'p' } })
    const error = await failure(vault.resolveHeaders({ A: '<< secrets.svc >>' }))
    expect(error).toMatchObject({ code: 'ERR_FIELD_REQUIRED', tag: 'svc', fields: ['username', 'password'] })
    expect(error.message).toContain('<< secrets.svc | basic >>')
  })

  it('refuses unknown options and kinds', async () => {
    const { vault } = backstage()
    const bad: object[] = [
      { kind: 'env' },
      { as: 'envs' },
      { onMissing: 'ignore' },
      { destination: 'no url' },
      { destination: { url: 'https://h/' } },
      { destination: { url: 1, method: 'GET' } },
      { destination: 1 },
    ]
    for (const options of bad) {
      expect(await failure(vault.resolve('x', options))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
    expect(await failure(vault.resolveEnv({}, { as: 'url' } as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('refuses a reference that the author did not write', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const authored = vault.references({ a: '<< secrets.a >>' })
    expect((await vault.resolve({ a: '<< secrets.a >>' }, { authored })).expose()).toEqual({ a: 'v' })
    for (const template of [
      { b: '<< secrets.a >>' },
      { a: '<< secrets.a | trim >>' },
      { a: '<< secrets.a >>'.repeat(2) },
    ]) {
      expect(await failure(vault.resolve(template, { authored }))).toMatchObject({ code: 'ERR_UNEXPECTED_REFERENCE' })
    }
  })

  it('says that the kind differs, where authored was taken of another one', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const config = { url: 'https://a.example/', headers: { Authorization: '<< secrets.a >>' } }
    const authored = vault.references(config)
    const error = await failure(vault.resolve(config, { as: 'request', authored }))
    expect(error.message).toContain('the same option as')
    expect((await failure(vault.resolve('<< secrets.a >>', { authored }))).message).toContain('escapeReferences')
  })

  it('looks through a thousand records at most for one typing error, and asks about few of them', async () => {
    const { vault, storage, another } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const body = (await storage.get('default', [{ environment: 'default', tag: 'free' }]))[0]!.body
    for (let index = 0; index < 1_500; index++) {
      await storage.put({ workspace: 'default', environment: 'default', tag: `t${index}`, version: 1, body })
    }
    let [asked, listed] = [0, 0]
    const list: typeof storage.list = async (...of) => {
      const rows = await storage.list(...of)
      listed += rows.length
      return rows
    }
    const policy = ({ action }: { action: string }) => action !== 'read' || ++asked < 0
    await failure(another({ policy, storage: { ...storage, list } }).resolve('<< secrets.t12x >>'))
    // six pages, and one row to see that something is stored
    expect(listed).toBe(1_201)
    expect(asked).toBe(3)
  })

  it('lists every missing occurrence, also where the host is missing too; a snapshot suggests as well', async () => {
    const { vault } = backstage()
    const template = { url: 'https://<< secrets.nope1 >>/', headers: { A: '<< secrets.nope2 >>' } }
    const error = await failure(vault.resolveRequest(template))
    expect(error.missing?.map(({ tag }) => tag)).toEqual(['nope1', 'nope2'])
    const onEvent = listener()
    const told = backstage({ onEvent })
    await told.vault.create({ tag: 'free', value: 'v' })
    const snapshot = await told.vault.snapshot()
    expect(thrown(() => snapshot.resolve('<< secrets.fre >>')).missing).toMatchObject([{ suggestion: 'free' }])
    expect(onEvent.mock.lastCall?.[0]).toMatchObject({ action: 'use', outcome: 'ERR_MISSING_SECRETS' })
  })
})

describe('a prepared template', () => {
  it('is resolved often, is the template as JSON, and keeps its kind', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const template = { A: '<< secrets.a >>' }
    const prepared = vault.prepare(template, { as: 'headers' })
    expect(JSON.stringify(prepared)).toBe(JSON.stringify(template))
    expect(prepared.references).toMatchObject([{ tag: 'a', location: 'header', path: 'A' }])
    expect((await vault.resolve(prepared)).expose()).toEqual({ A: 'v' })
    expect((await vault.resolveHeaders(prepared)).expose()).toEqual({ A: 'v' })
    expect(await failure(vault.resolveEnv(prepared))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(thrown(() => vault.prepare('<< secrets.a'))).toMatchObject({ code: 'ERR_UNCLOSED_REFERENCE' })
  })
})

describe('environments', () => {
  const stage = () => backstage({ fallback: { preview: ['development', 'preview', 'shared'] } })

  it('only an absent secret falls through, and the result names where it was found', async () => {
    const { vault } = stage()
    const preview = vault.with({ environment: 'preview' })
    await vault.with({ environment: 'shared' }).create({ tag: 'a', value: 'shared' })
    expect((await preview.resolve('<< secrets.a >>')).references[0]).toMatchObject({
      environment: 'shared',
      version: 2,
    })
    await vault.with({ environment: 'development' }).create({ tag: 'a', value: 'development' })
    expect((await preview.resolve('<< secrets.a >>')).expose()).toBe('development')
    // describe, list and changes see the view's own environment
    expect(await preview.describe('a')).toBeUndefined()
    await preview.create({ tag: 'a', value: 'preview' })
    expect((await preview.resolve('<< secrets.a >>')).expose()).toBe('preview')
  })

  it.each(['deleted', 'disabled', 'expired', 'denied', 'unreadable'])('a %s one stops there', async (how) => {
    const { another, overwrite, stored, clock } = stage()
    const vault = another({
      policy: ({ secret }) => !(how === 'denied' && secret?.environment === 'preview'),
      environment: 'preview',
    })
    const maker = another()
    await maker.with({ environment: 'development' }).create({ tag: 'a', value: 'development' })
    const preview = maker.with({ environment: 'preview' })
    await preview.create({ tag: 'a', value: 'preview', ...(how === 'expired' && { expiresAt: new Date(clock.now) }) })
    if (how === 'deleted') await preview.delete('a', { confirm: 'a' })
    if (how === 'disabled') await preview.update('a', { enabled: false })
    if (how === 'unreadable') overwrite({ ...(await stored('a', 'preview')), body: '{}' })
    const codes: Record<string, string> = {
      deleted: 'ERR_MISSING_SECRETS',
      disabled: 'ERR_SECRET_DISABLED',
      expired: 'ERR_SECRET_EXPIRED',
      denied: 'ERR_PERMISSION_DENIED',
      unreadable: 'ERR_RECORD_CORRUPT',
    }
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: codes[how] })
  })

  it('expire by the clock', async () => {
    const { vault, clock } = stage()
    await vault.create({ tag: 'a', value: 'v', expiresAt: new Date(clock.now + 1) })
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('v')
    clock.now += 1
    const error = await failure(vault.resolve({ x: { y: '<< secrets.a >>' } }))
    expect(error).toMatchObject({ code: 'ERR_SECRET_EXPIRED', tag: 'a', path: 'x.y' })
  })
})

describe('policy', () => {
  it('is asked of every tag with the record that was found, the origin and the places', async () => {
    const asked: object[] = []
    const { vault } = backstage({
      actor: { id: 'ann', role: 'editor' },
      purpose: 'deploy',
      policy: (request) => asked.push(request) > 0,
    })
    await vault.create({ tag: 'a', value: 'v' })
    asked.length = 0
    await vault.resolveRequest({ url: 'https://h/<< secrets.a >>?x=1', headers: { A: '<< secrets.a >>' } })
    expect(asked).toMatchObject([
      {
        action: 'use',
        tag: 'a',
        secret: { tag: 'a', type: 'text', version: 2 },
        actor: { id: 'ann', role: 'editor' },
        purpose: 'deploy',
        destination: 'https://h',
        locations: ['path', 'header'],
      },
    ])
    asked.length = 0
    await vault.create({ tag: 'host', value: 'h.example' })
    asked.length = 0
    await vault.resolveRequest({ url: 'https://<< secrets.host >>/' })
    expect(asked).toMatchObject([{ destination: 'unknown' }, { destination: 'https://h.example' }])
  })

  it('a denial wins over missing, also for a tag that is not there, and a policy that throws denies', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const denied = another({ policy: ({ tag }) => tag !== 'a' })
    expect(await failure(denied.resolve('<< secrets.b >> << secrets.a >>'))).toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
      tag: 'a',
    })
    const blind = another({ policy: () => false })
    expect(await failure(blind.resolve('<< secrets.nowhere >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    const throwing = another({
      policy: () => {
        throw new Error('the value is v')
      },
    })
    const error = await failure(throwing.resolve('<< secrets.a >>'))
    expect(error).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    expect(error.cause).toBeUndefined()
    const truthy = another({ policy: (() => 'yes') as never })
    expect(await failure(truthy.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  })
})

describe('events', () => {
  it('tell of one use with its secrets, origin and places', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent })
    await vault.create({ tag: 'a', value: 'v' })
    onEvent.mockClear()
    await vault.resolveRequest({ url: 'https://h/?k=<< secrets.a >>' })
    await failure(vault.resolve('<< secrets.b >>'))
    expect(onEvent.mock.calls.map(([event]) => event)).toMatchObject([
      {
        action: 'use',
        outcome: 'ok',
        secrets: [{ tag: 'a', environment: 'default', version: 2 }],
        destination: 'https://h',
        locations: ['query'],
      },
      { action: 'use', outcome: 'ERR_MISSING_SECRETS', secrets: [{ tag: 'b', environment: 'default' }] },
    ])
    expect(onEvent.mock.calls[0]![0].time).toEqual(new Date('2026-01-01T00:00:00.000Z'))
  })
})
