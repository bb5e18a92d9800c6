/** Whatever somebody does to stored records: refused with the right diagnosis, nothing overwritten, nothing shown. */

import { describe, expect, it } from 'vitest'
import type { StoredRecord } from '../../src/ports/storage.ts'
import type { Vault } from '../../src/vault/api.ts'
import { scratch } from '../storage/scratch.ts'
import { CANARIES, type Canary } from './canaries.ts'
import { STORAGES, type Watched, watched } from './stages.ts'
import type { Expected } from './witness.ts'

const place = scratch()

type Body = Record<string, unknown>

function withBody(record: StoredRecord, change: (body: Body) => unknown): StoredRecord {
  const body = JSON.parse(record.body) as Body
  change(body)
  return { ...record, body: JSON.stringify(body) }
}

function withSealed(record: StoredRecord, change: (sealed: string) => string): StoredRecord {
  return withBody(record, (body) => Object.assign(body, { sealed: change(body['sealed'] as string) }))
}

/** The sealed value with one bit of this byte turned; counted from the end where negative. */
function flipped(record: StoredRecord, at: number): StoredRecord {
  return withSealed(record, (sealed) => {
    const bytes = Buffer.from(sealed.slice('gm1.'.length), 'base64url')
    bytes[at < 0 ? bytes.length + at : at]! ^= 1
    return `gm1.${bytes.toString('base64url')}`
  })
}

/** Everything that opens a value, for use or for a change. */
function openings(vault: Vault, { tag, value, reference }: Canary): (() => unknown)[] {
  return [
    () => vault.resolve(reference),
    () => vault.resolveHeaders({ A: `x ${reference}` }),
    () => vault.use({ a: reference }, () => expect.unreachable()),
    () => vault.snapshot([tag]),
    () => vault.update(tag, { value }),
    () => vault.update(tag, { name: 'mine' }),
    () => vault.update(tag, { allow: null, enabled: true, expiresAt: null }),
    () => vault.set({ tag, value }),
  ]
}

/** Each attack on each canary; then the same with the record put back as it was. */
async function attacked(
  stage: Watched,
  attack: (record: StoredRecord, other: StoredRecord) => StoredRecord,
  expected: Expected,
): Promise<void> {
  for (const [index, canary] of CANARIES.entries()) {
    const other = CANARIES[(index + 1) % CANARIES.length]!
    const record = attack(stage.original(canary.tag), stage.original(other.tag))
    stage.overwrite(record)
    const vault = stage.another()
    for (const call of openings(vault, canary)) await stage.refuses(call, expected)
    stage.see(await vault.check(canary.reference).catch((error: unknown) => error))
    stage.see(await vault.describe(canary.tag).catch((error: unknown) => error))
    // what stands there is what the attacker put, no byte of ours
    expect((await stage.stored(canary.tag)).body === record.body).toBe(true)
    stage.overwrite(stage.original(canary.tag))
  }
}

