import { describe, expect, it } from 'vitest'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { rolePolicy } from '../../src/vault/policy.ts'
import { createVault } from '../../src/vault/vault.ts'
import { all, backstage, failure, KEY, thrown } from './fixture.ts'

describe('a view', () => {
  it('keeps workspaces apart', async () => {
    const { vault } = backstage()
    const [one, two] = [vault.with({ workspace: 'one' }), vault.with({ workspace: 'two' })]
    await one.create({ tag: 'a', value: 'value-of-one' })
    await two.create({ tag: 'a', value: 'value-of-two' })
    expect((await one.resolve('<< secrets.a >>')).expose()).toBe('value-of-one')
    expect((await two.resolve('<< secrets.a >>')).expose()).toBe('value-of-two')
    expect(await vault.describe('a')).toBeUndefined()
    // a mask in a tenant's text would confirm a guess of another's value
    expect(one.redactor.text('value-of-one value-of-two')).toBe('[secret:a] value-of-two')
    expect((await two.resolve('<< secrets.a >> value-of-one')).redacted).toBe('[secret:a] value-of-one')
    // the root's is for process logs, and knows both
    expect(vault.redactor.text('value-of-one value-of-two')).toBe('[secret:a] [secret:a]')
  })

  it('cannot be turned to another workspace, environment or actor once it is set', () => {
    const { vault } = backstage()
    const view = vault.with({ workspace: 'one', environment: 'preview', actor: { id: 'bob', role: 'runner' } })
    for (const other of [
      { workspace: 'two' },
      { environment: 'production' },
      { actor: { id: 'ann', role: 'owner' } },
      { actor: { id: 'bob', role: 'owner' } },
    ]) {
      expect(thrown(() => view.with(other))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    }
    view.with({ workspace: 'one', environment: 'preview', actor: { id: 'bob', role: 'runner' }, purpose: 'again' })
    vault.with({ actor: { id: 'cid' } }).with({ workspace: 'x' })
    const fixed = backstage({ workspace: 'home', environment: 'production', actor: { id: 'ann', role: 'owner' } }).vault
    for (const other of [{ workspace: 'two' }, { environment: 'preview' }, { actor: { id: 'bob', role: 'owner' } }]) {
      expect(thrown(() => fixed.with(other))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    }
    fixed.with({ workspace: 'home', environment: 'production', actor: { id: 'ann', role: 'owner' }, purpose: 'same' })
    expect(thrown(() => vault.with({ tenant: 'x' } as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(thrown(() => vault.with({ workspace: '../x' }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('lists no other environment than the one that was set', async () => {
    const { vault } = backstage()
    await vault.with({ environment: 'production' }).create({ tag: 'a', value: 'v' })
    expect(await all(vault.list({ environment: 'production' }))).toHaveLength(1)
    const view = vault.with({ environment: 'development' })
    expect(await failure(all(view.list({ environment: 'production' })))).toMatchObject({
      code: 'ERR_PERMISSION_DENIED',
    })
    expect(await all(view.list({ environment: 'development' }))).toEqual([])
  })

  it('with a redactor of its own uses that, and does not hand it to another workspace', async () => {
    const { vault } = backstage()
    const redactor = createRedactor({ secrets: { step: 'output-of-a-step' } })
    const view = vault.with({ redactor })
    await view.create({ tag: 'a', value: 'v-0123456789' })
    const resolved = await view.resolve('<< secrets.a >> output-of-a-step')
    expect(resolved.redacted).toBe('[secret:a] [secret:step]')
    expect(view.redactor.text('output-of-a-step')).toBe('[secret:step]')
    expect(redactor.text('v-0123456789')).toBe('[secret:a]')
    expect(view.with({ workspace: 'other' }).redactor.text('output-of-a-step')).toBe('output-of-a-step')
    expect((await vault.resolve('v-0123456789 output-of-a-step')).redacted).toBe('v-0123456789 output-of-a-step')
  })

  it('with an actor only knows its own workspace, and no other', async () => {
    const { vault } = backstage()
    await vault.with({ workspace: 'b' }).create({ tag: 'bsecret', value: 'value-of-tenant-b' })
    await vault.with({ workspace: 'b' }).resolve('<< secrets.bsecret >>')
    const actor = vault.with({ actor: { id: 'ann' } })
    expect(actor.redactor.text('value-of-tenant-b')).toBe('value-of-tenant-b')
    expect(vault.redactor.text('value-of-tenant-b')).toBe('[secret:bsecret]')
  })

  it('teaches the redactor that it was given', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const redactor = createRedactor()
    await vault.with({ redactor }).resolve('<< secrets.free | hex | hex >>')
    expect(redactor.find('free-0123456789')).toHaveLength(1)
  })
})

describe('roles', () => {
  it.each([
    ['owner', ['create', 'read', 'update', 'delete', 'reveal', 'use']],
    ['admin', ['create', 'read', 'update', 'delete', 'reveal', 'use']],
    ['editor', ['read', 'reveal', 'use']],
    ['runner', ['use']],
    ['constructor', []],
    [undefined, []],
  ])('%s may %s', async (role, allowed) => {
    const { vault, another } = backstage()
    for (const tag of ['a', 'b']) await vault.create({ tag, value: 'v-0123456789', visibility: 'masked' })
    const guarded = another({ policy: rolePolicy(), actor: role === undefined ? { id: 'x' } : { id: 'x', role } })
    const actions: Record<string, () => Promise<unknown>> = {
      create: () => guarded.create({ tag: 'c', value: 'v' }),
      read: () => guarded.describe('a'),
      update: () => guarded.update('a', { name: 'x' }),
      reveal: () => guarded.reveal('a'),
      use: () => guarded.resolve('<< secrets.a >>'),
      delete: () => guarded.delete('b', { confirm: 'b' }),
    }
    for (const [action, attempt] of Object.entries(actions)) {
      if ((allowed as string[]).includes(action)) await attempt()
      else expect(await failure(attempt())).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    }
    const tags = (await all(guarded.list())).map(({ tag }) => tag)
    expect(tags.length > 0).toBe((allowed as string[]).includes('read'))
  })

  it('are asked before it is told whether there is such a secret', async () => {
    const { another } = backstage()
    const guarded = another({ policy: rolePolicy() })
    for (const attempt of [guarded.describe('x'), guarded.reveal('x'), guarded.update('x', {})]) {
      expect(await failure(attempt)).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    }
  })
})

describe('a vault without keys', () => {
  it('saves configs and opens nothing', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const keyless = another({ keys: null })
    expect(keyless.references({ x: '<< secrets.a >>' })).toHaveLength(1)
    expect(keyless.prepare('<< secrets.a >>').references).toHaveLength(1)
    expect(await keyless.check('<< secrets.a >>')).toEqual([])
    expect((await keyless.describe('a'))?.tag).toBe('a')
    expect(await all(keyless.with({ purpose: 'x' }).list())).toHaveLength(1)
    const refused = [
      keyless.create({ tag: 'b', value: 'v' }),
      keyless.set({ tag: 'a', value: 'v' }),
      keyless.update('a', {}),
      keyless.reveal('a'),
      keyless.resolve('no reference'),
      keyless.use('x', () => 1),
      keyless.snapshot(),
    ]
    for (const call of refused) expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_KEY' })
    await keyless.delete('a', { confirm: 'a' })
    await keyless.close()
  })
})

describe('options', () => {
  const storage = backstage().storage

  it('without a key throw at construction and say how to make one', () => {
    for (const keys of [undefined, '', [], [undefined], 'gmk1_short', {}, 1, [KEY, KEY]]) {
      const error = thrown(() => createVault({ storage, keys: keys as never }))
      expect(error.code).toBe('ERR_INVALID_KEY')
    }
    expect(thrown(() => createVault({ storage, keys: undefined })).message).toContain('generateKey()')
    expect(thrown(() => createVault({ storage, keys: Array(9).fill(KEY) })).code).toBe('ERR_INVALID_KEY')
  })

  it.each([
    [undefined, 'keys is undefined'],
    ['', 'keys is an empty text'],
    [[], 'keys is an empty list'],
    [[KEY, undefined], 'keys[1] is undefined'],
    [[null, KEY], 'keys[0] is null'],
    [[KEY, localKey(generateKey()), ''], 'keys[2] is an empty text'],
    [new Array(1), 'keys[0] is undefined'],
    [`"${KEY}"`, 'The key has quotation marks'],
    [[KEY, `"${KEY}"`], 'keys[1] has quotation marks'],
    [[KEY, 1], 'keys[1] must be a string'],
  ])('with keys %# say which one is wrong, and never advise a new key for an old vault', (keys, part) => {
    const { code, message } = thrown(() => createVault({ storage, keys: keys as never }))
    expect(code).toBe('ERR_INVALID_KEY')
    expect(message).toContain(part)
    expect(message).not.toContain(KEY.slice(5))
    if (!part.includes('must be')) expect(message).toMatch(/a new key does not open what another one sealed/i)
    expect(message).not.toContain('make a new key')
  })

  it.each([
    { storage: {} },
    { storage: null },
    { workspace: '' },
    { environment: 'a b' },
    { fallback: [] },
    { fallback: { a: 'b' } },
    { fallback: { 'a b': [] } },
    { fallback: { a: ['$'] } },
    { actor: 'ann' },
    { actor: { id: '' } },
    { actor: { id: 'a', role: 1 } },
    { purpose: 1 },
    { purpose: 'x'.repeat(1_025) },
    { policy: {} },
    { onEvent: 'x' },
    { now: 1 },
    { redactor: {} },
    { delimiters: [] },
    { delimiters: [['', '']] },
    { prefixes: [] },
    { prefixes: ['a b'] },
    { keyz: KEY },
  ])('refuse %o', (bad) => {
    expect(thrown(() => createVault({ storage, keys: KEY, ...bad } as never))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
    })
  })

  it('take prefixes of one’s own, and write them', async () => {
    const vault = createVault({ storage: backstage().storage, keys: [KEY], prefixes: ['vault.'] })
    await vault.create({ tag: 'a', value: 'some-value' })
    const resolved = await vault.resolve('<< vault.a >> {{ secrets.a }}')
    expect(resolved.expose()).toBe('some-value {{ secrets.a }}')
    expect(vault.conceal('it is some-value', { of: [resolved] })).toBe('it is << vault.a >>')
    expect(await vault.check('{{ secrets.b }} {{ vault.b }}')).toMatchObject([
      { code: 'ERR_MISSING_SECRETS', tag: 'b' },
    ])
  })

  it('take delimiters of one’s own', async () => {
    const vault = createVault({ storage: backstage().storage, keys: [KEY], delimiters: [['[[', ']]']] })
    await vault.create({ tag: 'a', value: 'v' })
    expect((await vault.resolve('[[ secrets.a ]] << secrets.a >>')).expose()).toBe('v << secrets.a >>')
  })
})
