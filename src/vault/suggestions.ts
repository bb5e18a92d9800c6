/** Tags that were perhaps meant by those that are missing: few, and only such as the actor may read. */

import { candidatesOf, nearest } from '../suggest.ts'
import { askAbout } from './authorize.ts'
import { storedRecords } from './list.ts'
import type { FoundSecret } from './records.ts'
import type { View } from './view.ts'

/** Only the first missing tags get a suggestion: a template of thousands must cost no more than one of few. */
const MAX_MISSING = 5
/** How many candidates of one missing tag the policy is asked about. */
const MAX_ASKED = 3
/** Suggestions look no further than this many records. */
const MAX_RECORDS = 1_000

/** What was perhaps meant by each of the missing tags, as far as anything was. A failure is no error here. */
export async function suggestionsFor(view: View, missing: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const suggestions = new Map<string, string>()
  try {
    const found = await firstRecords(view)
    const candidates = candidatesOf(found.keys())
    for (const tag of firstOf(missing)) {
      for (const name of nearest(tag, candidates, MAX_ASKED)) {
        // it is there in an environment that is not asked, since this one has deleted it
        if (name === tag) continue
        const { place, record } = found.get(name)!
        if ((await askAbout(view, 'read', place, record)) !== undefined) continue
        suggestions.set(tag, name)
        break
      }
    }
  } catch {
    // the missing reference is what matters, not that nothing can be suggested
  }
  return suggestions
}

/** The same among tags that are known to be permitted. */
export function suggestionsAmong(tags: Iterable<string>, missing: Iterable<string>): ReadonlyMap<string, string> {
  const suggestions = new Map<string, string>()
  const candidates = candidatesOf(tags)
  for (const tag of firstOf(missing)) {
    const [name] = nearest(tag, candidates, 1)
    if (name !== undefined) suggestions.set(tag, name)
  }
  return suggestions
}

function firstOf(missing: Iterable<string>): readonly string[] {
  return [...new Set(missing)].slice(0, MAX_MISSING)
}

async function firstRecords(view: View): Promise<ReadonlyMap<string, FoundSecret>> {
  const found = new Map<string, FoundSecret>()
  let looked = 0
  for await (const { place, stored } of storedRecords(view)) {
    if (stored.state !== 'live') continue
    if (++looked > MAX_RECORDS) break
    if (!found.has(place.tag)) found.set(place.tag, { place, record: stored })
  }
  return found
}
