/** Rotations in processes of their own, over files: killed, run again, and several at once. */

import { expect, it } from 'vitest'
import { destroyKey, rotateKeys } from '../../src/admin.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { createVault } from '../../src/vault/vault.ts'
import { type Child, startChild } from '../storage/child-process.ts'
import { scratch } from '../storage/scratch.ts'
import { all } from '../vault/fixture.ts'

const RECORDS = 8
const rotating = (directory: string, key: string) => startChild('rotates', directory, key)
const place = scratch()

async function filled() {
  const directory = place()
  const key = generateKey()
  const vault = createVault({ storage: fileStorage(directory), keys: key })
  const tags = Array.from({ length: RECORDS }, (_, n) => `t${n}`)
  const acknowledged: Record<string, string> = {}
  for (const tag of tags) {
    await vault.create({ tag, value: `first ${tag}` })
    acknowledged[tag] = `first ${tag}`
  }
  const requireAll = async () => {
    const reader = createVault({ storage: fileStorage(directory), keys: key })
    const template = Object.fromEntries(Object.keys(acknowledged).map((tag) => [tag, `<< secrets.${tag} >>`]))
    expect((await reader.resolve(template)).expose()).toEqual(acknowledged)
  }
  return { directory, key, vault, tags, acknowledged, requireAll }
}

const linesOf = async ({ lines, ended }: Child): Promise<string[]> => {
  const told = await all(lines)
  expect(await ended).toBe(0)
  return told
}

it('killed after a record, with updates beside it, loses nothing and is run again to its end', async () => {
  for (const kill of [0, 5]) {
    const { directory, key, vault, tags, acknowledged, requireAll } = await filled()
    const child = rotating(directory, key)
    let seen = 0
    for await (const _ of child.lines) {
      const tag = tags[(seen * 3) % RECORDS]!
      await vault.update(tag, { value: `kill ${kill}, ${seen}` })
      acknowledged[tag] = `kill ${kill}, ${seen}`
      if (seen++ === kill) child.process.kill('SIGKILL')
    }
    await requireAll()
    expect((await linesOf(rotating(directory, key))).at(-1)).toBe('complete true')
    await requireAll()
    const report = await rotateKeys(createVault({ storage: fileStorage(directory), keys: key }))
    for (const id of report.workspaces[0]!.retired) await destroyKey(vault, id, { confirm: id })
    await requireAll()
  }
})

it('two at once are safe: every record is seen by each, and one data key is left', async () => {
  const { directory, key, vault, requireAll } = await filled()
  const told = await Promise.all([1, 2].map(() => linesOf(rotating(directory, key))))
  for (const lines of told) expect([lines.length, lines.at(-1)]).toEqual([RECORDS + 1, 'complete true'])
  await requireAll()
  const { workspaces } = await rotateKeys(vault)
  for (const id of workspaces[0]!.retired) await destroyKey(vault, id, { confirm: id })
  await requireAll()
})
