/** Spans: where values stand in a text, merged so that no two touch, and written out as masks. */

import type { Form } from './needle.ts'

/** One occurrence of one value; offsets in UTF-16 code units, `end` exclusive. */
export interface Match {
  /** `''` for a value added without a label. */
  readonly label: string
  readonly form: Form
  readonly start: number
  readonly end: number
}

/** A place that gets one mask. */
export interface Span {
  start: number
  end: number
  /** The match whose label the mask shows: the leftmost, of these the longest. */
  first: Match
}

/** From left to right, the longer first. */
export function byPlace(a: Match, b: Match): number {
  return a.start - b.start || b.end - a.end
}

/** Matches as spans; those that touch are one. */
export function merged(matches: readonly Match[]): readonly Span[] {
  return union(
    matches.map((match) => ({ start: match.start, end: match.end, first: match })),
    [],
  )
}

function absorb(span: Span, other: Span): void {
  const { first } = span
  const order = byPlace(other.first, first)
  // the same answer whatever was found first
  if (order < 0 || (order === 0 && other.first.label < first.label)) span.first = other.first
  span.start = Math.min(span.start, other.start)
  span.end = Math.max(span.end, other.end)
}

/** The spans of two lists as one. */
export function union(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  const all: Span[] = []
  for (const span of [...a, ...b].sort((one, other) => one.start - other.start)) {
    const last = all.at(-1)
    if (last !== undefined && span.start <= last.end) absorb(last, span)
    else all.push({ ...span })
  }
  return all
}

/** Whether the index lies in one of the spans. */
export function isWithin(spans: readonly Span[], index: number): boolean {
  const span = spans[lastUpTo(spans, index, ({ start }) => start)]
  return span !== undefined && span.end > index
}

/** The index of the last item whose number is not larger, or -1; the numbers must rise. */
export function lastUpTo<T>(items: readonly T[], limit: number, numberOf: (item: T) => number): number {
  let low = -1
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numberOf(items[middle]!) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** The text with each span replaced by its mask; the same string where there is none. */
export function write(text: string, spans: readonly Span[], maskOf: (label: string) => string): string {
  let output = ''
  let from = 0
  for (const { start, end, first } of spans) {
    output += text.slice(from, start) + maskOf(first.label)
    from = end
  }
  return from === 0 ? text : output + text.slice(from)
}

/** Matches by place; those of one label that touch are one. */
export function byLabel(matches: Match[]): readonly Match[] {
  const last = new Map<string, Span>()
  const spans: Span[] = []
  for (const match of matches.sort(byPlace)) {
    const span = last.get(match.label)
    if (span !== undefined && match.start <= span.end) span.end = Math.max(span.end, match.end)
    else {
      const next = { start: match.start, end: match.end, first: match }
      last.set(match.label, next)
      spans.push(next)
    }
  }
  return spans.map(({ end, first }) => ({ ...first, end }))
}
