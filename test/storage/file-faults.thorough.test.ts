/** The file storage among real processes that are killed and stopped, on disks that are full, read-only or cut off. */

import { readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fileStorage } from '../../src/storage/file.ts'
import { createVault } from '../../src/vault/vault.ts'
import { buildChild, type Child, isStopped, nextLine, startChild } from './child-process.ts'
import { copyDisk, makeImage, mountImage, mountsMissing, mountTmpfs, remountReadOnly } from './mounts.ts'
import { draftsIn, inTag, keyOf, putUpTo, readOne, recordOf, scratch } from './scratch.ts'

const place = scratch()
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one()
})

/** Whether to skip, said aloud. */
function isMissing(reason: string | undefined, what: string): boolean {
  if (reason !== undefined) console.warn(`SKIPPED "${what}": ${reason}`)
  return reason !== undefined
}

describe('eight processes that update the same records, one of them killed two hundred times', () => {
  const PROCESSES = 8
  const UPDATES = 200
  const KILLS = 200
  const TAGS = ['a', 'b', 'c', 'd']

  test('lose no acknowledged write, tear none, and count exactly', async () => {
    const root = place()
    const logs = Array.from({ length: PROCESSES }, () => place())
    const build = buildChild('updates')
    const start = (index: number, updates = UPDATES) => build(root, `p${index}`, String(updates), logs[index]!)
    const steady = logs.slice(1).map((_, index) => start(index + 1))
    for (const child of steady) child.process.stdout!.resume()

    const reader = fileStorage(root)
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = start(0, Number.MAX_SAFE_INTEGER)
      // at any moment of a start, a read or a write: nothing depends on when it is
      if (kill % 4 === 0) await new Promise((resolve) => setTimeout(resolve, kill % 50))
      else for (let acknowledged = 0; acknowledged < kill % 4; acknowledged++) await nextLine(victim)
      victim.process.kill('SIGKILL')
      expect(await victim.ended).toBeNull()
      const found = await readOne(reader, TAGS[kill % TAGS.length]!)
      if (found !== undefined) expect(found.body).toMatch(/^\{"by":/)
    }
    expect(await Promise.all(steady.map((child) => child.ended))).toEqual(Array(PROCESSES - 1).fill(0))

    const acknowledged = logs.map(readLog)
    const versions = acknowledged.flat().map(({ tag, version }) => `${tag}@${version}`)
    expect(versions.length).toBeGreaterThanOrEqual((PROCESSES - 1) * UPDATES + KILLS)
    expect(new Set(versions).size).toBe(versions.length)
    let unheard = 0
    for (const tag of TAGS) {
      const { version, body } = (await readOne(fileStorage(root), tag))!
      const { by } = JSON.parse(body) as { by: Record<string, number> }
      for (const [index, log] of acknowledged.entries()) {
        const own = log.filter((line) => line.tag === tag)
        const counted = by[`p${index}`] ?? 0
        if (index > 0) expect(counted).toBe(own.length)
        else unheard += counted - own.length
        expect(counted).toBeGreaterThanOrEqual(own.at(-1)?.counted ?? 0)
      }
      expect(version).toBe(Object.values(by).reduce((sum, counted) => sum + counted, 0))
      await reader.put(recordOf(tag, version + 1))
      const names = readdirSync(inTag(root, tag))
      expect(names.length).toBeLessThanOrEqual(100)
      const full = names.filter((name) => statSync(inTag(root, tag, name)).size > 0)
      expect(full).toEqual([String(version + 1)])
    }
    // a kill may fall between the write and its acknowledgement, no more than once each
    expect(unheard).toBeGreaterThanOrEqual(0)
    expect(unheard).toBeLessThanOrEqual(KILLS)
  })

  function readLog(path: string): { tag: string; version: number; counted: number }[] {
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => {
      const [tag = '', version, counted] = line.split(' ')
      return { tag, version: Number(version), counted: Number(counted) }
    })
  }
})

