/** The options of a redactor, checked once. */

import { isPromise } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import type { FormRules } from './forms.ts'
import { refuse } from './labels.ts'
import { PIECE } from './limits.ts'
import { type MakeMask, safeMasks } from './masks.ts'
import type { Verdict } from './needle.ts'
import type { PartsPolicy } from './parts/parts.ts'
import { type IsSensitive, sensitiveNames } from './property-names.ts'
import { rateValue } from './rating.ts'

/** What `createRedactor` takes. */
export interface RedactorOptions {
  /**
   * Values known from the start, by label; labels follow the same rule as those of `add`. One that is undefined, such as
   * a variable that is not set, is skipped: `weak` tells it as `empty`.
   */
  readonly secrets?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Makes the mask of a label (`''` where a value has none): printable ASCII without quote, backslash, angle bracket
   * or brace. For a label of which the mask is not such a text, or for which it throws, the mask of `''` is written.
   *
   * @default (label) => `[secret:${label}]`
   */
  readonly mask?: ((label: string) => string) | undefined
  /**
   * In characters, 1 to 512. Values with fewer are `short`: they are masked only where no letter, digit, `_` or `-`
   * touches them.
   *
   * @default 8
   */
  readonly minLength?: number | undefined
  /**
   * Names whose value is masked whatever it is: in `value` and `json`, and in texts as `?name=…`, as `name: …` of a header
   * and as `name=…` of a cookie. The spelling does not matter (`apiKey`, `api_key`, `API-KEY`); a word in stars
   * (`'*token*'`) is looked for within a name. `sensitiveProperties` is a ready list.
   *
   * @default []
   */
  readonly properties?: readonly (string | RegExp)[] | undefined
  /**
   * Values that are never masked for what they are or for the name that they stand under. They are `common` to `add`; as
   * a part of a longer value they are masked with it.
   *
   * @default []
   */
  readonly keep?: readonly string[] | undefined
  /**
   * Which parts of a value that is a document (JSON, YAML, `.env`, XML, a connection string, a URL …) are masked where
   * they stand alone: the `sensitive` ones, whose name says so or which look like keys; `all`; `none`; or the values
   * of these names, in any spelling.
   *
   * @default 'sensitive'
   */
  readonly parts?: PartsPolicy | undefined
  /**
   * Also masks a value that was cut off. Adds one search pattern per length; use it for a few values only. Without it,
   * what is left of a value is not masked.
   */
  readonly truncated?: {
    /** Characters, 1 to 512, that are left at least of a value cut off at its end. Without it, 512. */
    readonly prefix?: number
    /** The same of a value cut off at its beginning. */
    readonly suffix?: number
  }
}

/** Options of `add`. */
export interface AddOptions {
  /** Which parts of this value are masked alone. @default the option of the redactor */
  readonly parts?: PartsPolicy | undefined
  /**
   * What it is a value of, a name of your own: of several values of one thing the last eight are known, so that one that
   * is rotated every few minutes does not grow without end.
   *
   * @default all values are known until `remove`
   */
  readonly of?: string | undefined
}

const DEFAULT_MIN_LENGTH = 8
const OPTIONS = ['secrets', 'mask', 'minLength', 'properties', 'keep', 'parts', 'truncated'] as const

/** Options that were checked. */
export interface Settings {
  readonly secrets: Readonly<Record<string, string | undefined>>
  readonly makeMask: MakeMask
  readonly rules: FormRules
  readonly isSensitive: IsSensitive | undefined
}

/** @throws ERR_INVALID_INPUT when an option is unknown or out of range, or a mask is unsafe */
export function readSettings(options: RedactorOptions | undefined): Settings {
  const given = readOptions(options, 'redactor options', OPTIONS)
  const { minLength = DEFAULT_MIN_LENGTH, properties = [], keep = [], secrets = {} } = given
  // of these no entry is seen: a redactor that knows nothing would print all
  if (Object(secrets) !== secrets || secrets instanceof Map || isPromise(secrets))
    refuse('The option secrets must be an object of values by label.')
  if (!Array.isArray(keep) || !keep.every((value) => typeof value === 'string'))
    refuse('The option keep must be a list of texts.')
  const kept = new Set(keep)
  const { prefix = PIECE, suffix = PIECE } = readOptions(given.truncated, 'option truncated', ['prefix', 'suffix'])
  for (const length of [minLength, prefix, suffix]) {
    if (!(Number.isInteger(length) && length > 0 && length <= PIECE)) refuse(`A length is from 1 to ${PIECE}.`)
  }
  const makeMask = safeMasks(given.mask ?? ((label) => `[secret${label && `:${label}`}]`))
  const maskTexts = [makeMask(''), makeMask('-')]
  const rate = (text: string): Verdict => (kept.has(text.trim()) ? 'common' : rateValue(text, minLength, maskTexts))
  const rules = { minLength, prefix, suffix, parts: requireParts(given.parts), rate }
  return { secrets, makeMask, rules, isSensitive: sensitiveNames(properties, kept) }
}

/** The policy of one value. @throws ERR_INVALID_INPUT */
export function partsIn(options: AddOptions, usual: PartsPolicy): PartsPolicy {
  const { parts = usual, of = '' } = readOptions(options, 'options of add', ['parts', 'of'])
  if (typeof of !== 'string') refuse('The option of is a name.')
  return requireParts(parts)
}

function requireParts(parts: PartsPolicy = 'sensitive'): PartsPolicy {
  const isList = Array.isArray(parts) && parts.every((name) => typeof name === 'string' && name !== '')
  if (isList || parts === 'sensitive' || parts === 'all' || parts === 'none') return parts
  return refuse("The option parts is 'sensitive', 'all', 'none' or a list of names.")
}
