/**
 * What a caller may give for a secret, checked and copied. The only room that knows zod.
 *
 * zod judges the single members, which are copied beforehand by own key; it never sees the caller's objects, so neither
 * a polluted prototype nor a getter can answer for a member that is not there. It says yes or no; the words are ours, so
 * that none repeats a value.
 */

import * as z from 'zod/mini' // a tenth of the size and start of zod itself, and it can be tree-shaken
import { isWellFormed, utf8 } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { nullRecord, withoutPrototype } from '../plain-object.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { isName } from '../tag.ts'
import { parseAllow } from './allow.ts'
import { isLoopback, parseUrl } from './host.ts'
import { toInstant } from './instant.ts'
import {
  isTextType,
  type ListFilter,
  MAX_DESCRIPTION_LENGTH,
  MAX_NAME_LENGTH,
  type NewSecret,
  type ParsedPatch,
  SECRET_TYPES,
  type SecretType,
  VISIBILITIES,
} from './secret.ts'
import { copyList, copyMembers, invalidInput, MAX_FIELDS, requireKnown } from './untrusted.ts'

export { readBody, writeBody } from './body.ts'

/** The most bytes of UTF-8 that the texts of one value have together. */
export const MAX_VALUE_BYTES = 1024 * 1024

const MAX_SEARCH_LENGTH = 256
const INPUT_MEMBERS = ['tag', 'value', 'type', 'visibility', 'name', 'description', 'allow', 'enabled', 'expiresAt']
const FIXED_MEMBERS = ['tag', 'type', 'visibility']
const PATCH_MEMBERS = ['value', 'name', 'description', 'allow', 'enabled', 'expiresAt']
const FILTER_MEMBERS = ['environment', 'type', 'search']

/** What zod is to accept, and the rule in words; they complete the sentence 'The member "path" …'. */
interface Rule<T> {
  readonly schema: z.ZodMiniType<T>
  readonly says: string
}

const TEXT = 'must be a well-formed text'
const anyText = z.string().check(z.refine(isWellFormed))
const text: Rule<string> = { schema: anyText, says: TEXT }
const nonEmpty: Rule<string> = { schema: anyText.check(z.minLength(1)), says: `${TEXT} that is not empty` }
const nameText: Rule<string> = {
  schema: z.custom<string>(isName),
  says: 'must be 1 to 128 characters of A-Z, a-z, 0-9, "_" and "-"',
}
const name = textUpTo(MAX_NAME_LENGTH, '256')
const description = textUpTo(MAX_DESCRIPTION_LENGTH, '4,096')
const search = textUpTo(MAX_SEARCH_LENGTH, '256')
const enabled: Rule<boolean> = { schema: z.boolean(), says: 'must be true or false' }
const type = oneOf(SECRET_TYPES)
const visibility = oneOf(VISIBILITIES)
const mode = oneOf(['uri', 'atlas'] as const)
const scalar: Rule<Scalar> = {
  schema: z.union([anyText, z.number(), z.boolean()]),
  says: 'must be a well-formed text, a finite number or a boolean',
}
const userName: Rule<string> = {
  // the first colon ends the name (RFC 7617 §2)
  schema: anyText.check(z.refine((given) => !given.includes(':'))),
  says: `${TEXT} without a colon, which would end it (RFC 7617)`,
}
const jwksUri: Rule<string> = {
  schema: anyText.check(z.refine(isKeySetUrl)),
  says: 'must be an https URL, or an http URL of this machine',
}

type Shape = Readonly<Record<string, Rule<string>>>
const BASIC_AUTH: Shape = { username: userName, password: text }
const AUTHENTICATION: Shape = { jwksUri, audience: nonEmpty }
const DATABASE_URI: Shape = { name: nonEmpty, mode, uri: nonEmpty }
const DATABASE_ATLAS: Shape = {
  name: nonEmpty,
  mode,
  projectId: nonEmpty,
  publicKey: nonEmpty,
  privateKey: nonEmpty,
  clusterName: nonEmpty,
}

