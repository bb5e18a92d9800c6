/** What is only on `Object.prototype` decides nothing: names that the polluted run must leave out, and who is told what. */

import { expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { vaultFetch } from '../../src/http/fetch.ts'
import type { ListPage, ReadOptions } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type PolicyRequest, rolePolicy } from '../../src/vault/policy.ts'
import { createVault } from '../../src/vault/vault.ts'
import { withPollution } from '../tooling/pollution.ts'
import { all, backstage, KEY } from './fixture.ts'

const EVIL = {
  actor: { id: 'evil', role: 'owner' },
  role: 'owner',
  id: 'evil',
  destination: 'https://evil.example',
  locations: ['header'],
  shownHost: 'evil.example',
  secret: { tag: 'evil' },
  suggestion: 'evil',
  field: 'evil',
  missing: [],
  error: new Error('evil'),
  found: 'evil',
  fresh: false,
  environment: 'evil',
  after: { environment: 'x', tag: 'x' },
  isUsed: false,
  isOpen: false,
  action: 'read',
}

it('nobody is an owner', async () => {
  const { vault, another } = backstage()
  await vault.create({ tag: 'a', value: 'v-0123456789' })
  const guarded = another({ policy: rolePolicy() })
  const codes = await withPollution(EVIL, () =>
    Promise.all(
      [guarded.resolve('<< secrets.a >>'), guarded.describe('a'), guarded.delete('a', { confirm: 'a' })].map((call) =>
        call.then(() => 'let through', codeOf),
      ),
    ),
  )
  expect(codes).toEqual(Array(3).fill('ERR_PERMISSION_DENIED'))
  const isAllowed = await withPollution(EVIL, () => [
    rolePolicy()({ action: 'use', workspace: 'w', environment: 'e', tag: 'a' }),
    rolePolicy()({ action: 'use', workspace: 'w', environment: 'e', tag: 'a', actor: { id: 'ann' } }),
  ])
  expect(isAllowed).toEqual([false, false])
})

it('a policy is asked what is so, and nothing else', async () => {
  const { vault, another } = backstage()
  await vault.create({ tag: 'a', value: 'v-0123456789' })
  const asked: (string | undefined)[][] = []
  const policy = (request: PolicyRequest) => {
    asked.push([request.destination, request.actor?.id, request.purpose, request.secret?.tag])
    return true
  }
  await withPollution({ ...EVIL, purpose: 'evil' }, async () => {
    const watched = another({ policy })
    await watched.resolve('<< secrets.a >>')
    await watched.resolve('<< secrets.gone >>').catch(() => undefined)
    await watched.snapshot(['a'])
  })
  expect(asked[0]).toEqual([undefined, undefined, undefined, 'a'])
  expect(asked[1]).toEqual([undefined, undefined, undefined, undefined])
  expect(asked.slice(0, -1).every(([destination]) => destination === undefined)).toBe(true)
  expect(asked.at(-1)).toEqual(['unknown', undefined, undefined, 'a'])
})

it('an adapter that reads its options plainly finds those that were given', async () => {
  const inner = memoryStorage()
  const pages: unknown[] = []
  const storage = {
    ...inner,
    get: (workspace: string, keys: Parameters<typeof inner.get>[1], options?: ReadOptions) => {
      pages.push(options?.fresh)
      return inner.get(workspace, keys)
    },
    list: (workspace: string, page: ListPage) => {
      pages.push(page.environment, page.after)
      return inner.list(workspace, page)
    },
  }
  const vault = createVault({ storage, keys: KEY })
  await withPollution(EVIL, async () => {
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    await all(vault.list())
  })
  // the look for any record before the first keyring is made must not be a look into one environment
  const looks = [true, true, undefined, undefined, true, true]
  expect(pages).toEqual([...looks, 'default', undefined, 'default', { environment: 'default', tag: 'a' }])
})

it('findings and errors name what was written', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'v-0123456789' })
  await vault.create({ tag: 'host', value: 'h.example' })
  await vault.create({ tag: 'bound', value: 'v-0123456789', allow: { hosts: ['acme.dev'] } })
  const request = { url: 'https://other.example/', headers: { A: '<< secrets.bound >>' } }
  const told = await withPollution(EVIL, async () => [
    await vault.check('<< secrets.gone >>'),
    await vault.resolve('<< secrets.gone >>').catch(({ message }) => message),
    (await vault.resolve('<< secrets.a >>')).redacted,
    await vault.resolveRequest(request).catch(({ host }) => host),
  ])
  expect(told[0]).toMatchObject([{ message: 'There is no "gone"; create it, or correct the reference.' }])
  expect(told.slice(1)).toEqual([
    'No such secret: "gone"; create it, or correct the reference.',
    '[secret:a]',
    'other.example',
  ])
})

it('a request has the members that it was given', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'v-0123456789' })
  const sent: unknown[] = []
  const response = new Response(null)
  const network = async (_input: unknown, init?: RequestInit) => {
    const { method, headers, redirect } = init ?? {}
    sent.push([method, headers, redirect, Object.hasOwn(init ?? {}, 'body')])
    return response
  }
  const polluted = {
    redirect: 'error',
    headers: { evil: 'x' },
    body: 'evil',
    method: 'EVIL',
    signal: { aborted: true },
  }
  await withPollution(polluted, () =>
    vaultFetch(vault, { fetch: network, in: ['query'] })('https://h.example/?k=<< secrets.a >>'),
  )
  expect(sent).toEqual([['GET', [], 'manual', false]])
})