describe('a writer that sleeps through versions and a deletion', () => {
  const name = 'a writer that sleeps'
  const skip = isMissing(
    process.platform === 'linux' ? undefined : 'whether a process stands still is read from /proc',
    name,
  )

  async function sleepThrough(where: string, versions: number): Promise<{ outcome: string; root: string }> {
    const root = place()
    const storage = fileStorage(root)
    await putUpTo(storage, 'late', 3)
    const child = startChild('late-writer', root, where)
    await isStopped(child)
    const from = (await readOne(storage, 'late'))!.version + 1
    for (let version = from; version < from + versions; version++) await storage.put(recordOf('late', version))
    await storage.put(recordOf('late', from + versions, ''))
    child.process.kill('SIGCONT')
    const outcome = await nextLine(child)
    expect(await child.ended).toBe(0)
    for (const reader of [storage, fileStorage(root)]) {
      expect(await readOne(reader, 'late')).toEqual(recordOf('late', from + versions, ''))
    }
    expect(draftsIn(root)).toEqual([])
    // nothing of it is left, and what it had superseded or was superseded by is empty
    const full = readdirSync(inTag(root, 'late')).filter((one) => statSync(inTag(root, 'late', one)).size > 0)
    expect(full).toEqual([String(from + versions)])
    return { outcome, root }
  }

  test.skipIf(skip).each([10, 80])('loses when it slept between reading and writing: %d versions', async (versions) => {
    expect((await sleepThrough('put', versions)).outcome).toBe('ERR_CONFLICT')
  })

  test.skipIf(skip)('loses when it slept just before its link, when all was checked', async () => {
    expect((await sleepThrough('link', 10)).outcome).toBe('ERR_CONFLICT')
  })

  test.skipIf(skip)('does not win when it slept there until its name was swept, and is not told so', async () => {
    expect((await sleepThrough('link', 80)).outcome).toBe('ERR_OUTCOME_UNKNOWN')
  })

  test.skipIf(skip)('had won when it slept after its link, and is told so', async () => {
    expect((await sleepThrough('look', 10)).outcome).toBe('acknowledged')
  })

  test.skipIf(skip)(
    'had won when it slept after its link until its version was swept, and is told that nobody knows',
    async () => {
      expect((await sleepThrough('look', 80)).outcome).toBe('ERR_OUTCOME_UNKNOWN')
    },
  )

  test.skipIf(skip).each([10, 80])(
    'empties nothing that is new when it slept before that: %d versions',
    async (versions) => {
      expect((await sleepThrough('empty', versions)).outcome).toBe('acknowledged')
    },
  )
})

test('of two processes that create the same record at once exactly one wins', async () => {
  const root = place()
  const children = ['one', 'two'].map((id) => startChild('creates', root, id))
  expect(await Promise.all(children.map(nextLine))).toEqual(['ready', 'ready'])
  for (let round = 0; round < 40; round++) {
    const tag = `round-${round}`
    for (const child of children) child.process.stdin!.write(`${tag}\n`)
    const outcomes = await Promise.all(children.map(nextLine))
    expect([...outcomes].sort()).toEqual(['ERR_CONFLICT', 'won'])
    const winner = outcomes[0] === 'won' ? 'one' : 'two'
    expect(await readOne(fileStorage(root), tag)).toEqual(recordOf(tag, 1, `${tag} by ${winner}`))
  }
  for (const child of children) child.process.stdin!.end()
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0])
})

test('clears a directory that was never swept, a part at each put', async () => {
  const root = place()
  await putUpTo(fileStorage(root), 'a', 1)
  rmSync(inTag(root, 'a', '1'))
  for (let version = 1; version <= 2500; version++) writeFileSync(inTag(root, 'a', String(version)), '')
  const storage = fileStorage(root)
  const left: number[] = []
  for (let version = 2501; version <= 2504; version++) {
    await storage.put(recordOf('a', version))
    left.push(readdirSync(inTag(root, 'a')).length)
  }
  expect(left).toEqual([1502, 503, 33, 34])
  expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2504))
})

const noTmpfs = mountsMissing('tmpfs')

test.skipIf(isMissing(noTmpfs, 'a read-only file system'))(
  'a read-only file system can be read, and a write says why it cannot be',
  async () => {
    const path = place()
    undo.push(mountTmpfs(path, '1m'))
    const root = join(path, 'secrets')
    await fileStorage(root).put(recordOf('a'))
    remountReadOnly(path)
    const storage = fileStorage(root)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    expect(await storage.list('default', { limit: 10 })).toEqual([recordOf('a')])
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/EROFS.*read-only/) }
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('b'))).rejects.toMatchObject(failure)
    await expect(fileStorage(join(path, 'new')).put(recordOf('a'))).rejects.toMatchObject(failure)
  },
)

test.skipIf(isMissing(noTmpfs, 'a full disk'))(
  'a full disk keeps what it has, says so, and takes more once there is room',
  async () => {
    const path = place()
    undo.push(mountTmpfs(path, '1m'))
    const filler = join(path, 'filler')
    writeFileSync(filler, Buffer.alloc(300_000))
    const root = join(path, 'secrets')
    const storage = fileStorage(root)
    const body = 'x'.repeat(100_000)
    let count = 0
    let failure: unknown
    while (failure === undefined && count < 100) {
      failure = await storage.put(recordOf(`t${count}`, 1, body)).then(
        () => void count++,
        (error: unknown) => error,
      )
    }
    expect(failure).toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/ENOSPC.*disk is full/),
    })
    expect(count).toBeGreaterThan(0)
    await expect(storage.put(recordOf('t0', 2, body))).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(draftsIn(root)).toEqual([])
    const all = await fileStorage(root).list('default', { limit: 100 })
    expect(all).toEqual(Array.from({ length: count }, (_, index) => recordOf(`t${index}`, 1, body)))
    unlinkSync(filler)
    await storage.put(recordOf(`t${count}`, 1, body))
    await storage.put(recordOf('t0', 2, body))
    expect(await readOne(fileStorage(root), 't0')).toEqual(recordOf('t0', 2, body))
  },
)

