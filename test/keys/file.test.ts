import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import type { GuillemetError } from '../../src/errors.ts'
import { fileKey } from '../../src/keys/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'

const newPath = scratch()
const KEY = generateKey()
const DATA_KEY = new Uint8Array(32).fill(7)
const AAD = Uint8Array.of(1)

function keyFile(content: string | Uint8Array = KEY, mode = 0o600): string {
  const path = newPath()
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

function failureOf(...of: Parameters<typeof fileKey>): GuillemetError {
  try {
    fileKey(...of)
  } catch (error) {
    return error as GuillemetError
  }
  throw new Error('It was accepted.')
}

describe('a key in a file', () => {
  it.each([
    ['alone', KEY, 0o600],
    ['before a line end', `${KEY}\n`, 0o400],
    ['before a line end of Windows', `${KEY}\r\n`, 0o600],
  ])('%s is the key it is as a text, with the same id', async (_, content, mode) => {
    const provider = fileKey(keyFile(content, mode))
    expect(provider.id).toBe(localKey(KEY).id)
    const wrapped = await localKey(KEY).wrap(DATA_KEY, AAD)
    expect(await provider.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('is read once, when the provider is made', async () => {
    const path = keyFile()
    const provider = fileKey(path)
    rmSync(path)
    const wrapped = await provider.wrap(DATA_KEY, AAD)
    expect(await provider.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('opens a vault, and stands beside a second key', async () => {
    const storage = memoryStorage()
    const path = keyFile()
    const second = localKey(generateKey())
    // #region vault
    const vault = createVault({ storage, keys: [fileKey(path), second] })
    // #endregion
    await vault.set({ tag: 'a', value: 'one' })
    expect((await createVault({ storage, keys: KEY }).resolve('<< secrets.a >>')).expose()).toBe('one')
  })

  it('that was mounted may be a link, belong to root and be readable by others, if that is said', () => {
    const target = keyFile(KEY, 0o444)
    const path = newPath()
    symlinkSync(target, path)
    expect(fileKey(path, { allowMounted: true }).id).toBe(localKey(KEY).id)
  })
})

describe('a file is refused', () => {
  it.each([
    ['with a byte order mark', `\ufeff${KEY}`, 'byte order mark'],
    ['with quotation marks', `"${KEY}"\n`, 'quotation marks'],
    ['with two line ends', `${KEY}\n\n`, 'a line end'],
    ['with a space', ` ${KEY}`, 'white space'],
    ['with export', `export GUILLEMET_KEY=${KEY}\n`, 'name of its variable'],
    ['with the name of a variable', `GUILLEMET_KEY="${KEY}"`, 'name of its variable'],
    ['with a doubled prefix', `gmk1_${KEY}`, 'twice'],
    ['with two keys', `${KEY}\n${generateKey()}\n`, 'several lines'],
    ['in UTF-16', Buffer.from(`\ufeff${KEY}`, 'utf16le'), 'UTF-16'],
    ['in UTF-16 without its mark', Buffer.from(KEY, 'utf16le'), 'UTF-16'],
    ['that is empty', '', 'is missing'],
    ['with half a key', KEY.slice(0, 30), 'has 30 characters'],
    ['that is longer than any key', KEY.repeat(20), 'longer than any key'],
  ])('%s, and the message names it and its fault', (_, content, fault) => {
    const path = keyFile(content)
    const error = failureOf(path)
    expect([error.code, error.status]).toEqual(['ERR_INVALID_KEY', 500])
    expect(error.message).toContain(fault)
    expect(error.message).toContain(JSON.stringify(path))
    const shown = inspect(error, { depth: 9, showHidden: true })
    for (let at = 5; at + 8 <= KEY.length; at++) expect(shown).not.toContain(KEY.slice(at, at + 8))
  })

  it('that is not there, which never makes a key', () => {
    const path = newPath()
    expect(failureOf(path)).toMatchObject({ code: 'ERR_INVALID_KEY', message: expect.stringContaining('is missing') })
    expect(failureOf(path).message).toContain('A new key does not open')
    expect(failureOf(`${keyFile()}/below`).message).toContain('is missing')
  })

  const isPosix = process.getuid !== undefined
  it.runIf(isPosix).each([0o640, 0o604, 0o644])('that others may read (%o)', (mode) => {
    expect(failureOf(keyFile(KEY, mode)).message).toMatch(/can be read by others.+0600.+allowMounted/)
  })

  it.runIf(isPosix).each([0o620, 0o602, 0o666])('that others may write (%o), mounted or not', (mode) => {
    const path = keyFile(KEY, mode)
    expect(failureOf(path).message).toContain('can be written by others')
    expect(failureOf(path, { allowMounted: true }).message).toContain('can be written by others')
  })

  it.runIf(isPosix)('that is a link, or lies behind a loop of them', () => {
    const path = newPath()
    symlinkSync(keyFile(), path)
    expect(failureOf(path).message).toMatch(/symbolic link.+allowMounted/)
    const loop = newPath()
    symlinkSync(loop, loop)
    expect(failureOf(loop, { allowMounted: true }).code).toBe('ERR_INVALID_KEY')
  })

  it('that is a folder', () => {
    const path = newPath()
    mkdirSync(path)
    expect(failureOf(path).message).toMatch(/not a regular file|not readable/)
  })

  it.runIf(isPosix)('that is a pipe, without waiting for a writer', () => {
    const path = newPath()
    execFileSync('mkfifo', ['-m', '600', path])
    expect(failureOf(path).message).toContain('not a regular file')
  })

  it.runIf(process.getuid?.() === 0)('that belongs to another user', () => {
    const path = keyFile()
    chownSync(path, 12_345, 12_345)
    expect(failureOf(path).message).toContain('belongs to another user')
    expect(failureOf(path, { allowMounted: true }).message).toContain('belongs to another user')
  })
})

it('a mistake of the program is told at once', () => {
  for (const path of ['', 'a\0b', undefined as never, 7 as never]) {
    expect(failureOf(path).code).toBe('ERR_INVALID_INPUT')
  }
  expect(failureOf('key', { allowMountd: true } as never).message).toContain('allowMounted')
  expect(failureOf('key', { allowMounted: 'yes' as never }).code).toBe('ERR_INVALID_INPUT')
})
