/** The search: the index of all needles with what reads texts for it. */

import { type Candidate, type Match, merged, type Span, standaloneMatches } from './matches.ts'
import type { Entry } from './needle.ts'
import { NeedleIndex } from './needle-index.ts'
import { Scanner } from './scan.ts'
import { StreamTail } from './stream-tail.ts'

const WHOLE = { decided: 0, masked: 0, before: '', isOpen: false, isBytes: false }

/** Finds values in texts. */
export class Search {
  #index = new NeedleIndex()
  scanner = new Scanner(this.#index)
  tail = new StreamTail(this.#index, this.scanner)
  #forgotten = 0

  /** Looks for the value from now on. */
  add(entry: Entry): void {
    for (const needle of entry.needles) this.#index.add(needle, entry)
  }

  /** Values were forgotten: the index is made anew where it holds more of them than of those that are known. */
  forget(count: number, known: ReadonlyMap<string, Entry>): void {
    this.#forgotten += count
    if (this.#forgotten <= known.size) return
    this.#forgotten = 0
    this.#index = new NeedleIndex()
    this.scanner = new Scanner(this.#index)
    this.tail = new StreamTail(this.#index, this.scanner)
    for (const entry of known.values()) this.add(entry)
  }

  /** The places of the text to mask, with others that are known. */
  spans(text: string, others: readonly Match[] = []): readonly Span[] {
    const { matches, candidates } = this.scanner.scan(text, true)
    return withStandalone(text, others.length === 0 ? matches : matches.concat(others), candidates)
  }

  /** The places of values of at least that many characters: those of shorter ones may be anything. */
  longSpans(text: string, least: number): readonly Span[] {
    const { matches, candidates } = this.scanner.scan(text, true)
    const long = candidates.filter(({ start, end }) => end - start >= least)
    return withStandalone(text, matches, long)
  }

  /** Every occurrence with its form. */
  find(text: string, others: readonly Match[]): readonly Match[] {
    const { matches, candidates } = this.scanner.scan(text, true, true)
    const alone = standaloneMatches(candidates, text, merged(matches), WHOLE)
    return merged([...matches, ...alone, ...others], ({ label }) => label)
  }
}

function withStandalone(text: string, certain: readonly Match[], candidates: readonly Candidate[]): readonly Span[] {
  const main = merged(certain)
  const alone = standaloneMatches(candidates, text, main, WHOLE)
  return alone.length === 0 ? main : merged([...certain, ...alone])
}
