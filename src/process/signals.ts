/** Signals that this process gets while it waits for a child, passed on once. */

import process from 'node:process'

/** The kernel sends these to the whole foreground group of a terminal, so the child has had them already. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
/** Node itself uses SIGUSR1 to start its debugger. */
const TO_US_ALONE: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR2']

/** Takes signals. */
export interface SignalTarget {
  kill(signal: NodeJS.Signals): boolean
}

/**
 * Passes signals on to the child until the result is called. They no longer end this process meanwhile, so that it can wait
 * for its child and tell how that ended.
 *
 * @param hasTerminal whether Ctrl-C at a terminal reaches this process and the child alike
 * @returns takes the handlers away again
 */
export function forwardSignals(child: SignalTarget, hasTerminal: boolean): () => void {
  const handlers = new Map<NodeJS.Signals, () => void>()
  for (const signal of FROM_TERMINAL) handlers.set(signal, hasTerminal ? () => undefined : () => child.kill(signal))
  for (const signal of TO_US_ALONE) handlers.set(signal, () => child.kill(signal))
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
