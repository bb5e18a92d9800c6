/** What is stored is what was meant: no mask, no reference, nothing that was not there; and nothing twice. */

import { describe, expect, it } from 'vitest'
import type { SecretInput } from '../../src/secrets/secret.ts'
import { backstage, failure, listener } from './fixture.ts'

const DOTS = '••••••••'
const invalid = (path: string) => ({ code: 'ERR_INVALID_INPUT', path })

async function versionOf(stage: ReturnType<typeof backstage>, tag = 'a') {
  return (await stage.vault.describe(tag))?.version
}

describe('a value', () => {
  it.each([
    ['dots', DOTS],
    ['dots that somebody edited', `${DOTS}x`],
    ['fewer dots', ' ••• '],
    ['asterisks', '********'],
    ['other dots', '●●●●●●'],
    ['blocks', ' ███ '],
    ['the mask of a log', 'Bearer [secret:zendesk]'],
    ['the mask without a label', '[secret]'],
    ['a reference', '<< secrets.zendesk >>'],
    ['a reference with white space, a field and a filter', '\n{{ secrets.db.password | base64 }} '],
    ['a RunPod reference', '{{ RUNPOD_SECRET_x }}'],
    ['an empty text', ''],
    ['undefined', undefined],
  ])('that is %s is refused by create, set and update, and nothing is overwritten', async (_, value) => {
    const stage = backstage()
    const { vault } = stage
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const input = { tag: 'a', value } as SecretInput
    for (const call of [
      vault.set(input),
      vault.update('a', { value } as never),
      vault.create({ ...input, tag: 'b' } as never),
      vault.set({ ...input, tag: 'c' } as never),
    ]) {
      expect(await failure(call)).toMatchObject(invalid('value'))
    }
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('v-0123456789')
    expect(await versionOf(stage)).toBe(2)
    for (const tag of ['b', 'c']) expect(await vault.describe(tag)).toBeUndefined()
  })

  it('is refused with the path of the field that is one', async () => {
    const { vault } = backstage()
    const create = (password: string) => vault.create({ tag: 'a', value: { username: 'u', password } })
    for (const password of [DOTS, '<< secrets.b >>', '[secret:a.password]']) {
      expect(await failure(create(password))).toMatchObject(invalid('value.password'))
    }
    // many servers want an empty password
    expect((await create('')).version).toBe(2)
  })

  it.each([
    'see [secrets] and << secrets.b >> within a text',
    '\\<< secrets.b >>',
    '{{ steps.a }}',
    '[secret]\nkey = "x"',
    'a•b',
    '*',
    '**a**',
  ])('may be %j', async (value) => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value })
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe(value)
  })

  it('is held against the delimiters of the vault', async () => {
    const { vault } = backstage({ delimiters: [['[[', ']]']] })
    expect(await failure(vault.create({ tag: 'a', value: '[[ secrets.b ]]' }))).toMatchObject(invalid('value'))
    await vault.create({ tag: 'a', value: '<< secrets.b >>' })
  })
})

describe('what is stored already', () => {
  it('is not written once more, whatever calls it by its name', async () => {
    const stage = backstage()
    const { vault, clock } = stage
    const input: SecretInput = { tag: 'a', value: { b: '1', a: 2 }, name: 'A', allow: { hosts: ['h.example'] } }
    const first = await vault.set(input)
    clock.now += 1_000
    expect(await vault.set(input)).toEqual(first)
    expect(await vault.update('a', { value: { b: '1', a: 2 }, enabled: true }, { ifVersion: 2 })).toEqual(first)
    expect(await vault.update('a', {})).toEqual(first)
    expect(await versionOf(stage)).toBe(2)
  })

  it.each([
    ['another value', { value: { b: '1', a: 3 } }],
    ['another type of value', { value: { b: '1', a: '2' } }],
    ['another order', { value: { a: 2, b: '1' } }],
    ['another name', { name: 'B' }],
    ['no name', { name: null }],
    ['another description', { description: 'd' }],
    ['another rule', { allow: {} }],
    ['no rule', { allow: null }],
    ['another state', { enabled: false }],
    ['another expiry', { expiresAt: '2031-01-01' }],
  ])('is written with %s', async (_, patch) => {
    const { vault } = backstage()
    await vault.set({ tag: 'a', value: { b: '1', a: 2 }, name: 'A', allow: { hosts: [] }, expiresAt: '2030-01-01' })
    expect((await vault.update('a', patch)).version).toBe(3)
  })
})

