/** Own properties, copied under their redacted names. */

import { hasOwn, type Properties, type Redact, readProperty, unlessRedacted } from './walk.ts'

/**
 * Methods that the language and its printers call by themselves. In a copy they would read what it lacks, or the
 * original.
 */
export const CONVERSIONS: readonly PropertyKey[] = [
  'toString',
  'valueOf',
  'toJSON',
  Symbol.toPrimitive,
  Symbol.for('nodejs.util.inspect.custom'),
]

const isEnumerable = {}.propertyIsEnumerable

/** Copies all own properties, hidden ones and those under symbols too; each is read once. */
export function copyProperties(source: Properties, copy: Properties, redact: Redact): void {
  const names: PropertyKey[] = Object.getOwnPropertyNames(source)
  names.push(...Object.getOwnPropertySymbols(source))
  if (Array.isArray(copy)) copyItems(source, copy, names.splice(0, names.indexOf('length') + 1), redact)
  const areEnumerable = Object.keys(source).length === names.length
  let header: unknown
  let value: unknown
  let hasMask = false
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!
    const item = readProperty(source, name)
    if (typeof item === 'function' && CONVERSIONS.includes(name)) continue
    if (name === 'name' || name === 'key') header ??= item
    else if (name === 'value') value = item
    let key = redact(name) as PropertyKey
    hasMask ||= key !== name
    // two names with one mask keep their values
    while (hasMask && hasOwn(copy, key)) key = `${key as string}#${index}`
    const isVisible = areEnumerable || isEnumerable.call(source, name)
    defineProperty(copy, key, redact(item, name), isVisible)
  }
  // { name: 'authorization', value: '…' }
  if (value != null && typeof header === 'string') copy['value'] = redact(value, header)
}

/** Copies the items under the names, the last of which is `length`: a long list may have few items. */
function copyItems(source: Properties, copy: unknown[], names: PropertyKey[], redact: Redact): void {
  names.pop()
  copy.length = source['length'] as number
  let previous: unknown
  let codes = ''
  for (const name of names) {
    const index = Number(name)
    const item = readProperty(source, index)
    // a list of headers: ['authorization', '…', …]
    const isAfterName = index % 2 > copy.length % 2
    copy[index] = redact(item, isAfterName && previous)
    previous = item
    if (typeof item === 'number') codes += String.fromCharCode(item)
  }
  // the bytes or characters of a value
  if (codes) unlessRedacted(redact, 0, codes, (redacted) => Object.assign(copy, { length: 0 }, [redacted]))
}

/** Adds an own property, even where the prototype has one of that name: it may be frozen there, or a setter. */
export function defineProperty(copy: Properties, name: PropertyKey, value: unknown, enumerable?: boolean): void {
  if (enumerable ? !(name in copy) : hasOwn(copy, name)) copy[name] = value
  else {
    const descriptor = { __proto__: null, value, enumerable, writable: true, configurable: true }
    Object.defineProperty(copy, name, descriptor as PropertyDescriptor)
  }
}
