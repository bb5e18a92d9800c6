/** The matcher: finds every pattern of every value in a text. */

import type { Pattern } from './forms.ts'
import type { Entry } from './registry.ts'
import { byPlace, type Match } from './spans.ts'

const WORD = /[A-Za-z0-9_-]/

export class Matcher {
  readonly #entries = new Set<Entry<Pattern>>()
  longest = 0

  add(entry: Entry<Pattern>): void {
    this.#entries.add(entry)
    for (const { text } of entry.patterns) this.longest = Math.max(this.longest, text.length)
  }

  remove(entry: Entry<Pattern>): void {
    this.#entries.delete(entry)
  }

  find(text: string): Match[] {
    const matches: Match[] = []
    for (const entry of this.#entries) {
      for (const pattern of entry.patterns) {
        for (let start = text.indexOf(pattern.text); start !== -1; start = text.indexOf(pattern.text, start + 1)) {
          let end = start + pattern.text.length
          let from = start
          if (entry.verdict === 'short' && (WORD.test(text[start - 1] ?? ' ') || WORD.test(text[end] ?? ' '))) continue
          if (pattern.form === 'base64') {
            if (/[\w+/-]/.test(text[start - 1] ?? ' ')) from--
            if (/[\w+/-]/.test(text[end] ?? ' ')) end++
            while (text[end] === '=') end++
          }
          matches.push({ label: entry.labels[0]!, form: pattern.form, start: from, end })
        }
      }
    }
    return matches.sort(byPlace)
  }

  /** Where the tail begins that may still become a match. */
  liveFrom(text: string): number {
    for (let start = Math.max(0, text.length - this.longest); start < text.length; start++) {
      const tail = text.slice(start)
      for (const entry of this.#entries) {
        for (const pattern of entry.patterns) {
          if (
            pattern.text.startsWith(tail) ||
            (tail.startsWith(pattern.text) && tail.length <= pattern.text.length + 3)
          ) {
            return Math.max(0, start - 1)
          }
        }
      }
    }
    return text.length
  }
}
