/**
 * What a part of a submitted config was in the stored one: a row is known by its name, wherever it was dragged to.
 *
 * By its index it would not be: once the row before it is deleted, the secret of that row would be sent under its name.
 */

import { isPlainObject } from '../plain-object.ts'
import { pathOf } from '../template/context.ts'
import { rowNames } from '../template/name-value-pairs.ts'
import { NAMED_VALUES } from '../template/request.ts'
import { keysIn, ownMember, valueAt } from './config-path.ts'
import { groupedBy } from './grouped.ts'

/** Members, and levels, of one element that are compared; what has more is nobody's. */
const MAX_COMPARED = 100_000
const DEEPEST_COMPARED = 512
/** Stands for a secret where elements are compared. */
const ANY_SECRET = '<>'

/** For each element of a submitted list, the index that it has in the stored one; undefined where nobody can say. */
type StoredIndexes = readonly (number | undefined)[]

/** Asks for one of them; `index` is that in the submitted list. */
type IndexOf = (
  listKeys: readonly string[],
  list: readonly unknown[],
  stored: readonly unknown[],
  index: number,
) => number | undefined

/** For each row of a list the stored ones of its name; undefined for one without a name. */
type SameNames = readonly (readonly number[] | undefined)[]

/** Finds parts of one submitted config in the stored one. */
export class StoredParts {
  readonly #submitted: unknown
  readonly #stored: unknown
  readonly #secretPlaces: ReadonlySet<string>
  readonly #withDots: (text: string) => string | undefined
  readonly #lists = new Map<string, StoredIndexes>()
  readonly #rows = new Map<string, SameNames>()
  /** How many members may still be compared of the element at hand. */
  #left = 0

  /**
   * @param paths the keys of each field that may hold a secret
   * @param withDots a text with dots in place of its references; undefined where it holds none, nor dots
   */
  constructor(
    submitted: unknown,
    stored: unknown,
    paths: readonly (readonly string[])[],
    withDots: (text: string) => string | undefined,
  ) {
    this.#submitted = submitted
    this.#stored = stored
    this.#secretPlaces = new Set(paths.map((keys) => placeAt(submitted, keys)))
    this.#withDots = withDots
  }

