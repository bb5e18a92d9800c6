/** The checker of histories: a sound one passes, each unsound one fails, and a slow twin agrees on all small ones. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectHistories, type Operation } from '../../src/testing/linearizability.ts'
import { runs } from '../tooling/runs.ts'
import { isLinearizable } from './linearizable-slowly.ts'

/** `put 2 'b' done 3-5` of one record, by writers of any name. */
function operation(text: string, by: string): Operation {
  const [kind, version, outcome, start, end] = text.split(' ') as [
    Operation['kind'],
    string,
    Operation['outcome'],
    string,
    string,
  ]
  const [number, mark = 'x'] = version.split(':')
  const body = number === '0' ? '' : `${number}${mark}`
  return { by, kind, key: 'k', version: Number(number), body, outcome, start: Number(start), end: Number(end) }
}

const inspect = (...histories: (readonly string[])[]) =>
  inspectHistories(histories.map((history, index) => history.map((text) => operation(text, `w${index + 1}`))))

describe('a history is sound in which', () => {
  it.each<[string, (readonly string[])[]]>([
    ['nothing happens', []],
    ['one writer writes and reads', [['read 0 done 0 1', 'put 1 done 2 3', 'read 1 done 4 5', 'put 2 done 6 7']]],
    ['of two at once one wins', [['put 1:a done 0 9', 'read 1:a done 10 11'], ['put 1:b conflict 2 3']]],
    ['a read during a write sees either', [['put 1 done 0 9'], ['read 0 done 1 2', 'read 1 done 3 4']]],
    ['a doubtful put is done later', [['put 1 unknown 0 1', 'read 0 done 2 3', 'read 1 done 4 5']]],
    ['a doubtful put is never done', [['put 1:a unknown 0 1', 'put 1:b done 2 3', 'read 1:b done 4 5']]],
    ['nobody saw a doubtful put that others wrote over', [['put 1 unknown 0 1'], ['put 2 done 5 6']]],
    ['a conflict is told of a version not reached yet', [['put 3 conflict 0 1', 'put 1 done 2 3']]],
    ['a put failed and was not done', [['put 1:a failed 0 1', 'read 0 done 2 3', 'put 1:b done 4 5']]],
  ])('%s', (_, histories) => {
    expect(inspect(...histories)).toEqual([])
  })
})

describe('a history is not sound in which', () => {
  it.each<[string, (readonly string[])[], string]>([
    ['two win one version', [['put 1:a done 0 9'], ['put 1:b done 1 8']], 'both told that they wrote version 1'],
    ['a read sees what nobody put', [['put 1:a done 0 1', 'read 1:b done 2 3']], 'nobody put there'],
    ['an acknowledged write is not seen', [['put 1 done 0 1'], ['read 0 done 2 3']], 'fits no order'],
    [
      'a reader sees the old after the new',
      [
        ['put 1 done 0 1', 'put 2 done 2 9'],
        ['read 2 done 3 4', 'read 1 done 5 6'],
      ],
      'fits no order',
    ],
    [
      'two readers disagree',
      [['put 1 done 0 1', 'put 2 done 2 9'], ['read 2 done 3 4'], ['read 1 done 5 6']],
      'fits no order',
    ],
    ['a put that was refused is read', [['put 1 conflict 0 1', 'read 1 done 2 3']], 'was answered "conflict"'],
    ['a put that failed for certain is read', [['put 1 failed 0 1', 'read 1 done 2 3']], 'was answered "failed"'],
    ['a conflict is told of a version that was free', [['put 1 conflict 0 1']], 'which was free'],
    ['a version is skipped', [['put 1 done 0 1', 'put 3 done 2 3']], 'nobody wrote version 2'],
    [
      'an acknowledged put was replaced at its version',
      [['put 1:a done 0 1', 'put 1:b unknown 2 3', 'read 1:b done 4 5']],
      'another body',
    ],
    [
      'two readers see two bodies',
      [['put 1:a unknown 0 1', 'put 1:b unknown 2 3', 'read 1:a done 4 5', 'read 1:b done 6 7']],
      'another body',
    ],
  ])('%s', (_, histories, problem) => {
    expect(inspect(...histories)).toEqual([expect.stringContaining(problem)])
  })

  it('that is only one record of several', () => {
    const bad = { ...operation('put 1 conflict 0 1', 'w'), key: 'other' }
    expect(inspectHistories([[operation('put 1 done 0 1', 'w'), bad]])).toEqual([
      'other: w was told of a conflict at version 1, which was free',
    ])
  })
})

it('says of every small history what trying every order says', () => {
  const time = fc.integer({ min: 0, max: 6 })
  const any = fc.record({
    kind: fc.constantFrom('put' as const, 'read' as const),
    version: fc.integer({ min: 0, max: 3 }),
    mark: fc.constantFrom('x', 'y'),
    outcome: fc.constantFrom('done', 'done', 'conflict', 'failed', 'unknown'),
    start: time,
    length: time,
  })
  let sound = 0
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), (given) => {
      const operations = given.map(({ kind, version, mark, outcome, start, length }, index): Operation => {
        const at = kind === 'put' ? Math.max(1, version) : version
        // a body is written once, as in every race
        const body = at === 0 ? '' : kind === 'put' ? `${at}${index}` : `${at}${mark === 'x' ? 0 : index - 1}`
        const times = { start: start * 2, end: (start + length) * 2 + 1 }
        return {
          by: `w${index}`,
          kind,
          key: 'k',
          version: at,
          body,
          ...times,
          outcome: (kind === 'put' ? outcome : 'done') as Operation['outcome'],
        }
      })
      const isSound = inspectHistories([operations]).length === 0
      if (isSound) sound++
      expect(isSound).toBe(isLinearizable(operations))
    }),
    { numRuns: runs(3_000) },
  )
  expect(sound).toBeGreaterThan(100)
})
