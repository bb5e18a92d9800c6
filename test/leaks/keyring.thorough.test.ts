/** Whatever somebody does to the keyring: everything stops, nothing is written, and all is well once it is back. */

import { describe, expect, it } from 'vitest'
import { createKeyring, openKeyring } from '../../src/crypto/keyring.ts'
import { keyringMac, readKeyringBody, writeKeyringBody } from '../../src/crypto/keyring-body.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import type { Vault } from '../../src/vault/api.ts'
import { scratch } from '../storage/scratch.ts'
import { CANARIES } from './canaries.ts'
import { KEY, STORAGES, type Watched, watched } from './stages.ts'
import type { Expected } from './witness.ts'

const place = scratch()
const KEYRING = { environment: '$', tag: '$keyring' }

const keyringOf = (stage: Watched, workspace = 'default') => stage.stored('$keyring', '$', workspace)

function edited(record: StoredRecord, change: (body: Record<string, unknown>) => unknown): StoredRecord {
  const body = JSON.parse(record.body) as Record<string, unknown>
  change(body)
  return { ...record, body: JSON.stringify(body) }
}

/** All that needs a data key. */
function uses(vault: Vault): (() => unknown)[] {
  return CANARIES.flatMap(({ tag, value, reference }) => [
    () => vault.resolve(reference),
    () => vault.use(reference, () => expect.unreachable()),
    () => vault.snapshot([tag]),
    () => vault.update(tag, { value }),
    () => vault.set({ tag, value }),
    () => vault.create({ tag: 'fresh', value }),
    () => vault.set({ tag: 'fresh', value }),
  ])
}

async function refusedUntilPutBack(stage: Watched, keyring: StoredRecord | undefined, expected: Expected) {
  const original = await keyringOf(stage)
  if (keyring === undefined) stage.erase(KEYRING)
  else stage.overwrite(keyring)
  for (const call of uses(stage.another())) await stage.refuses(call, expected)
  const stands = await keyringOf(stage).catch(() => undefined)
  expect(stands?.body === keyring?.body).toBe(true)
  expect(await stage.another().describe('fresh')).toBeUndefined()
  await expect(stage.stored('fresh')).rejects.toThrow('no record')
  stage.overwrite(original)
}

describe.each(STORAGES)('over %s, a keyring', (storage) => {
  it('that is gone is missed, and no new one is made', async () => {
    const stage = await watched(storage, place)
    await refusedUntilPutBack(stage, undefined, 'ERR_KEYRING_MISSING')
    await stage.expectUnharmed()
  })

  it.each<[string, (record: StoredRecord) => StoredRecord, Expected]>([
    ['is rubbish', (record) => ({ ...record, body: 'rubbish' }), 'ERR_RECORD_CORRUPT'],
    ['was cut', (record) => ({ ...record, body: record.body.slice(0, -9) }), 'ERR_RECORD_CORRUPT'],
    [
      'is of another format',
      (record) => edited(record, (body) => Object.assign(body, { format: 2 })),
      'ERR_NEWER_FORMAT',
    ],
    [
      'has one member more',
      (record) => edited(record, (body) => Object.assign(body, { more: 1 })),
      'ERR_RECORD_CORRUPT',
    ],
    ['has another sequence', (record) => edited(record, (body) => Object.assign(body, { sequence: 2 })), 'tampered'],
    [
      'has another HMAC',
      (record) => edited(record, (body) => Object.assign(body, { mac: Buffer.alloc(32).toString('base64url') })),
      'tampered',
    ],
    [
      'has another id for its key',
      (record) => {
        const [{ id }] = JSON.parse(record.body).keys
        return { ...record, body: record.body.replace(id, Buffer.alloc(8, 1).toString('base64url')) }
      },
      'moved',
    ],
    [
      'has a bit of its wrapped key turned',
      (record) =>
        edited(record, ({ keys }) => {
          const [{ slots }] = keys as [{ slots: [{ wrapped: string }] }]
          const bytes = Buffer.from(slots[0].wrapped, 'base64url')
          bytes[bytes.length - 1]! ^= 1
          slots[0].wrapped = bytes.toString('base64url')
        }),
      'moved',
    ],
    [
      'has a slot for nobody',
      (record) => ({ ...record, body: record.body.replace(/"provider":"[^"]*"/, '"provider":"local:AAAAAAAAAAA"') }),
      'key-unknown',
    ],
  ])('that %s stops everything', async (_, attack, expected) => {
    const stage = await watched(storage, place)
    await refusedUntilPutBack(stage, attack(await keyringOf(stage)), expected)
    await stage.expectUnharmed()
  })

  it('of another workspace, of a stranger, or with entries of one, stops everything', async () => {
    const stage = await watched(storage, place)
    const own = await keyringOf(stage)
    await stage.another({ workspace: 'other' }).create({ tag: 'a', value: 'other-value-1' })
    const other = await keyringOf(stage, 'other')
    await refusedUntilPutBack(stage, { ...own, body: other.body }, 'moved')
    const strange = await createKeyring('default', [localKey(generateKey())])
    await refusedUntilPutBack(stage, { ...own, body: strange.body }, 'key-unknown')
    const [retired] = JSON.parse(other.body).keys
    const grafted = edited(own, (body) => (body['keys'] as unknown[]).push({ ...retired, state: 'retired' }))
    await refusedUntilPutBack(stage, grafted, 'tampered')
    // an entry under the very key that the workspace uses, made by somebody who has none: no value opens with it
    const fresh = await createKeyring('default', [localKey(KEY)])
    await stage.refuses(async () => {
      stage.overwrite({ ...own, body: fresh.body })
      await stage.another().resolve(CANARIES[0]!.reference)
    }, 'key-unknown')
    stage.overwrite(own)
    await stage.expectUnharmed()
  })

  it('that was put back as it was once is noticed by whoever saw the newer one', async () => {
    const stage = await watched(storage, place)
    const old = await keyringOf(stage)
    const opened = await openKeyring(old.body, 'default', [localKey(KEY)])
    const { keys } = readKeyringBody(old.body)
    const content = { sequence: 2, keys, withdrawn: [] }
    const body = writeKeyringBody({ ...content, mac: keyringMac('default', content, opened.active) })
    const newer = { ...old, version: 2, body }
    stage.overwrite(newer)
    const seer = stage.another()
    for (const { reference } of CANARIES) await seer.resolve(reference)
    for (const row of [old, { ...old, version: 3 }, undefined]) {
      if (row === undefined) stage.erase(KEYRING)
      else stage.overwrite(row)
      // what it holds it may use; a new secret asks for the keyring again
      await stage.refuses(() => seer.create({ tag: 'fresh', value: CANARIES[0]!.value }), 'rolled-back')
      await stage.refuses(() => seer.set({ tag: 'fresh', value: CANARIES[0]!.value }), 'rolled-back')
    }
    stage.overwrite(newer)
    expect(await seer.describe('fresh')).toBeUndefined()
    await stage.expectUnharmed()
  })
})
