/** The file storage when a call of the file system fails, or is the last one of its process: each call in turn. */

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { syncFolder, writeDurably } from '../../src/cli/key-file.ts'
import { codeOf } from '../../src/errors.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { type Call, intercept, isDirectorySync, isDraft, systemError } from './intercept.ts'
import { draftsIn, fillVersion, inTag, putUpTo, readOne, recordOf, scratch } from './scratch.ts'

const place = scratch()
const MAX_CALLS = 200
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

async function interceptHere(before: (call: Call) => unknown): Promise<() => void> {
  const restore = await intercept(before)
  undo.push(restore)
  return restore
}

/** Fails the calls that are chosen. */
function failing(code: string, isChosen: (call: Call) => boolean): Promise<() => void> {
  return interceptHere((call) => {
    if (isChosen(call)) throw systemError(code)
  })
}

const damaged = { tag: 'a', version: 1, body: expect.stringMatching(/^guillemet: the file of this record/) }
const unavailable = (message: RegExp) => ({
  code: 'ERR_STORAGE_UNAVAILABLE',
  message: expect.stringMatching(message),
})

describe('a put whose process dies at any call', () => {
  for (const [what, before, unemptied] of [
    ['a create in a new directory', 0, []],
    ['an update', 3, []],
    ['an update after writers that died before they emptied', 4, [2, 3]],
  ] as const) {
    test(`leaves ${what} done or not begun, and the next writer goes on`, async () => {
      let isComplete = false
      const states = new Set<number>()
      for (let last = 1; !isComplete && last < MAX_CALLS; last++) {
        const root = place()
        await putUpTo(fileStorage(root), 'a', before)
        for (const old of unemptied) fillVersion(root, 'a', old)
        isComplete = await dieAt(last, () => fileStorage(root).put(recordOf('a', before + 1)))
        const reader = fileStorage(root)
        const version = (await readOne(reader, 'a'))?.version ?? 0
        states.add(version)
        expect([before, before + 1]).toContain(version)
        expect(await readOne(reader, 'a')).toEqual(version === 0 ? undefined : recordOf('a', version))
        expect(await reader.list('default', { limit: 10 })).toHaveLength(version === 0 ? 0 : 1)
        const next = recordOf('a', version + 1)
        await reader.put(next)
        expect(await readOne(fileStorage(root), 'a')).toEqual(next)
        for (let old = 1; old <= version; old++) expect(statSync(inTag(root, 'a', `${old}`)).size).toBe(0)
      }
      expect(isComplete).toBe(true)
      expect(states).toEqual(new Set([before, before + 1]))
    })
  }
})

/** Runs until that many calls were made, then stands still for ever. True where it was done before. */
async function dieAt(last: number, run: () => Promise<void>): Promise<boolean> {
  let calls = 0
  let die = () => {}
  const dead = new Promise<boolean>((resolve) => {
    die = () => resolve(false)
  })
  const restore = await interceptHere(() => {
    if (++calls < last) return undefined
    die()
    return new Promise(() => {})
  })
  const isComplete = await Promise.race([dead, run().then(() => true)])
  restore()
  return isComplete
}

