/**
 * `postgresStorage` beside the same statements sent by pg alone, on a server of the benchmark's own (without fsync, so that
 * the disk of a shared machine does not hide the difference).
 */

import pg from 'pg'
import { createVault, generateKey } from '../../src/index.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { type PostgresPool, type PostgresStorage, postgresStorage } from '../../src/storage/postgres.ts'
import { postgresMissing, startPostgres } from '../storage/servers/postgres.ts'
import { byTurns, median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'storage/postgres, beside pg alone'

const KEYS = 50
const PAGE = 1_000
/** `LIST_RECORDS=100000 npm run bench -- postgres` for the whole. */
const RECORDS = Number(process.env['LIST_RECORDS'] ?? 10_000)
const INSERT = `INSERT INTO guillemet_records (workspace, environment, tag, version, body) VALUES ($1, $2, $3, 1, $4)
ON CONFLICT DO NOTHING RETURNING 1`
const SELECT = `SELECT tag, version, body FROM guillemet_records
WHERE workspace = $1 AND environment = $2 AND tag = ANY($3::text[])`
const NEXT_PAGE = `SELECT environment, tag, version, body FROM guillemet_records
WHERE workspace = $1 AND (environment, tag) > ($2, $3) ORDER BY environment, tag LIMIT $4`

export async function run(): Promise<readonly Row[]> {
  const missing = postgresMissing()
  if (missing !== undefined) return [{ work: 'all', ratio: '', figure: missing }]
  const server = await startPostgres()
  const pool = new pg.Pool({ ...server.options(), max: 4 })
  try {
    const storage = postgresStorage({ client: pool })
    await storage.migrate()
    return [
      ...(await createRows(pool, storage)),
      ...(await readRows(pool, storage)),
      await resolveRow(pool),
      ...(await listRows(pool, storage)),
    ]
  } finally {
    await pool.end()
    await server.stop()
  }
}

function recordOf(workspace: string, index: number): StoredRecord {
  // about what a sealed API key takes
  const tag = `tag-${String(index).padStart(7, '0')}`
  return { workspace, environment: 'default', tag, version: 1, body: `${tag} ${'x'.repeat(500)}` }
}

function rowOf(work: string, ours: readonly number[], bare: readonly number[]): Row {
  return {
    work,
    ratio: `${timesAsLong(ours, bare).toFixed(2)} × as long`,
    figure: `${shown(ours)} against ${shown(bare)}`,
  }
}

async function createRows(pool: pg.Pool, storage: PostgresStorage): Promise<Row[]> {
  let count = 0
  const { ours, bare } = await byTurns({
    ours: () => storage.put(recordOf('created', count++)),
    bare: () => {
      const { workspace, environment, tag, body } = recordOf('created', count++)
      return pool.query(INSERT, [workspace, environment, tag, body])
    },
  })
  return [rowOf('create a record', ours, bare)]
}

async function readRows(pool: pg.Pool, storage: PostgresStorage): Promise<Row[]> {
  const records = Array.from({ length: KEYS }, (_, index) => recordOf('read', index))
  for (const record of records) await storage.put(record)
  const tags = records.map(({ tag }) => tag)
  const one = await byTurns({
    ours: () => storage.get('read', records.slice(0, 1)),
    bare: () => pool.query(SELECT, ['read', 'default', tags.slice(0, 1)]),
  })
  const many = await byTurns({
    ours: () => storage.get('read', records),
    bare: () => pool.query(SELECT, ['read', 'default', tags]),
  })
  return [rowOf('get a record', one.ours, one.bare), rowOf(`get ${KEYS} records at once`, many.ours, many.bare)]
}

/** A config of many references, and how often it asks the database. */
async function resolveRow(pool: pg.Pool): Promise<Row> {
  let statements = 0
  const counting: PostgresPool = {
    async connect() {
      const client = await pool.connect()
      return {
        query(text, values) {
          statements++
          return client.query(text, values)
        },
        release: (error) => client.release(error),
      }
    },
  }
  const vault = createVault({
    storage: postgresStorage({ client: counting }),
    keys: generateKey(),
    workspace: 'resolved',
  })
  const config: Record<string, string> = {}
  for (let index = 0; index < KEYS; index++) {
    await vault.create({ tag: `t${index}`, value: `the value of the secret ${index}` })
    config[`X-Header-${index}`] = `Bearer << secrets.t${index} >>`
  }
  await vault.resolveHeaders(config)
  statements = 0
  let resolves = 0
  const { resolve, bare } = await byTurns({
    resolve: () => {
      resolves++
      return vault.resolveHeaders(config)
    },
    bare: () => pool.query(SELECT, ['resolved', 'default', Object.keys(config)]),
  })
  const each = statements / resolves
  return {
    work: `resolve a config with ${KEYS} references`,
    ratio: `${each.toFixed(2)} round trips`,
    figure: `${shown(resolve)}, of which pg alone ${shown(bare)}`,
    budget: 'one round trip',
    met: each === 1,
  }
}

async function listRows(pool: pg.Pool, storage: PostgresStorage): Promise<Row[]> {
  const fill = `INSERT INTO guillemet_records SELECT 'listed', 'default', 'tag-' || to_char(n, 'FM0000000'), 1, repeat('x', 500)
FROM generate_series(1, $1::int) AS n`
  await pool.query(fill, [RECORDS])
  await pool.query('ANALYZE guillemet_records')
  const ours = async () => {
    let after: StoredRecord | undefined
    let seen = 0
    for (;;) {
      const page = await storage.list('listed', after === undefined ? { limit: PAGE } : { after, limit: PAGE })
      if (page.length === 0) return seen
      seen += page.length
      after = page.at(-1)
    }
  }
  const bare = async () => {
    let last = { environment: '', tag: '' }
    let seen = 0
    for (;;) {
      const { rows } = await pool.query(NEXT_PAGE, ['listed', last.environment, last.tag, PAGE])
      if (rows.length === 0) return seen
      seen += rows.length
      last = rows.at(-1)
    }
  }
  const times = await byTurns({ ours, bare })
  const row = rowOf(
    `list ${RECORDS.toLocaleString('en')} records in pages of ${PAGE.toLocaleString('en')}`,
    times.ours,
    times.bare,
  )
  const rate = Math.round(RECORDS / (median(times.ours) / 1e9))
  return [{ ...row, figure: `${row.figure}, ${rate.toLocaleString('en')} records a second` }]
}
