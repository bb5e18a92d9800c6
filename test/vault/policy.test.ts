/** What a policy is asked, when, and how often. */

import { describe, expect, it, vi } from 'vitest'
import type { Snapshot } from '../../src/vault/api.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { type PolicyRequest, rolePolicy } from '../../src/vault/policy.ts'
import { backstage, failure, thrown } from './fixture.ts'

const A = '<< secrets.a >>'
const DENIED = { code: 'ERR_PERMISSION_DENIED' }

/** A vault with some secrets whose policy remembers what it was asked. */
async function stageWith(
  isAllowed: (request: PolicyRequest) => boolean = () => true,
  options: Partial<VaultOptions> = {},
) {
  const stage = backstage({ fallback: { default: ['shared'] } })
  await stage.vault.create({ tag: 'a', value: 'v-0123456789' })
  await stage.vault.create({ tag: 'host', value: 'api.acme.dev' })
  await stage.vault.with({ environment: 'shared' }).create({ tag: 'far', value: 'far-0123456789' })
  const asked: PolicyRequest[] = []
  const guarded = stage.another({
    ...options,
    policy: (request) => {
      asked.push(request)
      return isAllowed(request)
    },
  })
  return { ...stage, guarded, asked }
}

describe('a policy', () => {
  it('is always told the workspace, and the environment where the secret was found', async () => {
    const { guarded, asked } = await stageWith()
    await guarded.resolve(['<< secrets.a >>', '<< secrets.far >>'])
    await failure(guarded.resolve('<< secrets.nope >>'))
    await guarded.describe('nope')
    await guarded.create({ tag: 'b', value: 'v' })
    const told = asked.map(({ action, tag, workspace, environment }) => [action, tag, workspace, environment])
    expect(told.slice(0, 3)).toEqual([
      ['use', 'a', 'default', 'default'],
      ['use', 'far', 'default', 'shared'],
      ['use', 'nope', 'default', 'default'],
    ])
    expect(told.slice(-2)).toEqual([
      ['read', 'nope', 'default', 'default'],
      ['create', 'b', 'default', 'default'],
    ])
  })

  it('is told the origin of a request, unknown where nobody knows it, and nothing where nothing is requested', async () => {
    const { guarded, asked } = await stageWith()
    await guarded.resolveRequest({ url: 'https://api.acme.dev/x?y', headers: { A } })
    await guarded.resolveRequest({ url: '/relative', headers: { A } })
    await guarded.resolve(A)
    await guarded.resolve(A, { destination: 'https://other.example/x' })
    await guarded.resolve(`https://h.example/${'{{ secrets.a }}'}`, { as: 'url' })
    await guarded.check({ url: '/relative', headers: { A } }, { as: 'request' })
    expect(asked.map((request) => (Object.hasOwn(request, 'destination') ? request.destination : undefined))).toEqual([
      'https://api.acme.dev',
      'unknown',
      undefined,
      'https://other.example',
      undefined,
      'unknown',
    ])
  })

  it('is asked again about every secret once a secret has told the host, before any other is opened', async () => {
    const request = { url: 'https://<< secrets.host >>/x', headers: { A } }
    const { guarded, asked } = await stageWith()
    await guarded.resolveRequest(request)
    expect(asked.map(({ tag, destination }) => [tag, destination])).toEqual([
      ['host', 'unknown'],
      ['a', 'unknown'],
      ['host', 'https://api.acme.dev'],
      ['a', 'https://api.acme.dev'],
    ])
    const strict = await stageWith(({ tag, destination }) => tag !== 'a' || destination !== 'https://api.acme.dev')
    expect(await failure(strict.guarded.resolveRequest(request))).toMatchObject({ ...DENIED, tag: 'a' })
    expect(strict.guarded.redactor.text('v-0123456789')).toBe('v-0123456789')
    // one that wants to know says no to what is unknown, and then nothing is opened at all
    const cautious = await stageWith(({ destination }) => destination !== 'unknown')
    expect(await failure(cautious.guarded.resolveRequest(request))).toMatchObject({ ...DENIED, tag: 'host' })
    expect(cautious.guarded.redactor.text('api.acme.dev')).toBe('api.acme.dev')
  })

  it('costs a few calls for a misspelt reference, however many secrets there are, and for thousands of them', async () => {
    const { storage, stored, guarded, asked } = await stageWith()
    const { body } = await stored('a')
    for (let index = 0; index < 900; index++) {
      const tag = `secret${String(index).padStart(3, '0')}`
      await storage.put({ workspace: 'default', environment: 'default', tag, version: 1, body })
    }
    const error = await failure(guarded.resolve('<< secrets.secret-001 >>'))
    expect(error.missing).toMatchObject([{ tag: 'secret-001', suggestion: 'secret001' }])
    expect(asked.length).toBeLessThanOrEqual(4)
    asked.length = 0
    const many = Array.from({ length: 2_000 }, (_, index) => `<< secrets.sekret${index} >>`)
    const all = await failure(guarded.resolve(many))
    expect(all.missing).toHaveLength(2_000)
    expect(all.missing!.filter((entry) => Object.hasOwn(entry, 'suggestion')).length).toBeLessThanOrEqual(5)
    expect(asked.filter(({ action }) => action === 'read').length).toBeLessThanOrEqual(15)
    asked.length = 0
    await guarded.check(many)
    expect(asked.filter(({ action }) => action === 'read').length).toBeLessThanOrEqual(15)
  })

  it('lets no tag be suggested that the actor may not read, but the next one', async () => {
    const { guarded, vault } = await stageWith(({ action, tag }) => action === 'use' || tag === 'zendesk-2')
    for (const tag of ['zendesk-1', 'zendesk-2']) await vault.create({ tag, value: 'v' })
    const error = await failure(guarded.resolve('<< secrets.zendesk >>'))
    expect(error.missing).toMatchObject([{ suggestion: 'zendesk-2' }])
    const none = await stageWith(({ action }) => action === 'use')
    expect((await failure(none.guarded.resolve('<< secrets.hots >>'))).missing).toEqual([{ tag: 'hots', path: '' }])
  })
})

