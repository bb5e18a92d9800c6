/** A workspace whose keys are all lost: nothing goes by accident, and what docs/KEYS.md says leads to a fresh beginning. */

import { describe, expect, it } from 'vitest'
import { exportBackup, inspectStorage, purgeWorkspace, rotateKeys } from '../../src/admin.ts'
import { createVault, type KeyProvider, passphraseKey, type VaultEvent } from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { all, failure } from '../vault/fixture.ts'
import { NEXT, NEXT_ID, OLD_ID, type Stage, stage } from './stage.ts'

/** Two workspaces under the key that is lost, with a rule on what is in one of them. */
async function filled(): Promise<Stage> {
  const scene = stage()
  for (const workspace of ['acme', 'other']) {
    const view = scene.vault().with({ workspace })
    await view.set({ tag: 'stripe', value: 'sk-7f3e9a1c5b', allow: { hosts: ['api.stripe.com'] } })
    await view.with({ environment: 'live' }).set({ tag: 'b', value: 'two' })
  }
  return scene
}

const refusal = (run: PromiseLike<unknown>) => failure(Promise.resolve(run))

describe('with a key that does not open the workspace', () => {
  it('nothing is changed without the keys that are lost, and the refusal says first that it is another key', async () => {
    const scene = await filled()
    const before = await scene.dump('acme')
    const error = await refusal(purgeWorkspace(scene.vault({ keys: NEXT }), 'acme', { confirm: 'acme' }))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
    expect(error.message).toMatch(/^The keyring was sealed with another key/)
    expect(error.message).toContain(`{ confirm: 'acme', lostKeys: ["${OLD_ID}"] }`)
    for (const lostKeys of [[], [NEXT_ID], [OLD_ID, NEXT_ID], ['passphrase']]) {
      const run = purgeWorkspace(scene.vault({ keys: NEXT }), 'acme', { confirm: 'acme', lostKeys })
      expect((await refusal(run)).code).toBe('ERR_CONFIRMATION_REQUIRED')
    }
    expect(() => purgeWorkspace(scene.vault({ keys: NEXT }), 'acme', { confirm: 'other', lostKeys: [OLD_ID] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIRMATION_REQUIRED' }),
    )
    expect(await scene.dump('acme')).toEqual(before)
  })

  it('that is not lost at all, the word lost changes nothing', async () => {
    const scene = await filled()
    const before = await scene.dump('acme')
    const run = purgeWorkspace(scene.vault(), 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect((await refusal(run)).code).toBe('ERR_INVALID_INPUT')
    expect(await scene.dump('acme')).toEqual(before)
  })

  it('and a service that does not answer is not lost', async () => {
    const scene = await filled()
    const silent: KeyProvider = {
      id: OLD_ID,
      wrap: () => Promise.reject(new Error('down')),
      unwrap: () => Promise.reject(new Error('down')),
    }
    const before = await scene.dump('acme')
    const run = purgeWorkspace(scene.vault({ keys: silent }), 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect((await refusal(run)).code).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(await scene.dump('acme')).toEqual(before)
  })

  it('and that cannot wrap deletes nothing', async () => {
    const scene = await filled()
    const broken = { ...passphraseKey('correct horse battery'), id: 'p', wrap: () => Promise.reject(new Error('no')) }
    const before = await scene.dump('acme')
    const run = purgeWorkspace(scene.vault({ keys: broken }), 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect((await refusal(run)).code).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(await scene.dump('acme')).toEqual(before)
  })
})

describe('a workspace whose keys are lost', () => {
  it('begins anew with a new key, in the steps of docs/KEYS.md', async () => {
    const scene = await filled()
    const { storage } = scene
    const events: string[] = []
    const onEvent = ({ action, outcome }: VaultEvent) => void events.push(`${action} ${outcome}`)
    const [newKey, newToken] = [NEXT, 'sk-next-1a2b3c']
    // #region lost
    const vault = createVault({ storage, keys: newKey, onEvent })
    const { keyring } = await inspectStorage(vault, { workspace: 'acme' })
    if (keyring?.opens === false) {
      // the ids of the keys that are lost: compare them with every key that you can still find
      await purgeWorkspace(vault, 'acme', { confirm: 'acme', lostKeys: keyring.providers })
    }
    const acme = vault.with({ workspace: 'acme' })
    await acme.create({ tag: 'stripe', value: newToken, allow: { hosts: ['api.stripe.com'] } })
    // #endregion
    expect(events).toEqual(['destroy-key ok', 'purge-workspace ok', 'create ok'])
    const request = { url: 'https://api.stripe.com', headers: { authorization: 'Bearer << secrets.stripe >>' } }
    expect((await acme.resolveRequest(request)).expose().headers).toEqual({ authorization: `Bearer ${newToken}` })
    await expect(acme.set({ tag: 'b', value: 'two' })).resolves.toMatchObject({ version: 2 })
    expect(await rotateKeys(vault, { workspaces: ['acme'] })).toMatchObject({ isComplete: true })
    let backup = ''
    for await (const line of exportBackup(vault, { workspaces: ['acme'] })) backup += line
    expect(backup.length).toBeGreaterThan(100)
    // nothing happened to the other workspace, which wants the old key as before
    const other = scene.vault().with({ workspace: 'other' })
    expect((await other.with({ environment: 'live' }).resolve('<< secrets.b >>')).expose()).toBe('two')
  })

  it('leaves no secret free of its rule, opens nothing of before, and says all that it did', async () => {
    const scene = await filled()
    const before = await scene.keyring('acme')
    const vault = scene.vault({ keys: NEXT })
    const run = purgeWorkspace(vault, 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect(await all(run)).toEqual([
      { environment: 'default', tag: 'stripe' },
      { environment: 'live', tag: 'b' },
    ])
    const destroyed = [before.keys[0]!.id]
    expect(await run).toEqual({ workspace: 'acme', deleted: 2, destroyed, hasNewKeyring: true, isComplete: true })
    const after = await scene.keyring('acme')
    // counted on, so that a program that still has the old one knows which is newer
    expect(after.sequence).toBe(before.sequence + 1)
    expect(after.keys.flatMap(({ slots }) => slots.map(({ provider }) => provider))).toEqual([NEXT_ID])
    const acme = vault.with({ workspace: 'acme' })
    expect(await failure(acme.set({ tag: 'stripe', value: 'any' }))).toMatchObject({ path: 'allow' })
    expect((await failure(scene.vault().with({ workspace: 'acme' }).resolve('<< secrets.b >>'))).code).not.toBe('')
  })

  it.each([
    ['gone', undefined],
    ['no keyring any more', 'not a keyring'],
  ])('whose keyring is %s begins anew as well', async (_what, body) => {
    const scene = await filled()
    const rows = await scene.dump('acme')
    const keyring = rows.find(({ tag }) => tag === '$keyring')!
    const other = stage()
    for (const row of rows) if (row !== keyring) await other.storage.put({ ...row, workspace: 'acme', version: 1 })
    const stored = { ...keyring, workspace: 'acme', version: 1 }
    if (body !== undefined) await other.storage.put({ ...stored, body })
    const vault = other.vault()
    expect((await refusal(purgeWorkspace(vault, 'acme', { confirm: 'acme' }))).message).toContain('keyring')
    const report = await purgeWorkspace(vault, 'acme', { confirm: 'acme', lostKeys: [] })
    expect(report).toMatchObject({ deleted: 2, hasNewKeyring: true, isComplete: true })
    await vault.with({ workspace: 'acme' }).create({ tag: 'b', value: 'again' })
  })

  it('that was aborted keeps its keyring, for a key that is found after all', async () => {
    const scene = await filled()
    const before = await scene.keyring('acme')
    const options = { confirm: 'acme', lostKeys: [OLD_ID], signal: AbortSignal.abort() }
    const report = await purgeWorkspace(scene.vault({ keys: NEXT }), 'acme', options)
    expect(report).toMatchObject({ destroyed: [], hasNewKeyring: false, isComplete: false })
    expect(await scene.keyring('acme')).toEqual(before)
  })

  it('whose keyring somebody changes meanwhile keeps that, and every secret', async () => {
    const scene = await filled()
    const { put } = scene.storage
    scene.storage.put = async (record, options) => {
      scene.storage.put = put
      await rotateKeys(scene.vault(), { workspaces: ['acme'] })
      return put(record, options)
    }
    const run = purgeWorkspace(scene.vault({ keys: NEXT }), 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect((await refusal(run)).code).toBe('ERR_CONFLICT')
    const acme = scene.vault().with({ workspace: 'acme' })
    const request = { url: 'https://api.stripe.com/', headers: { Authorization: '<< secrets.stripe >>' } }
    const resolved = await acme.resolveRequest(request)
    expect(resolved.expose().headers.Authorization).toBe('sk-7f3e9a1c5b')
  })

  it('and a key of which the id is no plain text, is named so that nobody can run it', async () => {
    const id = "x'] }); process.exit(); (['"
    const storage = memoryStorage()
    await createVault({ storage, keys: passphraseKey('the first passphrase', { id }) }).set({ tag: 'a', value: 'b' })
    const error = await refusal(purgeWorkspace(createVault({ storage, keys: NEXT }), 'default', { confirm: 'default' }))
    expect(error.message).toContain(`lostKeys: [${JSON.stringify(id)}]`)
  })

  it('is told to whoever has mistyped a passphrase without a command to copy', async () => {
    const storage = memoryStorage()
    await createVault({ storage, keys: passphraseKey('the first passphrase') }).set({ tag: 'a', value: 'b' })
    const mistyped = createVault({ storage, keys: passphraseKey('another passphrase') })
    const error = await refusal(purgeWorkspace(mistyped, 'default', { confirm: 'default' }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_KEY', message: expect.not.stringContaining('lostKeys') })
  })

  it('counts on from no number that somebody has written to keep others out', async () => {
    const scene = await filled()
    const row = (await scene.dump('acme')).find(({ tag }) => tag === '$keyring')!
    const body = JSON.stringify({ ...JSON.parse(row.body), sequence: Number.MAX_SAFE_INTEGER })
    await scene.overwrite({ ...row, workspace: 'acme', body })
    const vault = scene.vault({ keys: NEXT })
    await purgeWorkspace(vault, 'acme', { confirm: 'acme', lostKeys: [OLD_ID] })
    expect(await rotateKeys(vault, { workspaces: ['acme'] })).toMatchObject({ isComplete: true })
  })

  it('counts on from what this vault has opened, where the text says it no more', async () => {
    const scene = await filled()
    const vault = scene.vault()
    await rotateKeys(vault, { workspaces: ['acme'] })
    const row = (await scene.dump('acme')).find(({ tag }) => tag === '$keyring')!
    await scene.overwrite({ ...row, workspace: 'acme', body: 'rubbish' })
    await purgeWorkspace(vault, 'acme', { confirm: 'acme', lostKeys: [] })
    await vault.with({ workspace: 'acme' }).create({ tag: 'stripe', value: 'sk-new' })
  })

  it('can have single secrets deleted by a vault without a key, by the tag typed again', async () => {
    const scene = await filled()
    const acme = scene.vault({ keys: null }).with({ workspace: 'acme' })
    await acme.delete('stripe', { confirm: 'stripe' })
    expect(await acme.describe('stripe')).toBeUndefined()
  })
})
