/** rewrapKeys, retireKey and purgeWorkspace: keyrings change, records do not, and nothing is taken away that is needed. */

import { describe, expect, it } from 'vitest'
import {
  copyVault,
  destroyKey,
  exportBackup,
  purgeWorkspace,
  retireKey,
  rewrapKeys,
  rotateKeys,
} from '../../src/admin.ts'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { KeySource, VaultOptions } from '../../src/vault/option-types.ts'
import { bodyOf, entry } from '../crypto/rings.ts'
import { fakeKeyService } from '../vault/fake-key-service.ts'
import { all, failure, listener } from '../vault/fixture.ts'
import { NEXT, NEXT_ID, OLD, OLD_ID, type Stage, stage } from './stage.ts'

const filled = async (keys: KeySource = OLD, workspaces = ['default']): Promise<Stage> => {
  const scene = stage()
  for (const workspace of workspaces) {
    await scene.vault({ keys }).with({ workspace }).create({ tag: 'a', value: 'one' })
  }
  return scene
}
const recordsOf = async (scene: Stage, workspace = 'default') =>
  (await scene.dump(workspace)).filter(({ tag }) => tag !== '$keyring')
const codeOf = async (run: PromiseLike<unknown>) => (await failure(Promise.resolve(run))).code

describe('rewrapKeys', () => {
  it('gives every key of the vault a slot in every data key of every workspace, and touches no record', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    await rotateKeys(scene.vault())
    const before = [await recordsOf(scene, 'v'), await recordsOf(scene, 'w')]
    const run = rewrapKeys(scene.vault({ keys: [NEXT, OLD] }))
    const steps = await all(run)
    expect(steps.map(({ workspace, slots, unopened }) => [workspace, slots.length, unopened])).toEqual([
      ['v', 4, []],
      ['w', 4, []],
    ])
    expect(await run).toEqual({
      done: 2,
      failed: [],
      isComplete: true,
      needed: [{ provider: OLD_ID }, { provider: NEXT_ID }],
      noLongerNeeded: [],
    })
    expect([await recordsOf(scene, 'v'), await recordsOf(scene, 'w')]).toEqual(before)
    const alone = scene.vault({ keys: NEXT }).with({ workspace: 'v' })
    expect((await alone.resolve('<< secrets.a >>')).expose()).toBe('one')
  })

  it('wraps anew with a key that has a slot already, and names the version that nothing needs any longer', async () => {
    const service = fakeKeyService('kms:1')
    const scene = await filled(service)
    const before = (await scene.keyring()).keys[0]!.slots[0]!
    service.newVersion()
    const rotated = await rotateKeys(scene.vault({ keys: service }))
    expect(rotated).toMatchObject({
      keyEncryptionKeys: 'unchanged',
      needed: [
        { provider: 'kms:1', keyVersion: 'v1' },
        { provider: 'kms:1', keyVersion: 'v2' },
      ],
    })
    expect(await codeOf(retireKey(scene.vault({ keys: service }), 'kms:1', { keyVersion: 'v1' }))).toBe(
      'ERR_KEY_IN_USE',
    )
    const report = await rewrapKeys(scene.vault({ keys: service }))
    expect(report.needed).toEqual([{ provider: 'kms:1', keyVersion: 'v2' }])
    expect(report.noLongerNeeded).toEqual([{ provider: 'kms:1', keyVersion: 'v1' }])
    expect((await scene.keyring()).keys[0]!.slots[0]).not.toEqual(before)
    await retireKey(scene.vault({ keys: service }), 'kms:1', { keyVersion: 'v1' })
    service.destroyVersion('v1')
    expect((await scene.vault({ keys: service }).resolve('<< secrets.a >>')).expose()).toBe('one')
  })

  it('licenses nothing while a workspace failed, was left out or not come to', async () => {
    const service = fakeKeyService('kms:1')
    const scene = await filled(service, ['v', 'w'])
    await scene.vault({ keys: NEXT }).with({ workspace: 'x' }).create({ tag: 'a', value: 'one' })
    service.newVersion()
    const vault = scene.vault({ keys: service })
    const partly = await rewrapKeys(vault, { workspaces: ['v'] })
    expect(partly).toMatchObject({ done: 1, isComplete: false, noLongerNeeded: [] })
    service.newVersion()
    const failing = await rewrapKeys(vault)
    expect(failing).toMatchObject({ done: 2, isComplete: false, noLongerNeeded: [] })
    expect(failing.failed).toMatchObject([{ workspace: 'x', reason: 'key-unknown' }])
    const aborted = await rewrapKeys(vault, { signal: AbortSignal.abort() })
    expect(aborted).toMatchObject({ done: 0, isComplete: false, noLongerNeeded: [] })
  })

  it('licenses nothing where a program that knows the old version has made a data key or a workspace meanwhile', async () => {
    const kms = (keyVersion: string): KeyProvider => ({
      id: 'kms:1',
      wrap: async (dataKey) => ({ bytes: dataKey.slice(), keyVersion }),
      unwrap: async ({ bytes }) => bytes.slice(),
    })
    const scene = await filled(kms('v1'), ['v', 'w'])
    const stale = scene.vault({ keys: kms('v1') })
    const changes: (() => Promise<unknown>)[] = [
      async () => rotateKeys(stale, { workspaces: ['v'] }),
      () => stale.with({ workspace: 'x' }).create({ tag: 'a', value: 'one' }),
    ]
    for (const change of changes) {
      const run = rewrapKeys(scene.vault({ keys: kms('v2') }))
      let isFirst = true
      for await (const _ of run) {
        if (isFirst) await change()
        isFirst = false
      }
      expect(await run).toMatchObject({ isComplete: false, noLongerNeeded: [], failed: [] })
      expect((await run).needed).toContainEqual({ provider: 'kms:1', keyVersion: 'v1' })
    }
    expect(await rewrapKeys(scene.vault({ keys: kms('v2') }))).toMatchObject({
      done: 3,
      isComplete: true,
      needed: [{ provider: 'kms:1', keyVersion: 'v2' }],
      noLongerNeeded: [{ provider: 'kms:1', keyVersion: 'v1' }],
    })
  })

  it('stores no slot that the service does not unwrap', async () => {
    const scene = await filled()
    const service = fakeKeyService('kms:1')
    service.before = (call) => {
      if (call === 'unwrap') throw new Error('AccessDenied: unwrapKey')
    }
    const before = await scene.dump()
    const run = rewrapKeys(scene.vault({ keys: [OLD, service] }))
    expect(await codeOf(run)).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(await scene.dump()).toEqual(before)
  })

  it('says which data keys no given key opens, and leaves them; the key that does is not retired then', async () => {
    const scene = stage()
    const [retired, active] = [createDataKey(), createDataKey()]
    const keys = [
      await entry(retired, 'retired', 'default', [localKey(OLD)]),
      await entry(active, 'active', 'default', [localKey(NEXT)]),
    ]
    const body = bodyOf('default', 1, keys, active)
    await scene.storage.put({ workspace: 'default', environment: '$', tag: '$keyring', version: 1, body })
    const steps = await all(rewrapKeys(scene.vault({ keys: NEXT })))
    expect(steps).toMatchObject([{ unopened: [retired.id], slots: [{ provider: OLD_ID }, { provider: NEXT_ID }] }])
    expect((await scene.keyring()).keys[0]).toEqual(keys[0])
    expect(await codeOf(retireKey(scene.vault({ keys: NEXT }), OLD_ID))).toBe('ERR_KEY_IN_USE')
  })
})

