/**
 * Every order in which writers, sweepers and readers of one tag can do their calls: the code itself, on a simulated
 * disk, with each process stopped before any call for as long as the others go on.
 *
 * A process that is killed is one that is never let go on, so every state counts, not only the last ones; and in every
 * state the power may fail.
 */

import { describe, expect, test } from 'vitest'
import { explore, readOften, writeOften, writeOnce } from '../explore.ts'

describe('in every order of their calls', () => {
  test('a late writer never wins, and is never told that it has, while another writes and sweeps', async () => {
    const explored = await explore({ kept: 1, before: 2, stops: 3, works: { late: writeOnce(3), busy: writeOften(3) } })
    expect(explored.late).toBeGreaterThan(0)
    expect(explored.outcomes).toEqual(new Set(['DONE', 'ERR_CONFLICT', 'ERR_OUTCOME_UNKNOWN']))
  })

  test('no reader is given what a late writer left, however late the reader is itself', async () => {
    const explored = await explore({
      kept: 1,
      before: 2,
      stops: 2,
      works: { late: writeOnce(3), busy: writeOften(3), reader: readOften(2) },
    })
    expect(explored.late).toBeGreaterThan(0)
  })

  test('two sweepers and a late writer lose nothing', async () => {
    const explored = await explore({
      kept: 1,
      before: 3,
      stops: 2,
      works: { one: writeOften(2), two: writeOften(2), late: writeOnce(4) },
    })
    expect(explored.late).toBeGreaterThan(0)
  })
})