describe('a member that is not known', () => {
  it('is answered with the nearest one, never with what was given', async () => {
    const { vault } = backstage()
    const input = { tag: 'a', value: 'v', expiresAtt: '2030-01-01' }
    const error = await failure(vault.create(input))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', suggestion: 'expiresAt' })
    expect(error.message).toContain('did you mean "expiresAt"?')
    expect(error.message).not.toContain('expiresAtt')
    const options = await failure(vault.resolve('x', { on_missing: 'keep' } as never))
    expect(options).toMatchObject({ code: 'ERR_INVALID_INPUT', suggestion: 'onMissing' })
    expect(await failure(vault.create({ tag: 'a', value: 'v', 'sk-live-1': 1 } as never))).not.toHaveProperty(
      'suggestion',
    )
  })
})

describe('a deleted secret', () => {
  it('is set again only with its rule said, so that a deletion frees no secret of it', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'a', value: 'v', allow: { hosts: ['h.example'] } })
    await vault.delete('a', { confirm: 'a' })
    expect(await failure(vault.set({ tag: 'a', value: 'w' }))).toMatchObject(invalid('allow'))
    expect(await vault.describe('a')).toBeUndefined()
    expect((await vault.set({ tag: 'a', value: 'w', allow: null })).version).toBe(5)
    await vault.delete('a', { confirm: 'a' })
    expect((await vault.set({ tag: 'a', value: 'w', allow: { hosts: [] } })).allow).toEqual({ hosts: [] })
  })

  it('that somebody forged does not free it either, and update never creates', async () => {
    const { vault, another, stored, overwrite } = backstage()
    await vault.set({ tag: 'a', value: 'v', allow: { hosts: ['h.example'] } })
    const body = '{"format":1,"state":"deleted","at":"2026-01-01T00:00:00.000Z"}'
    overwrite({ ...(await stored('a')), version: 3, body })
    for (const each of [vault, another()]) {
      expect(await failure(each.set({ tag: 'a', value: 'w' }))).toMatchObject(invalid('allow'))
      expect(await failure(each.update('a', { value: 'w' }))).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    }
  })

  it('that a killed process was setting again is deleted still', async () => {
    const { vault, stored, storage } = backstage()
    await vault.set({ tag: 'a', value: 'v' })
    await vault.delete('a', { confirm: 'a' })
    const claim = '{"format":1,"state":"claim","before":"deleted","at":"2026-01-01T00:00:00.000Z"}'
    await storage.put({ ...(await stored('a')), version: 4, body: claim })
    expect(await failure(vault.set({ tag: 'a', value: 'w' }))).toMatchObject(invalid('allow'))
  })
})

describe('a place that was opened live', () => {
  const claim = (before: string) =>
    JSON.stringify({ format: 1, state: 'claim', before, at: '2026-01-01T00:00:00.000Z' })
  const rolledBack = { code: 'ERR_RECORD_UNREADABLE', reason: 'rolled-back', tag: 'a' }

  it('and says that it is absent was tampered with: nothing falls through, nothing is created over it', async () => {
    const { vault, another, stored, overwrite } = backstage({ fallback: { default: ['other'] } })
    await vault.with({ environment: 'other' }).create({ tag: 'a', value: 'of-the-fallback' })
    await vault.create({ tag: 'a', value: 'v-0123456789', allow: { in: ['header'] } })
    const reader = another()
    await reader.resolveHeaders({ A: '<< secrets.a >>' })
    overwrite({ ...(await stored('a')), version: 9, body: claim('absent') })
    for (const each of [vault, reader]) {
      for (const call of [
        each.resolve('<< secrets.a >>'),
        each.set({ tag: 'a', value: 'w' }),
        each.create({ tag: 'a', value: 'w' }),
      ]) {
        expect(await failure(call)).toMatchObject(rolledBack)
      }
    }
    // one that has never seen it cannot know
    expect((await another().resolve('<< secrets.a >>')).expose()).toBe('of-the-fallback')
  })

  it('may be deleted, and claimed again after that', async () => {
    const { vault, another, stored, storage } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    await vault.resolve('<< secrets.a >>')
    await another().delete('a', { confirm: 'a' })
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
    await storage.put({ ...(await stored('a')), version: 4, body: claim('deleted') })
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
    expect((await vault.create({ tag: 'a', value: 'w' })).version).toBe(6)
  })
})

describe('an event', () => {
  it('of a set that was refused says whether it would have created', async () => {
    const onEvent = listener()
    const { vault, another } = backstage()
    await vault.create({ tag: 'there', value: 'v' })
    const guarded = another({ onEvent, policy: () => false })
    for (const tag of ['there', 'new']) await failure(guarded.set({ tag, value: 'w' }))
    expect(onEvent.mock.calls.map(([{ action, outcome, secrets }]) => [action, outcome, secrets])).toEqual([
      ['update', 'ERR_PERMISSION_DENIED', [{ tag: 'there', environment: 'default' }]],
      ['create', 'ERR_PERMISSION_DENIED', [{ tag: 'new', environment: 'default' }]],
    ])
  })
})
