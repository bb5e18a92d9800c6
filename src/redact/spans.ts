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

/** A place that gets one mask, and the match whose label it shows: the leftmost, of these the longest. */
export interface Span {
  start: number
  end: number
  first: Match
}

/** Takes matches in the order of their windows. */
export interface Sink {
  /** Whether a match of the label there would change nothing. */
  covers(start: number, end: number, label: string): boolean
  add(match: Match): void
}

/** Spans in order, no two of which touch. */
export class Spans implements Sink {
  readonly list: Span[] = []

  /** A match that lies within the last span and is not the first to begin changes nothing. */
  covers(start: number, end: number): boolean {
    const last = this.list.at(-1)
    return last !== undefined && start > last.start && end <= last.end
  }

  /** Adds a match that does not end before the last span begins. */
  add(match: Match): void {
    const { list } = this
    const span = { start: match.start, end: match.end, first: match }
    while (list.length > 0 && list.at(-1)!.end >= span.start) absorb(span, list.pop()!)
    list.push(span)
  }
}

function absorb(span: Span, other: Span): void {
  if (isBefore(other.first, span.first)) span.first = other.first
  span.start = Math.min(span.start, other.start)
  span.end = Math.max(span.end, other.end)
}

/** Whether `a` gives its label to a mask over both; the same answer whatever was found first. */
function isBefore(a: Match, b: Match): boolean {
  return (a.start - b.start || b.end - a.end || (a.label < b.label ? -1 : 1)) < 0
}

/** Spans of each label on its own, from several searches. */
export class LabelSpans {
  readonly #layers: Map<string, Spans>[] = []

  /** A sink for one search. */
  layer(): Sink {
    const layer = new Map<string, Spans>()
    this.#layers.push(layer)
    return {
      covers: (start, end, label) => layer.get(label)?.covers(start, end) === true,
      add: (match) => {
        let spans = layer.get(match.label)
        if (spans === undefined) {
          spans = new Spans()
          layer.set(match.label, spans)
        }
        spans.add(match)
      },
    }
  }

  lists(label?: string): Span[][] {
    return this.#layers.flatMap((layer) =>
      [...layer].filter(([name]) => label === undefined || name === label).map(([, { list }]) => list),
    )
  }

  /** All matches by place. */
  matches(): Match[] {
    const labels = new Set(this.#layers.flatMap((layer) => [...layer.keys()]))
    return [...labels]
      .flatMap((label) =>
        union(this.lists(label)).map(({ start, end, first }) => ({ label, form: first.form, start, end })),
      )
      .sort((a, b) => a.start - b.start || b.end - a.end)
  }
}

/** The spans of several lists as one. */
export function union(lists: readonly (readonly Span[])[]): readonly Span[] {
  const filled = lists.filter((list) => list.length > 0)
  if (filled.length < 2) return filled[0] ?? []
  const all: Span[] = []
  for (const span of filled.flat().sort((a, b) => a.start - b.start)) {
    const last = all.at(-1)
    if (last !== undefined && span.start <= last.end) absorb(last, span)
    else all.push({ ...span })
  }
  return all
}

/** Whether the index lies in one of the spans. */
export function isWithin(spans: readonly Span[], index: number): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.end <= index) low = middle + 1
    else high = middle
  }
  return low < spans.length && spans[low]!.start <= index
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
