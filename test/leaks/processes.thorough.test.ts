/** Two real processes that start at once, and a directory that is not as it should be. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mountsMissing, mountTmpfs, remountReadOnly } from '../storage/mounts.ts'
import { scratch } from '../storage/scratch.ts'
import { contentsOf, diskStage } from '../vault/disk.ts'
import { KEY } from '../vault/fixture.ts'
import { CANARIES } from './canaries.ts'
import { type Watched, watched } from './stages.ts'

const place = scratch()
const SCRIPT = fileURLToPath(new URL('./children/creates.ts', import.meta.url))
const ROUNDS = 12

class Child {
  readonly process: ChildProcess
  readonly printed: string[] = []
  readonly #lines: AsyncIterableIterator<string>

  constructor(id: string) {
    this.process = spawn(process.execPath, ['--import', 'tsx', SCRIPT, id], { stdio: 'pipe' })
    this.process.stderr!.on('data', (chunk) => this.printed.push(String(chunk)))
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]()
  }

  ask(directory: string, tag: string): void {
    this.process.stdin!.write(`${directory} ${tag} ${KEY}\n`)
  }

  async answer(): Promise<string> {
    const { value } = await this.#lines.next()
    this.printed.push(String(value))
    return String(value)
  }
}

describe('two processes', () => {
  const children: Child[] = []
  beforeAll(async () => {
    for (const id of ['one', 'two']) children.push(new Child(id))
    for (const child of children) expect(await child.answer()).toBe('ready')
  })
  afterAll(() => {
    for (const child of children) child.process.kill()
  })

  /** Asks both at once. */
  async function both(directory: string, tags: readonly [string, string]): Promise<string[]> {
    for (const [index, child] of children.entries()) child.ask(directory, tags[index]!)
    return Promise.all(children.map((child) => child.answer()))
  }

  it('that create the same tag at once: one wins, the other is told, and the winner’s value is there', async () => {
    const stage = diskStage(place())
    await stage.vault.create({ tag: 'before', value: 'value-of-before' })
    for (let round = 0; round < ROUNDS; round++) {
      const tag = `t${round}`
      const answers = await both(stage.directory, [tag, tag])
      const lost = answers.filter((answer) => answer === 'ERR_SECRET_EXISTS')
      expect(lost).toHaveLength(1)
      const winner = answers[0] === 'ERR_SECRET_EXISTS' ? 'two' : 'one'
      const vault = stage.another()
      expect((await vault.resolve(`<< secrets.${tag} >>`)).expose()).toBe(`value-of-${tag}-by-${winner}`)
      expect(String((await vault.describe(tag))?.version)).toBe(answers.find((answer) => answer !== lost[0]))
    }
  })

  it('that make the first keyring at once end with one, and both values open', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const stage = diskStage(place())
      const isSame = round % 2 === 0
      const answers = await both(stage.directory, isSame ? ['a', 'a'] : ['a', 'b'])
      const vault = stage.another()
      expect((await stage.stored('$keyring', '$')).version).toBe(1)
      if (isSame) {
        expect(answers.filter((answer) => answer === 'ERR_SECRET_EXISTS')).toHaveLength(1)
        expect((await vault.resolve('<< secrets.a >>')).expose()).toMatch(/^value-of-a-by-(one|two)$/)
      } else {
        expect(answers).toEqual(['2', '2'])
        expect((await vault.resolve('<< secrets.a >> << secrets.b >>')).expose()).toBe(
          'value-of-a-by-one value-of-b-by-two',
        )
      }
    }
  })

  it('print nothing but their outcomes', () => {
    const printed = children.flatMap((child) => child.printed).join('\n')
    expect(printed).not.toMatch(/value-of|gm1\./)
    expect(printed).not.toContain(KEY)
  })
})

/** Everything that reads or writes. */
function uses({ vault }: Pick<Watched, 'vault'>): (() => unknown)[] {
  return CANARIES.flatMap(({ tag, value, reference }) => [
    () => vault.resolve(reference),
    () => vault.describe(tag),
    () => vault.update(tag, { value }),
    () => vault.create({ tag: 'fresh', value }),
    () => vault.delete(tag, { confirm: tag }),
  ])
}

