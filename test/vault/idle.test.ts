/** What a vault keeps of workspaces: little, of those only that were used last; and what it wipes when it is closed. */

import { expect, it, vi } from 'vitest'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { type Keyring, openKeyring } from '../../src/crypto/keyring.ts'
import { localKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { Keyrings } from '../../src/vault/keyrings.ts'
import { Recent } from '../../src/vault/recent.ts'
import { createSeenVersions, isOlder } from '../../src/vault/seen-versions.ts'
import { Store } from '../../src/vault/store.ts'
import { bodyOf, entry } from '../crypto/rings.ts'
import { backstage, failure, KEY } from './fixture.ts'

const opened = vi.hoisted(() => ({ keyrings: [] as Keyring[] }))
vi.mock('../../src/crypto/keyring.ts', async (original) => {
  const module = await original<typeof import('../../src/crypto/keyring.ts')>()
  return {
    ...module,
    async openKeyring(...of: Parameters<typeof module.openKeyring>) {
      const keyring = await module.openKeyring(...of)
      opened.keyrings.push(keyring)
      return keyring
    },
  }
})

const isWiped = (keyring: Keyring) => keyring.ids.every((id) => keyring.key(id)!.bytes.every((byte) => byte === 0))

it('a map of what is recent forgets what was used longest ago', () => {
  const recent = new Recent<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  expect(recent.get('a')).toBe(1)
  recent.set('c', 3)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
  recent.set('a', 4)
  recent.set('d', 5)
  expect([recent.get('a'), recent.get('c'), recent.get('d')]).toEqual([4, undefined, 5])
  recent.clear()
  expect(recent.get('a')).toBeUndefined()
})

it('seen versions are those of the workspaces that were used last', () => {
  const seen = createSeenVersions(2)
  const place = (workspace: string) => ({ workspace, environment: 'e', tag: 't' })
  for (const workspace of ['one', 'two']) seen.saw(place(workspace), 5, 'gm1.')
  expect(isOlder(seen.of(place('one')), 4, false)).toBe(true)
  seen.saw(place('three'), 5, 'gm1.')
  expect(isOlder(seen.of(place('one')), 4, false)).toBe(true)
  expect(isOlder(seen.of(place('two')), 4, false)).toBe(false)
})

it('keyrings of idle workspaces are opened again when they are needed', async () => {
  const store = new Store(memoryStorage())
  const keyrings = new Keyrings(store, [localKey(KEY)], createSeenVersions(), undefined, 2)
  for (const workspace of ['one', 'two', 'three']) await keyrings.ensure(workspace)
  expect(keyrings.loaded('one')).toBeUndefined()
  expect(keyrings.loaded('three')).toBeDefined()
  expect((await keyrings.reload('one'))?.sequence).toBe(1)
  await keyrings.close()
})

it('a view on a name that nobody stored anything under keeps nothing in the vault', async () => {
  const { vault } = backstage()
  opened.keyrings.length = 0
  for (let index = 0; index < 50; index++) await vault.with({ workspace: `w${index}` }).describe('a')
  expect(opened.keyrings).toEqual([])
})

it('close wipes every data key, also of a keyring that was replaced and of one that only a snapshot holds', async () => {
  const { vault, storage, overwrite } = backstage()
  opened.keyrings.length = 0
  await vault.create({ tag: 'a', value: 'v', allow: { hosts: ['h.example'] } })
  // held to the end, so that it is not collected
  const snapshot = await vault.snapshot(['a'])
  const [row] = await storage.get('default', [{ environment: '$', tag: '$keyring' }])
  const provider = localKey(KEY)
  const old = (await openKeyring(row!.body, 'default', [provider])).active
  opened.keyrings.pop()
  const next = createDataKey()
  const entries = [
    await entry(next, 'active', 'default', [provider]),
    await entry(old, 'retired', 'default', [provider]),
  ]
  overwrite({ ...row!, version: 2, body: bodyOf('default', 2, entries, next) })
  await vault.create({ tag: 'b', value: 'w' })
  expect(opened.keyrings.length).toBeGreaterThanOrEqual(2)
  expect(opened.keyrings.some(isWiped)).toBe(false)
  await vault.close()
  expect(opened.keyrings.every(isWiped)).toBe(true)
  snapshot.close()
})

it('what makes the first data key of a workspace keeps no copy of it', async () => {
  const made: ArrayBufferView[] = []
  const random = vi.spyOn(globalThis.crypto, 'getRandomValues')
  try {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v' })
    made.push(
      ...random.mock.calls.map(([array]) => array as ArrayBufferView).filter(({ byteLength }) => byteLength === 32),
    )
  } finally {
    random.mockRestore()
  }
  expect(made).toEqual([new Uint8Array(32)])
})

it('a local key that was closed with its vault wraps and opens nothing any more', async () => {
  const provider = localKey(KEY)
  const wrapped = await provider.wrap(new Uint8Array(32).fill(7), new Uint8Array())
  await provider.close?.()
  for (const call of [
    provider.wrap(new Uint8Array(32), new Uint8Array()),
    provider.unwrap(wrapped, new Uint8Array()),
  ]) {
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_KEY' })
  }
})
