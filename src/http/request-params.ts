/** References in parameters of the query that the client has not written as text: they resolve before it encodes them. */

import { isPlainObject, ownValue, setOwn } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import { type FoundText, findInText, type Scan } from './found-references.ts'
import type { HttpCall } from './http-call.ts'
import { asLiteral } from './text-selection.ts'

/** A parameter that holds something; told from the others by its path. */
export interface FoundParam extends FoundText {
  readonly path: string
}

/** Deeper ones are the client's to refuse. */
const MAX_PARAMS_DEPTH = 100

/** The parameters that hold something, in their order. */
export function findInParams(call: HttpCall, scan: Scan): readonly FoundParam[] {
  const params = ownValue(call, 'params')
  if (params === undefined) return []
  const found: FoundParam[] = []
  mapTexts(params.value, [params.key], (text, keys) => {
    const held = findInText(scan, text, 'url', keys)
    if (held === undefined) return text
    const references = held.references.map((each) => ({ ...each, location: 'query' as const }))
    found.push({ ...held, references, path: pathOf(keys) })
    return text
  })
  return found
}

/**
 * The parameters as a template; undefined where nothing in them is resolved.
 *
 * @param chosen the text of one as a template; undefined where nothing in it is resolved
 * @param asText makes of a name, which is foreign text, a template in which it is nothing but text
 */
export function chosenParams(
  call: HttpCall,
  found: readonly FoundParam[],
  chosen: (found: FoundText) => string | undefined,
  asText: (text: string) => string,
): unknown {
  const texts = found.map((each) => chosen(each))
  if (texts.every((text) => text === undefined)) return undefined
  const { key, value } = call.params!
  let at = 0
  const template = mapTexts(
    value,
    [key],
    (text, keys) => {
      const next = found[at]
      // the same texts in the same order as they were found in
      if (next === undefined || next.text !== text || next.path !== pathOf(keys)) return text
      return texts[at++] ?? asLiteral(text, next.cuts)
    },
    asText,
  )
  // its items are named by their numbers, whatever they hold; the vault would take a list for pairs of names and values
  return Array.isArray(template) ? { ...template } : template
}

/** The parameters with the values that came of `chosenParams`, under the names that they were given with. */
export function renamedParams(given: unknown, resolved: unknown): unknown {
  const texts: string[] = []
  mapTexts(resolved, [''], (text) => {
    texts.push(text)
    return text
  })
  let at = 0
  const renamed = mapTexts(given, [''], () => texts[at++] ?? '')
  // of another shape it is what is shown of a form, in which nothing was escaped
  return at === texts.length && typeof resolved === typeof given ? renamed : resolved
}

type Keys = readonly (string | number)[]

/** A copy with other texts; values that are neither texts nor plain lists and records stay as they are. */
function mapTexts(
  value: unknown,
  keys: Keys,
  change: (text: string, keys: Keys) => string,
  rename = (name: string): string => name,
): unknown {
  if (typeof value === 'string') return change(value, keys)
  if (typeof value !== 'object' || value === null || keys.length > MAX_PARAMS_DEPTH) return value
  if (value instanceof URLSearchParams) {
    return new URLSearchParams(
      [...value].map(([name, text]): [string, string] => [rename(name), change(text, [...keys, name])]),
    )
  }
  if (Array.isArray(value)) return value.map((item: unknown, index) => mapTexts(item, [...keys, index], change, rename))
  // one of a class is read by its own keys where it holds the parameters, and is a value of its own within them
  if (keys.length > 1 && !isPlainObject(value)) return value
  const copy = {}
  for (const [key, item] of Object.entries(value)) {
    setOwn(copy, rename(key), mapTexts(item, [...keys, key], change, rename))
  }
  return copy
}
