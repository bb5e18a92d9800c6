/** The signal of a call, by which its caller gives up. */

import { readOptions, requireValid } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { WaitOptions } from './option-types.ts'

/** The signal in the options of a call that has no others. */
export function readSignal(options: WaitOptions | undefined): AbortSignal | undefined {
  return requireSignal(readOptions(options, 'options', ['signal'], suggest).signal)
}

/** @throws ERR_INVALID_INPUT when it is given and is not a signal */
export function requireSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined
  // of any realm, and of a polyfill
  const { aborted, addEventListener, removeEventListener } = Object(signal) as Partial<AbortSignal>
  const isSignal = [addEventListener, removeEventListener].every((method) => typeof method === 'function')
  requireValid(isSignal && typeof aborted === 'boolean', 'The option signal must be an AbortSignal.')
  return signal as AbortSignal
}
