/** A second reader and writer of the folder of `fileStorage`, written from docs/FORMAT.md; it shares no code with the library. */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoredRow } from './second-decoder.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuv'

/** What the folder of a name is called. */
export function folderOf(name: string): string {
  const rest = name.replace(/^\$/, '')
  const fives = rest.match(/.{1,5}/g) ?? []
  const capitals = fives.map((five) => [...five].reduce((sum, one, bit) => sum + (/[A-Z]/.test(one) ? 2 ** bit : 0), 0))
  const suffix = capitals
    .map((capital) => DIGITS[capital])
    .join('')
    .replace(/0+$/, '')
  return `${name.startsWith('$') ? '$' : '_'}${rest.toLowerCase()}${suffix === '' ? '' : `.${suffix}`}`
}

function nameOf(folder: string): string | undefined {
  const [, sign, lower = '', suffix = ''] = /^([_$])([a-z0-9_-]*)(?:\.([0-9a-v]+))?$/.exec(folder) ?? []
  const isCapital = (index: number) => (DIGITS.indexOf(suffix[Math.floor(index / 5)] ?? '0') >> (index % 5)) & 1
  const name =
    (sign === '$' ? '$' : '') + [...lower].map((one, at) => (isCapital(at) ? one.toUpperCase() : one)).join('')
  return sign !== undefined && folderOf(name) === folder ? name : undefined
}

function fileOf({ workspace, environment, tag, version, body }: StoredRow): Buffer {
  const head = `guillemet record 1\n${workspace}\n${environment}\n${tag}\n${version}\n`
  const checksum = createHash('sha256').update(head).update(body).digest('hex').slice(0, 32)
  return Buffer.from(`${head}${checksum}\n${body}`)
}

/** Every record of the folder, the keyrings included, or throws. */
export function readFolder(root: string): StoredRow[] {
  const rows: StoredRow[] = []
  const namesIn = (...folders: string[]) =>
    readdirSync(join(root, ...folders.map(folderOf))).flatMap((folder) => nameOf(folder) ?? [])
  for (const workspace of namesIn())
    for (const environment of namesIn(workspace))
      for (const tag of namesIn(workspace, environment)) {
        const row = readTag(root, { workspace, environment, tag })
        if (row !== undefined) rows.push(row)
      }
  return rows
}

function readTag(root: string, place: Pick<StoredRow, 'workspace' | 'environment' | 'tag'>): StoredRow | undefined {
  const folder = join(root, ...[place.workspace, place.environment, place.tag].map(folderOf))
  const numbers = (pattern: RegExp) =>
    readdirSync(folder)
      .flatMap((name) => pattern.exec(name)?.[1] ?? [])
      .map(Number)
  const version = Math.max(0, ...numbers(/^([1-9][0-9]*)$/))
  if (version === 0) return undefined
  if (numbers(/^floor-([1-9][0-9]*)$/).some((floor) => floor >= version))
    throw new Error('the newest version is missing')
  const bytes = readFileSync(join(folder, String(version)))
  const row = { ...place, version, body: bytes.toString().split('\n').slice(6).join('\n') }
  if (!fileOf(row).equals(bytes)) throw new Error('the file does not hold what was written')
  return row
}

/** Puts the records into a folder that is new. */
export function writeFolder(root: string, rows: readonly StoredRow[]): void {
  for (const row of rows) {
    const folder = join(root, ...[row.workspace, row.environment, row.tag].map(folderOf))
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, String(row.version)), fileOf(row), { flag: 'wx', mode: 0o600 })
  }
}
