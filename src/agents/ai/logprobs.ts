/** Log probabilities: each names one token, and tokens are pieces, so in no single one could a value be found. */

import { ownValue } from '../../plain-object.ts'
import type { DataRedactor } from './stream-parts.ts'

/** As providers name them: `logprobs`, `top_logprobs`, `logprobsResult`. */
const LOGPROBS_NAME = /log_?probs/i
/** Where a provider puts them, of a part or of a result. */
const METADATA_PLACES = ['providerMetadata', 'response'] as const

/** The redactor, with lists of log probabilities left out of what a provider says next to the content. */
export function withoutLogprobs({ chunks, find, text, data }: DataRedactor): DataRedactor {
  return {
    chunks,
    find,
    text,
    data(value) {
      const copy = data(value)
      for (const place of METADATA_PLACES) leaveOut(ownValue(copy as Record<string, unknown>, place))
      return copy
    },
  }
}

/** Changes what it is given, which is a copy. */
function leaveOut(root: unknown): void {
  const seen = new Set<unknown>([root])
  for (const part of seen) {
    if (typeof part !== 'object' || part === null) continue
    for (const [name, member] of Object.entries(part)) {
      if (typeof member !== 'object' || member === null) continue
      if (LOGPROBS_NAME.test(name)) delete (part as Record<string, unknown>)[name]
      else seen.add(member)
    }
  }
}
