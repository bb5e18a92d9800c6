import { createReadStream } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { destroyKey } from '../../src/admin/destroy-key.ts'
import { exportBackup } from '../../src/admin/export-backup.ts'
import { type Backup, importBackup } from '../../src/admin/import-backup.ts'
import { rotateKeys } from '../../src/admin/rotate-keys.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { GuillemetError } from '../../src/errors.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { failure } from '../vault/fixture.ts'
import { damaged, NEXT, OLD, type Stage, stage } from './stage.ts'

const newPath = scratch()

async function textOf(backup: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of backup) text += piece
  return text
}

/** Two workspaces with a few secrets, changed and deleted. */
async function furnished(): Promise<Stage> {
  const from = stage()
  const vault = from.vault({ actor: { id: 'ann@acme' } })
  await vault.set({ tag: 'zendesk', value: 'zd-7f3e9a1c5b', name: 'Desk', allow: { hosts: ['acme.zendesk.com'] } })
  await vault.set({ tag: 'pair', value: { user: 'u', pass: 'p' }, enabled: false, expiresAt: '2030-01-01' })
  for (const value of ['one', 'two', 'three']) await vault.set({ tag: 'changed', value })
  await vault.set({ tag: 'gone', value: 'x' })
  await vault.delete('gone', { confirm: 'gone' })
  await from.vault({ workspace: 'other', environment: 'production' }).set({ tag: 'only', value: 'four' })
  return from
}

const empty = (keys = OLD) => {
  const storage = memoryStorage()
  return { storage, vault: createVault({ storage, keys }) }
}

async function isEmpty(storage: VaultStorage): Promise<boolean> {
  return (await storage.workspaces!({ limit: 9 })).length === 0
}

async function expectRestored(vault: Vault, original: Vault): Promise<void> {
  for (const tag of ['changed', 'pair', 'zendesk']) {
    const { version: _, ...restored } = (await vault.describe(tag))!
    const { version: __, ...before } = (await original.describe(tag))!
    expect(restored).toEqual(before)
  }
  expect((await vault.resolve('<< secrets.changed >>')).expose()).toBe('three')
  const other = vault.with({ workspace: 'other', environment: 'production' })
  expect((await other.resolve('<< secrets.only >>')).expose()).toBe('four')
  expect(await vault.describe('gone')).toBeUndefined()
}

