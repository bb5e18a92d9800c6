/** What a caller may give for a secret, a patch and a filter, checked and copied. */

import { GuillemetError } from '../errors.ts'
import { isKeyLike, isKnownKey, isNameOfWords } from '../looks/key-looks.ts'
import { nullRecord, withoutPrototype } from '../plain-object.ts'
import { parseAllow } from './allow.ts'
import { toInstant } from './instant.ts'
import { defaultPublicFields, parsePublicFields, storedPublicFields } from './public-fields.ts'
import * as rules from './rules.ts'
import {
  fieldsOf,
  type NewSecret,
  type ParsedFilter,
  type ParsedPatch,
  type SecretType,
  type StoredRule,
} from './secret.ts'
import { copyList, copyMembers, invalidInput, MAX_FIELDS, requireKnown, requireRule } from './untrusted.ts'
import { parseValue } from './values.ts'

const FIXED_MEMBERS = ['tag', 'type', 'visibility']
const PATCH_MEMBERS = ['value', 'name', 'description', 'allow', 'enabled', 'expiresAt', 'publicFields']
const FILTER_MEMBERS = ['environment', 'type', 'search', 'enabled', 'expiresBefore', 'after', 'limit']
/** The types of which an environment has one, under their own name. */
const RESERVED_TAGS: readonly SecretType[] = ['authentication', 'database']

/**
 * A secret as it will be created.
 *
 * The type defaults to `text` for a text and `custom` for fields; for the tags `authentication` and `database`, which
 * take no other type, to the tag. A date in the past is accepted: such a secret is expired.
 *
 * @throws ERR_INVALID_INPUT with the `path` of the first member that breaks a rule; no message holds a value
 */
export function parseInput(input: unknown): NewSecret {
  const members = readMembers(input)
  requireKnown(members, [...FIXED_MEMBERS, ...PATCH_MEMBERS], '')
  const tag = requireRule(rules.name, members['tag'], 'tag')
  requireTagIsNoValue(members)
  const type = ifGiven(rules.secretType, members['type'], 'type') ?? defaultType(tag, members['value'])
  requireTagFits(tag, type)
  const value = parseValue(members['value'], type)
  const publicFields = parsePublicFields(members['publicFields'])
  const fields = fieldsOf(value)
  return withoutPrototype<NewSecret>({
    tag,
    value,
    type,
    visibility: ifGiven(rules.visibility, members['visibility'], 'visibility') ?? 'restricted',
    name: ifGiven(rules.displayName, members['name'], 'name'),
    description: ifGiven(rules.description, members['description'], 'description'),
    allow: members['allow'] === null ? undefined : parseOptionalAllow(members['allow']),
    enabled: ifGiven(rules.enabled, members['enabled'], 'enabled') ?? true,
    expiresAt: parseExpiry(members['expiresAt']),
    publicFields:
      publicFields === undefined ? defaultPublicFields(type, fields) : storedPublicFields(publicFields, fields),
  })
}

/**
 * A copy of an input that nobody else holds, fields and rule included: what is checked later is what was given now.
 *
 * @throws ERR_INVALID_INPUT when it is not an object literal, or throws while it is read
 */
export function snapshotInput(input: unknown): Readonly<Record<string, unknown>> {
  const members = readMembers(input)
  requireTagIsNoValue(members)
  if (members['expiresAt'] instanceof Date) members['expiresAt'] = new Date(members['expiresAt'])
  if (Object.hasOwn(members, 'allow') && members['allow'] === undefined) {
    throw invalidInput('allow', 'is undefined, which would mean no rule at all; give a rule, or leave it out')
  }
  if (Object.hasOwn(members, 'value') && members['value'] === undefined) {
    throw invalidInput('value', 'is undefined: what it was read from is not there; give it, or leave it out')
  }
  for (const key of ['value', 'allow']) {
    const copy = copyMembers(members[key])
    if (copy === undefined) continue
    for (const [name, item] of Object.entries(copy)) copy[name] = copyList(item, MAX_FIELDS) ?? item
    members[key] = copy
  }
  members['publicFields'] = copyList(members['publicFields'], MAX_FIELDS) ?? members['publicFields']
  if (members['publicFields'] === undefined) delete members['publicFields']
  return members
}

/**
 * A tag is stored, listed and logged in the clear, so one that is the value would be shown for good. The error has no part
 * of it, and it comes before any event.
 */
