/** Two readers of a folder of `fileStorage` agree, and what the one writes the other opens. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { decodeKeyring, decodeRecord } from './second-decoder.ts'
import { folderOf, readFolder, writeFolder } from './second-folder.ts'

const newPath = scratch()
const NAMES = ['a', 'ZenDesk', 'zendesk', 'CON', '__proto__', '-', 'AAAAAA', `${'x'.repeat(127)}Y`, 'Q'.repeat(128)]

/** A folder with records of every state, one of them changed so often that names were swept. */
async function folderOfVault() {
  const root = newPath()
  const key = generateKey()
  const vault = createVault({ storage: fileStorage(root), keys: key })
  const view = vault.with({ workspace: 'Acme-1', environment: 'Live' })
  for (const tag of NAMES) await view.create({ tag, value: { tag, 10: 1, 2: 'two' }, publicFields: ['10'] })
  await vault.create({ tag: 'often', value: '0', allow: { in: ['value'] } })
  for (let count = 1; count <= 70; count++) await vault.update('often', { value: String(count) })
  await vault.create({ tag: 'gone', value: 'v' })
  await vault.delete('gone', { confirm: 'gone' })
  await vault.close()
  return { root, key }
}

describe('the folder of a vault', () => {
  it('is read by the second reader, every value included', async () => {
    const { root, key } = await folderOfVault()
    const rows = readFolder(root)
    const keys = new Map(
      rows
        .filter(({ tag }) => tag === '$keyring')
        .map(({ workspace, body }) => [workspace, decodeKeyring(workspace, body, { localKeys: [key] }).keys]),
    )
    const isLive = (row: (typeof rows)[number]) => row.tag !== '$keyring' && row.tag !== 'gone'
    const values = new Map(
      rows.filter(isLive).map((row) => [row.tag, decodeRecord(row, keys.get(row.workspace)!).value]),
    )
    expect(values.get('often')).toBe('70')
    for (const tag of NAMES)
      expect(values.get(tag)).toEqual([
        ['2', 'two'],
        ['10', 1],
        ['tag', tag],
      ])
    expect(values.size).toBe(NAMES.length + 1)
    expect(JSON.parse(rows.find(({ tag }) => tag === 'gone')!.body)).toMatchObject({ state: 'deleted' })
  })

  it('that the second writer has made is opened, changed and read again', async () => {
    const { root, key } = await folderOfVault()
    const copy = newPath()
    writeFolder(copy, readFolder(root))
    const vault = createVault({ storage: fileStorage(copy), keys: key })
    expect((await vault.resolve('<< secrets.often >>')).expose()).toBe('70')
    await vault.update('often', { value: 'changed' })
    await vault.close()
    expect(readFolder(copy).map(({ tag }) => tag)).toEqual(readFolder(root).map(({ tag }) => tag))
  })

  it('with a damaged file is refused by both', async () => {
    const { root, key } = await folderOfVault()
    const path = join(root, '_default', '_default', '_often', '72')
    writeFileSync(path, 'guillemet record 1\ndefault\ndefault\noften\n72\n0123456789abcdef0123456789abcdef\n{}')
    expect(() => readFolder(root)).toThrow('does not hold')
    const vault = createVault({ storage: fileStorage(root), keys: key })
    await expect(vault.resolve('<< secrets.often >>')).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    await vault.close()
  })

  it('is called as the page says', () => {
    const names = ['zendesk', 'ZenDesk', 'App-Main', '$keyring', '$']
    expect(names.map(folderOf)).toEqual(['_zendesk', '_zendesk.9', '_app-main.h', '$keyring', '$'])
  })
})