describe.each(STORAGES)('over %s, a record', (storage) => {
  it.each<[string, (record: StoredRecord, other: StoredRecord) => StoredRecord, Expected]>([
    ['cut short', (record) => ({ ...record, body: record.body.slice(0, -40) }), 'ERR_RECORD_CORRUPT'],
    ['emptied', (record) => ({ ...record, body: '' }), 'ERR_RECORD_CORRUPT'],
    ['whose value was cut', (record) => withSealed(record, (sealed) => sealed.slice(0, -30)), 'ERR_RECORD_CORRUPT'],
    ['whose value lost a block', (record) => withSealed(record, (sealed) => sealed.slice(0, 90)), 'ERR_RECORD_CORRUPT'],
    ['whose value is padded', (record) => withSealed(record, (sealed) => `${sealed}=`), 'ERR_RECORD_CORRUPT'],
    [
      'of another envelope',
      (record) => withSealed(record, (sealed) => sealed.replace('gm1', 'gm2')),
      'ERR_RECORD_CORRUPT',
    ],
    [
      'of another format',
      (record) => withBody(record, (body) => Object.assign(body, { format: 2 })),
      'ERR_RECORD_CORRUPT',
    ],
    [
      'with an unknown member',
      (record) => withBody(record, (body) => Object.assign(body, { x: 1 })),
      'ERR_RECORD_CORRUPT',
    ],
    [
      'with an unknown rule',
      (record) => withBody(record, (body) => Object.assign(body, { allow: { users: ['me'] } })),
      'ERR_RECORD_CORRUPT',
    ],
    ['with another version byte', (record) => flipped(record, 0), 'ERR_RECORD_CORRUPT'],
    ['with another suite byte', (record) => flipped(record, 1), 'ERR_RECORD_CORRUPT'],
    ['with a bit of the key id turned', (record) => flipped(record, 2), 'key-unknown'],
    ['with a bit of the nonce turned', (record) => flipped(record, 10), 'moved'],
    ['with a bit of the commitment turned', (record) => flipped(record, 34), 'moved'],
    ['with a bit of the ciphertext turned', (record) => flipped(record, 66), 'tampered'],
    ['with a bit of the tag turned', (record) => flipped(record, -1), 'tampered'],
    [
      'with the value of its neighbour',
      (record, other) => withSealed(record, () => JSON.parse(other.body).sealed),
      'moved',
    ],
    [
      'exchanged for its neighbour',
      (record, other) => ({ ...record, body: other.body }),
      // where one has fields and the other has none, that is refused first
      ['moved', 'ERR_FIELD_REQUIRED', 'ERR_MISSING_SECRETS', 'ERR_INVALID_INPUT'],
    ],
    ['under a later version', (record) => ({ ...record, version: record.version + 1 }), 'moved'],
    ['with a rule put in', (record) => withBody(record, (body) => Object.assign(body, { allow: {} })), 'moved'],
    [
      'switched to masked',
      (record) => withBody(record, (body) => Object.assign(body, { visibility: 'masked' })),
      'moved',
    ],
    [
      'given a time',
      (record) => withBody(record, (body) => Object.assign(body, { expiresAt: '2099-01-01T00:00:00.000Z' })),
      'moved',
    ],
  ])('%s does not open and is not overwritten', async (_, attack, expected) => {
    const stage = await watched(storage, place)
    await attacked(stage, attack, expected)
    await stage.expectUnharmed()
  })

  it('switched to masked is not revealed', async () => {
    const stage = await watched(storage, place)
    for (const { tag } of CANARIES) {
      stage.overwrite(withBody(stage.original(tag), (body) => Object.assign(body, { visibility: 'masked' })))
      await stage.refuses(() => stage.another().reveal(tag), 'moved')
      stage.overwrite(stage.original(tag))
      await stage.refuses(() => stage.another().reveal(tag), 'ERR_NOT_REVEALABLE')
    }
    await stage.expectUnharmed()
  })

  it('whose field names were changed does not open', async () => {
    const stage = await watched(storage, place)
    const original = stage.original('numbered')
    for (const fields of [['note', 'port'], ['port'], ['port', 'note', 'more'], ['port', 'nota']]) {
      stage.overwrite(withBody(original, (body) => Object.assign(body, { fields })))
      const vault = stage.another()
      await stage.refuses(() => vault.resolve('<< secrets.numbered.port >>'), 'tampered')
      await stage.refuses(() => vault.update('numbered', { name: 'mine' }), 'tampered')
    }
    stage.overwrite(original)
    await stage.expectUnharmed()
  })

  it('of production does not open in the slot of development, of another tag or of another workspace', async () => {
    const stage = await watched(storage, place)
    for (const canary of CANARIES) {
      const { tag, value } = canary
      const development = stage.another({ environment: 'development' })
      await development.create({ tag, value: typeof value === 'string' ? 'other-value-1' : { port: 1, note: 'n' } })
      const mine = await stage.stored(tag, 'development')
      stage.overwrite({ ...stage.original(tag), environment: 'development' })
      for (const call of openings(stage.another({ environment: 'development' }), canary)) {
        await stage.refuses(call, 'moved')
      }
      stage.overwrite(mine)
      stage.overwrite({ ...stage.original(tag), tag: `${tag}-2` })
      const copy = { ...canary, tag: `${tag}-2`, reference: canary.reference.replace(tag, `${tag}-2`) }
      for (const call of openings(stage.another(), copy)) await stage.refuses(call, 'moved')
      stage.overwrite({ ...stage.original(tag), workspace: 'other' })
      for (const call of openings(stage.another({ workspace: 'other' }), canary)) {
        await stage.refuses(call, 'ERR_KEYRING_MISSING')
      }
    }
    // with a keyring of its own the other workspace does not know the key
    for (const { tag } of CANARIES) stage.erase({ environment: 'default', tag }, 'other')
    await stage.another({ workspace: 'other' }).create({ tag: 'own', value: 'other-value-2' })
    for (const canary of CANARIES) {
      stage.overwrite({ ...stage.original(canary.tag), workspace: 'other' })
      for (const call of openings(stage.another({ workspace: 'other' }), canary)) {
        await stage.refuses(call, 'key-unknown')
      }
    }
    await stage.expectUnharmed()
  })

  it('whose rule was edited takes no new value from its owner', async () => {
    const stage = await watched(storage, place)
    for (const { tag, value } of CANARIES) {
      const owner = stage.another()
      await owner.create({ tag: `${tag}-bound`, value, allow: { hosts: ['api.acme.dev'] } })
      const bound = await stage.stored(`${tag}-bound`)
      for (const allow of [{ hosts: ['api.acme.dev', 'evil.example'] }, { hosts: ['evil.example'] }, {}, undefined]) {
        const edited = withBody(bound, (body) => Object.assign(body, { allow }))
        stage.overwrite(edited)
        for (const vault of [owner, stage.another()]) {
          await stage.refuses(() => vault.update(`${tag}-bound`, { value }), 'moved')
          await stage.refuses(() => vault.set({ tag: `${tag}-bound`, value }), 'moved')
          await stage.refuses(() => vault.update(`${tag}-bound`, { allow: { hosts: ['api.acme.dev'] } }), 'moved')
        }
        expect((await stage.stored(`${tag}-bound`)).body === edited.body).toBe(true)
      }
      stage.overwrite(bound)
      expect((await owner.update(`${tag}-bound`, { name: 'as before' })).allow).toEqual({ hosts: ['api.acme.dev'] })
    }
    await stage.expectUnharmed()
  })

  it('put back as it was once is noticed, also past delete and create', async () => {
    const stage = await watched(storage, place)
    for (const canary of CANARIES) {
      const { tag, value } = canary
      const vault = stage.another()
      const copy = { ...canary, tag: `${tag}-2`, reference: canary.reference.replace(tag, `${tag}-2`) }
      await vault.create({ tag: copy.tag, value })
      const old = await stage.stored(copy.tag)
      await vault.update(copy.tag, { value: typeof value === 'string' ? 'later-value-1' : { port: 2, note: 'm' } })
      const later = await stage.stored(copy.tag)
      stage.overwrite(old)
      for (const call of openings(vault, copy)) await stage.refuses(call, 'rolled-back')
      await stage.refuses(() => vault.delete(copy.tag, { confirm: copy.tag }), 'rolled-back')
      await stage.refuses(() => vault.create({ tag: copy.tag, value }), 'rolled-back')
      stage.overwrite(later)
      await vault.delete(copy.tag, { confirm: copy.tag })
      await vault.create({ tag: copy.tag, value })
      const last = await stage.stored(copy.tag)
      for (const row of [old, later]) {
        stage.overwrite(row)
        for (const call of openings(vault, copy)) await stage.refuses(call, 'rolled-back')
        // dressed up as the newest version it is out of place
        stage.overwrite({ ...row, version: last.version + 1 })
        for (const call of openings(vault, copy)) await stage.refuses(call, 'moved')
      }
      stage.erase(last)
      for (const call of openings(vault, copy)) await stage.refuses(call, 'rolled-back')
      stage.overwrite(last)
      expect((await vault.resolve(copy.reference)).expose() === canary.exposed).toBe(true)
    }
    await stage.expectUnharmed()
  })
})
