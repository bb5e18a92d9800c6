/** The vault on real files: what somebody with access to the directory can do, and what the vault says of it. */

import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { UnreadableReason } from '../../src/errors.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { scratch } from '../storage/scratch.ts'
import { contentsOf, type Disk, diskStage } from './disk.ts'
import { all, failure } from './fixture.ts'

const place = scratch()
const VALUE = 'v-0123456789/+"'
const A = { environment: 'default', tag: 'a' }
const KEYRING = { environment: '$', tag: '$keyring' }
const R = '<< secrets.a >>'

const corrupt = { code: 'ERR_RECORD_CORRUPT' }
const unreadable = (reason: UnreadableReason) => ({ code: 'ERR_RECORD_UNREADABLE', reason })

async function stage(): Promise<Disk> {
  const disk = diskStage(place())
  await disk.vault.create({ tag: 'a', value: VALUE })
  return disk
}

/** The record with another body, in a file as the storage itself would write it: its checksum is right. */
function edited(record: StoredRecord, change: (body: Record<string, unknown>) => unknown): StoredRecord {
  const body = JSON.parse(record.body)
  change(body)
  return { ...record, body: JSON.stringify(body) }
}

/** Use, change by value, change by description, creation: none goes through, no file is touched. */
async function everythingRefused({ another, directory }: Disk, expected: object): Promise<void> {
  const before = contentsOf(directory)
  const vault = another()
  for (const call of [
    () => vault.resolve(R),
    () => vault.update('a', { value: 'new' }),
    () => vault.update('a', { name: 'mine' }),
    () => vault.set({ tag: 'a', value: 'new' }),
  ]) {
    expect(await failure(call())).toMatchObject(expected)
  }
  expect(contentsOf(directory)).toEqual(before)
}

describe('a vault over files', () => {
  it('is found again by the next process, with every kind of change', async () => {
    const { vault, another, clock } = await stage()
    await vault.update('a', { value: 'v-second-value', allow: { hosts: ['acme.dev'] }, name: 'A' })
    await vault.create({ tag: 'svc', type: 'basicAuth', value: { username: 'u', password: 'p' }, visibility: 'masked' })
    await vault.create({ tag: 'gone', value: 'v' })
    await vault.delete('gone', { confirm: 'gone' })
    await vault.close()
    clock.now += 1
    const next = another()
    expect(await next.describe('a')).toMatchObject({ version: 3, name: 'A', allow: { hosts: ['acme.dev'] } })
    expect((await next.reveal('svc')).expose()).toEqual({ username: 'u', password: 'p' })
    expect(await next.describe('gone')).toBeUndefined()
    expect((await all(next.list())).map(({ tag }) => tag)).toEqual(['a', 'svc'])
    const request = { url: 'https://acme.dev/', headers: { A: R } }
    expect((await next.resolveRequest(request)).expose().headers).toEqual({ A: 'v-second-value' })
    expect((await next.create({ tag: 'gone', value: 'again' })).version).toBe(5)
  })

  it('writes no plaintext and no key, keeps no sealed value that was replaced or deleted, and is private', async () => {
    const { vault, stored, directory, placeOf, fileOf } = await stage()
    const old = JSON.parse((await stored('a')).body).sealed as string
    await vault.update('a', { value: 'v-second-value' })
    await vault.create({ tag: 'b', value: 'v-third-value' })
    const dropped = JSON.parse((await stored('b')).body).sealed as string
    await vault.delete('b', { confirm: 'b' })
    const written = Object.values(contentsOf(directory)).join('\n')
    for (const text of [VALUE, 'v-second-value', 'v-third-value', old, dropped]) expect(written).not.toContain(text)
    expect(written).toMatch(/gm1\./)
    expect(statSync(fileOf(A)).mode & 0o777).toBe(0o600)
    for (const path of [directory, placeOf(A), dirname(placeOf(A))]) expect(statSync(path).mode & 0o777).toBe(0o700)
  })
})

