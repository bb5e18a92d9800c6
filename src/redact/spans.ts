/** Spans: where values stand in a text, merged so that no two touch, and written out as masks. */

import type { Form } from './needle.ts'

/** A place that gets one mask, that of its label; offsets in UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly label: string
  readonly start: number
  end: number
}

/** One occurrence of one value; offsets in UTF-16 code units, `end` exclusive. */
export interface Match {
  /** `''` for a value added without a label. */
  readonly label: string
  readonly form: Form
  readonly start: number
  readonly end: number
}

/** From left to right, the longer first; the same order whatever was found first. */
export function byPlace(a: Span, b: Span): number {
  return a.start - b.start || b.end - a.end || (a.label < b.label ? -1 : Number(a.label > b.label))
}

/** Matches by place; of one group, those that touch are one, under the label of the first. */
export function merged(matches: readonly Match[], groupOf: (match: Match) => unknown = () => ''): readonly Match[] {
  const spans: Match[] = []
  const last = new Map<unknown, Span>()
  for (const match of [...matches].sort(byPlace)) {
    const group = groupOf(match)
    const span = last.get(group)
    if (span !== undefined && match.start <= span.end) span.end = Math.max(span.end, match.end)
    else {
      const next = { ...match }
      last.set(group, next)
      spans.push(next)
    }
  }
  return spans
}

/** The text with each span replaced by its mask; the same string where there is none. */
export function write(text: string, spans: readonly Span[], maskOf: (label: string, length: number) => string): string {
  let output = ''
  let from = 0
  for (const { label, start, end } of spans) {
    output += text.slice(from, start) + maskOf(label, end - start)
    from = end
  }
  return from === 0 ? text : output + text.slice(from)
}
