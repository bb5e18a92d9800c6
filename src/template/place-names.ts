/**
 * The name of the place where a reference stands, as rules compare it: of a header, a query parameter, a member of a body.
 *
 * Where nobody can say what name a receiver would read, there is none: a rule with names then permits nothing.
 */

import { ownValue } from '../plain-object.ts'
import type { EncodedPosition, Position } from './compiled.ts'
import { type Context, pathOf } from './context.ts'
import { replacesEncoder } from './filter-names.ts'
import { jsonPathsAt } from './json-paths.ts'
import type { Parsed, ParsedReference } from './parse.ts'

/** One name for each reference of a text; undefined where none has one. */
export type PlaceNames = readonly (string | undefined)[] | undefined

/** The names of the places of a text's references, but for headers, which say so themselves. `located`: where each stands, if not all alike. */
export function placeNames(
  context: Context,
  text: string,
  parsed: Parsed,
  position: Position,
  located: readonly EncodedPosition[] | undefined,
): PlaceNames {
  const { references, literals } = parsed
  const { syntax, encoding, within } = position
  const location = within ?? position.location
  if ((syntax === 'url' || syntax === 'url-path') && within === undefined) {
    return located?.some((each) => each.location === 'query') ? parameterNames(literals, references, false) : undefined
  }
  if (location !== 'query' && location !== 'body') return undefined
  if (syntax === 'json') return jsonNames(text, references, located)
  if (syntax === 'raw' && encoding === 'percent') return parameterNames(literals, references, true)
  if (syntax === 'json-lines' || syntax === 'xml') return undefined
  const name = memberName(context, position)
  return name === undefined ? undefined : references.map(() => name)
}

/** The name of a member: a parameter with its nested ones in brackets, or the path of keys in a body. */
function memberName({ as, keys, ancestors }: Context, { under, location }: Position): string | undefined {
  // JSON asks the object itself what to write, and it may write the value under any name
  if (location === 'body' && ancestors.some((ancestor) => typeof ownValue(ancestor, 'toJSON') === 'function'))
    return undefined
  if (under !== undefined)
    return (
      under.name +
      textsOf(keys.slice(under.depth))
        .map((key) => `[${key}]`)
        .join('')
    )
  const path = pathOf(textsOf(keys.slice(as === 'request' ? 1 : 0)))
  return path === '' ? undefined : path
}

/** Keys without indexes: all elements of a list have its name. */
function textsOf(keys: readonly (string | number)[]): string[] {
  return keys.filter((key) => typeof key === 'string')
}

/** The path of keys to each string of a JSON text in which a reference stands; none in what is not JSON. */
function jsonNames(
  text: string,
  references: readonly ParsedReference[],
  located: readonly EncodedPosition[] | undefined,
): PlaceNames {
  let filled = ''
  let end = 0
  for (const [index, { index: start, source }] of references.entries()) {
    const isLiteral = located?.[index]?.encoding === 'json-literal'
    filled += text.slice(end, start) + (isLiteral ? `"${'x'.repeat(source.length - 2)}"` : 'x'.repeat(source.length))
    end = start + source.length
  }
  const offsets = references.map(({ index }) => index)
  const paths = jsonPathsAt(filled + text.slice(end), offsets)
  const names = paths.map((keys) => keys && (pathOf(textsOf(keys)) || undefined))
  return untilOpened(names, references, 'json')
}

/** The parameter of each reference in a form text, or in the query of a URL; its name is decoded as forms are. */
function parameterNames(
  literals: readonly string[],
  references: readonly ParsedReference[],
  isForm: boolean,
): PlaceNames {
  const reader = new ParameterReader(isForm)
  const names = references.map((_, gap) => {
    reader.read(literals[gap]!)
    return reader.nameOfReference()
  })
  return untilOpened(names, references, 'urlencode')
}

/** What is written without the encoder could begin another member: those after it are nobody knows where. */
function untilOpened(names: NonNullable<PlaceNames>, references: readonly ParsedReference[], safe: string): PlaceNames {
  const first = references.findIndex(({ name: { filters } }) => {
    const last = filters.at(-1)
    return last !== undefined && last !== safe && replacesEncoder(last)
  })
  return first < 0 ? names : names.map((name, index) => (index > first ? undefined : name))
}

/** Reads a query or form text up to each of its references. */
class ParameterReader {
  #isQuery: boolean
  #name = ''
  #isValue = false
  /** A reference in the name, a fragment, or a semicolon, at which some servers begin another parameter. */
  #isUnclear = false

  constructor(isForm: boolean) {
    this.#isQuery = isForm
  }

  read(literal: string): void {
    const start = this.#isQuery ? 0 : literal.indexOf('?') + 1
    const fragment = literal.indexOf('#')
    if (!this.#isQuery && start > 0 && (fragment < 0 || fragment >= start)) this.#isQuery = true
    if (!this.#isQuery) return
    for (const [index, piece] of literal.slice(start).split('&').entries()) {
      if (index > 0) this.#start()
      const equals = this.#isValue ? -1 : piece.indexOf('=')
      if (!this.#isValue) this.#name += equals < 0 ? piece : piece.slice(0, equals)
      this.#isValue ||= equals >= 0
      this.#isUnclear ||= piece.includes(';')
    }
  }

  nameOfReference(): string | undefined {
    if (!this.#isValue) this.#isUnclear = true
    return this.#isQuery && !this.#isUnclear ? decoded(this.#name) : undefined
  }

  #start(): void {
    this.#name = ''
    this.#isValue = false
    this.#isUnclear = false
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
