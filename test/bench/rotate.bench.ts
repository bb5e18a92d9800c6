/** Rotating many records: beside sealing alone, beside the writes of the storage alone, and what it keeps in memory. */

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from 'ioredis'
import pg from 'pg'
import { rotateKeys } from '../../src/admin.ts'
import { createDataKey } from '../../src/crypto/data-key.ts'
import { createKeyring } from '../../src/crypto/keyring.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { seal } from '../../src/crypto/seal.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { writeBody } from '../../src/secrets/body.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { mysqlStorage } from '../../src/storage/mysql.ts'
import { postgresStorage } from '../../src/storage/postgres.ts'
import { redisStorage } from '../../src/storage/redis.ts'
import { type SqliteDatabase, sqliteStorage } from '../../src/storage/sqlite.ts'
import { sealRecord } from '../../src/vault/records.ts'
import { createVault } from '../../src/vault/vault.ts'
import { open } from '../crypto/opening.ts'
import { mariadbMissing, startMariadb } from '../storage/servers/mariadb.ts'
import { postgresMissing, startPostgres } from '../storage/servers/postgres.ts'
import { redisMissing, startRedis } from '../storage/servers/redis.ts'
import type { Row } from './row.ts'

export const title = 'Rotating data keys'

/** With `ROTATE_ALL=1`; a tenth of that without, since a hundred thousand writes that wait for a disk take their time. */
const SHARE = process.env['ROTATE_ALL'] === '1' ? 1 : 0.1
const IN_MEMORY = 10_000
const MEGABYTE = 1e6
/** What is remembered of each record: the version that was seen. */
const KEPT_BYTES = 400
const VALUE = 'tok-9f2c1e7a4b8d9f2c1e7a4b8d9f2c1e7a4b8d'

type Handle = SqliteDatabase & { close(): void }

/** A storage to rotate in, and why not where its server is missing. */
interface Place {
  readonly name: string
  readonly records: number
  readonly missing?: string | undefined
  open(): Promise<{ readonly storage: VaultStorage; end(): Promise<unknown> | unknown }>
}

const PLACES: readonly Place[] = [
  { name: 'in files', records: 10_000, open: openFiles },
  { name: 'on SQLite', records: 100_000, open: openSqlite },
  { name: 'on Postgres', records: 100_000, missing: postgresMissing(), open: openPostgres },
  { name: 'on MariaDB', records: 10_000, missing: mariadbMissing, open: openMariadb },
  { name: 'on Redis', records: 10_000, missing: redisMissing, open: openRedis },
]

export async function run(): Promise<readonly Row[]> {
  const memory = await rotated(memoryStorage(), IN_MEMORY)
  const rows = [
    row(`rotate ${IN_MEMORY} records in memory, beside opening and sealing alone`, memory.ms, sealingAlone()),
    keptRow('in memory', memory),
  ]
  for (const place of PLACES) rows.push(...(await rowsOf(place)))
  return rows
}

async function rowsOf({ name, records, missing, open }: Place): Promise<readonly Row[]> {
  if (missing !== undefined) return [{ work: name, ratio: 'SKIPPED', figure: missing }]
  const { storage, end } = await open()
  try {
    const count = Math.round(records * SHARE)
    const rotation = await rotated(storage, count)
    const writes = await writesAlone(storage, count)
    const time = row(`rotate ${count} records ${name}, beside as many writes alone`, rotation.ms, writes)
    // of fewer, what the driver keeps for itself would be most of it
    return count < IN_MEMORY ? [time] : [time, keptRow(name, rotation)]
  } finally {
    await end()
  }
}

function openFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'guillemet-rotate-'))
  const end = (): void => rmSync(directory, { recursive: true, force: true })
  return Promise.resolve({ storage: fileStorage(directory), end })
}

async function openSqlite() {
  const directory = mkdtempSync(join(tmpdir(), 'guillemet-rotate-'))
  const Database = createRequire(import.meta.url)('libsql') as new (path: string) => Handle
  const database = new Database(join(directory, 'records.db'))
  const storage = sqliteStorage({ database })
  await storage.migrate()
  const end = (): void => {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { storage, end }
}

async function openPostgres() {
  const server = await startPostgres()
  const pool = new pg.Pool({ ...server.options(), max: 4 })
  const storage = postgresStorage({ client: pool })
  await storage.migrate()
  return { storage, end: () => pool.end().then(() => server.stop()) }
}

async function openMariadb() {
  const server = await startMariadb()
  const storage = mysqlStorage({ client: server.pool({ connectionLimit: 4 }) })
  await storage.migrate()
  return { storage, end: () => server.end() }
}

async function openRedis() {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  const end = async (): Promise<void> => {
    client.disconnect()
    await server.end()
  }
  return { storage: redisStorage({ client }), end }
}

function row(work: string, own: number, peer: number): Row {
  return { work, ratio: `${(own / peer).toFixed(2)} × the time`, figure: `${own.toFixed(0)} ms, ${peer.toFixed(0)} ms` }
}

interface Rotation {
  readonly ms: number
  readonly count: number
  /** Bytes of the heap after a tenth of the records, and after all. */
  readonly early: number
  readonly late: number
}

function keptRow(name: string, { count, early, late }: Rotation): Row {
  const first = count / 10
  return {
    work: `memory that it keeps ${name} for the last ${count - first} of ${count} records`,
    ratio: `${((late - early) / (count - first)).toFixed(0)} B a record`,
    figure: `${shownBytes(early)} after ${first}, ${shownBytes(late)} after ${count}`,
    budget: `at most ${KEPT_BYTES} B a record`,
    met: late - early <= KEPT_BYTES * (count - first),
  }
}

function shownBytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`
}

async function rotated(storage: VaultStorage, count: number): Promise<Rotation> {
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
    if (++seen !== count / 10) continue
    const before = performance.now()
    early = heap()
    paused = performance.now() - before
  }
  const ms = performance.now() - start - paused
  const late = heap()
  await vault.close()
  return { ms, count, early, late }
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
    await storage.put({ ...place, version: 1, body: writeBody(sealRecord(place, 1, clear, VALUE, keyring)) })
  }
}

function* places(count: number) {
  for (let n = 0; n < count; n++) yield { workspace: 'default', environment: 'default', tag: `tag${n}` }
}

function sealingAlone(): number {
  const [from, to] = [createDataKey(), createDataKey()]
  const aad = new Uint8Array(120)
  const value = new TextEncoder().encode(VALUE)
  const sealed = Array.from({ length: IN_MEMORY }, () => seal(value, from, aad))
  const start = performance.now()
  for (const text of sealed)
    seal(
      open(text, () => from, aad),
      to,
      aad,
    )
  return performance.now() - start
}

/** The next version of each record, after the rotation has written its own. */
async function writesAlone(storage: VaultStorage, count: number): Promise<number> {
  const body = 'x'.repeat(600)
  const start = performance.now()
  for (const place of places(count)) await storage.put({ ...place, version: 3, body } satisfies StoredRecord)
  return performance.now() - start
}

function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) collect()
  return process.memoryUsage().heapUsed
}
