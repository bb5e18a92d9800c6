/** Two readers of a backup agree, and the second one refuses what was put together otherwise. */

import { describe, expect, it } from 'vitest'
import { exportBackup, rotateKeys } from '../../src/admin.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { all } from '../vault/fixture.ts'
import frozen from './providers.json' with { type: 'json' }
import { decodeBackup } from './second-backup.ts'
import { decodeRecord } from './second-decoder.ts'

function valuesOf(text: string, key: string) {
  const { rows, keys } = decodeBackup(text, { localKeys: [key] })
  return rows.map((row) => [row.workspace, row.environment, row.tag, decodeRecord(row, keys.get(row.workspace)!).value])
}

describe('a backup', () => {
  it('that is frozen opens for the second reader', () => {
    expect(valuesOf(frozen.backup, frozen.key)).toEqual([
      ['default', 'default', 'a', 'one'],
      [
        'default',
        'default',
        'b',
        [
          ['user', 'u'],
          ['pass', 'two'],
        ],
      ],
    ])
  })

  it('of several workspaces and data keys opens for the second reader, whole and in its order only', async () => {
    const key = generateKey()
    const vault = createVault({ storage: memoryStorage(), keys: key })
    await vault.create({ tag: 'a', value: 'one' })
    await rotateKeys(vault)
    for (const tag of ['x', 'y'])
      await vault.with({ workspace: 'Other', environment: 'live' }).create({ tag, value: tag })
    await vault.create({ tag: 'gone', value: 'v' })
    await vault.delete('gone', { confirm: 'gone' })
    const text = (await all(exportBackup(vault))).join('')
    expect(valuesOf(text, key)).toEqual([
      ['Other', 'live', 'x', 'x'],
      ['Other', 'live', 'y', 'y'],
      ['default', 'default', 'a', 'one'],
    ])
    const lines = text.split(/(?<=\n)/)
    const swapped = [lines[0], lines[2], lines[1], ...lines.slice(3)].join('')
    const without = [...lines.slice(0, 1), ...lines.slice(2)].join('')
    const renamed = text.replace(/"createdAt":"[^"]*"/, '"createdAt":"2026-01-01T00:00:00.000Z"')
    for (const other of [swapped, without, renamed, lines.slice(0, -1).join(''), text.slice(0, -1)]) {
      expect(() => valuesOf(other, key)).toThrow()
    }
  })
})