describe('where there is no room left', () => {
  const TAGS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const deletion = (tag: string) => ({ ...recordOf(tag, 2), body: expect.stringContaining('"deleted"') })
  const full = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/ENOSPC.*disk is full/) }

  /** Fills the file system until nothing goes in any more, and says how many files it took. */
  function fill(directory: string, bytes: number): number {
    for (let count = 0; ; count++) {
      try {
        writeFileSync(join(directory, `filler-${count}`), Buffer.alloc(bytes))
      } catch {
        return count
      }
    }
  }

  async function expectDeletions(home: string, fillers: number, deletions: number): Promise<void> {
    const root = join(home, 'secrets')
    const body = 'x'.repeat(2000)
    for (const tag of TAGS) await fileStorage(root).put(recordOf(tag, 1, body))
    expect(fill(home, fillers)).toBeGreaterThan(0)
    if (fillers > 0) fill(home, 1)
    const storage = fileStorage(root)
    await expect(storage.put(recordOf('a', 2, body))).rejects.toMatchObject(full)
    await expect(storage.put(recordOf('new', 1, body))).rejects.toMatchObject(full)
    const deleted = TAGS.slice(0, deletions)
    const vault = createVault({ storage, keys: null })
    for (const tag of deleted) await vault.delete(tag, { confirm: tag })
    const expected = TAGS.map((tag, at) => (at < deletions ? deletion(tag) : recordOf(tag, 1, body)))
    const listed = await fileStorage(root).list('default', { limit: 100 })
    expect(listed).toEqual(expected)
    expect(draftsIn(root)).toEqual([])
    for (const tag of deleted) expect(statSync(inTag(root, tag, '1')).size).toBe(0)
  }

  test.skipIf(isMissing(noTmpfs, 'deletions on a full disk'))('a secret can be deleted: a full tmpfs', async () => {
    const home = place()
    undo.push(mountTmpfs(home, '1m'))
    await expectDeletions(home, 4096, TAGS.length)
  })

  test.skipIf(isMissing(noTmpfs, 'deletions without inodes'))(
    'three secrets can be deleted where each name needs an inode: a tmpfs without inodes',
    async () => {
      const home = place()
      undo.push(mountTmpfs(home, '8m', 64))
      await expectDeletions(home, 0, 3)
    },
  )

  const noLoop = mountsMissing('loop')
  for (const [what, bytes, inodes] of [
    ['no blocks', 4096, 4096],
    ['no inodes', 0, 64],
  ] as const) {
    test.skipIf(isMissing(noLoop, `deletions on an ext4 with ${what}`))(
      `every secret can be deleted: an ext4 with ${what}`,
      async () => {
        const home = place()
        makeImage(`${home}.image`, inodes)
        undo.push(mountImage(`${home}.image`, home))
        await expectDeletions(home, bytes, TAGS.length)
      },
    )
  }
})

describe('a power loss', () => {
  const WRITES = 150
  const skip = isMissing(mountsMissing('loop'), 'a power loss')

  /** The acknowledged writes that the disk no longer has, after the machine of the writer lost its power. */
  async function lostWrites(leftOut: string): Promise<string[]> {
    const home = place()
    const [image, copy, log] = [`${home}.image`, `${home}.copy`, `${home}.log`]
    makeImage(image)
    const unmount = mountImage(image, home)
    undo.push(unmount)
    const child: Child = startChild('writes', home, log, String(WRITES), leftOut)
    expect(await nextLine(child)).toBe('written')
    copyDisk(image, copy)
    child.process.kill('SIGKILL')
    await child.ended

    const after = `${home}-after`
    undo.push(mountImage(copy, after))
    const acknowledged = new Map(
      readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    )
    const tags = [...acknowledged.keys()]
    const found = await Promise.all(
      tags.map(async (tag) => {
        const [record] = await fileStorage(after)
          .get('default', [keyOf(tag)])
          .catch(() => [undefined])
        return record?.version ?? 0
      }),
    )
    return tags.filter((tag, index) => found[index]! < Number(acknowledged.get(tag)))
  }

  test.skipIf(skip)('loses no acknowledged write', async () => {
    expect(await lostWrites('none')).toEqual([])
  })

  test.skipIf(skip)('would lose some without the syncs of the directories', async () => {
    expect(await lostWrites('directories')).not.toEqual([])
  })

  test.skipIf(skip)('would lose some without any sync', async () => {
    expect(await lostWrites('all')).not.toEqual([])
  })
})
