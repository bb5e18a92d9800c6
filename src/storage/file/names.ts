/**
 * Names as directory names that every common file system keeps apart and takes.
 *
 * Lower case only, with the capitals in a suffix: `ZenDesk` is `_zendesk.9`, so two tags that differ by case alone are
 * two directories where case is ignored, and 128 characters stay far below 255 bytes. The prefix keeps clear of names
 * that Windows reserves (`con`, `nul`) and of files that others leave (`.DS_Store`); there is no `~`, which
 * would collide with a short name, and no dot at the end.
 */

import { GuillemetError } from '../../errors.ts'
import { isName } from '../../tag.ts'

const USER_PREFIX = '_'
/** The library's own records, such as `$` and `$keyring`, keep their sign as the prefix. */
const RESERVED_PREFIX = '$'
const BITS_PER_DIGIT = 5
const ENCODED = /^[_$][a-z0-9_-]{0,128}(?:\.[0-9a-v]{1,26})?$/
const VERSION_NAME = /^[1-9][0-9]{0,15}$/
const FLOOR_PREFIX = 'floor-'

/**
 * The directory name of a workspace, environment or tag.
 *
 * @throws ERR_INVALID_INPUT when it is neither a name nor one of the library's own after a dollar sign; such a text
 *   never becomes part of a path
 */
export function encodeName(name: unknown, what: string): string {
  if (isName(name)) return USER_PREFIX + foldCase(name)
  if (typeof name === 'string' && name.startsWith(RESERVED_PREFIX)) {
    const rest = name.slice(RESERVED_PREFIX.length)
    if (rest === '' || isName(rest)) return RESERVED_PREFIX + foldCase(rest)
  }
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The ${what} of a record must be 1 to 128 characters of A-Z, a-z, 0-9, "_" and "-".`,
  )
}

/** The name that a directory name encodes, or undefined where this storage would have written it differently. */
export function decodeName(encoded: string): string | undefined {
  if (!ENCODED.test(encoded)) return undefined
  const [lower = '', capitals = ''] = encoded.slice(1).split('.')
  let name = encoded[0] === RESERVED_PREFIX ? RESERVED_PREFIX : ''
  for (let index = 0; index < lower.length; index++) {
    const digit = Number.parseInt(capitals[Math.floor(index / BITS_PER_DIGIT)] ?? '0', 32)
    name += (digit >> (index % BITS_PER_DIGIT)) & 1 ? lower[index]!.toUpperCase() : lower[index]!
  }
  // one name, one directory: `_` alone, a capital digit or a trailing zero in the suffix are foreign
  return name !== '' && encodeName(name, 'name') === encoded ? name : undefined
}

/** The number that is the name of a version file, or 0 for any other name. */
export function decodeVersion(name: string): number {
  return VERSION_NAME.test(name) ? Number(name) : 0
}

/** The name that says: every version up to this one is superseded, and its name may be missing. */
export function floorName(version: number): string {
  return FLOOR_PREFIX + version
}

/** The version in the name of a floor, or 0 for any other name. */
export function decodeFloor(name: string): number {
  return name.startsWith(FLOOR_PREFIX) ? decodeVersion(name.slice(FLOOR_PREFIX.length)) : 0
}

function foldCase(name: string): string {
  const digits: number[] = []
  for (let index = 0; index < name.length; index++) {
    if (!isCapital(name[index]!)) continue
    const group = Math.floor(index / BITS_PER_DIGIT)
    while (digits.length <= group) digits.push(0)
    digits[group]! |= 1 << (index % BITS_PER_DIGIT)
  }
  const suffix = digits.map((digit) => digit.toString(32)).join('')
  return name.toLowerCase() + (suffix === '' ? '' : `.${suffix}`)
}

function isCapital(character: string): boolean {
  return character >= 'A' && character <= 'Z'
}
