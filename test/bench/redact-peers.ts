/** What the redactor is measured against: published packages, the obvious loops, and two limits. */

import { AhoCorasick as Monyone } from '@monyone/aho-corasick/fast'
import { scrub } from '@zapier/secret-scrubber'
import ModernAhoCorasick from 'modern-ahocorasick/fast'

/** Makes a search of lines for patterns, or for raw secrets where it knows no forms. */
export interface Peer {
  readonly name: string
  /** More secrets than this take it minutes or gigabytes; it is left out then. */
  readonly limit: number
  prepare(patterns: readonly string[], secrets: readonly string[]): (text: string) => unknown
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

export const peers: readonly Peer[] = [
  {
    name: 'modern-ahocorasick',
    limit: 1000,
    prepare(patterns) {
      const matcher = new ModernAhoCorasick([...patterns])
      return (text) => matcher.search(text)
    },
  },
  {
    name: '@monyone/aho-corasick',
    limit: 1000,
    prepare(patterns) {
      const matcher = new Monyone([...patterns])
      return (text) => matcher.matchInText(text)
    },
  },
  {
    name: 'one RegExp alternation',
    limit: 10,
    prepare(patterns) {
      const expression = new RegExp(patterns.map(escapeRegExp).join('|'), 'g')
      return (text) => text.replace(expression, '[secret]')
    },
  },
  {
    name: 'replaceAll in a loop',
    limit: 100,
    prepare: (patterns) => (text) => {
      let output = text
      for (const pattern of patterns) output = output.replaceAll(pattern, '[secret]')
      return output
    },
  },
  {
    name: '@zapier/secret-scrubber',
    limit: 100,
    prepare: (_, secrets) => (text) => scrub(text, [...secrets]),
  },
]

/** Reads every character and does nothing else with it. */
export function readEveryCharacter(text: string): number {
  let sum = 0
  for (let index = 0; index < text.length; index++) sum = (sum + text.charCodeAt(index)) | 0
  return sum
}