  /** Where dots at those keys find what they stand for; undefined where an element on the way is not known. */
  keysOf(keys: readonly string[]): readonly string[] | undefined {
    return this.#follow(keys, (listKeys, list, stored, index) => {
      const name = JSON.stringify(listKeys)
      const known = this.#lists.get(name) ?? this.#sameElements(listKeys, list, stored)
      this.#lists.set(name, known)
      return known[index]
    })
  }

  /**
   * The path that a reference at this one had; undefined where a row on the way has another name. In other lists that is
   * the index: a reference says itself which secret it stands for.
   */
  pathOf(path: string): string | undefined {
    // a key alone stays where it is
    const keys = path.includes('[') ? keysIn(path) : undefined
    if (keys === undefined) return path
    const stored = this.#follow(keys, (listKeys, list, before, index) => {
      return isRows(listKeys) ? onlyOf(this.#sameNames(listKeys[0]!, list, before)[index], index) : index
    })
    if (stored === undefined) return undefined
    const isIndex = (depth: number) => Array.isArray(valueAt(this.#submitted, keys.slice(0, depth)))
    return pathOf(stored.map((key, depth) => (isIndex(depth) ? Number(key) : key)))
  }

  /** The keys in the stored config, as `indexOf` says it of each list on the way. */
  #follow(keys: readonly string[], indexOf: IndexOf): readonly string[] | undefined {
    let submitted = this.#submitted
    let stored = this.#stored
    let isInList = false
    const found: string[] = []
    for (const [depth, key] of keys.entries()) {
      const listKeys = keys.slice(0, depth)
      const isList = Array.isArray(submitted)
      let before: string | undefined = key
      if (isList && !(isInList && isPair(listKeys, submitted as readonly unknown[]))) {
        before = Array.isArray(stored)
          ? indexOf(listKeys, submitted as readonly unknown[], stored, Number(key))?.toString()
          : undefined
      }
      if (before === undefined) return undefined
      isInList = isList
      found.push(before)
      submitted = ownMember(submitted, key)
      stored = ownMember(stored, before)
    }
    return found
  }

  #sameNames(member: string, list: readonly unknown[], stored: readonly unknown[]): SameNames {
    const known = this.#rows.get(member)
    if (known !== undefined) return known
    const isHeaders = member === 'headers'
    const names = rowNames(stored, isHeaders)
    const indexes = groupedBy(names.keys(), (index) => names[index])
    const same = rowNames(list, isHeaders).map((name) => (name === undefined ? undefined : (indexes.get(name) ?? [])))
    this.#rows.set(member, same)
    return same
  }

  /**
   * Elements without a name, or with one that several have: the same one is at the same index, and is as it was but for
   * its secrets. Where others look alike, the whole list must be as it was: one of them may have been deleted.
   */
  #sameElements(listKeys: readonly string[], list: readonly unknown[], stored: readonly unknown[]): StoredIndexes {
    const named = isRows(listKeys) ? this.#sameNames(listKeys[0]!, list, stored) : []
    const place = placeAt(this.#submitted, listKeys)
    const look = (element: unknown) => this.#lookOf(element, `${place}[]`, true)
    const before = stored.map(look)
    const alike = groupedBy(before, (each) => each)
    const whole = this.#lookOf(list, place, false)
    const isUnchanged = whole !== undefined && whole === this.#lookOf(stored, place, false)
    return list.map((element, index) => {
      const indexes = named[index]
      if (indexes !== undefined && indexes.length < 2) return indexes[0]
      const own = look(element)
      if (own === undefined || own !== before[index]) return undefined
      return isUnchanged || alike.get(own)?.length === 1 ? index : undefined
    })
  }

  /** A text that two values share only when they are alike but for their secrets. */
  #lookOf(value: unknown, place: string, isWithoutSecrets: boolean): string | undefined {
    this.#left = MAX_COMPARED
    return this.#look(value, place, isWithoutSecrets, 0)
  }

  #look(value: unknown, place: string, isWithoutSecrets: boolean, depth: number): string | undefined {
    if (typeof value === 'string') return this.#textLook(value, place)
    if (typeof value === 'function' || typeof value === 'symbol' || depth > DEEPEST_COMPARED) return undefined
    if (typeof value !== 'object' || value === null) return `${typeof value} ${value}`
    if (!Array.isArray(value) && !isPlainObject(value)) return undefined
    const looks = this.#memberLooks(value, place, isWithoutSecrets, depth)
    if (looks === undefined) return undefined
    return Array.isArray(value) ? `[${looks.join()}]` : `{${looks.join()}}`
  }

  /** Those of its members; undefined where one of them has none. */
  #memberLooks(value: object, place: string, isWithoutSecrets: boolean, depth: number): readonly string[] | undefined {
    const isList = Array.isArray(value)
    const looks: string[] = []
    const keys = Object.keys(value)
    // a form may send members in any order
    for (const key of isList ? keys : keys.sort()) {
      const inner = isList ? `${place}[]` : `${place}.${JSON.stringify(key)}`
      const member = ownMember(value, key)
      const isLeftOut = isWithoutSecrets && this.#secretPlaces.has(inner)
      if (!isList && (isLeftOut || member === undefined)) continue
      if (--this.#left < 0) return undefined
      const look = isLeftOut ? ANY_SECRET : this.#look(member, inner, isWithoutSecrets, depth + 1)
      if (look === undefined) return undefined
      looks.push(isList ? look : `${JSON.stringify(key)}:${look}`)
    }
    return looks
  }

  #textLook(text: string, place: string): string {
    const dotted = this.#withDots(text)
    if (dotted !== undefined && this.#secretPlaces.has(place)) return ANY_SECRET
    return JSON.stringify(dotted ?? text)
  }
}

/** Whether a list there is of rows with names. */
function isRows([member, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && NAMED_VALUES.includes(member!)
}

/** Whether a list there, in another one, is a row, `[name, value]`, of which the name is looked at one level above. */
function isPair([member, ...rest]: readonly string[], list: readonly unknown[]): boolean {
  return rest.length === 1 && NAMED_VALUES.includes(member!) && list.length <= 2
}

/** The one index; of several, and of a row without a name, its own. */
function onlyOf(indexes: readonly number[] | undefined, own: number): number | undefined {
  if (indexes === undefined || indexes.includes(own)) return own
  return indexes.length === 1 ? indexes[0] : undefined
}

/** A place of a config: all elements of a list are at the same one. */
function placeAt(config: unknown, keys: readonly string[]): string {
  let place = ''
  let value = config
  for (const key of keys) {
    place += Array.isArray(value) ? '[]' : `.${JSON.stringify(key)}`
    value = ownMember(value, key)
  }
  return place
}