describe('a file that was edited', () => {
  it.each<[string, (text: string) => string]>([
    ['by one character', (text) => text.replace('gm1.A', 'gm1.B')],
    ['in its rule', (text) => text.replace('"enabled":true', '"enabled":false')],
    ['by an editor that adds a line', (text) => `${text}\n`],
    ['by one that writes other line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['by one that writes a byte order mark', (text) => `\ufeff${text}`],
    ['to nothing', () => ''],
    ['to half of it', (text) => text.slice(0, text.length / 2)],
    ['to JSON alone', (text) => text.slice(text.indexOf('{'))],
    ['to another format', (text) => text.replace('guillemet record 1', 'guillemet record 2')],
    ['in its version', (text) => text.replace('\n2\n', '\n3\n')],
    ['in its tag', (text) => text.replace('\na\n', '\nb\n')],
  ])('%s is corrupt, and left as it is', async (_, edit) => {
    const disk = await stage()
    const file = disk.fileOf(A)
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, edit(before))
    expect(readFileSync(file, 'utf8')).not.toBe(before)
    await everythingRefused(disk, { ...corrupt, tag: 'a' })
    expect(await failure(disk.vault.describe('a'))).toMatchObject(corrupt)
    writeFileSync(file, before)
    expect((await disk.another().resolve(R)).expose()).toBe(VALUE)
  })

  it.each<[string, (body: Record<string, unknown>) => unknown, object]>([
    ['its rule widened', (body) => Object.assign(body, { allow: { in: ['value', 'host'] } }), unreadable('moved')],
    ['its expiry moved', (body) => Object.assign(body, { expiresAt: '2099-01-01T00:00:00.000Z' }), unreadable('moved')],
    ['its visibility widened', (body) => Object.assign(body, { visibility: 'masked' }), unreadable('moved')],
    ['its type changed', (body) => Object.assign(body, { type: 'password' }), unreadable('moved')],
    ['another format', (body) => Object.assign(body, { format: 2 }), corrupt],
    [
      'its last characters changed',
      (body) => Object.assign(body, { sealed: `${String(body['sealed']).slice(0, -8)}AAAAAAAA` }),
      unreadable('tampered'),
    ],
  ])('with %s and its checksum made right is diagnosed as over memory', async (_, change, expected) => {
    const disk = await stage()
    const record = await disk.stored('a')
    disk.overwrite(edited(record, change))
    await everythingRefused(disk, { ...expected, tag: 'a' })
    disk.overwrite(record)
    expect((await disk.another().resolve(R)).expose()).toBe(VALUE)
    // the only way on, where no backup is at hand: delete, and create with the rule given again
    disk.overwrite(edited(record, change))
    const owner = disk.another()
    await owner.delete('a', { confirm: 'a' })
    expect((await owner.create({ tag: 'a', value: 'new' })).version).toBe(5)
  })
})

describe('a file that was moved', () => {
  it('or copied, as it is, to another tag or environment is corrupt there', async () => {
    const disk = await stage()
    for (const key of [
      { environment: 'default', tag: 'b' },
      { environment: 'development', tag: 'a' },
    ]) {
      cpSync(disk.placeOf(A), disk.placeOf(key), { recursive: true })
      const there = disk.another({ environment: key.environment })
      expect(await failure(there.resolve(`<< secrets.${key.tag} >>`))).toMatchObject(corrupt)
      expect(await failure(there.set({ tag: key.tag, value: 'new' }))).toMatchObject(corrupt)
    }
    expect((await disk.another().resolve(R)).expose()).toBe(VALUE)
  })

  it('and rewritten for its new place is moved', async () => {
    const disk = await stage()
    const production = await disk.stored('a')
    disk.overwrite({ ...production, environment: 'development' })
    const development = disk.another({ environment: 'development' })
    expect(await failure(development.resolve(R))).toMatchObject({ ...unreadable('moved'), tag: 'a' })
    expect(await failure(development.update('a', { allow: null }))).toMatchObject(unreadable('moved'))
    disk.overwrite({ ...production, version: production.version + 1 })
    await everythingRefused(disk, unreadable('moved'))
  })
})

describe('an old file that was put back', () => {
  async function grown() {
    const disk = await stage()
    const copy = join(place(), 'old')
    mkdirSync(dirname(copy))
    copyFileSync(disk.fileOf(A), copy)
    await disk.vault.update('a', { value: 'v-second-value' })
    return { ...disk, copy }
  }

  it('in its emptied place changes nothing', async () => {
    const { vault, another, placeOf, copy } = await grown()
    copyFileSync(copy, join(placeOf(A), '2'))
    for (const reader of [vault, another()]) expect((await reader.resolve(R)).expose()).toBe('v-second-value')
    expect((await another().update('a', { name: 'A' })).version).toBe(4)
  })

  it('under the newest name is corrupt', async () => {
    const disk = await grown()
    copyFileSync(disk.copy, join(disk.placeOf(A), '4'))
    await everythingRefused(disk, corrupt)
    rmSync(join(disk.placeOf(A), '4'))
    expect((await disk.another().resolve(R)).expose()).toBe('v-second-value')
  })

  it('in place of the newer ones is noticed by who has seen these, also past delete and create', async () => {
    const { vault, another, placeOf, copy } = await grown()
    await vault.delete('a', { confirm: 'a' })
    await vault.create({ tag: 'a', value: 'v-third-value' })
    const newer = `${placeOf(A)}-newer`
    renameSync(placeOf(A), newer)
    mkdirSync(placeOf(A))
    copyFileSync(copy, join(placeOf(A), '2'))
    for (const call of [
      () => vault.resolve(R),
      () => vault.update('a', {}),
      () => vault.delete('a', { confirm: 'a' }),
    ]) {
      expect(await failure(call())).toMatchObject({ ...unreadable('rolled-back'), tag: 'a' })
    }
    // a process that has seen nothing newer cannot know
    expect((await another().resolve(R)).expose()).toBe(VALUE)
    rmSync(placeOf(A), { recursive: true })
    expect(await failure(vault.resolve(R))).toMatchObject(unreadable('rolled-back'))
    expect(await failure(vault.create({ tag: 'a', value: 'v' }))).toMatchObject(unreadable('rolled-back'))
    renameSync(newer, placeOf(A))
    expect((await vault.resolve(R)).expose()).toBe('v-third-value')
  })
})

