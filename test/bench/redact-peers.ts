/** What the redactor is measured against: published packages, the obvious loops, and two limits. */

import { AhoCorasick as Monyone } from '@monyone/aho-corasick'
import { AhoCorasick as MonyoneFast } from '@monyone/aho-corasick/fast'
import { scrub } from '@zapier/secret-scrubber'
import ModernAhoCorasick from 'modern-ahocorasick'

/** Searches a text for what it was prepared with. */
export type Search = (text: string) => unknown

/** Another way to the same end, as fast as it goes: those that only search need not write. */
export interface Peer {
  readonly name: string
  readonly isAhoCorasick?: true
  /** With more secrets a run or its preparation takes too many seconds or gigabytes for this file, and it is left out. */
  readonly most: number
  readonly prepare: (patterns: readonly string[], secrets: readonly string[]) => Search
}

/** The double array of this package searches twice as fast as its plain trie, but for 1,000 it is not built in 100 s. */
const MOST_IN_DOUBLE_ARRAY = 100

export const PEERS: readonly Peer[] = [
  {
    name: 'modern-ahocorasick', // its entry point /fast takes more than 25 s for 4 MB
    isAhoCorasick: true,
    most: 10_000,
    prepare(patterns) {
      const matcher = new ModernAhoCorasick(patterns)
      return (text) => matcher.count(text)
    },
  },
  {
    name: '@monyone/aho-corasick',
    isAhoCorasick: true,
    most: 1000,
    prepare(patterns, secrets) {
      const Fastest = secrets.length <= MOST_IN_DOUBLE_ARRAY ? MonyoneFast : Monyone
      const matcher = new Fastest([...patterns])
      return (text) => matcher.matchInText(text)
    },
  },
  {
    name: 'one RegExp alternation',
    most: 100,
    prepare(patterns) {
      const expression = new RegExp(patterns.map(escaped).join('|'), 'g')
      return (text) => text.replace(expression, '[secret]')
    },
  },
  {
    name: 'replaceAll in a loop',
    most: 100,
    prepare: (patterns) => (text) => patterns.reduce((output, next) => output.replaceAll(next, '[secret]'), text),
  },
  {
    name: '@zapier/secret-scrubber (its 5 forms)',
    most: 1000,
    prepare: (_, secrets) => (text) => scrub(text, [...secrets]),
  },
]

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

/** A limit: reads every character and does nothing else with it. */
export function readEveryCharacter(text: string): number {
  let sum = 0
  for (let index = 0; index < text.length; index++) sum = (sum + text.charCodeAt(index)) | 0
  return sum
}

/** Its first character occurs, as that of a token would: without one it would be found missing at memory speed. */
const ABSENT = 'sk_live_51absentabsentabsentabsent'

/** A limit: the engine's own search for one needle, which is not there. */
export function findAbsentNeedle(text: string): number {
  return text.indexOf(ABSENT)
}