describe('a refusal', () => {
  it('of a set does not say whether the secret is there', async () => {
    const { guarded } = await stageWith(() => false)
    const said = async (tag: string) =>
      (await failure(guarded.set({ tag, value: 'v' }))).message.replace(`"${tag}"`, '')
    expect(await said('a')).toBe(await said('nope'))
  })

  it('does not tell what is in a fallback environment from what is not', async () => {
    const { guarded } = await stageWith(({ environment }) => environment === 'default')
    const said = async (tag: string) => {
      const { code, message } = await failure(guarded.resolve(`<< secrets.${tag} >>`))
      const [finding] = await guarded.check(`<< secrets.${tag} >>`)
      return [code, message, finding?.code, finding?.message].map((text) => text?.replace(`"${tag}"`, ''))
    }
    expect(await said('far')).toEqual(await said('nope'))
  })

  it('comes before the finding that a secret was put back', async () => {
    const { stored, overwrite, vault, another } = await stageWith()
    const old = await stored('a')
    await vault.update('a', { value: 'w-0123456789' })
    const policy = vi.fn(() => true)
    const guarded = another({ policy })
    await guarded.resolve(A)
    overwrite(old)
    const calls = [
      () => guarded.update('a', { name: 'A' }),
      () => guarded.delete('a', { confirm: 'a' }),
      () => guarded.reveal('a'),
    ]
    for (const call of calls) expect(await failure(call())).toMatchObject({ reason: 'rolled-back' })
    policy.mockReturnValue(false)
    for (const call of calls) expect(await failure(call())).toMatchObject(DENIED)
  })
})

