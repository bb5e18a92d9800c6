/** Own properties, copied under their redacted names. */

import { CONVERSIONS, copyConversion } from './conversions.ts'
import { defineProperty } from './define-property.ts'
import { hasOwn, type Properties, type Redact, readMember, unlessRedacted } from './walk.ts'

const isEnumerable = {}.propertyIsEnumerable

/** Copies all own properties, hidden ones and those under symbols too; each is read once. `redactLate` is a walk of its own. */
export function copyProperties(
  source: Properties,
  copy: Properties,
  redact: Redact,
  redactLate: Redact,
  isMany: boolean,
): void {
  const names: PropertyKey[] = Object.getOwnPropertyNames(source)
  names.push(...Object.getOwnPropertySymbols(source))
  if (Array.isArray(copy)) copyItems(source, copy, names.splice(0, names.indexOf('length') + 1), redact, isMany)
  const areEnumerable = Object.keys(source).length === names.length
  const headers: unknown[] = []
  let value: unknown
  let hasMask = false
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!
    const item = readMember(source, name, isMany)
    if (typeof item === 'function' && CONVERSIONS.includes(name)) {
      copyConversion(source, copy, name, item as () => unknown, name === 'toJSON' ? redact : redactLate, isMany)
      continue
    }
    if (name === 'name' || name === 'key') headers.push(item)
    else if (name === 'value') value = item
    let key = redact(name) as PropertyKey
    hasMask ||= key !== name
    // two names with one mask keep their values
    while (hasMask && hasOwn(copy, key)) key = `${key as string}#${index}`
    const isVisible = areEnumerable || isEnumerable.call(source, name)
    defineProperty(copy, key, redact(item, name), isVisible)
  }
  // { name: 'authorization', value: '…' }
  if (value != null) maskUnder(headers, value, copy, redact)
}

/** Masks the value of a pair if either of what may be its name is sensitive. */
function maskUnder(headers: readonly unknown[], value: unknown, copy: Properties, redact: Redact): void {
  for (const header of headers) {
    const masked = redact(value, header)
    // under a name that is not, it may have been masked as `value` is
    if (!Object.is(masked, redact(value))) copy['value'] = masked
  }
}

/** Copies the items under the names, the last of which is `length`: a long list may have few items. */
function copyItems(source: Properties, copy: unknown[], names: PropertyKey[], redact: Redact, isMany: boolean): void {
  names.pop()
  copy.length = source['length'] as number
  let previous: unknown
  let codes = ''
  for (const name of names) {
    const index = Number(name)
    const item = readMember(source, index, isMany)
    // a list of headers: ['authorization', '…', …]
    const isAfterName = index % 2 > copy.length % 2
    copy[index] = redact(item, isAfterName && previous)
    previous = item
    if (typeof item === 'number') codes += String.fromCharCode(item)
  }
  // the bytes or characters of a value
  if (codes) unlessRedacted(redact, 0, codes, (redacted) => Object.assign(copy, { length: 0 }, [redacted]))
}
