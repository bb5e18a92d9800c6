/**
 * Values of a JSON text by their names: members, `{ "name": …, "value": … }`, lists of names and values, and what stands
 * in strings, such as a query. As in structures.
 */

import { STARTS_SCALAR, stringOf, tokenEnd } from './json-tokens.ts'
import type { Match, Span } from './matches.ts'
import type { IsSensitive } from './property-names.ts'
import { propertyValues } from './property-values.ts'

/** What is masked for its name. */
export interface NamedValues {
  /** Whole values, in no order; one may be within another. */
  readonly values: readonly Span[]
  /** Parts of strings. */
  readonly parts: readonly Match[]
}

/** A value of the text, as a span without a label. */
type Value = Span

/** The object or list that is being read. */
interface Container {
  readonly isList: boolean
  readonly start: number
  /** In an object, the name of the member that comes next. */
  name: string | undefined
  /** In an object, the values of its members `name` and `key`, and that of `value`. */
  readonly headers: Value[]
  headerValue: Value | undefined
  /** In a list, how many items there were, the last of them, and the values that follow a sensitive name. */
  size: number
  previous: Value | undefined
  readonly afterNames: Value[]
}

/** The values of a valid JSON text, or of several, that stand under sensitive names. */
export function namedInJson(json: string, isSensitive: IsSensitive): NamedValues {
  const reader = new NameReader(json, isSensitive)
  for (let at = 0, end = 0; at < json.length; at = end) {
    end = tokenEnd(json, at)
    reader.token(json[at]!, at, end)
  }
  return reader
}

class NameReader {
  readonly values: Span[] = []
  readonly parts: Match[] = []
  /** Where the string that was read last is. */
  #string: Value = valueSpan(0, 0)
  readonly #open: Container[] = [containerAt(0, true)]

  readonly #json: string
  readonly #isSensitive: IsSensitive

  constructor(json: string, isSensitive: IsSensitive) {
    this.#json = json
    this.#isSensitive = isSensitive
  }

  token(first: string, start: number, end: number): void {
    const container = this.#open.at(-1)!
    if (first === '"') {
      this.#string = valueSpan(start, end)
      this.#findParts(start, end)
      // in an object it is a name, unless one was there
      if (container.isList || container.name !== undefined) this.#value(container, this.#string)
    } else if (first === ':') container.name = stringOf(this.#textOf(this.#string))
    else if (first === '{' || first === '[') this.#open.push(containerAt(start, first === '['))
    else if (first === '}' || first === ']') {
      this.#close(this.#open.pop()!)
      this.#value(this.#open.at(-1)!, valueSpan(container.start, end))
    } else if (STARTS_SCALAR.test(first)) this.#value(container, valueSpan(start, end))
  }

  #value(container: Container, value: Value): void {
    const { name, previous, size } = container
    if (container.isList) {
      // a list of headers: ["authorization", "…", …]
      if (size % 2 === 1 && previous !== undefined) this.#mark(previous, value, container.afterNames)
      container.size++
      container.previous = this.#json[value.start] === '"' ? value : undefined
      return
    }
    if (this.#isMasked(name!, value)) this.values.push(value)
    if (name === 'name' || name === 'key') container.headers.push(value)
    else if (name === 'value') container.headerValue = value
    container.name = undefined
  }

  #close({ isList, size, headers, headerValue, afterNames }: Container): void {
    // { "name": "authorization", "value": "…" }
    if (headerValue !== undefined) for (const header of headers) this.#mark(header, headerValue, this.values)
    if (isList && size % 2 === 0) this.values.push(...afterNames)
  }

  /** Notes the value if the text of the other one is a sensitive name. */
  #mark(name: Value, value: Value, list: Value[]): void {
    if (this.#json[name.start] !== '"') return
    if (this.#isMasked(stringOf(this.#textOf(name)), value)) list.push(value)
  }

  #isMasked(name: string, value: Value): boolean {
    if (!this.#isSensitive(name, '') || this.#json.startsWith('null', value.start)) return false
    // the text of all that is nested would be read once for each level
    if (/[[{]/.test(this.#json[value.start]!)) return true
    return this.#isSensitive(name, this.#textOf(value).replace(/^"|"$/g, ''))
  }

  #findParts(start: number, end: number): void {
    for (const match of propertyValues(this.#isSensitive, this.#json.slice(start + 1, end - 1), 0, true)) {
      this.parts.push({ ...match, start: match.start + start + 1, end: match.end + start + 1 })
    }
  }

  #textOf({ start, end }: Value): string {
    return this.#json.slice(start, end)
  }
}

function valueSpan(start: number, end: number): Value {
  return { label: '', start, end }
}

function containerAt(start: number, isList: boolean): Container {
  const nothing = undefined
  return {
    isList,
    start,
    name: nothing,
    headers: [],
    headerValue: nothing,
    size: 0,
    previous: nothing,
    afterNames: [],
  }
}
