/**
 * The file storage: what its reads cost beside plain reads of the same files, and whether a tag that was changed often
 * is as quick as a new one.
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordKey } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'File storage'

const RECORDS = 50
/** About what a sealed token with its clear information takes. */
const BODY = 'x'.repeat(600)
/** Far more than what is kept, so that what is swept is swept: 100,000 leave the same files. */
const UPDATES = 1_000

const keyOf = (tag: string): RecordKey => ({ environment: 'default', tag })

export async function run(): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'guillemet-bench-'))
  try {
    return [await readRow(join(directory, 'read')), ...(await oftenRows(join(directory, 'often')))]
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function readRow(root: string): Promise<Row> {
  const storage = fileStorage(root)
  const tags = Array.from({ length: RECORDS }, (_, index) => `secret-${index}`)
  for (const tag of tags) await storage.put({ workspace: 'default', ...keyOf(tag), version: 1, body: BODY })
  const keys = tags.map(keyOf)
  const files = tags.map((tag) => join(root, '_default', '_default', `_${tag}`, '1'))
  const { storage: own, plain } = await byTurns({
    storage: () => storage.get('default', keys),
    plain: () => Promise.all(files.map((file) => readFile(file))),
  })
  return atMost(`${RECORDS} records in one get, beside plain reads of their files`, own, plain)
}

async function oftenRows(root: string): Promise<readonly Row[]> {
  const storage = fileStorage(root)
  const put = (tag: string, version: number) =>
    storage.put({ workspace: 'default', ...keyOf(tag), version, body: BODY })
  await put('new', 1)
  for (let version = 1; version <= UPDATES; version++) await put('often', version)
  const { often, fresh } = await byTurns({
    often: () => fileStorage(root).get('default', [keyOf('often')]),
    fresh: () => fileStorage(root).get('default', [keyOf('new')]),
  })
  const names = await readdir(join(root, '_default', '_default', '_often'))
  return [
    atMost(`the first read of a tag after ${UPDATES} updates, beside that of a new one`, often, fresh),
    {
      work: `files of a tag after ${UPDATES} updates`,
      ratio: String(names.length),
      figure: 'versions and floors',
      budget: 'at most 100',
      met: names.length <= 100,
    },
  ]
}

function atMost(work: string, own: readonly number[], peer: readonly number[]): Row {
  const ratio = timesAsLong(own, peer)
  return {
    work,
    ratio: `${ratio.toFixed(2)} × the time`,
    figure: `${shown(own)} against ${shown(peer)}`,
    budget: 'at most 3 × the time',
    met: ratio <= 3,
  }
}
