/**
 * The body of a stored record, format 1: JSON of the clear information and the sealed value.
 *
 * Read strictly: what this version did not write, it does not guess at.
 */

import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import { isName } from '../tag.ts'
import { MAX_HOSTS, MAX_METHODS, RULE_MEMBERS } from './allow.ts'
import { MAX_LOCATIONS } from './allowed-location.ts'
import * as rules from './rules.ts'
import { type ClearInfo, type StoredBody, type StoredRule, TEXT_TYPES } from './secret.ts'
import { MAX_FIELDS } from './untrusted.ts'

/** The longest body that is read, in characters: 1 MiB of texts that JSON escapes sixfold, in base64, and the rest. */
export const MAX_BODY_LENGTH = 16 * 1024 * 1024

const BODY_FORMAT = 1
const MEMBERS: Record<StoredBody['state'], ReadonlySet<string>> = {
  live: new Set([
    'format',
    'state',
    'type',
    'visibility',
    'fields',
    'name',
    'description',
    'allow',
    'enabled',
    'expiresAt',
    'publicFields',
    'createdAt',
    'updatedAt',
    'createdBy',
    'updatedBy',
    'sealed',
  ]),
  claim: new Set(['format', 'state', 'before', 'at', 'writeId']),
  deleted: new Set(['format', 'state', 'at', 'writeId']),
}
const KNOWN_MEMBERS: ReadonlySet<string> = /* @__PURE__ */ new Set(RULE_MEMBERS)

/** The text of a record's body. Its members have a fixed order. */
export function writeBody(body: StoredBody): string {
  if (body.state !== 'live') {
    const { state, at } = body
    const before = state === 'claim' ? body.before : undefined
    return JSON.stringify({ format: BODY_FORMAT, state, before, at, writeId: ownValue(body, 'writeId') })
  }
  const { info } = body
  return JSON.stringify({
    format: BODY_FORMAT,
    state: body.state,
    type: info.type,
    visibility: info.visibility,
    fields: info.fields,
    name: info.name,
    description: info.description,
    allow: info.allow,
    enabled: info.enabled,
    expiresAt: info.expiresAt,
    publicFields: info.publicFields,
    createdAt: info.createdAt,
    updatedAt: info.updatedAt,
    createdBy: info.createdBy,
    updatedBy: info.updatedBy,
    sealed: body.sealed,
  })
}

/**
 * What the body says. Its information and rule have no prototype.
 *
 * @throws ERR_RECORD_CORRUPT for a member, or a value of one, that `writeBody` of this format does not write; how JSON writes
 *   them is free
 */
export function readBody(text: string): StoredBody {
  // a storage that somebody else wrote may return anything
  const body = typeof text === 'string' && text.length <= MAX_BODY_LENGTH ? asObject(parseJson(text)) : undefined
  if (body === undefined) throw damaged()
  if (ownValue(body, 'format') !== BODY_FORMAT) throw damaged()
  const state = ownValue(body, 'state')
  if (state === 'live') return readLive(onlyWith(MEMBERS.live, body))
  if (state === 'claim') return readClaim(onlyWith(MEMBERS.claim, body))
  if (state === 'deleted') return readDeleted(onlyWith(MEMBERS.deleted, body))
  throw damaged()
}

type JsonObject = Readonly<Record<string, unknown>>

function readClaim(body: JsonObject): StoredBody {
  const before = ownValue(body, 'before')
  if (before !== 'absent' && before !== 'deleted') throw damaged()
  return { state: 'claim', before, ...readWrite(body) }
}

function readDeleted(body: JsonObject): StoredBody {
  return { state: 'deleted', ...readWrite(body) }
}

/** When it was written, and the text that tells it from any other, which records of earlier versions do not have. */
function readWrite(body: JsonObject): { readonly at: string; readonly writeId?: string } {
  const at = required(body, 'at', rules.instant)
  const writeId = optional(body, 'writeId', rules.writeId)
  return writeId === undefined ? { at } : { at, writeId }
}

function readLive(body: JsonObject): StoredBody {
  const type = required(body, 'type', rules.secretType)
  const sealed = ownValue(body, 'sealed')
  if (typeof sealed !== 'string') throw damaged()
  const fields = readFields(ownValue(body, 'fields'), TEXT_TYPES.has(type))
  const info = withoutPrototype<ClearInfo>({
    type,
    visibility: required(body, 'visibility', rules.visibility),
    fields,
    name: optional(body, 'name', rules.displayName),
    description: optional(body, 'description', rules.description),
    allow: Object.hasOwn(body, 'allow') ? readRule(body['allow']) : undefined,
    enabled: required(body, 'enabled', rules.enabled),
    expiresAt: optional(body, 'expiresAt', rules.instant),
    publicFields: Object.hasOwn(body, 'publicFields') ? readPublicFields(body['publicFields'], fields) : undefined,
    createdAt: required(body, 'createdAt', rules.instant),
    updatedAt: required(body, 'updatedAt', rules.instant),
    createdBy: optional(body, 'createdBy', rules.actorId),
    updatedBy: optional(body, 'updatedBy', rules.actorId),
  })
  return { state: 'live', info, sealed }
}

function readRule(value: unknown): StoredRule {
  const rule = asObject(value)
  if (rule === undefined) throw damaged()
  // an unknown member may restrict in a way that this version would not enforce
  onlyWith(KNOWN_MEMBERS, rule)
  return withoutPrototype<StoredRule>({
    hosts: readList(rule, 'hosts', MAX_HOSTS, rules.hostRule),
    in: readList(rule, 'in', MAX_LOCATIONS, rules.location),
    methods: readList(rule, 'methods', MAX_METHODS, rules.method),
    maxUses: optional(rule, 'maxUses', rules.maxUses),
  })
}

function readList<T>(body: JsonObject, key: string, limit: number, rule: rules.Rule<T>): readonly T[] | undefined {
  if (!Object.hasOwn(body, key)) return undefined
  const list = body[key]
  if (!Array.isArray(list) || list.length > limit) throw damaged()
  if (!list.every((item) => rules.accepts(rule, item))) throw damaged()
  return list
}

/** The names of the fields; null for one text, which has none. */
function readFields(value: unknown, isText: boolean): readonly string[] | null {
  if (isText && value === null) return value
  if (isText || !Array.isArray(value) || value.length === 0 || value.length > MAX_FIELDS) throw damaged()
  if (!value.every(isName) || new Set(value).size !== value.length) throw damaged()
  return value
}

/** Some of the fields, in their order. */
function readPublicFields(value: unknown, fields: readonly string[] | null): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || fields === null) throw damaged()
  const inOrder = fields.filter((field) => value.includes(field))
  if (inOrder.length !== value.length || inOrder.some((field, at) => field !== value[at])) throw damaged()
  return inOrder
}

function required<T>(body: JsonObject, key: string, rule: rules.Rule<T>): T {
  const value = ownValue(body, key)
  if (!rules.accepts(rule, value)) throw damaged()
  return value
}

function optional<T>(body: JsonObject, key: string, rule: rules.Rule<T>): T | undefined {
  return Object.hasOwn(body, key) ? required(body, key, rule) : undefined
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

function onlyWith(known: ReadonlySet<string>, body: JsonObject): JsonObject {
  for (const key of Object.keys(body)) if (!known.has(key)) throw damaged()
  return body
}

/** What to do about it is said where the tag is known. */
function damaged(): GuillemetError {
  return new GuillemetError('ERR_RECORD_CORRUPT', 'The stored record is not in a format that this version reads.')
}