describe('a put of which any call fails', () => {
  test('says whether nothing was written, or that it does not know', async () => {
    let isComplete = false
    const codes = new Set<string | undefined>()
    for (let chosen = 1; !isComplete && chosen < MAX_CALLS; chosen++) {
      const root = place()
      await putUpTo(fileStorage(root), 'a', 2)
      let calls = 0
      const restore = await failing('EIO', () => ++calls === chosen)
      const failure: unknown = await fileStorage(root)
        .put(recordOf('a', 3))
        .catch((error: unknown) => error)
      restore()
      isComplete = calls < chosen
      codes.add(codeOf(failure))
      const version = (await readOne(fileStorage(root), 'a'))?.version
      if (failure === undefined) expect(version).toBe(3)
      else if (codeOf(failure) === 'ERR_STORAGE_UNAVAILABLE') expect(version).toBe(2)
      else
        expect(failure).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN', tag: 'a', message: expect.stringMatching(/EIO/) })
      expect(draftsIn(root).length).toBeLessThanOrEqual(1)
    }
    expect(isComplete).toBe(true)
    expect(codes).toEqual(new Set(['ERR_STORAGE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN', undefined]))
  })

  test.each([
    ['ENOSPC', /ENOSPC.*disk is full/],
    ['EDQUOT', /EDQUOT.*quota/],
    ['EIO', /EIO.*check the disk/],
  ])('leaves no draft where the draft could not be written: %s', async (code, message) => {
    for (const name of ['writeFile', 'sync'] as const) {
      const root = place()
      await putUpTo(fileStorage(root), 'a', 2)
      const restore = await failing(code, (call) => call.name === name && isDraft(call.path))
      await expect(fileStorage(root).put(recordOf('a', 3))).rejects.toMatchObject(unavailable(message))
      restore()
      expect(draftsIn(root)).toEqual([])
      expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a', 2))
    }
  })

  test('does not know the outcome where the new name could not be brought to the disk, and empties nothing', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 2)
    const restore = await failing('EIO', isDirectorySync)
    await expect(storage.put(recordOf('a', 3))).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
      message: expect.stringMatching(/EIO.*read it again/),
    })
    restore()
    expect(statSync(inTag(root, 'a', '2')).size).toBeGreaterThan(0)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })

  test('is done all the same where a superseded version could not be emptied', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 2)
    const restore = await failing('EACCES', ({ name }) => name === 'rename')
    await storage.put(recordOf('a', 3))
    await storage.put(recordOf('a', 4))
    restore()
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 4))
    await storage.put(recordOf('a', 5))
    expect(['2', '3', '4'].map((name) => statSync(inTag(root, 'a', name)).size)).toEqual([0, 0, 0])
  })

  test('is done all the same where old drafts could not be swept', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 2)
    await failing('EIO', ({ name, path }) => name === 'readdir' && path.endsWith('.drafts'))
    const storage = fileStorage(root)
    await storage.put(recordOf('a', 3))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })
})

test('a create brings every directory above it to the disk before its version exists, made by it or not', async () => {
  const root = place()
  await fileStorage(root).put(recordOf('other'))
  const steps: string[] = []
  await interceptHere((call) => {
    if (isDirectorySync(call)) steps.push(call.path)
    if (call.name === 'link') steps.push('link')
  })
  await fileStorage(root).put(recordOf('a'))
  const above = [dirname(root), root, join(root, '_default'), join(root, '_default', '_default')]
  expect(steps).toEqual([...above, 'link', inTag(root, 'a')])
})

describe('where the platform does not sync directories', () => {
  test.each(['EPERM', 'EISDIR', 'EINVAL'])('the file is synced under its new name instead: %s', async (code) => {
    const root = place()
    const calls: string[] = []
    await interceptHere((call) => {
      calls.push(call.name)
      if (isDirectorySync(call)) throw systemError(code)
    })
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 2)
    const afterLink = calls.slice(calls.lastIndexOf('link', calls.lastIndexOf('link') - 1))
    expect(afterLink.filter((name) => name === 'sync')).toHaveLength(2)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
  })

  test('and the file neither, the outcome is unknown', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 1)
    let isLinked = false
    await failing('EPERM', ({ name }) => {
      isLinked ||= name === 'link'
      return isLinked && name === 'sync'
    })
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })
})

