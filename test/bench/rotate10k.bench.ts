/** Rotating many records: beside sealing alone, beside the writes of the storage alone, and what it keeps in memory. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { rotateKeys } from '../../src/admin.ts'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { createKeyring } from '../../src/crypto/keyring.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { sealRecord } from '../../src/vault/records.ts'
import { createVault } from '../../src/vault/vault.ts'
import { open } from '../crypto/opening.ts'
import type { Row } from './row.ts'

export const title = 'Rotating data keys'

const RECORDS = 10_000
/** Each is several calls to the disk that wait for it. */
const FILES = 10_000
const EARLY = 1_000
const MEGABYTE = 1e6
const VALUE = 'tok-9f2c1e7a4b8d9f2c1e7a4b8d9f2c1e7a4b8d'

export async function run(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'guillemet-rotate-'))
  try {
    const memory = await rotated(memoryStorage(), RECORDS)
    const alone = sealingAlone()
    const files = await rotated(fileStorage(join(directory, 'rotated')), FILES)
    const writes = await writesAlone(fileStorage(join(directory, 'written')))
    return [
      row(`rotate ${RECORDS} records in memory, beside opening and sealing alone`, memory.ms, alone),
      row(`rotate ${FILES} records in files, beside as many writes alone`, files.ms, writes),
      {
        work: `memory that it keeps for the last ${RECORDS - EARLY} of ${RECORDS} records: which versions were seen`,
        ratio: `${((memory.late - memory.early) / (RECORDS - EARLY)).toFixed(0)} B a record`,
        figure: `${shownBytes(memory.early)} after ${EARLY}, ${shownBytes(memory.late)} after ${RECORDS}`,
        budget: 'at most 400 B a record',
        met: memory.late - memory.early <= 400 * (RECORDS - EARLY),
      },
    ]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function row(work: string, own: number, peer: number): Row {
  return { work, ratio: `${(own / peer).toFixed(2)} × the time`, figure: `${own.toFixed(0)} ms, ${peer.toFixed(0)} ms` }
}

function shownBytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`
}

async function rotated(storage: VaultStorage, count: number): Promise<{ ms: number; early: number; late: number }> {
  const key = generateKey()
  await fill(storage, key, count)
  const vault = createVault({ storage, keys: key })
  let seen = 0
  let early = 0
  let paused = 0
  const start = performance.now()
  const run = rotateKeys(vault, { workspaces: ['default'] })
  for await (const { outcome } of run) {
    if (outcome !== 'rotated') throw new Error('a record was not rotated')
    if (++seen !== EARLY) continue
    const before = performance.now()
    early = heap()
    paused = performance.now() - before
  }
  const ms = performance.now() - start - paused
  const late = heap()
  await vault.close()
  return { ms, early, late }
}

/** As vaults would have left it, with half of the writes: no claims. */
async function fill(storage: VaultStorage, key: string, count: number): Promise<void> {
  const { keyring, body } = await createKeyring('default', [localKey(key)])
  await storage.put({ workspace: 'default', environment: '$', tag: '$keyring', version: 1, body })
  const at = '2026-01-01T00:00:00.000Z'
  for (const place of places(count)) {
    const clear = {
      type: 'text' as const,
      visibility: 'restricted' as const,
      name: undefined,
      description: undefined,
      allow: undefined,
      enabled: true,
      expiresAt: undefined,
      publicFields: undefined,
      createdAt: at,
      updatedAt: at,
      createdBy: undefined,
      updatedBy: undefined,
    }
    await storage.put({ ...place, version: 1, body: sealRecord(place, 1, clear, VALUE, keyring).body })
  }
}

function* places(count: number) {
  for (let n = 0; n < count; n++) yield { workspace: 'default', environment: 'default', tag: `tag${n}` }
}

function sealingAlone(): number {
  const [from, to] = [createDataKey(), createDataKey()]
  const aad = new Uint8Array(120)
  const value = new TextEncoder().encode(VALUE)
  const sealed = Array.from({ length: RECORDS }, () => seal(value, from, aad))
  const start = performance.now()
  for (const text of sealed)
    seal(
      open(text, () => from, aad),
      to,
      aad,
    )
  return performance.now() - start
}

async function writesAlone(storage: VaultStorage): Promise<number> {
  const body = 'x'.repeat(600)
  const written = async (version: number) => {
    for (const place of places(FILES)) await storage.put({ ...place, version, body } satisfies StoredRecord)
  }
  await written(1)
  const start = performance.now()
  await written(2)
  return performance.now() - start
}

function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) collect()
  return process.memoryUsage().heapUsed
}