it('a retired data key that its service has lost can be destroyed, and keeps no command from its work', async () => {
  const service = fakeKeyService('kms:1')
  const scene = await filled(service)
  service.newVersion()
  const { retired } = (await rotateKeys(scene.vault({ keys: service }))).workspaces[0]!
  service.destroyVersion('v1')
  expect((await scene.vault({ keys: service }).resolve('<< secrets.a >>')).expose()).toBe('one')
  const [step] = await all(rewrapKeys(scene.vault({ keys: service })))
  expect(step!.unopened).toEqual(retired)
  expect((await rewrapKeys(scene.vault({ keys: service }))).needed).toContainEqual({
    provider: 'kms:1',
    keyVersion: 'v1',
  })
  await destroyKey(scene.vault({ keys: service }), retired[0]!, { confirm: retired[0]! })
  expect((await rewrapKeys(scene.vault({ keys: service }))).needed).toEqual([{ provider: 'kms:1', keyVersion: 'v2' }])
})

describe('retireKey', () => {
  it('takes a key away once another has proved that it opens everything, and no vault brings it back', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    await rotateKeys(scene.vault())
    await rewrapKeys(scene.vault({ keys: [NEXT, OLD] }))
    const told = listener()
    const run = retireKey(scene.vault({ keys: NEXT, onEvent: told }), OLD_ID)
    expect(await all(run)).toEqual([
      { workspace: 'v', isChanged: true },
      { workspace: 'w', isChanged: true },
    ])
    expect(await run).toEqual({ done: 2, isComplete: true })
    expect(told.mock.calls.map(([{ action, key, outcome }]) => [action, key, outcome])).toEqual([
      ['retire-key', OLD_ID, 'ok'],
      ['retire-key', OLD_ID, 'ok'],
    ])
    for (const workspace of ['v', 'w']) {
      const { keys, withdrawn } = await scene.keyring(workspace)
      expect(keys.map(({ slots }) => slots.map(({ provider }) => provider))).toEqual([[NEXT_ID], [NEXT_ID]])
      expect(withdrawn).toEqual([OLD_ID])
    }
    const stale = scene.vault({ keys: [OLD, NEXT] }).with({ workspace: 'v' })
    await stale.update('a', { value: 'two' })
    expect((await scene.keyring('v')).keys[0]!.slots.length).toBe(1)
    const { failed } = await rewrapKeys(scene.vault({ keys: [OLD, NEXT] }))
    expect(failed).toMatchObject([
      { workspace: 'v', code: 'ERR_INVALID_KEY' },
      { workspace: 'w', code: 'ERR_INVALID_KEY' },
    ])
    expect((await failure(scene.vault({ keys: OLD }).with({ workspace: 'v' }).resolve('<< secrets.a >>'))).reason).toBe(
      'key-unknown',
    )
    expect(await retireKey(scene.vault({ keys: NEXT }), OLD_ID)).toEqual({ done: 2, isComplete: true })
  })

  it('is refused with the old key alone, before rewrapKeys, and while one workspace of many needs it', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    const dump = async () => [await scene.dump('v'), await scene.dump('w')]
    const before = await dump()
    expect(await codeOf(retireKey(scene.vault(), OLD_ID))).toBe('ERR_KEY_IN_USE')
    expect(await codeOf(retireKey(scene.vault({ keys: NEXT }), OLD_ID))).toBe('ERR_RECORD_UNREADABLE')
    expect(await codeOf(retireKey(scene.vault({ keys: [NEXT, OLD] }), OLD_ID))).toBe('ERR_RECORD_UNREADABLE')
    expect(await dump()).toEqual(before)
    await rewrapKeys(scene.vault({ keys: [NEXT, OLD] }), { workspaces: ['v'] })
    const half = await dump()
    expect(await codeOf(retireKey(scene.vault({ keys: [NEXT, OLD] }), OLD_ID))).toBe('ERR_RECORD_UNREADABLE')
    expect(await dump()).toEqual(half)
  })

  it('is refused when the other key opens only some of the data keys', async () => {
    const scene = await filled()
    await scene.vault({ keys: [NEXT, OLD] }).update('a', { value: 'two' })
    const only = scene.vault({ keys: NEXT })
    await rotateKeys(scene.vault({ keys: OLD }))
    await scene.vault({ keys: [NEXT, OLD] }).update('a', { value: 'three' })
    await rotateKeys(scene.vault({ keys: OLD }))
    // the newest data key is of the old key alone again
    expect(await codeOf(retireKey(only, OLD_ID))).toBe('ERR_RECORD_UNREADABLE')
    expect(await codeOf(retireKey(scene.vault({ keys: [NEXT, OLD] }), OLD_ID))).toBe('ERR_RECORD_UNREADABLE')
  })

  it('takes the key itself, as its text or its provider, in whatever order the slots are', async () => {
    for (const asGiven of [OLD, localKey(OLD)]) {
      const recovery = generateKey()
      const scene = await filled([recovery, OLD])
      await rewrapKeys(scene.vault({ keys: [NEXT, OLD, recovery] }))
      expect(await retireKey(scene.vault({ keys: NEXT }), asGiven)).toEqual({ done: 1, isComplete: true })
      expect((await failure(scene.vault({ keys: OLD }).resolve('<< secrets.a >>'))).reason).toBe('key-unknown')
      expect((await scene.vault({ keys: recovery }).resolve('<< secrets.a >>')).expose()).toBe('one')
      expect((await scene.keyring()).withdrawn).toEqual([OLD_ID])
    }
  })

  it('stores, tells and repeats nothing of a key or of a text that no keyring knows', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    await rewrapKeys(scene.vault({ keys: [NEXT, OLD] }))
    const dump = async () => [await scene.dump('v'), await scene.dump('w')]
    const before = await dump()
    const told = listener()
    const vault = scene.vault({ keys: NEXT, onEvent: told })
    const unknown = ['not an id', 'local:AAAAAAAAAAA', 'correct horse battery staple', OLD.slice(5), generateKey()]
    for (const text of unknown) {
      const error = await failure(Promise.resolve(retireKey(vault, text)))
      expect([text, error.code]).toEqual([text, 'ERR_INVALID_INPUT'])
      expect(error.message).not.toContain(text)
      expect(await codeOf(retireKey(vault, text, { keyVersion: 'v1' }))).toBe('ERR_INVALID_INPUT')
    }
    for (const text of [`"${OLD}"`, `${OLD}\n`, OLD.slice(0, -1), `GUILLEMET_KEY=${OLD}`]) {
      expect(() => retireKey(vault, text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_KEY' }))
    }
    expect(await dump()).toEqual(before)
    expect(new Set(told.mock.calls.map(([{ key, outcome }]) => `${key} ${outcome}`))).toEqual(
      new Set(['undefined ERR_INVALID_INPUT']),
    )
    await retireKey(vault, OLD)
    expect(JSON.stringify(await dump())).not.toContain(OLD.slice(5))
  })

  it('refuses what is no id and no version', () => {
    const vault = stage().vault()
    for (const call of [
      () => retireKey(vault, undefined as unknown as string),
      () => retireKey(vault, null as unknown as string),
      () => retireKey(vault, {} as KeyProvider),
      () => retireKey(vault, ''),
      () => retireKey(vault, 'clé'),
      () => retireKey(vault, 'k', { keyVersion: '' }),
      () => retireKey(vault, 'k', { version: '1' } as object),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
    }
  })
})

