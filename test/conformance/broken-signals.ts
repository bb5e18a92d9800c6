/** Storages that say something untrue, or break, once a signal is aborted. */

import { GuillemetError } from '../../src/errors.ts'
import { type BrokenStorage, tick, wrapped } from './breaking.ts'

/** After a signal it answers as if nothing had been sent. */
const liesWhenAborted: BrokenStorage['make'] = wrapped((sound) => ({
  put: async (record, options) => {
    const copy = { ...record }
    await tick()
    await sound.put(copy)
    if (options?.signal?.aborted) throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'Aborted; nothing was written.')
  },
}))

/** Its connection goes back into the pool with the answer of another call still on it. */
const poisonedByAbort: BrokenStorage['make'] = wrapped((sound) => {
  let isPoisoned = false
  const use = async <T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> => {
    if (isPoisoned) throw new Error('a statement is in progress')
    const result = await run()
    await tick()
    isPoisoned = signal?.aborted === true
    if (isPoisoned) throw new GuillemetError('ERR_OUTCOME_UNKNOWN', 'Aborted.')
    return result
  }
  return {
    put: (record, options) => use(options?.signal, () => sound.put(record)),
    get: (workspace, keys, options) => use(options?.signal, () => sound.get(workspace, keys)),
  }
})

export const brokenSignals: readonly BrokenStorage[] = [
  {
    fault: 'says that an aborted put is not written when it is',
    make: liesWhenAborted,
    caughtBy: 'what is said of a put that is aborted while it is under way is true',
    says: 'was told to be not written, but its version was taken',
  },
  {
    fault: 'is poisoned by a call that was aborted',
    make: poisonedByAbort,
    caughtBy: 'what is said of a put that is aborted while it is under way is true',
  },
  {
    fault: 'fails with a code of its own when the signal was aborted before',
    make: wrapped((sound) => ({
      put: async (record, options) => {
        options?.signal?.throwIfAborted()
        await sound.put(record)
      },
      get: async (workspace, keys, options) => {
        options?.signal?.throwIfAborted()
        return sound.get(workspace, keys)
      },
    })),
    caughtBy: 'a read whose signal was aborted before is answered, or unavailable',
  },
  {
    fault: 'takes a signal for an unknown option',
    make: wrapped((sound) => ({
      put: async (record, options) => {
        if (options?.signal !== undefined) throw new Error('unknown option')
        await sound.put(record)
      },
    })),
    caughtBy: 'a signal that is never aborted',
  },
]
