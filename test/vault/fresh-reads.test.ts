import { expect, it, vi } from 'vitest'
import { FreshReads } from '../../src/vault/fresh-reads.ts'

const keys = (...tags: string[]) => tags.map((tag) => ({ environment: 'default', tag }))

function stage() {
  const clock = { now: 0 }
  const read = vi.fn(async () => [] as const)
  return { clock, read, reads: new FreshReads(read, () => clock.now) }
}

it('one read serves all who were there before it, and nobody who came after', async () => {
  const { read, reads } = stage()
  const first = reads.get(keys('a', 'b'), 0)
  expect(reads.begun).toBe(1)
  expect(reads.get(keys('a', 'b'), 0)).toBe(first)
  expect(reads.get(keys('a', 'b'), 1)).not.toBe(first)
  void reads.get(keys('a'), 0)
  expect(read).toHaveBeenCalledTimes(3)
})

it('an answer serves nobody for longer than ten seconds', () => {
  const { clock, read, reads } = stage()
  void reads.get(keys('a'), 0)
  clock.now = 10_000
  void reads.get(keys('a'), 0)
  expect(read).toHaveBeenCalledTimes(1)
  clock.now = 10_001
  void reads.get(keys('a'), 0)
  expect(read).toHaveBeenCalledTimes(2)
})

it('a read that failed is begun anew', async () => {
  const { read, reads } = stage()
  read.mockRejectedValueOnce(new Error('gone'))
  const waiting = [reads.get(keys('a'), 0), reads.get(keys('a'), 0)]
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await reads.get(keys('a'), 0)).toEqual([])
  expect(read).toHaveBeenCalledTimes(2)
})

it('a hundred sets of records are remembered, and the oldest goes first', () => {
  const { read, reads } = stage()
  for (let at = 0; at <= 100; at++) void reads.get(keys(`tag-${at}`), 0)
  void reads.get(keys('tag-1'), 0)
  expect(read).toHaveBeenCalledTimes(101)
  void reads.get(keys('tag-0'), 0)
  expect(read).toHaveBeenCalledTimes(102)
})
