/** Four processes on one directory: what they saw together can have happened in one order. */

import { expect, it } from 'vitest'
import { fileStorage } from '../../src/storage/file.ts'
import { inspectHistories, type Operation, raceOn } from '../../src/testing.ts'
import { nextLine, startChild } from './child-process.ts'
import { scratch } from './scratch.ts'

const PROCESSES = 4
const ROUNDS = 100
const place = scratch()

it('four processes that race on one directory lose no update and read nothing stale', async () => {
  const directory = place()
  const names = Array.from({ length: PROCESSES }, (_, index) => `p${index + 1}`)
  const children = names.map((name) => startChild('races', directory, name, String(ROUNDS)))
  for (const child of children) expect(await nextLine(child)).toBe('ready')
  for (const child of children) child.process.stdin!.write('go\n')
  const histories = await Promise.all(
    children.map(async (child) => JSON.parse(await nextLine(child)) as readonly Operation[]),
  )
  histories.push(await raceOn(fileStorage(directory), { by: 'after', rounds: 0 }))
  expect(inspectHistories(histories)).toEqual([])
  const puts = histories.flat().filter(({ kind }) => kind === 'put')
  const outcomes = new Set(puts.map(({ outcome }) => outcome))
  expect(puts).toHaveLength(PROCESSES * ROUNDS)
  // a race in which nobody ever lost proves nothing
  expect([...outcomes].sort()).toEqual(['conflict', 'done'])
})