describe('purgeWorkspace', () => {
  it('leaves tombstones and one new data key, and nothing opens any more, not even what was copied before', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    const v = scene.vault().with({ workspace: 'v' })
    await v.with({ environment: 'live' }).create({ tag: 'b', value: 'two' })
    await v.create({ tag: 'gone', value: 'three' })
    await v.delete('gone', { confirm: 'gone' })
    const before = await scene.keyring('v')
    const run = purgeWorkspace(scene.vault(), 'v', { confirm: 'v' })
    expect(await all(run)).toEqual([
      { environment: 'default', tag: 'a' },
      { environment: 'live', tag: 'b' },
    ])
    expect(await run).toEqual({
      workspace: 'v',
      deleted: 2,
      destroyed: [before.keys[0]!.id],
      hasNewKeyring: false,
      isComplete: true,
    })
    expect((await recordsOf(scene, 'v')).map(({ body }) => (JSON.parse(body) as { state: string }).state)).toEqual([
      'deleted',
      'deleted',
      'deleted',
    ])
    expect((await scene.keyring('v')).keys.map(({ state }) => state)).toEqual(['destroyed', 'active'])
    expect((await scene.vault().with({ workspace: 'w' }).resolve('<< secrets.a >>')).expose()).toBe('one')
    await v.create({ tag: 'a', value: 'again' })
    expect((await v.resolve('<< secrets.a >>')).expose()).toBe('again')
  })

  it('needs the name typed again, and a vault that is not bound to another workspace', async () => {
    const scene = await filled(OLD, ['v', 'w'])
    const before = await scene.dump('v')
    expect(() => purgeWorkspace(scene.vault(), 'v', { confirm: 'w' })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIRMATION_REQUIRED' }),
    )
    expect(await codeOf(purgeWorkspace(scene.vault({ workspace: 'w' }), 'v', { confirm: 'v' }))).toBe(
      'ERR_PERMISSION_DENIED',
    )
    expect(await codeOf(purgeWorkspace(scene.vault(), 'x', { confirm: 'x' }))).toBe('ERR_INVALID_INPUT')
    expect(await scene.dump('v')).toEqual(before)
  })

  it('buries a record that nobody can read and a claim, and destroys nothing when it is aborted', async () => {
    const scene = await filled()
    const claim = { format: 1, state: 'claim', before: 'deleted', at: '2026-01-01T00:00:00.000Z' }
    const place = { workspace: 'default', environment: 'default', version: 1 }
    await scene.storage.put({ ...place, tag: 'b', body: JSON.stringify(claim) })
    await scene.storage.put({ ...place, tag: 'c', body: 'no record' })
    const aborted = await purgeWorkspace(scene.vault(), 'default', { confirm: 'default', signal: AbortSignal.abort() })
    expect(aborted).toMatchObject({ deleted: 0, destroyed: [], isComplete: false })
    const report = await purgeWorkspace(scene.vault(), 'default', { confirm: 'default' })
    expect(report).toMatchObject({ deleted: 3, isComplete: true })
    expect((await scene.keyring()).keys.filter(({ state }) => state !== 'destroyed').length).toBe(1)
  })
})

