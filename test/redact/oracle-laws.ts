/** What engine and oracle must agree on, and streams with both. */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import { createOracle } from './oracle.ts'
import type { Sample } from './random-texts.ts'

/** How two results differ: the engine masks less than the oracle, or more; a stream gives another text than one shot. */
export type Difference = 'less' | 'more' | 'stream'

/** Characters of the pieces in which a stream gets a text. */
const SIZES = [1, 5, 7, 16]

/** The text as it leaves a stream that gets it in pieces. */
function inPieces({ chunks }: Redactor, text: string, size: number): string {
  const { push, end } = chunks<string>()
  let output = ''
  for (let from = 0; from < text.length; from += size) output += push(text.slice(from, from + size))
  return output + (end() ?? '')
}

function maskedIn(text: string, spans: readonly { readonly start: number; readonly end: number }[]): boolean[] {
  const masked = new Array<boolean>(text.length).fill(false)
  for (const { start, end } of spans) masked.fill(true, start, end)
  return masked
}

/** Compares for one value: how the results for a text differ, empty where they do not. */
export function createComparison(value: string): (text: string) => ReadonlySet<Difference> {
  const redactor = createRedactor({ secrets: { k: value } })
  const oracle = createOracle(value)
  return (text) => {
    const found = new Set<Difference>()
    const masked = maskedIn(text, redactor.find(text))
    for (const [at, isMasked] of maskedIn(text, oracle.spans(text)).entries()) {
      if (isMasked !== masked[at]) found.add(isMasked ? 'less' : 'more')
    }
    const whole = redactor.text(text)
    if (whole !== oracle.text(text)) found.add(found.has('less') ? 'less' : 'more')
    if (SIZES.some((size) => inPieces(redactor, text, size) !== whole)) found.add('stream')
    return found
  }
}

/** What the three make of a text, for a person. */
export function shown(value: string, text: string): string {
  const redactor = createRedactor({ secrets: { k: value } })
  const streamed = new Set(SIZES.map((size) => inPieces(redactor, text, size)))
  const results = { engine: redactor.text(text), oracle: createOracle(value).text(text), streams: [...streamed] }
  return `${JSON.stringify(value)} in ${JSON.stringify(text)}: ${JSON.stringify(results)}`
}

/** The texts for which engine and oracle differ, as text; empty where they do not. */
export function disagreements({ value, texts }: Sample): readonly string[] {
  const compare = createComparison(value)
  return texts.filter((text) => compare(text).size > 0).map((text) => shown(value, text))
}
