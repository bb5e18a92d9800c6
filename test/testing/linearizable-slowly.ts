/** The slow, obvious twin of the checker: tries every order of the operations, each at once and between its two times. */

import type { Operation } from '../../src/testing/linearizability.ts'

/** Whether some order explains the history of one record. A put whose outcome is open is done at any time, or never. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  return canGoOn(operations, { version: 0, body: '' })
}

interface State {
  readonly version: number
  readonly body: string
}

function canGoOn(left: readonly Operation[], state: State): boolean {
  const isOpen = ({ kind, outcome }: Operation) => kind === 'put' && outcome === 'unknown'
  if (left.every(isOpen)) return true
  // an operation comes next only if none that is left was answered before it was called
  const firstEnd = Math.min(...left.filter((one) => !isOpen(one)).map(({ end }) => end))
  return left.some((next) => {
    if (next.start > firstEnd) return false
    const after = step(state, next)
    return (
      after !== undefined &&
      canGoOn(
        left.filter((one) => one !== next),
        after,
      )
    )
  })
}

/** The state after it; undefined where it cannot have happened in this state. */
function step(state: State, { kind, version, body, outcome }: Operation): State | undefined {
  if (kind === 'read') return state.version === version && state.body === body ? state : undefined
  const isNext = state.version === version - 1
  if (outcome === 'conflict') return isNext ? undefined : state
  if (outcome === 'failed') return state
  return isNext ? { version, body } : undefined
}