/** The members that a secret and a patch share, and how each is read. */
const READERS: Readonly<Record<string, (given: unknown) => unknown>> = {
  name: (given) => check(name, given, 'name'),
  description: (given) => check(description, given, 'description'),
  allow: parseAllow,
  enabled: (given) => check(enabled, given, 'enabled'),
  expiresAt: parseExpiry,
}
const REMOVABLE = ['name', 'description', 'allow', 'expiresAt']

/**
 * A secret as it will be created.
 *
 * The type defaults to `text` for a text and `custom` for fields; for the tags `authentication` and `database`, which
 * take no other type, to the tag. A date in the past is accepted: such a secret is expired.
 *
 * @throws ERR_INVALID_INPUT with the `path` of the first member that breaks a rule; no message holds a value
 */
export function parseInput(input: unknown): NewSecret {
  const members = named(readable(input), INPUT_MEMBERS)
  const tag = check(nameText, members['tag'], 'tag')
  const secretType = 'type' in members ? check(type, members['type'], 'type') : defaultType(tag, members['value'])
  requireTagFits(tag, secretType)
  const secret = {
    tag,
    value: parseValue(members['value'], secretType),
    type: secretType,
    visibility: 'visibility' in members ? check(visibility, members['visibility'], 'visibility') : 'restricted',
    enabled: true,
    ...parseShared(members),
  }
  return withoutPrototype<NewSecret>(secret)
}

/**
 * A copy of an input that nobody else holds, fields and rule included: what is checked later is what was given now.
 *
 * @throws ERR_INVALID_INPUT when it is no object literal, or throws while it is read
 */
export function snapshotInput(input: unknown): Readonly<Record<string, unknown>> {
  const members = readable(input)
  if (members['expiresAt'] instanceof Date) members['expiresAt'] = new Date(members['expiresAt'])
  if (Object.hasOwn(members, 'allow') && members['allow'] === undefined) {
    throw invalidInput('allow', 'is undefined, which would be no rule at all; give a rule or leave it out')
  }
  for (const key of ['value', 'allow']) {
    const copy = copyMembers(members[key])
    if (copy === undefined) continue
    for (const [name, item] of Object.entries(copy)) copy[name] = copyList(item, MAX_FIELDS) ?? item
    members[key] = copy
  }
  return members
}

/**
 * A patch as it will be applied to a secret of the type. A member that is `undefined` is not named.
 *
 * @throws ERR_INVALID_INPUT as `parseInput`; ERR_IMMUTABLE_FIELD with `field` for tag, type and visibility
 */
export function parsePatch(patch: unknown, secretType: SecretType): ParsedPatch {
  const copy = readable(patch)
  for (const field of FIXED_MEMBERS) {
    if (copy[field] !== undefined) {
      const rule = `The ${field} of a secret never changes; leave it out, or delete the secret and create another.`
      throw new GuillemetError('ERR_IMMUTABLE_FIELD', rule, { field })
    }
    delete copy[field]
  }
  const members = named(copy, PATCH_MEMBERS)
  const removed = REMOVABLE.filter((member) => members[member] === null)
  for (const member of removed) delete members[member]
  return withoutPrototype<ParsedPatch>({
    ...('value' in members && { value: parseValue(members['value'], secretType) }),
    ...parseShared(members),
    ...Object.fromEntries(removed.map((member) => [member, null])),
  })
}

/**
 * Which secrets to list; `undefined` lists all.
 *
 * @throws ERR_INVALID_INPUT as `parseInput`
 */
export function parseListFilter(filter: unknown): ListFilter {
  const copy: { -readonly [K in keyof ListFilter]: ListFilter[K] } = Object.create(null)
  if (filter === undefined) return copy
  const members = named(readable(filter), FILTER_MEMBERS)
  if ('environment' in members) copy.environment = check(nameText, members['environment'], 'environment')
  if ('type' in members) copy.type = check(type, members['type'], 'type')
  if ('search' in members) copy.search = check(search, members['search'], 'search')
  return copy
}

type Shared = Partial<Pick<NewSecret, 'name' | 'description' | 'allow' | 'enabled' | 'expiresAt'>>

function parseShared(members: Record<string, unknown>): Shared {
  const readers = Object.entries(READERS).filter(([member]) => member in members)
  return nullRecord(readers.map(([member, read]) => [member, read(members[member])] as const))
}

