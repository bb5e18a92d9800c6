/** A storage over another one whose calls go wrong on the way, as on a network: to see that nobody is told anything untrue. */

import { GuillemetError } from '../errors.ts'
import type { StoredRecord, VaultStorage } from '../ports/storage.ts'

/**
 * What happens to a call.
 *
 * `delayed`: it arrives later. `duplicated`: a put arrives twice, and the second answer is given, as by a driver that
 * sends again. `cut-before`: it does not arrive. `cut-after`: it is carried out, and its answer is lost. `landing-late`: it
 * is given up at once, and carried out later. `unanswered-before` and `unanswered-after`: there is never an answer, whether
 * it was not carried out or was. A read that is cut fails, and one that is unanswered is never answered.
 */
export type StorageFault =
  | 'delayed'
  | 'duplicated'
  | 'cut-before'
  | 'cut-after'
  | 'landing-late'
  | 'unanswered-before'
  | 'unanswered-after'

/** Every fault, to choose from. */
export const STORAGE_FAULTS: readonly StorageFault[] = Object.freeze([
  'delayed',
  'duplicated',
  'cut-before',
  'cut-after',
  'landing-late',
  'unanswered-before',
  'unanswered-after',
])

/** A call that something may happen to. */
export interface FaultyCall {
  /** Which method of the storage is called. */
  readonly method: 'get' | 'put' | 'list'
  /** How many calls went before it, of all methods. */
  readonly index: number
}

/** Chooses what happens to a call; undefined for nothing. */
export type ChooseFault = (call: FaultyCall) => StorageFault | undefined

/** The longest delay in milliseconds. */
const MAX_DELAY = 5

/**
 * The storage with faults on the way to it. What does arrive arrives whole.
 *
 * @param choose asked once for each call, in their order
 * @throws ERR_INVALID_INPUT when `choose` is not a function
 * @example Every third put is carried out, and its answer is lost
 * const storage = faultyStorage(memoryStorage(), ({ method, index }) =>
 *   method === 'put' && index % 3 === 0 ? 'cut-after' : undefined,
 * )
 * const vault = createVault({ storage, keys: generateKey() })
 */
export function faultyStorage(storage: VaultStorage, choose: ChooseFault): VaultStorage {
  if (typeof choose !== 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'faultyStorage needs a function that chooses what happens to a call.')
  }
  let index = 0
  const faultOf = (method: FaultyCall['method']) => choose({ method, index: index++ })
  const { close, workspaces } = storage
  return {
    ...(close !== undefined && { close: () => close.call(storage) }),
    ...(workspaces !== undefined && { workspaces: (page, options) => workspaces.call(storage, page, options) }),
    get: (workspace, keys, options) => {
      const copies = keys.map((key) => ({ ...key }))
      return faultyRead(faultOf('get'), () => storage.get(workspace, copies, options))
    },
    list: (workspace, page, options) => {
      const copy = { ...page }
      return faultyRead(faultOf('list'), () => storage.list(workspace, copy, options))
    },
    put: (record, options) => {
      const copy = { ...record }
      return faultyPut(faultOf('put'), copy, (one) => storage.put(one, options))
    },
  }
}

async function faultyRead<T>(fault: StorageFault | undefined, read: () => Promise<T>): Promise<T> {
  if (fault === 'delayed' || fault === 'landing-late') await delay()
  if (fault === 'cut-before' || fault === 'cut-after') throw cut()
  return fault === 'unanswered-before' || fault === 'unanswered-after' ? neverAnswers() : read()
}

async function faultyPut(
  fault: StorageFault | undefined,
  record: StoredRecord,
  put: (record: StoredRecord) => Promise<void>,
): Promise<void> {
  switch (fault) {
    case undefined:
      return put(record)
    case 'delayed':
      await delay()
      return put(record)
    case 'duplicated': {
      // one behind the other on the same connection: nobody is between them
      const [, second] = await Promise.allSettled([put(record), put(record)])
      if (second.status === 'rejected') throw second.reason
      return
    }
    case 'landing-late':
      void delay().then(() => put(record).catch(() => undefined))
      throw cut()
    case 'cut-before':
      throw cut()
    case 'unanswered-before':
      return neverAnswers()
    default:
      // whether it was done or refused, nobody hears of it
      await put(record).catch(() => undefined)
      if (fault === 'cut-after') throw cut()
      return neverAnswers()
  }
}

/** As a driver says it whose connection has died. */
function cut(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })
}

function neverAnswers(): Promise<never> {
  return new Promise(() => undefined)
}

function delay(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_DELAY))
}