describe('a snapshot', () => {
  it('of all that the actor may use suggests nothing, since nobody asked whether he may read it', async () => {
    const { guarded, vault } = await stageWith(({ action }) => action === 'use')
    const missing = (snapshot: Snapshot) => thrown(() => snapshot.resolve('<< secrets.hots >>')).missing
    expect(missing(await guarded.snapshot())).toEqual([{ tag: 'hots', path: '' }])
    expect(missing(await guarded.snapshot(['host']))).toMatchObject([{ suggestion: 'host' }])
    expect(missing(await vault.snapshot())).toMatchObject([{ suggestion: 'host' }])
  })

  it('asks for the use it is made for, and is unknown where none is said', async () => {
    const { guarded, asked } = await stageWith()
    await guarded.snapshot(['a'])
    await guarded.snapshot(['a'], { destination: 'https://api.acme.dev/x', locations: ['header'] })
    expect(asked.map(({ destination }) => destination)).toEqual(['unknown', 'https://api.acme.dev'])
    expect(Object.hasOwn(asked[0]!, 'locations')).toBe(false)
    expect(asked[1]!.locations).toEqual(['header'])
    const strict = await stageWith(({ destination }) => destination === 'https://api.acme.dev')
    expect(await failure(strict.guarded.snapshot(['a']))).toMatchObject(DENIED)
    await strict.guarded.snapshot(['a'], { destination: 'https://api.acme.dev' })
  })

  it('is held to it', async () => {
    const { vault } = await stageWith()
    const destination = 'https://api.acme.dev/'
    await vault.update('a', { allow: { hosts: ['api.acme.dev'] } })
    const snapshot = await vault.snapshot(['a', 'host'], { destination, locations: ['header', 'host'] })
    const headers = { A }
    expect(snapshot.resolve({ A }, { as: 'headers' }).expose()).toEqual({ A: 'v-0123456789' })
    snapshot.resolve({ url: 'https://api.acme.dev/y', headers }, { as: 'request' })
    snapshot.resolve({ url: 'https://<< secrets.host >>/y', headers }, { as: 'request' })
    expect(thrown(() => snapshot.resolve({ A }, { as: 'env' }))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      location: 'env',
      tag: 'a',
    })
    for (const [config, options] of [
      [{ url: 'https://evil.example/', headers }, { as: 'request' }],
      [{ A }, { as: 'headers', destination: 'https://evil.example/' }],
      [
        { url: 'https://<< secrets.host >>/', headers },
        { as: 'request', destination: 'https://evil.example/' },
      ],
    ] as const) {
      expect(['ERR_HOST_DENIED', 'ERR_INVALID_INPUT']).toContain(
        thrown(() => snapshot.resolve<unknown>(config, options)).code,
      )
    }
  })

  it.each([{ locations: 'header' }, { locations: ['everywhere'] }, { destination: 'nowhere' }, { purpose: 'x' }])(
    'takes no %o',
    async (use) => {
      const { vault } = await stageWith()
      expect(await failure(vault.snapshot(['a'], use as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    },
  )
})

describe('roles of one’s own', () => {
  const request = (role: string, action: PolicyRequest['action']): PolicyRequest => ({
    action,
    workspace: 'w',
    environment: 'e',
    tag: 'a',
    actor: { id: 'x', role },
  })

  it('replace or add by name, and leave the others', () => {
    const policy = rolePolicy({ editor: ['read', 'use'], auditor: ['read'] })
    expect(policy(request('editor', 'reveal'))).toBe(false)
    expect(policy(request('editor', 'use'))).toBe(true)
    expect(policy(request('auditor', 'read'))).toBe(true)
    expect(policy(request('owner', 'delete'))).toBe(true)
    expect(rolePolicy()(request('editor', 'reveal'))).toBe(true)
    expect(rolePolicy({ constructor: [] })(request('constructor', 'use'))).toBe(false)
  })

  it('are named where that of the actor is none of them', async () => {
    const { vault } = backstage({ policy: rolePolicy({ auditor: ['read'] }) })
    const refused = async (actor: { id: string; role?: string }) =>
      (await failure(vault.with({ actor }).resolve('<< secrets.a >>'))).message
    for (const role of ['edtor', 'constructor', undefined]) {
      const message = await refused({ id: 'x', ...(role !== undefined && { role }) })
      expect(message).toBe(
        'The policy does not know the role of this actor, so it cannot use the secret "a"; its roles are owner, admin, editor, runner, auditor.',
      )
    }
    expect(await refused({ id: 'x', role: 'auditor' })).toContain('ask an owner')
  })

  it('are copied, and checked when they are given', () => {
    const actions: ['use'] = ['use']
    const policy = rolePolicy({ bot: actions })
    actions.push('delete' as never)
    expect(policy(request('bot', 'delete'))).toBe(false)
    for (const roles of [[], 'owner', { a: 'use' }, { a: ['fly'] }, { a: null }]) {
      expect(thrown(() => rolePolicy(roles as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })
})

describe('perField', () => {
  it('lets one field hold one secret', async () => {
    const { another } = await stageWith()
    const vault = another({ perField: 1 })
    const config = { A, B: A, C: ['{{ secrets.host }}', A] }
    expect((await vault.resolve(config)).expose().C).toEqual(['api.acme.dev', 'v-0123456789'])
    const crowded = { A, B: `${A} and {{ secrets.host }} and ${A}`, C: `${A}${A}` }
    expect(await failure(vault.resolve(crowded))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'B' })
    expect(await vault.check(crowded)).toMatchObject([
      { code: 'ERR_INVALID_INPUT', severity: 'error', path: 'B' },
      { code: 'ERR_INVALID_INPUT', severity: 'error', path: 'C' },
    ])
    const snapshot = await vault.snapshot()
    expect(thrown(() => snapshot.resolve(vault.prepare(crowded)))).toMatchObject({ path: 'B' })
    expect(thrown(() => another({ perField: 2 as never }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})