function parseExpiry(given: unknown): string {
  const instant = toInstant(given)
  if (instant !== undefined) return instant
  throw invalidInput('expiresAt', 'must be a valid Date, or ISO 8601 with Z or an offset, in the years 0000 to 9999')
}

function defaultType(tag: string, value: unknown): SecretType {
  return OWN_TAG.find((own) => own === tag) ?? (typeof value === 'string' ? 'text' : 'custom')
}

/** The types of which an environment has one, under their own name. */
const OWN_TAG: readonly SecretType[] = ['authentication', 'database']

function requireTagFits(tag: string, secretType: SecretType): void {
  for (const own of OWN_TAG) {
    if (secretType === own && tag !== own) throw invalidInput('tag', `must be "${own}", as the type ${own} asks`)
    if (tag === own && secretType !== own) throw invalidInput('type', `must be ${own}, since the tag is kept for it`)
  }
}

function parseValue(given: unknown, secretType: SecretType): SecretValue {
  if (isTextType(secretType)) {
    const value = check(text, given, 'value')
    requireSize([value])
    return value
  }
  const fields = copyMembers(given)
  if (fields === undefined)
    throw invalidInput('value', `must be a plain object of fields, as the type ${secretType} asks`)
  if (secretType === 'custom') requireCustom(fields)
  else requireShape(fields, shapeOf(secretType, fields))
  requireSize(Object.values(fields))
  return fields as SecretValue
}

function shapeOf(secretType: SecretType, fields: Record<string, unknown>): Shape {
  if (secretType === 'basicAuth') return BASIC_AUTH
  if (secretType === 'authentication') return AUTHENTICATION
  return check(mode, fields['mode'], 'value.mode') === 'uri' ? DATABASE_URI : DATABASE_ATLAS
}

function requireShape(fields: Record<string, unknown>, shape: Shape): void {
  requireKnown(fields, Object.keys(shape), 'value')
  for (const [field, rule] of Object.entries(shape)) check(rule, fields[field], `value.${field}`)
}

function requireCustom(fields: Record<string, unknown>): void {
  const names = Object.keys(fields)
  if (names.length === 0) throw invalidInput('value', 'must have at least one field')
  if (names.length > MAX_FIELDS) throw invalidInput('value', `must have at most ${MAX_FIELDS} fields`)
  for (const field of names) {
    // a name outside the grammar is not shown: it may be a value that stands in the wrong place
    if (!isName(field)) throw invalidInput('value', `has a field whose name is none; it ${nameText.says}`)
    check(scalar, fields[field], `value.${field}`)
  }
}

/** Counts only texts: names, numbers and booleans are bounded by their number. */
function requireSize(values: readonly unknown[]): void {
  let bytes = 0
  for (const value of values) {
    if (typeof value !== 'string') continue
    // a code unit is at least one byte, so what is too long already is not encoded
    bytes += value.length > MAX_VALUE_BYTES ? value.length : utf8(value).length
    if (bytes > MAX_VALUE_BYTES) throw invalidInput('value', 'must have at most 1,048,576 bytes of UTF-8 in its texts')
  }
}

function readable(given: unknown): Record<string, unknown> {
  const members = copyMembers(given)
  if (members === undefined) throw invalidInput('', 'must be a plain object that can be read')
  return members
}

/** The members that were named: one that is `undefined` is not. */
function named(members: Record<string, unknown>, known: readonly string[]): Record<string, unknown> {
  requireKnown(members, known, '')
  return nullRecord(Object.entries(members).filter(([, member]) => member !== undefined))
}

function check<T>(rule: Rule<T>, given: unknown, path: string): T {
  if (z.safeParse(rule.schema, given).success) return given as T
  throw invalidInput(path, rule.says)
}

function textUpTo(length: number, inWords: string): Rule<string> {
  return { schema: anyText.check(z.maxLength(length)), says: `${TEXT} of at most ${inWords} characters` }
}

function oneOf<T extends string>(known: readonly T[]): Rule<T> {
  return { schema: z.enum(known), says: `must be one of ${known.join(', ')}` }
}

function isKeySetUrl(given: string): boolean {
  // the URL parser drops white space, whoever reads the field later may not
  const url = /\s/.test(given) ? undefined : parseUrl(given)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
}
