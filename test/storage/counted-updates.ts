/** Processes that count in the same records of a database: no acknowledged update may be lost, and none counted twice. */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { nextLine, startChild } from './child-process.ts'
import { readOne } from './scratch.ts'
import { openStorage, type StorageKind } from './servers/open-storage.ts'

const TAGS = ['a', 'b', 'c', 'd']

export interface Race {
  readonly kind: StorageKind
  readonly address: string
  readonly processes: number
  /** What each of them counts to. */
  readonly updates: number
  /** How often the first of them is killed on the way. */
  readonly kills: number
}

/** @param place gives a path for the log of each process */
export async function expectExactCount({ kind, address, processes, updates, kills }: Race, place: () => string) {
  const logs = Array.from({ length: processes }, place)
  const start = (index: number) =>
    startChild('database-updates', kind, address, `p${index}`, String(updates), logs[index]!)
  const steady = logs.slice(1).map((_, index) => start(index + 1))
  for (const child of steady) child.process.stdout!.resume()
  for (let kill = 0; kill < kills; kill++) {
    const victim = start(0)
    for (let heard = 0; heard < 1 + kill; heard++) await nextLine(victim)
    victim.process.kill('SIGKILL')
    expect(await victim.ended).toBeNull()
  }
  const last = start(0)
  last.process.stdout!.resume()
  expect(await Promise.all([last, ...steady].map((child) => child.ended))).toEqual(Array(processes).fill(0))

  const acknowledged = logs.map(readLog)
  const versions = acknowledged.flat().map(({ tag, version }) => `${tag}@${version}`)
  expect(versions).toHaveLength(processes * updates)
  expect(new Set(versions).size).toBe(versions.length)
  const { storage, close } = openStorage(kind, address)
  let unheard = 0
  for (const tag of TAGS) {
    const { version, body } = (await readOne(storage, tag))!
    const { by } = JSON.parse(body) as { by: Record<string, number> }
    for (const [index, log] of acknowledged.entries()) {
      const own = log.filter((line) => line.tag === tag)
      const counted = by[`p${index}`] ?? 0
      expect(counted).toBeGreaterThanOrEqual(own.at(-1)!.counted)
      unheard += counted - own.length
    }
    expect(version).toBe(Object.values(by).reduce((sum, counted) => sum + counted, 0))
  }
  await close()
  // a kill may fall between the write and its acknowledgement, no more than once each
  expect(unheard).toBeLessThanOrEqual(kills)
}

function readLog(path: string): { tag: string; version: number; counted: number }[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const [tag = '', version, counted] = line.split(' ')
    return { tag, version: Number(version), counted: Number(counted) }
  })
}
