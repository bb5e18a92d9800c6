/** A vault that holds all canaries, over memory or files, watched by a witness. */

import { expect } from 'vitest'
import type { StoredRecord } from '../../src/ports/storage.ts'
import type { VaultOptions } from '../../src/vault/vault-options.ts'
import { type Disk, diskStage, type Stage } from '../vault/disk.ts'
import { backstage, KEY } from '../vault/fixture.ts'
import { CANARIES } from './canaries.ts'
import { type Witness, witness } from './witness.ts'

export { CANARIES, KEY }

/** The storages that everything is tried on. */
export const STORAGES = ['memory', 'files'] as const

export interface Watched extends Stage, Pick<Witness, 'refuses' | 'see'> {
  /** Set on files only. */
  readonly disk: Disk | undefined
  /** The stored records are as they were, a new vault resolves every one, and nothing has shown. */
  expectUnharmed(): Promise<void>
  /** Nothing has shown; for a test that harmed records itself. */
  expectNothing(): void
  /** The record as it was before anything was tried. */
  original(tag: string): StoredRecord
}

/** All canaries stored; `place` gives a directory where files are asked for. */
export async function watched(
  storage: (typeof STORAGES)[number],
  place: () => string,
  options: Partial<VaultOptions> = {},
): Promise<Watched> {
  const eye = witness()
  const given = { ...eye.options, ...options }
  const disk = storage === 'files' ? diskStage(place(), given) : undefined
  const stage: Stage = disk ?? backstage(given)
  for (const { tag, value } of CANARIES) await stage.vault.create({ tag, value })
  const originals = new Map<string, StoredRecord>()
  for (const { tag } of CANARIES) originals.set(tag, await stage.stored(tag))
  const keyring = await stage.stored('$keyring', '$')
  const texts = [KEY, KEY.slice('gmk1_'.length), ...textsIn(JSON.parse(keyring.body))]
  const expectNothing = () => eye.expectNothing(...texts)
  return {
    ...stage,
    disk,
    refuses: eye.refuses,
    see: eye.see,
    original: (tag) => originals.get(tag)!,
    expectNothing,
    async expectUnharmed() {
      const vault = stage.another()
      const states = await Promise.all(
        CANARIES.map(async ({ tag, reference, exposed }) => ({
          isAsStored: same(await stage.stored(tag), originals.get(tag)!),
          version: (await vault.describe(tag))?.version,
          isTheValue: (await vault.resolve(reference)).expose() === exposed,
        })),
      )
      expectNothing()
      expect(states).toEqual(CANARIES.map(() => ({ isAsStored: true, version: 2, isTheValue: true })))
    },
  }
}

function same(one: StoredRecord, other: StoredRecord): boolean {
  return one.version === other.version && one.body === other.body
}

/** The wrapped data key and the HMAC of a keyring; ids may show. */
function textsIn({ keys, mac }: { keys: { slots: { wrapped: string }[] }[]; mac: string }): string[] {
  return [mac, ...keys.flatMap(({ slots }) => slots.map(({ wrapped }) => wrapped))]
}