describe('the keyring’s file', () => {
  async function refusedWithout(disk: Disk, expected: object) {
    await everythingRefused(disk, expected)
    expect(await failure(disk.another().create({ tag: 'b', value: 'v' }))).toMatchObject(expected)
  }

  it('that is gone is missed and never made anew', async () => {
    const disk = await stage()
    const away = join(place(), 'keyring')
    mkdirSync(dirname(away))
    renameSync(disk.fileOf(KEYRING), away)
    await refusedWithout(disk, { code: 'ERR_KEYRING_MISSING' })
    expect((await disk.vault.resolve(R)).expose()).toBe(VALUE)
    expect(await failure(disk.vault.create({ tag: 'b', value: 'v' }))).toMatchObject(unreadable('rolled-back'))
    renameSync(away, join(disk.placeOf(KEYRING), '1'))
    expect((await disk.another().resolve(R)).expose()).toBe(VALUE)
    expect((await disk.another().create({ tag: 'b', value: 'v' })).version).toBe(2)
  })

  it('that is gone with its directory is missed as well', async () => {
    const disk = await stage()
    renameSync(dirname(disk.placeOf(KEYRING)), join(place()))
    await refusedWithout(disk, { code: 'ERR_KEYRING_MISSING' })
  })

  it('that was edited, cut or taken from another workspace stops everything', async () => {
    const disk = await stage()
    await disk.another({ workspace: 'other' }).create({ tag: 'a', value: 'v' })
    const file = disk.fileOf(KEYRING)
    const before = readFileSync(file, 'utf8')
    for (const text of [before.slice(0, -1), before.replace('"sequence":1', '"sequence":2'), '']) {
      writeFileSync(file, text)
      await refusedWithout(disk, corrupt)
    }
    copyFileSync(disk.fileOf(KEYRING, 'other'), file)
    await refusedWithout(disk, corrupt)
    const other = await disk.stored('$keyring', '$', 'other')
    disk.overwrite({ ...other, workspace: 'default' })
    await refusedWithout(disk, unreadable('moved'))
    disk.overwrite({ ...other, workspace: 'default', body: other.body.replace('"sequence":1', '"sequence":2') })
    await refusedWithout(disk, unreadable('moved'))
    writeFileSync(file, before)
    expect((await disk.another().resolve(R)).expose()).toBe(VALUE)
  })

  it('does not open with another key', async () => {
    const disk = await stage()
    const before = contentsOf(disk.directory)
    const stranger = disk.another({ keys: generateKey() })
    expect(await failure(stranger.resolve(R))).toMatchObject(unreadable('key-unknown'))
    expect(await failure(stranger.create({ tag: 'b', value: 'v' }))).toMatchObject(unreadable('key-unknown'))
    expect(contentsOf(disk.directory)).toEqual(before)
  })
})

describe('something else in a file’s place', () => {
  it.each<[string, (file: string) => void]>([
    [
      'a symbolic link to the very file',
      (file) => {
        renameSync(file, `${file}.kept`)
        symlinkSync(`${file}.kept`, file)
      },
    ],
    [
      'a directory',
      (file) => {
        rmSync(file)
        mkdirSync(file)
      },
    ],
    ['a file of many megabytes', (file) => writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, readFileSync(file)))],
  ])('such as %s is corrupt', async (_, replace) => {
    const disk = await stage()
    replace(disk.fileOf(A))
    const vault = disk.another()
    for (const call of [
      () => vault.resolve(R),
      () => vault.update('a', { value: 'new' }),
      () => vault.create({ tag: 'a', value: 'v' }),
    ]) {
      expect(await failure(call())).toMatchObject(corrupt)
    }
  })

  it('that may not be read is said to be so', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read everything')
    const disk = await stage()
    chmodSync(disk.fileOf(A), 0)
    expect(await failure(disk.another().resolve(R))).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
  })
})
