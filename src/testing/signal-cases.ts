/**
 * Conformance: a signal ends a call or does not, but never makes an outcome untrue. To ignore it is allowed; to say that
 * nothing was written while it is, or may still be, is not.
 */

import type { VaultStorage } from '../ports/storage.ts'
import { defaultKeys, readBack, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { expectNone, expectRecord, expectRecords, expectThat, outcomeOf } from './expect.ts'

/** When a put is aborted: at once, after so many turns of the microtasks, or after a turn of the event loop. */
const MOMENTS: readonly (readonly [when: string, wait: () => Promise<unknown>])[] = [
  ['at once', () => Promise.resolve()],
  ['a little later', () => Promise.resolve().then(() => undefined)],
  ['after a turn', () => new Promise((resolve) => setTimeout(resolve))],
  ['after two turns', () => new Promise((resolve) => setTimeout(() => setTimeout(resolve)))],
]
const READS_AFTER = 20

export const signalCases: readonly StorageCase[] = [
  storageCase('a signal that is never aborted, or only afterwards, changes nothing', async ({ storage }) => {
    const controller = new AbortController()
    const { signal } = controller
    await storage.put(recordOf('signalled'), { signal })
    expectRecords(await storage.get(WORKSPACE, defaultKeys('signalled'), { signal, fresh: true }), [
      recordOf('signalled'),
    ])
    expectRecords(await storage.list(WORKSPACE, { limit: 10 }, { signal }), [recordOf('signalled')])
    controller.abort()
    await expectWorking(storage, 'signalled', 1)
  }),

  storageCase(
    'a put whose signal was aborted before is acknowledged and done, or refused and not done',
    async ({ storage }) => {
      const signal = AbortSignal.abort()
      const outcome = await outcomeOf(storage.put(recordOf('aborted'), { signal }))
      expectThat(
        outcome === 'done' || outcome === 'ERR_STORAGE_UNAVAILABLE',
        `nothing was sent, so the put must be rejected with ERR_STORAGE_UNAVAILABLE, but was with ${outcome}`,
      )
      await expectWorking(storage, 'aborted', outcome === 'done' ? 1 : 0)
    },
  ),

  storageCase('a read whose signal was aborted before is answered, or unavailable', async ({ storage }) => {
    await storage.put(recordOf('asked'))
    const signal = AbortSignal.abort()
    const reads = [
      () => storage.get(WORKSPACE, defaultKeys('asked'), { signal }),
      () => storage.list(WORKSPACE, { limit: 10 }, { signal }),
    ]
    for (const read of reads) {
      const answer = Promise.resolve().then(read)
      const outcome = await outcomeOf(answer)
      if (outcome === 'done') expectRecords(await answer, [recordOf('asked')])
      else expectThat(outcome === 'ERR_STORAGE_UNAVAILABLE', `the read was rejected with ${outcome}`)
    }
    await expectWorking(storage, 'asked', 1)
  }),

  ...MOMENTS.map(([when, wait]) =>
    storageCase(
      `what is said of a put that is aborted while it is under way is true: ${when}`,
      async ({ storage }) => {
        const controller = new AbortController()
        const outcome = outcomeOf(storage.put(recordOf('cut'), { signal: controller.signal }))
        await wait()
        controller.abort()
        const said = await outcome
        const isKnown = ['done', 'ERR_STORAGE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN'].includes(said)
        expectThat(isKnown, `the put was rejected with ${said}, which says neither`)
        // whatever is still on its way has arrived once the same version is taken
        const again = await outcomeOf(storage.put(recordOf('cut', 1, { body: 'the second' })))
        if (said === 'done') {
          expectThat(again === 'ERR_CONFLICT', `the put was acknowledged, but its version was free: ${again}`)
          await expectWorking(storage, 'cut', 1)
        }
        if (said === 'ERR_STORAGE_UNAVAILABLE') {
          expectThat(again === 'done', `the put was told to be not written, but its version was taken: ${again}`)
        }
        for (let read = 0; read < READS_AFTER; read++) await readBack(storage, 'cut')
      },
      { hint: 'The suite aborted the signal of a put while it was under way' },
    ),
  ),
]

/** The record at this version, 0 for none, and a storage that goes on working. */
async function expectWorking(storage: VaultStorage, tag: string, version: number): Promise<void> {
  for (let read = 0; read < READS_AFTER; read++) {
    const found = await readBack(storage, tag)
    if (version === 0) expectNone(found)
    else expectRecord(found, recordOf(tag, version))
  }
  await storage.put(recordOf(`${tag}-after`))
  expectRecord(await readBack(storage, `${tag}-after`), recordOf(`${tag}-after`))
}
