/** Spans: where values stand in a text, merged so that no two touch, and written out as masks. */

/** Which writing of a value was found. */
export type Form =
  | 'raw'
  | 'json'
  | 'escape'
  | 'quote'
  | 'percent'
  | 'html'
  | 'base64'
  | 'hex'
  | 'decimal'
  | 'line'
  | 'leaf'
  | 'part'
  | 'fragment'

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
  label: string
}

/** By start, the longer one first: the order that decides which label a merged mask shows. */
export function byPlace(a: Match, b: Match): number {
  return a.start - b.start || b.end - a.end
}

/** Overlapping and touching matches as one span each; its label is that of the leftmost, longest match. */
export function merge(matches: readonly Match[]): Span[] {
  const spans: Span[] = []
  let last: Span | undefined
  for (const match of matches) {
    if (last !== undefined && match.start <= last.end) {
      if (match.end > last.end) last.end = match.end
    } else {
      last = { start: match.start, end: match.end, label: match.label }
      spans.push(last)
    }
  }
  return spans
}

/** The text with each span replaced by its mask; the same string where there is none. */
export function write(text: string, spans: readonly Span[], maskOf: (label: string) => string): string {
  if (spans.length === 0) return text
  let output = ''
  let from = 0
  for (const span of spans) {
    output += text.slice(from, span.start) + maskOf(span.label)
    from = span.end
  }
  return output + text.slice(from)
}
