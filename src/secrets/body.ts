/**
 * The body of a stored record, format 1: JSON of the clear information and the sealed value.
 *
 * Read by hand, since every resolve reads it, and strictly: what this version did not write, it does not guess at.
 */

import { isWellFormed } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import { LOCATIONS, type ReferenceLocation } from '../location.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import { isName } from '../tag.ts'
import { MAX_HOSTS, MAX_METHODS, METHOD, RULE_MEMBERS } from './allow.ts'
import { MAX_HOST_RULE_LENGTH } from './host.ts'
import { isInstant } from './instant.ts'
import {
  type AllowRule,
  type ClearInfo,
  isTextType,
  MAX_DESCRIPTION_LENGTH,
  MAX_NAME_LENGTH,
  SECRET_TYPES,
  type SecretType,
  type StoredBody,
  VISIBILITIES,
  type Visibility,
} from './secret.ts'
import { MAX_FIELDS } from './untrusted.ts'

/** The longest body that is read, in characters: 1 MiB of texts that JSON escapes sixfold, in base64, and the rest. */
export const MAX_BODY_LENGTH = 16 * 1024 * 1024

const FORMAT = 1
const OPTIONAL = ['name', 'description', 'allow', 'expiresAt'] as const
const MEMBERS: Record<StoredBody['state'], ReadonlySet<string>> = {
  live: new Set([
    'format',
    'state',
    'type',
    'visibility',
    'fields',
    ...OPTIONAL,
    'enabled',
    'createdAt',
    'updatedAt',
    'sealed',
  ]),
  claim: new Set(['format', 'state', 'before', 'at']),
  deleted: new Set(['format', 'state', 'at']),
}
// a rule's host as normaliseHostRule writes it; anything that gets past this fits no URL
const HOST = /^[\x21-\x7e]+$/

/** The text of a record's body. Its members stand in a fixed order. */
export function writeBody(body: StoredBody): string {
  if (body.state === 'deleted') return JSON.stringify({ format: FORMAT, state: body.state, at: body.at })
  if (body.state === 'claim') {
    return JSON.stringify({ format: FORMAT, state: body.state, before: body.before, at: body.at })
  }
  const { info } = body
  return JSON.stringify({
    format: FORMAT,
    state: body.state,
    type: info.type,
    visibility: info.visibility,
    fields: info.fields,
    name: ownValue(info, 'name'),
    description: ownValue(info, 'description'),
    allow: ownValue(info, 'allow'),
    enabled: info.enabled,
    expiresAt: ownValue(info, 'expiresAt'),
    createdAt: info.createdAt,
    updatedAt: info.updatedAt,
    sealed: body.sealed,
  })
}

/**
 * What the body says. Its information and rule have no prototype.
 *
 * @throws ERR_RECORD_CORRUPT for anything that `writeBody` of this format does not write
 */
export function readBody(text: string): StoredBody {
  const body = parsed(text)
  if (ownValue(body, 'format') !== FORMAT) {
    throw corrupt('has an unknown format; update guillemet, or restore the record from a backup')
  }
  const state = ownValue(body, 'state')
  if (state === 'live') return live(onlyWith(MEMBERS.live, body))
  if (state === 'claim') return claim(onlyWith(MEMBERS.claim, body))
  if (state === 'deleted') return { state, at: instant(ownValue(onlyWith(MEMBERS.deleted, body), 'at')) }
  throw damaged()
}

type Members = Readonly<Record<string, unknown>>

function parsed(text: unknown): Members {
  // a storage of a stranger's make may hand out anything
  if (typeof text !== 'string' || text.length > MAX_BODY_LENGTH) throw damaged()
  try {
    return members(JSON.parse(text))
  } catch {
    throw damaged() // the parser's own error repeats the text
  }
}

function claim(body: Members): StoredBody {
  const before = ownValue(body, 'before')
  if (before !== 'absent' && before !== 'deleted') throw damaged()
  return { state: 'claim', before, at: instant(ownValue(body, 'at')) }
}

function live(body: Members): StoredBody {
  const type = oneOf<SecretType>(SECRET_TYPES, ownValue(body, 'type'))
  const enabled = ownValue(body, 'enabled')
  const sealed = ownValue(body, 'sealed')
  if (typeof enabled !== 'boolean' || typeof sealed !== 'string') throw damaged()
  const info: { -readonly [K in keyof ClearInfo]: ClearInfo[K] } = withoutPrototype({
    type,
    visibility: oneOf<Visibility>(VISIBILITIES, ownValue(body, 'visibility')),
    fields: isTextType(type) ? nothing(ownValue(body, 'fields')) : fieldNames(ownValue(body, 'fields')),
    enabled,
    createdAt: instant(ownValue(body, 'createdAt')),
    updatedAt: instant(ownValue(body, 'updatedAt')),
  })
  if (Object.hasOwn(body, 'name')) info.name = textUpTo(MAX_NAME_LENGTH, body['name'])
  if (Object.hasOwn(body, 'description')) info.description = textUpTo(MAX_DESCRIPTION_LENGTH, body['description'])
  if (Object.hasOwn(body, 'allow')) info.allow = allowRule(body['allow'])
  if (Object.hasOwn(body, 'expiresAt')) info.expiresAt = instant(body['expiresAt'])
  return { state: 'live', info, sealed }
}

function allowRule(value: unknown): AllowRule {
  const rule = members(value)
  const copy: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(rule)) {
    const list = rule[key]
    // an unknown member may restrict in a way that this version would not enforce
    if (!(RULE_MEMBERS as readonly string[]).includes(key) || !Array.isArray(list)) throw damaged()
    if (!(key === 'hosts' ? areHosts(list) : key === 'in' ? areLocations(list) : areMethods(list))) throw damaged()
    copy[key] = list
  }
  return copy
}

function areHosts(list: readonly unknown[]): boolean {
  return (
    list.length <= MAX_HOSTS &&
    list.every((host) => typeof host === 'string' && host.length <= MAX_HOST_RULE_LENGTH && HOST.test(host))
  )
}

function areLocations(list: readonly unknown[]): boolean {
  return list.length <= LOCATIONS.length && list.every((location) => LOCATIONS.includes(location as ReferenceLocation))
}

function areMethods(list: readonly unknown[]): boolean {
  return list.length <= MAX_METHODS && list.every((method) => typeof method === 'string' && METHOD.test(method))
}

function fieldNames(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_FIELDS) throw damaged()
  if (!value.every(isName) || new Set(value).size !== value.length) throw damaged()
  return value
}

function nothing(value: unknown): null {
  if (value !== null) throw damaged()
  return value
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  if (!known.includes(value as T)) throw damaged()
  return value as T
}

function textUpTo(length: number, value: unknown): string {
  if (typeof value !== 'string' || value.length > length || !isWellFormed(value)) throw damaged()
  return value
}

function instant(value: unknown): string {
  if (!isInstant(value)) throw damaged()
  return value
}

function members(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged()
  return value as Members
}

function onlyWith(known: ReadonlySet<string>, body: Members): Members {
  if (!Object.keys(body).every((key) => known.has(key))) throw damaged()
  return body
}

function damaged(): GuillemetError {
  return corrupt('is damaged; restore it from a backup, or delete the secret and create it again')
}

function corrupt(rule: string): GuillemetError {
  return new GuillemetError('ERR_RECORD_CORRUPT', `The stored record ${rule}.`)
}
