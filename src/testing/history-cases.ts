/** Conformance: what parallel writers see of a few records can have happened in one order. */

import type { VaultStorage } from '../ports/storage.ts'
import { type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { expectThat } from './expect.ts'
import { inspectHistories } from './linearizability.ts'
import { raceOn } from './race.ts'

const HISTORY_WRITERS = 4
const HISTORY_ROUNDS = 12
/** One sentence tells as much as fifty. */
const MOST_PROBLEMS = 3

const hint = `The suite let ${HISTORY_WRITERS} writers read and write three records ${HISTORY_ROUNDS} times at once`

export const historyCases: readonly StorageCase[] = [
  storageCase(
    'what parallel writers see can have happened in one order',
    async ({ storage }) => raceForHistories(Array.from({ length: HISTORY_WRITERS }, () => storage)),
    { hint },
  ),

  storageCase(
    'what parallel writers see through handles of their own can have happened in one order',
    async ({ storage, again }) => {
      const handles = [storage]
      while (handles.length < HISTORY_WRITERS) handles.push(await again())
      await raceForHistories(handles)
    },
    { hint, needs: 'processes' },
  ),
]

async function raceForHistories(handles: readonly VaultStorage[]): Promise<void> {
  const histories = await Promise.all(
    handles.map((handle, index) =>
      raceOn(handle, { by: `w${index + 1}`, rounds: HISTORY_ROUNDS, workspace: WORKSPACE }),
    ),
  )
  const after = await raceOn(handles[0]!, { by: 'after', rounds: 0, workspace: WORKSPACE })
  const problems = inspectHistories([...histories, after])
  expectThat(problems.length === 0, problems.slice(0, MOST_PROBLEMS).join('; '))
}
