/** A vault over files, with the hands of somebody who may write into their directory. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordKey, StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { encodeName } from '../../src/storage/file/names.ts'
import { encodeRecord } from '../../src/storage/file/record-file.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { createVault } from '../../src/vault/vault.ts'
import type { VaultOptions } from '../../src/vault/vault-options.ts'
import { type Backstage, KEY } from './fixture.ts'

/** What a test may do behind a vault's back, on any storage. */
export type Stage = Omit<Backstage, 'storage'> & { readonly storage: VaultStorage }

/** The same on files. */
export interface Disk extends Stage {
  readonly directory: string
  /** The directory of one tag. */
  placeOf(key: RecordKey, workspace?: string): string
  /** The file of its newest version. */
  fileOf(key: RecordKey, workspace?: string): string
}

/** A vault over a new directory. */
export function diskStage(directory: string, options: Partial<VaultOptions> = {}): Disk {
  const storage = fileStorage(directory)
  const clock = { now: Date.parse('2026-01-01T00:00:00.000Z') }
  // each vault has its own storage, as another process would
  const another = (more: Partial<VaultOptions> = {}) =>
    createVault({ storage: fileStorage(directory), keys: KEY, now: () => clock.now, ...options, ...more })
  const placeOf = ({ environment, tag }: RecordKey, workspace = 'default') =>
    join(directory, ...[workspace, environment, tag].map((name) => encodeName(name, 'name')))
  const disk: Disk = {
    vault: another(),
    storage,
    clock,
    directory,
    another,
    placeOf,
    fileOf(key, workspace) {
      const place = placeOf(key, workspace)
      return join(place, String(Math.max(...readdirSync(place).map(Number))))
    },
    async stored(tag, environment = 'default', workspace = 'default') {
      const [row] = await fileStorage(directory).get(workspace, [{ environment, tag }])
      if (row === undefined) throw new Error(`no record of ${tag}`)
      return row
    },
    overwrite(record: StoredRecord) {
      disk.erase(record, record.workspace)
      const place = placeOf(record, record.workspace)
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, String(record.version)), encodeRecord(record))
    },
    erase: (key, workspace) => rmSync(placeOf(key, workspace), { recursive: true, force: true }),
  }
  return disk
}

/** Every file under a directory with what is in it: to say that nothing was written. */
export function contentsOf(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(directory.length), readFileSync(path, 'latin1')]
    }),
  )
}