function requireTagIsNoValue({ tag, value }: Readonly<Record<string, unknown>>): void {
  if (typeof tag !== 'string') return
  const isAlikeInOne = typeof value === 'string' && !/[-_]/.test(tag) && isNameOfWords(value) && isKeyLike(tag)
  if (!isAlikeInOne && !isKnownKey(tag)) return
  throw invalidInput('tag', 'looks like a credential: tag and value seem swapped; give a name as the tag')
}

/**
 * A patch as it will be applied to a secret of the type: `undefined` where a member is not named, `null` where it is
 * removed.
 *
 * @throws ERR_INVALID_INPUT as `parseInput`; ERR_IMMUTABLE_FIELD with `field` for tag, type and visibility
 */
export function parsePatch(patch: unknown, type: SecretType): ParsedPatch {
  const members = readMembers(patch)
  for (const field of FIXED_MEMBERS) {
    if (members[field] !== undefined) {
      const rule = `The ${field} of a secret never changes; leave it out, or delete the secret and create another.`
      throw new GuillemetError('ERR_IMMUTABLE_FIELD', rule, { field })
    }
    delete members[field]
  }
  requireKnown(members, PATCH_MEMBERS, '')
  return withoutPrototype<ParsedPatch>({
    value: members['value'] === undefined ? undefined : parseValue(members['value'], type),
    name: removable(members['name'], (given) => ifGiven(rules.displayName, given, 'name')),
    description: removable(members['description'], (given) => ifGiven(rules.description, given, 'description')),
    allow: removable(members['allow'], parseOptionalAllow),
    enabled: ifGiven(rules.enabled, members['enabled'], 'enabled'),
    expiresAt: removable(members['expiresAt'], (given) => parseExpiry(given)),
    publicFields: parsePublicFields(members['publicFields']),
  })
}

/**
 * Which secrets to list; `undefined` lists all.
 *
 * @throws ERR_INVALID_INPUT as `parseInput`
 */
export function parseListFilter(filter: unknown): ParsedFilter {
  const members = filter === undefined ? nullRecord<unknown>() : readMembers(filter)
  requireKnown(members, FILTER_MEMBERS, '')
  return withoutPrototype<ParsedFilter>({
    environment: ifGiven(rules.name, members['environment'], 'environment'),
    type: ifGiven(rules.secretType, members['type'], 'type'),
    search: ifGiven(rules.searchText, members['search'], 'search'),
    enabled: ifGiven(rules.enabled, members['enabled'], 'enabled'),
    expiresBefore: parseExpiry(members['expiresBefore'], 'expiresBefore'),
    after: ifGiven(rules.name, members['after'], 'after'),
    limit: ifGiven(rules.listLimit, members['limit'], 'limit'),
  })
}

function parseOptionalAllow(given: unknown): StoredRule | undefined {
  return given === undefined ? undefined : parseAllow(given)
}

function parseExpiry(given: unknown, path = 'expiresAt'): string | undefined {
  if (given === undefined) return undefined
  const instant = toInstant(given)
  if (instant !== undefined) return instant
  throw invalidInput(path, rules.instant.says)
}

function defaultType(tag: string, value: unknown): SecretType {
  return RESERVED_TAGS.find((reserved) => reserved === tag) ?? (typeof value === 'string' ? 'text' : 'custom')
}

function requireTagFits(tag: string, type: SecretType): void {
  for (const reserved of RESERVED_TAGS) {
    if (type === reserved && tag !== reserved) {
      throw invalidInput('tag', `must be "${reserved}" for a secret of the type ${reserved}`)
    }
    if (tag === reserved && type !== reserved) {
      throw invalidInput('type', `must be ${reserved}, since the tag "${reserved}" is reserved for it`)
    }
  }
}

/** A copy without a prototype: what was not given reads as `undefined`. */
function readMembers(given: unknown): Record<string, unknown> {
  const members = copyMembers(given)
  if (members === undefined) throw invalidInput('', 'must be a plain object that can be read')
  return members
}

function ifGiven<T>(rule: rules.Rule<T>, given: unknown, path: string): T | undefined {
  return given === undefined ? undefined : requireRule(rule, given, path)
}

function removable<T>(given: unknown, parse: (given: unknown) => T | undefined): T | null | undefined {
  return given === null ? null : parse(given)
}