describe('a storage directory', () => {
  it('that is, or has, a symbolic link is refused', async () => {
    const stage = await watched('files', place)
    const { directory, placeOf } = stage.disk!
    const link = place()
    symlinkSync(directory, link)
    for (const call of uses(diskStage(link))) await stage.refuses(call, 'ERR_INVALID_INPUT')
    for (const step of [
      directory,
      dirname(dirname(placeOf({ environment: 'default', tag: 'long' }))),
      dirname(placeOf({ environment: 'default', tag: 'long' })),
    ]) {
      renameSync(step, `${step}-moved`)
      symlinkSync(`${step}-moved`, step)
      const codes = ['ERR_INVALID_INPUT', 'ERR_STORAGE_UNAVAILABLE'] as const
      for (const call of uses({ vault: stage.another() })) await stage.refuses(call, codes)
      renameSync(step, `${step}-link`)
      renameSync(`${step}-moved`, step)
    }
    await stage.expectUnharmed()
  })

  it('that is a file, or lies below nothing, is refused', async () => {
    const stage = await watched('files', place)
    const file = place()
    writeFileSync(file, 'a file')
    for (const call of uses(diskStage(file))) await stage.refuses(call, 'ERR_INVALID_INPUT')
    const nowhere = diskStage(join(place(), 'below', 'nothing'))
    await stage.refuses(() => nowhere.vault.create({ tag: 'a', value: CANARIES[0]!.value }), 'ERR_STORAGE_UNAVAILABLE')
    expect(readFileSync(file, 'utf8')).toBe('a file')
    await stage.expectUnharmed()
  })

  it('with a half-written record says so, and overwrites nothing', async () => {
    const stage = await watched('files', place)
    const { fileOf } = stage.disk!
    for (const canary of CANARIES) {
      const file = fileOf({ environment: 'default', tag: canary.tag })
      const whole = readFileSync(file)
      for (const length of [0, 5, whole.length >> 1, whole.length - 1]) {
        truncateSync(file, length)
        const vault = stage.another()
        for (const call of [
          () => vault.resolve(canary.reference),
          () => vault.update(canary.tag, { value: canary.value }),
          () => vault.set({ tag: canary.tag, value: canary.value }),
          () => vault.create({ tag: canary.tag, value: canary.value }),
          () => vault.describe(canary.tag),
        ]) {
          await stage.refuses(call, 'ERR_RECORD_CORRUPT')
        }
        expect(readFileSync(file)).toHaveLength(length)
        writeFileSync(file, whole)
      }
    }
    await stage.expectUnharmed()
  })

  it('with files of others in it reads its own and leaves theirs', async () => {
    const stage = await watched('files', place)
    const { directory, placeOf } = stage.disk!
    const tagPlace = placeOf({ environment: 'default', tag: 'long' })
    const foreign = [directory, dirname(dirname(tagPlace)), dirname(tagPlace), tagPlace].flatMap((path) =>
      ['.DS_Store', 'notes.txt', '1.tmp', '02', 'Thumbs.db', '..data'].map((name) => join(path, name)),
    )
    for (const path of foreign) writeFileSync(path, 'of others')
    mkdirSync(join(dirname(tagPlace), 'lost+found'))
    const vault = stage.another()
    for (const { reference, exposed } of CANARIES) {
      expect((await vault.resolve(reference)).expose() === exposed).toBe(true)
    }
    await vault.create({ tag: 'fresh', value: CANARIES[0]!.value })
    await vault.update('fresh', { name: 'N' })
    await vault.delete('fresh', { confirm: 'fresh' })
    for (const path of foreign) expect(readFileSync(path, 'utf8')).toBe('of others')
    await stage.expectUnharmed()
  })

  it('on a read-only file system is read, and refuses writes', async ({ skip }) => {
    const missing = mountsMissing('tmpfs')
    skip(missing !== undefined, missing)

    const home = place()
    const unmount = mountTmpfs(home, '8m')
    try {
      const stage = await watched('files', () => join(home, 'vault'))
      const before = contentsOf(stage.disk!.directory)
      remountReadOnly(home)
      for (const { tag, value } of CANARIES) {
        const vault = stage.another()
        for (const call of [
          () => vault.update(tag, { name: 'another' }),
          () => vault.set({ tag, value, name: 'another' }),
          () => vault.create({ tag: 'fresh', value }),
          () => vault.delete(tag, { confirm: tag }),
        ]) {
          const error = await stage.refuses(call, 'ERR_STORAGE_UNAVAILABLE')
          expect(error.message).toMatch(/read-only|EROFS/)
        }
      }
      expect(contentsOf(stage.disk!.directory)).toEqual(before)
      expect(readdirSync(home)).toEqual(['vault'])
      await stage.expectUnharmed()
    } finally {
      unmount()
    }
  })
})