describe('a backup', () => {
  it('is restored into an empty storage with the key of the vault', async () => {
    const from = await furnished()
    const vault = from.vault()
    const path = newPath()
    // #region export
    await writeFile(`${path}.part`, exportBackup(vault), { mode: 0o600 })
    await rename(`${path}.part`, path)
    // #endregion
    const { storage, vault: restored } = empty()
    // #region import
    const report = await importBackup(restored, createReadStream(path, 'utf8'))
    // #endregion
    expect(report.isComplete).toBe(true)
    expect(report.workspaces.map(({ workspace, copied }) => [workspace, copied])).toEqual([
      ['default', 3],
      ['other', 1],
    ])
    await expectRestored(createVault({ storage, keys: OLD }), vault)
  })

  it('shows the names of the workspaces, and nothing of what is in them', async () => {
    const text = await textOf(exportBackup((await furnished()).vault()))
    for (const clear of ['zd-7f3e9a1c5b', 'zendesk', 'Desk', 'acme', 'ann@acme', 'production', 'pair']) {
      expect(text).not.toContain(clear)
    }
    expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({
      guillemet: 'backup',
      format: 1,
      workspaces: ['default', 'other'],
    })
  })

  it('of an older time opens with the key of that time, after many rotations and with another key since', async () => {
    const from = await furnished()
    const old = await textOf(exportBackup(from.vault()))
    for (let count = 0; count < 20; count++) {
      await rotateKeys(from.vault({ keys: count < 10 ? [OLD] : [NEXT, OLD] }))
      for (const { state, id } of (await from.keyring()).keys) {
        if (state === 'retired') await destroyKey(from.vault({ keys: [NEXT, OLD] }), id, { confirm: id })
      }
    }
    const { storage, vault } = empty(OLD)
    await importBackup(vault, old)
    await expectRestored(vault, from.vault({ keys: [NEXT, OLD] }))
    const wrong = empty(generateKey())
    await expect(importBackup(wrong.vault, old)).rejects.toMatchObject({
      code: 'ERR_RECORD_UNREADABLE',
      reason: 'key-unknown',
    })
    expect(await isEmpty(wrong.storage)).toBe(true)
    // the old data keys are not brought back
    const [row] = await storage.get('default', [{ environment: '$', tag: '$keyring' }])
    expect(JSON.parse(row!.body).keys).toHaveLength(1)
  })

  it('is taken in pieces that end anywhere', async () => {
    const from = await furnished()
    const text = await textOf(exportBackup(from.vault()))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 20 }), async (cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), text.length]
        const pieces = ends.slice(1).map((end, index) => text.slice(ends[index], end))
        expect((await importBackup(empty().vault, pieces, { dryRun: true })).isComplete).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('imported twice writes nothing the second time, and in a dry run nothing at all', async () => {
    const text = await textOf(exportBackup((await furnished()).vault()))
    const { storage, vault } = empty()
    expect((await importBackup(vault, text, { dryRun: true })).workspaces[0]).toMatchObject({ copied: 3 })
    expect(await isEmpty(storage)).toBe(true)
    await importBackup(vault, text)
    const before = await storage.list('default', { limit: 99 })
    expect((await importBackup(vault, text)).workspaces[0]).toMatchObject({ copied: 0, same: 3 })
    expect(await storage.list('default', { limit: 99 })).toEqual(before)
  })

  it('leaves what is there and differs, unless it is to be replaced', async () => {
    const text = await textOf(exportBackup((await furnished()).vault()))
    const { vault } = empty()
    await vault.set({ tag: 'changed', value: 'mine' })
    const { workspaces, isComplete } = await importBackup(vault, text, { workspaces: ['default'] })
    expect([workspaces[0]!.left[0], isComplete]).toMatchObject([{ tag: 'changed', outcome: 'differs' }, false])
    await importBackup(vault, text, { overwrite: true })
    expect((await vault.resolve('<< secrets.changed >>')).expose()).toBe('three')
  })

  it('that does not arrive, or is whole, is left by whoever gives up, and nothing is written', async () => {
    const text = await textOf(exportBackup((await furnished()).vault()))
    const controller = new AbortController()
    async function* hanging() {
      yield text.slice(0, 2_000)
      controller.abort()
      await new Promise(() => undefined)
    }
    for (const backup of [hanging(), text]) {
      const { storage, vault } = empty()
      const report = await importBackup(vault, backup, { signal: controller.signal })
      expect(report).toEqual({ workspaces: [], failed: [], isComplete: false, isDryRun: false })
      expect(await isEmpty(storage)).toBe(true)
    }
  })

  it('of a vault that holds nothing is one too', async () => {
    const text = await textOf(exportBackup(empty().vault))
    expect(await importBackup(empty().vault, text)).toMatchObject({ workspaces: [], isComplete: true })
  })
})