describe('a read', () => {
  test.each([
    ['EMFILE', /EMFILE.*ulimit -n/],
    ['ENFILE', /ENFILE/],
    ['EACCES', /EACCES.*no permission/],
    ['EIO', /EIO.*check the disk/],
  ])('of which any call fails is unavailable, never corrupt or absent: %s', async (code, message) => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 2)
    let isComplete = false
    for (let chosen = 1; !isComplete && chosen < MAX_CALLS; chosen++) {
      let calls = 0
      const restore = await failing(code, () => ++calls === chosen)
      const outcome: unknown = await readOne(fileStorage(root), 'a').catch((error: unknown) => error)
      restore()
      isComplete = calls < chosen
      if (isComplete) expect(outcome).toEqual(recordOf('a', 2))
      else expect(outcome).toMatchObject(unavailable(message))
    }
    expect(isComplete).toBe(true)
  })

  test('that fails without a code says so', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 1)
    await interceptHere(() => {
      throw new Error('secret text of another library')
    })
    await expect(readOne(fileStorage(root), 'a')).rejects.toMatchObject(unavailable(/failed with an unknown error/))
  })

  test('overtaken at any call, once or often, finds the newer version', async () => {
    const root = place()
    const [writer, reader] = [fileStorage(root), fileStorage(root)]
    await putUpTo(writer, 'a', 1)
    let version = 1
    let isWriting = false
    for (let chosen = 1; chosen <= 12; chosen++) {
      for (const often of [1, 3]) {
        const since = version
        let calls = 0
        const restore = await interceptHere(async () => {
          if (isWriting || ++calls < chosen || calls >= chosen + often) return
          isWriting = true
          await writer.put(recordOf('a', ++version))
          isWriting = false
        })
        const found = (await readOne(reader, 'a'))!
        restore()
        expect(found.version).toBeGreaterThanOrEqual(since)
        expect(found).toEqual(recordOf('a', found.version))
      }
    }
  })

  test('overtaken in the middle of a file does not return what was superseded', async () => {
    const root = place()
    const [writer, reader] = [fileStorage(root), fileStorage(root)]
    await putUpTo(writer, 'a', 3)
    let isOvertaken = false
    await interceptHere(async ({ name }) => {
      if (name !== 'read' || isOvertaken) return
      isOvertaken = true
      await writer.put(recordOf('a', 4))
    })
    expect(await readOne(reader, 'a')).toEqual(recordOf('a', 4))
  })

  test('does not load a file that is larger than any record', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 1)
    truncateSync(inTag(root, 'a', '1'), 17 * 1024 * 1024)
    const lengths: unknown[] = []
    await interceptHere(({ name, more }) => {
      if (name === 'read') lengths.push(more[2])
    })
    expect(await readOne(fileStorage(root), 'a')).toMatchObject(damaged)
    expect(lengths).toEqual([4 * 1024])
  })

  test.skipIf(process.platform === 'win32')(
    'is not led elsewhere by a link that appears at the last moment',
    async () => {
      const root = place()
      await putUpTo(fileStorage(root), 'a', 1)
      const version = inTag(root, 'a', '1')
      copyFileSync(version, `${root}-elsewhere`)
      await interceptHere(({ name, path }) => {
        if (name !== 'open' || path !== version) return
        unlinkSync(version)
        symlinkSync(`${root}-elsewhere`, version)
      })
      await expect(readOne(fileStorage(root), 'a')).resolves.toMatchObject(damaged)
    },
  )

  test.skipIf(process.platform === 'win32')('is not held up by a pipe that appears at the last moment', async () => {
    const root = place()
    await putUpTo(fileStorage(root), 'a', 1)
    const version = inTag(root, 'a', '1')
    await interceptHere(({ name, path }) => {
      if (name !== 'open' || path !== version) return
      unlinkSync(version)
      execFileSync('mkfifo', [version])
    })
    expect(await readOne(fileStorage(root), 'a')).toMatchObject(damaged)
  })

  test('overtaken for ever gives up', async () => {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'a', 1)
    let version = 1
    await interceptHere(({ name, path }) => {
      if (name !== 'readdir') return
      // each look meets another newest version, as if it were emptied the moment it was found
      writeFileSync(join(path, String(++version)), '')
    })
    await expect(readOne(fileStorage(root), 'a')).rejects.toMatchObject(unavailable(/written faster than/))
  })
})

test('a directory that another process makes at the same moment is used', async () => {
  const root = place()
  await interceptHere(({ name, path }) => {
    if (name === 'mkdir') mkdirSync(path)
  })
  const storage = fileStorage(root)
  await storage.put(recordOf('a'))
  expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
})

test('a file that another process makes where a directory should be is refused', async () => {
  const root = place()
  await interceptHere(({ name, path }) => {
    if (name === 'mkdir') writeFileSync(path, '')
  })
  await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject({
    code: 'ERR_INVALID_INPUT',
    message: expect.stringMatching(/is a file/),
  })
})

test('a directory that cannot be made is unavailable', async () => {
  await failing('EROFS', ({ name }) => name === 'mkdir')
  await expect(fileStorage(place()).put(recordOf('a'))).rejects.toMatchObject(unavailable(/EROFS.*mount it writable/))
})

describe('with a file system that has no `FileHandle.sync`, as that of Yarn', () => {
  const noSync = () =>
    interceptHere(({ name }) => {
      if (name === 'sync') throw new Error('Method not implemented.')
    })

  test('records, drafts and directories are brought to the disk by the call beneath it', async () => {
    const root = place()
    await noSync()
    await putUpTo(fileStorage(root), 'a', 2)
    expect(await readOne(fileStorage(root), 'a')).toEqual(recordOf('a', 2))
    await writeDurably(join(root, 'key'), 'text')
    await syncFolder(root)
    expect(readFileSync(join(root, 'key'), 'utf8')).toBe('text')
  })

  test('what else fails there is told by its class, since it has no code', async () => {
    const root = place()
    await interceptHere(({ name }) => {
      if (name === 'writeFile') throw new TypeError('Method not implemented: s3cret')
    })
    await expect(fileStorage(root).put(recordOf('a'))).rejects.toMatchObject(
      unavailable(/ failed with an unknown error, TypeError: check the disk and try again\.$/),
    )
  })
})