describe('a workspace that is not there', () => {
  it.each<[string, (vault: Vault) => PromiseLike<unknown>]>([
    ['rotateKeys', (vault) => rotateKeys(vault, { workspaces: ['v', 'acmee'] })],
    ['rewrapKeys', (vault) => rewrapKeys(vault, { workspaces: ['acmee'] })],
    ['retireKey', (vault) => retireKey(vault, OLD, { workspaces: ['acmee'] })],
    ['purgeWorkspace', (vault) => purgeWorkspace(vault, 'acmee', { confirm: 'acmee' })],
    ['exportBackup', (vault) => all(exportBackup(vault, { workspaces: ['acmee'] }))],
    ['copyVault', (vault) => copyVault(vault, stage().vault(), { workspaces: ['acmee'] })],
  ])('is no success: %s', async (_name, work) => {
    const scene = await filled(OLD, ['v', 'acme'])
    const before = [await scene.dump('v'), await scene.dump('acme')]
    const error = await failure(Promise.resolve(work(scene.vault())))
    expect(error.code).toBe('ERR_INVALID_INPUT')
    expect(error.message).toMatch(/^Nothing is stored in a workspace "acmee" of .*; did you mean "acme"\? /)
    expect([await scene.dump('v'), await scene.dump('acme')]).toEqual(before)
  })

  it('is told as well where the storage lists none, and where the vault is bound to it', async () => {
    const { storage } = await filled(OLD, ['v'])
    const { workspaces: _, ...unlisted } = storage
    const work = (options: Partial<VaultOptions>) =>
      codeOf(rotateKeys(stage(unlisted).vault({ storage: unlisted, ...options }), { workspaces: ['x'] }))
    expect(await work({})).toBe('ERR_INVALID_INPUT')
    expect(await work({ workspace: 'x' })).toBe('ERR_INVALID_INPUT')
  })
})
