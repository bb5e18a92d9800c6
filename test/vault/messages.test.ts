/** What messages tell somebody who has to put it right. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { GuillemetError } from '../../src/errors.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { referenceTo } from '../../src/template/escape.ts'
import { rolePolicy } from '../../src/vault/policy.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { all, backstage, failure, KEY } from './fixture.ts'

const place = scratch()

describe('a field', () => {
  it('of a secret that is one text: it has none', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'gcp', value: '{"client_email":"a@b"}' })
    const error = await failure(vault.resolve('<< secrets.gcp.client_email >>'))
    expect(error).toMatchObject({ code: 'ERR_MISSING_SECRETS', missing: [{ tag: 'gcp', hasNoFields: true }] })
    expect(error.message).toContain('"gcp" is one text and has no fields')
    expect(error.message).not.toContain('create it')
    const [finding] = await vault.check('<< secrets.gcp.client_email >>')
    expect(finding?.message).toContain('has no fields')
  })

  it('that is not there beside a secret that is not: both are named for what they are', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'db', value: { password: 'p' } })
    const error = await failure(vault.resolve('<< secrets.db.pasword >> << secrets.nope >>'))
    expect(error.message).toBe(
      'No such secret or field: "db.pasword" (did you mean "password"?), "nope"; create it, or correct the reference.',
    )
    expect((await failure(vault.resolve('<< secrets.db.pasword >>'))).message).toContain('No such field of a secret')
  })
})

describe('an empty field', () => {
  it.each(['Bearer << secrets.e.v >>', '<< secrets.e.v >> x'])(
    'in the header %j is said to be empty',
    async (header) => {
      const { vault } = backstage()
      await vault.create({ tag: 'e', value: { v: '' } })
      const error = await failure(vault.resolveHeaders({ Authorization: header }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE', tag: 'e' })
      expect(error.message).toContain('is empty')
    },
  )
})

describe('a key', () => {
  it('that is another one: the secrets were sealed with another', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    const error = await failure(another({ keys: generateKey() }).resolve('<< secrets.a >>'))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
    expect(error.message).toContain('sealed with another key')
  })
})

describe('a bound secret', () => {
  it.each(['env', 'value'] as const)('at %s names what would allow it', async (as) => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v', allow: { hosts: ['h.example'] } })
    const error = await failure(vault.resolve({ A: '<< secrets.a >>' }, { as }))
    expect(error).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'a' })
    expect(error.message).toContain(`set allow.in to ["header", "auth", "${as}"]`)
  })
})

describe('a storage in which there is nothing', () => {
  it('is named, since it is perhaps not the one that was meant', async () => {
    const root = join(place(), '')
    const vault = createVault({ storage: fileStorage(root), keys: KEY })
    const named = `Nothing is stored in the directory ${JSON.stringify(root)}`
    for (const call of [
      () => vault.resolve('<< secrets.a >>'),
      () => vault.update('a', {}),
      () => vault.delete('a', { confirm: 'a' }),
      () => vault.reveal('a'),
      () => vault.snapshot(['a']),
    ]) {
      expect((await failure(call())).message).toContain(named)
    }
    await vault.create({ tag: 'b', value: 'v' })
    expect((await failure(vault.resolve('<< secrets.a >>'))).message).not.toContain('Nothing is stored')
    expect((await failure(vault.update('a', {}))).message).not.toContain('Nothing is stored')
  })
})

describe('a place in which there is nothing, of a storage that holds other secrets', () => {
  it('is named by workspace and environment, and no path of the server is shown', async () => {
    const root = join(place(), '')
    const vault = createVault({ storage: fileStorage(root), keys: KEY })
    const live = vault.with({ workspace: 'acme', environment: 'live' })
    await live.create({ tag: 'k', value: 'v' })
    const others = [
      vault.with({ workspace: 'globex', environment: 'live' }),
      vault.with({ workspace: 'acme', environment: 'prod' }),
    ]
    for (const [index, other] of others.entries()) {
      for (const call of [
        () => other.resolve('<< secrets.k >>'),
        () => other.update('k', {}),
        () => other.snapshot(['k']),
      ]) {
        const { message } = await failure(call())
        const [workspace, environment] = [
          ['globex', 'live'],
          ['acme', 'prod'],
        ][index]!
        expect(message).toContain(`in the environment "${environment}" of the workspace "${workspace}"`)
        expect(message).not.toContain(root)
      }
    }
    expect((await failure(live.resolve('<< secrets.a >>'))).message).not.toContain('Nothing is stored')
  })
})

describe('a message', () => {
  it('about a request without a whole URL says that it is the URL', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'k', value: 'v-0123456789', allow: { hosts: ['acme.dev'] } })
    for (const url of ['acme.dev/x', '', '/x', 'https://{{ steps.a }}/x']) {
      const error = await failure(vault.resolveRequest({ url, headers: { Authorization: '<< secrets.k >>' } }))
      expect(error).toMatchObject({ code: 'ERR_HOST_DENIED' })
      expect(error.message).toContain('give the request an absolute URL')
    }
  })

  it('of a snapshot about a tag that it was taken without does not say that there is none', async () => {
    const { vault } = backstage()
    for (const tag of ['k', 'other']) await vault.create({ tag, value: 'v-0123456789' })
    const snapshot = await vault.snapshot(['k'])
    for (const tag of ['other', 'kk']) {
      const { code, message, missing } = await failure(
        Promise.resolve().then(() => snapshot.resolve(`<< secrets.${tag} >>`)),
      )
      expect(code).toBe('ERR_MISSING_SECRETS')
      expect(missing?.[0]?.tag).toBe(tag)
      expect(message).toContain(`The snapshot was taken without "${tag}"`)
      expect(message).not.toContain('create it')
    }
  })

  it('is in the JSON of its error, next to all that is safe to log', async () => {
    const { vault } = backstage()
    const error = await failure(vault.resolve('<< secrets.x >>'))
    const { name, code, status, message, missing } = error
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: { name, code, status, message, missing } })
  })

  it('about a passphrase in place of a key names passphraseKey', () => {
    const options = { storage: memoryStorage(), keys: 'correct horse battery staple' }
    expect(() => createVault(options)).toThrow(/passphraseKey/)
    expect(() => createVault(options)).not.toThrow(/staple/)
  })
})

describe('every call', () => {
  const ODD = [undefined, null, 0, '', 'x', [], {}, () => 1, Symbol('x')]

  it('answers what it does not take with an error of this library, never with one of the language', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'x', value: 'v', visibility: 'masked' })
    const snapshot = await vault.snapshot()
    // as JavaScript calls them
    const calls: Record<string, (one: never, two: never) => unknown> = {
      createVault: (one) => createVault(one),
      rolePolicy: (one) => rolePolicy(one),
      referenceTo: (one, two) => referenceTo(one, two),
      fileStorage: (one) => fileStorage(one),
      create: (one) => vault.create(one),
      set: (one) => vault.set(one),
      describe: (one) => vault.describe(one),
      list: (one) => all(vault.list(one)),
      update: (one, two) => vault.update(one, two),
      'update of one': (one, two) => vault.update('x', one, two),
      delete: (one, two) => vault.delete(one, two),
      reveal: (one) => vault.reveal(one),
      references: (one, two) => vault.references(one, two),
      check: (one, two) => vault.check(one, two),
      prepare: (one, two) => vault.prepare(one, two),
      resolve: (one, two) => vault.resolve(one, two),
      resolveHeaders: (one, two) => vault.resolveHeaders(one, two),
      resolveEnv: (one, two) => vault.resolveEnv(one, two),
      resolveRequest: (one, two) => vault.resolveRequest(one, two),
      destination: (one) => vault.resolve('<< secrets.x >>', { destination: one }),
      authored: (one) => vault.resolve('<< secrets.x >>', { authored: one }),
      snapshot: (one, two) => vault.snapshot(one, two),
      'snapshot.resolve': (one, two) => snapshot.resolve(one, two),
      with: (one) => vault.with(one),
    }
    const foreign: string[] = []
    for (const [name, call] of Object.entries(calls)) {
      for (const one of ODD) {
        for (const two of ODD) {
          try {
            await call(one as never, two as never)
          } catch (error) {
            if (!(error instanceof GuillemetError)) foreign.push(`${name}: ${error}`)
          }
        }
      }
    }
    expect([...new Set(foreign)]).toEqual([])
  })
})

it('every error has the status that a server would answer with', async () => {
  const { vault } = backstage()
  expect(await failure(vault.create({ tag: '', value: 'v' }))).toMatchObject({ status: 400 })
  expect(await failure(vault.reveal('nope'))).toMatchObject({ status: 404 })
  expect(await failure(vault.resolve('<< secrets.nope >>'))).toMatchObject({ status: 422 })
  expect(await failure(vault.delete('nope', { confirm: '' }))).toMatchObject({ status: 400 })
})