describe('a backup is refused, and nothing is written,', () => {
  let text: string
  let older: string
  let lines: string[]
  beforeAll(async () => {
    const from = await furnished()
    older = await textOf(exportBackup(from.vault()))
    text = await textOf(exportBackup(from.vault()))
    lines = text.split('\n').slice(0, -1)
  })

  const joined = (changed: readonly string[]) => `${changed.join('\n')}\n`
  const header = () => JSON.parse(lines[0]!) as Record<string, unknown>
  const withHeader = (more: object) => joined([JSON.stringify({ ...header(), ...more }), ...lines.slice(1)])

  async function refusal(backup: Backup): Promise<GuillemetError> {
    const { storage, vault } = empty()
    const error = await importBackup(vault, backup).then(
      () => expect.unreachable('It was imported.'),
      (thrown: GuillemetError) => thrown,
    )
    expect(await isEmpty(storage)).toBe(true)
    expect(error.message).toMatch(/nothing was written/i)
    return error
  }

  it('when it is the path of one, which says nothing against the backup', async () => {
    const error = await refusal('./backup.txt')
    expect(error.code).toBe('ERR_INVALID_INPUT')
    expect(error.message).toContain("createReadStream(path, 'utf8')")
  })

  it('when it was cut anywhere', async () => {
    for (let count = 0; count < lines.length; count++) {
      expect((await refusal(joined(lines.slice(0, count)))).code).toBe('ERR_RECORD_CORRUPT')
    }
    for (const end of [1, 100, text.length - 1, text.length - 200]) {
      expect((await refusal(text.slice(0, end))).code).toBe('ERR_RECORD_CORRUPT')
    }
    expect((await refusal('')).message).toContain('is empty')
  })

  it('when a line is missing, is there twice, or lies elsewhere', async () => {
    for (let at = 1; at < lines.length; at++) {
      await refusal(joined(lines.filter((_, index) => index !== at)))
      await refusal(joined([...lines.slice(0, at), lines[at]!, ...lines.slice(at)]))
      const swapped = [...lines]
      ;[swapped[at], swapped[at - 1]] = [swapped[at - 1]!, swapped[at]!]
      await refusal(joined(swapped))
    }
  })

  it('when a workspace was taken out, with the first line made to fit', async () => {
    const isOther = (line: string) => JSON.parse(line).workspace === 'other'
    const without = [
      JSON.stringify({ ...header(), workspaces: ['default'] }),
      ...lines.slice(1).filter((l) => !isOther(l)),
    ]
    expect(await refusal(joined(without))).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'tampered' })
    const only = [JSON.stringify({ ...header(), workspaces: ['other'] }), ...lines.slice(1).filter(isOther)]
    expect(await refusal(joined(only))).toMatchObject({ reason: 'tampered' })
  })

  it('when a line comes from another backup of the same vault', async () => {
    const others = older.split('\n')
    for (let at = 1; at < lines.length; at++) {
      const mixed = [...lines]
      mixed[at] = others[at]!
      expect(await refusal(joined(mixed))).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'tampered' })
    }
    expect((await refusal(joined([others[0]!, ...lines.slice(1)]))).reason).toBe('tampered')
    expect((await refusal(withHeader({ createdAt: '2020-01-01T00:00:00.000Z' }))).reason).toBe('tampered')
  })

  it('when any character of it was changed', async () => {
    const start = lines[0]!.indexOf('"id"')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start, max: text.length - 2 }), async (at) => {
        const other = text[at] === 'A' ? 'B' : 'A'
        const error = await refusal(text.slice(0, at) + other + text.slice(at + 1))
        expect(['ERR_RECORD_CORRUPT', 'ERR_RECORD_UNREADABLE', 'ERR_INVALID_INPUT']).toContain(error.code)
      }),
      { numRuns: 20 },
    )
  })

  it('when a newer release has made it, or it is something else', async () => {
    expect((await refusal(withHeader({ format: 2 }))).code).toBe('ERR_NEWER_FORMAT')
    const newer = lines.map((line) => line.replace('{\\"format\\":1', '{\\"format\\":2'))
    expect((await refusal(joined(newer))).code).toBe('ERR_NEWER_FORMAT')
    for (const other of ['{}\n', 'hello\n', '[1]\n', '{"guillemet":"backup"}\n', 'null\n']) {
      expect((await refusal(other)).code).toBe('ERR_RECORD_CORRUPT')
    }
    expect(await refusal([1 as unknown as string])).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      message: expect.stringContaining("createReadStream(path, 'utf8')"),
    })
  })

  it('when the vault has no key for it, not even for one workspace', async () => {
    const from = stage()
    await from.vault({ workspace: 'a' }).set({ tag: 'one', value: 'one' })
    await from.vault({ workspace: 'b', keys: NEXT }).set({ tag: 'two', value: 'two' })
    const both = await textOf(exportBackup(from.vault({ keys: [OLD, NEXT] })))
    expect(await refusal(both)).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
    const { storage, vault } = empty()
    await importBackup(vault, both, { workspaces: ['a'] })
    expect(await storage.workspaces!({ limit: 9 })).toEqual(['a'])
    await expect(importBackup(vault, both, { workspaces: ['c'] })).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('an export', () => {
  it('ends at a secret that does not open and names it, unless it is to be taken along', async () => {
    const from = await furnished()
    const [record] = (await from.dump()).filter(({ tag }) => tag === 'changed') as [StoredRecord]
    await from.overwrite(damaged(record))
    await expect(textOf(exportBackup(from.vault()))).rejects.toMatchObject({
      code: 'ERR_RECORD_UNREADABLE',
      tag: 'changed',
      reason: 'tampered',
    })
    const text = await textOf(exportBackup(from.vault(), { allowUnreadable: true }))
    const { workspaces, isComplete } = await importBackup(empty().vault, text)
    expect(isComplete).toBe(false)
    expect(workspaces[0]).toMatchObject({
      copied: 2,
      left: [{ tag: 'changed', outcome: 'unreadable', reason: 'tampered' }],
    })
    await from.overwrite({ ...record, body: 'nonsense' })
    const corrupt = await textOf(exportBackup(from.vault(), { allowUnreadable: true }))
    expect((await importBackup(empty().vault, corrupt)).workspaces[0]!.left).toMatchObject([
      { code: 'ERR_RECORD_CORRUPT' },
    ])
  })

  it('names a workspace whose keyring does not open, and leaves it out only where that is said', async () => {
    const from = await furnished()
    await from.vault({ keys: generateKey() }).with({ workspace: 'strange' }).set({ tag: 'a', value: 'one' })
    const told: string[] = []
    const vault = from.vault({
      onEvent: ({ action, workspace, outcome }) => void told.push(`${action} ${workspace} ${outcome}`),
    })
    const error = await failure(textOf(exportBackup(vault)))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
    expect(error.message).toMatch(/^The workspace "strange" does not open, .* another key/)
    const rest = await textOf(exportBackup(vault, { allowUnreadable: true }))
    expect(told.filter((event) => event.includes('strange'))).toEqual(
      Array(2).fill('export-backup strange ERR_RECORD_UNREADABLE'),
    )
    const { vault: restored } = empty()
    const { isComplete, workspaces } = await importBackup(restored, rest)
    expect([isComplete, workspaces.map(({ workspace }) => workspace)]).toEqual([true, ['default', 'other']])
    // what was asked for by name, and all of it, is never left out
    const named = exportBackup(vault, { workspaces: ['other', 'strange'], allowUnreadable: true })
    expect((await failure(textOf(named))).message).toContain('"strange"')
    const none = exportBackup(from.vault({ keys: generateKey() }), { allowUnreadable: true })
    expect((await failure(textOf(none))).reason).toBe('key-unknown')
  })

  it('is whole when keys are rotated beside it, and refuses to be when they are destroyed', async () => {
    const from = await furnished()
    const beside = async (work: () => PromiseLike<unknown>) => {
      let text = ''
      let count = 0
      for await (const piece of exportBackup(from.vault(), { workspaces: ['default'] })) {
        text += piece
        if (++count === 2) await work()
      }
      return text
    }
    const rotated = await beside(() => rotateKeys(from.vault()))
    const { vault } = empty()
    expect((await importBackup(vault, rotated)).isComplete).toBe(true)
    expect((await vault.resolve('<< secrets.changed >>')).expose()).toBe('three')
    const destroying = beside(async () => {
      await rotateKeys(from.vault())
      for (const { state, id } of (await from.keyring()).keys) {
        if (state === 'retired') await destroyKey(from.vault(), id, { confirm: id })
      }
    })
    await expect(destroying).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  })

  it('and an import tell their listeners', async () => {
    const told: VaultEvent['action'][] = []
    const onEvent = ({ action }: VaultEvent) => void told.push(action)
    const text = await textOf(exportBackup((await furnished()).vault({ onEvent }), { workspaces: ['other'] }))
    await importBackup(createVault({ storage: memoryStorage(), keys: OLD, onEvent }), text)
    expect(told).toEqual(['export-backup', 'export-backup', 'import-backup', 'create'])
  })
})

it('both are refused for a view, a vault without keys, another workspace and unknown options', async () => {
  const from = await furnished()
  const text = await textOf(exportBackup(from.vault()))
  const refused = (code: string, work: () => unknown) => expect(work).toThrow(expect.objectContaining({ code }))
  const view = from.vault().with({ environment: 'x' })
  refused('ERR_PERMISSION_DENIED', () => exportBackup(view))
  refused('ERR_PERMISSION_DENIED', () => importBackup(view, text))
  refused('ERR_INVALID_KEY', () => exportBackup(from.vault({ keys: null })))
  refused('ERR_INVALID_KEY', () => importBackup(from.vault({ keys: null }), text))
  refused('ERR_INVALID_INPUT', () => exportBackup(from.vault(), { dryRun: true } as never))
  refused('ERR_INVALID_INPUT', () => importBackup(from.vault(), text, { force: true } as never))
  const locked = createVault({ storage: memoryStorage(), keys: OLD, workspace: 'default' })
  await expect(importBackup(locked, text)).rejects.toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  await expect(importBackup(locked, text, { workspaces: ['default'] })).resolves.toMatchObject({ isComplete: true })
})
