/** Fields that are no secret: sealed and resolved like all, but neither masked nor learned, and public on purpose only. */

import { describe, expect, it } from 'vitest'
import type { SecretInput } from '../../src/secrets/secret.ts'
import { backstage, failure } from './fixture.ts'

const INVALID = { code: 'ERR_INVALID_INPUT', path: 'publicFields' }
const LOGIN = { username: 'app-of-the-shop', password: 'pw-0123456789' }
const DATABASE = { name: 'production', mode: 'uri', uri: 'mongodb://app:pw-0123456789@h.example/' } as const
const ATLAS = {
  name: 'production',
  mode: 'atlas',
  projectId: 'project-1234',
  publicKey: 'public-1234',
  privateKey: 'private-1234',
  clusterName: 'cluster-1234',
} as const

describe('without being named', () => {
  it.each<[SecretInput, readonly string[] | undefined]>([
    [{ tag: 'a', type: 'basicAuth', value: LOGIN }, ['username']],
    [{ tag: 'database', type: 'database', value: DATABASE }, ['name', 'mode']],
    [{ tag: 'database', type: 'database', value: ATLAS }, ['name', 'mode', 'projectId', 'clusterName']],
    [
      {
        tag: 'authentication',
        type: 'authentication',
        value: { jwksUri: 'https://id.example/jwks', audience: 'shop' },
      },
      ['jwksUri', 'audience'],
    ],
    [{ tag: 'a', value: { username: 'u', name: 'n' } }, undefined],
    [{ tag: 'a', value: 'v' }, undefined],
  ])('%o has the public fields %o', async (input, expected) => {
    const { vault } = backstage()
    expect((await vault.create(input)).publicFields).toEqual(expected)
    expect((await vault.describe(input.tag))?.publicFields).toEqual(expected)
  })
})

describe('a public field', () => {
  it('is resolved, shown as it is, and learned by no redactor', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'database', type: 'database', value: DATABASE })
    const resolved = await vault.resolve(['<< secrets.database.name >> at << secrets.database.uri >>', 'in production'])
    expect(resolved.expose()[0]).toBe(`production at ${DATABASE.uri}`)
    expect(resolved.redacted).toEqual(['production at [secret:database.uri]', 'in production'])
    expect(vault.redactor.text('started in production')).toBe('started in production')
    const outcome = await vault.use('<< secrets.database.name >>', (name) => ({ name }))
    expect(outcome.redacted).toEqual({ name: 'production' })
  })

  it('is shown with its filters, and cleaned of what is secret', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'pin', value: 'value-of-another' })
    await vault.create({
      tag: 'a',
      value: { host: 'h.example', user: 'value-of-another', key: 'k-0123456789' },
      publicFields: ['user', 'host'],
    })
    const template =
      '<< secrets.pin >> << secrets.a.host | hex >> << secrets.a.user >> << secrets.a.host | hex | hex >>'
    const hex = Buffer.from('h.example').toString('hex')
    expect((await vault.resolve(template)).redacted).toBe(
      `[secret:pin] ${hex} [secret:pin] ${Buffer.from(hex).toString('hex')}`,
    )
    expect(vault.redactor.text(`h.example ${hex}`)).toBe(`h.example ${hex}`)
  })

  it('stays within the pair of basic auth, which holds the password', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', type: 'basicAuth', value: LOGIN })
    const resolved = await vault.resolveHeaders({ Authorization: 'Basic << secrets.a | basic >>' })
    expect(resolved.redacted).toEqual({ Authorization: 'Basic [secret:a]' })
    expect(vault.redactor.text('app-of-the-shop:pw-0123456789')).not.toContain('pw-')
    expect(vault.redactor.text('hello app-of-the-shop')).toBe('hello app-of-the-shop')
  })

  it('is shown by reveal', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', type: 'basicAuth', value: LOGIN, visibility: 'masked' })
    expect((await vault.reveal('a')).redacted).toEqual({
      username: 'app-of-the-shop',
      password: '[secret:a.password]',
    })
  })
})

describe('the list', () => {
  it('is put into the order of the fields, and may be empty', async () => {
    const { vault } = backstage()
    const value = { a: '1', b: '2', c: '3' }
    expect((await vault.create({ tag: 'a', value, publicFields: ['c', 'a', 'c'] })).publicFields).toEqual(['a', 'c'])
    const none = await vault.create({ tag: 'b', type: 'basicAuth', value: LOGIN, publicFields: [] })
    expect(none).not.toHaveProperty('publicFields')
  })

  it.each<[string, object]>([
    ['a field that is not there', { value: { a: '1' }, publicFields: ['b'] }],
    ['a field of one text', { value: 'v', publicFields: ['a'] }],
    ['no name', { value: { a: '1' }, publicFields: ['../a'] }],
    ['no list', { value: { a: '1' }, publicFields: 'a' }],
    ['null', { value: { a: '1' }, publicFields: null }],
  ])('with %s is refused', async (_, input) => {
    const { vault } = backstage()
    expect(await failure(vault.create({ tag: 'a', ...input } as SecretInput))).toMatchObject(INVALID)
  })

  it('takes another field only with the value given again, and loses one at any time', async () => {
    const { vault } = backstage()
    const value = { a: 'value-of-a', b: 'value-of-b' }
    await vault.create({ tag: 'x', value, publicFields: ['a'] })
    expect(await failure(vault.update('x', { publicFields: ['a', 'b'] }))).toMatchObject(INVALID)
    expect((await vault.update('x', { value, publicFields: ['a', 'b'] })).publicFields).toEqual(['a', 'b'])
    expect((await vault.update('x', { publicFields: ['b'] })).publicFields).toEqual(['b'])
    expect(await vault.update('x', { publicFields: [] })).not.toHaveProperty('publicFields')
    expect(await failure(vault.update('x', { publicFields: ['b'] }))).toMatchObject(INVALID)
  })

  it('stays with a new value, without the fields that are gone', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'x', value: { a: '1', b: '2', c: '3' }, publicFields: ['a', 'b'] })
    expect((await vault.set({ tag: 'x', value: { b: '5', c: '6' } })).publicFields).toEqual(['b'])
    // a field that comes back is secret
    expect((await vault.set({ tag: 'x', value: { a: '7', b: '8' } })).publicFields).toEqual(['b'])
  })

  it('is authenticated, and absent of records that were sealed before there was one', async () => {
    const { vault, another, stored, overwrite } = backstage()
    await vault.create({ tag: 'x', value: { a: 'value-of-a', b: 'value-of-b' } })
    const record = await stored('x')
    expect(record.body).not.toContain('publicFields')
    const body = JSON.parse(record.body)
    overwrite({ ...record, body: JSON.stringify({ ...body, publicFields: ['a'] }) })
    expect(await failure(another().resolve('<< secrets.x.a >>'))).toMatchObject({ reason: 'moved' })
    for (const publicFields of [[], ['c'], ['b', 'a'], ['a', 'a'], 'a', null]) {
      overwrite({ ...record, body: JSON.stringify({ ...body, publicFields }) })
      expect(await failure(another().resolve('<< secrets.x.a >>'))).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    }
  })
})
