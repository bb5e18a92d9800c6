/** The value of a secret as a caller gives it: which fields each type has, and how much a value may hold. */

import { utf8 } from '../bytes.ts'
import type { SecretValue } from '../secret-value.ts'
import { isName } from '../tag.ts'
import { isMasked } from './masks.ts'
import * as rules from './rules.ts'
import { type SecretType, TEXT_TYPES } from './secret.ts'
import { copyMembers, invalidInput, MAX_FIELDS, requireKnown, requireRule } from './untrusted.ts'

/** The most bytes of UTF-8 that the texts of one value have together. */
export const MAX_VALUE_BYTES = 1024 * 1024

const LINE_ENDS = /[\r\n]\s*$/
const KINDS = 'give a text, or named fields (a plain object)'
const IS_EMPTY = 'is empty; give the value itself, or leave it out'
const IS_MASK = 'is a mask or holds one, so it is not the value'
const ALL_FIELDS = 'a new value replaces all fields'

type FieldRules = Readonly<Record<string, rules.Rule<string>>>
const BASIC_AUTH: FieldRules = { username: rules.userName, password: rules.text }
const AUTHENTICATION: FieldRules = { jwksUri: rules.keySetUrl, audience: rules.nonEmptyText }
const DATABASE_URI: FieldRules = { name: rules.nonEmptyText, mode: rules.databaseMode, uri: rules.nonEmptyText }
const DATABASE_ATLAS: FieldRules = {
  name: rules.nonEmptyText,
  mode: rules.databaseMode,
  projectId: rules.nonEmptyText,
  publicKey: rules.nonEmptyText,
  privateKey: rules.nonEmptyText,
  clusterName: rules.nonEmptyText,
}

/**
 * The value of a secret of the type, copied; fields are a record without a prototype, in the order given.
 *
 * @throws ERR_INVALID_INPUT with the `path` of the first field that breaks a rule; no message holds a value
 */
export function parseValue(given: unknown, type: SecretType): SecretValue {
  if (TEXT_TYPES.has(type)) return parseText(given, type)
  const fields = copyMembers(given)
  if (fields === undefined)
    throw invalidInput('value', wrongKind(given) ?? `must be named fields (a plain object), since the type is ${type}`)
  if (type === 'custom') requireCustom(fields)
  else requireFields(fields, fieldRulesOf(type, fields))
  requireSize(Object.values(fields))
  for (const [field, value] of Object.entries(fields)) requireNoMask(value, `value.${field}`)
  return fields as SecretValue
}

function parseText(given: unknown, type: SecretType): string {
  if (typeof given !== 'string')
    throw invalidInput('value', wrongKind(given) ?? `must be a text, since the type is ${type}`)
  if (given === '') throw invalidInput('value', IS_EMPTY)
  const text = requireRule(rules.text, given, 'value')
  requireSize([text])
  if (isMasked(text)) throw invalidInput('value', `${IS_MASK}; give the value itself, or leave it out`)
  return text
}

/** What a text that was typed or pasted into a form is told where it is not the value itself; a program's own is kept as it is. */
export function typedFault(text: string): string | undefined {
  if (text === '') return IS_EMPTY
  if (text.trim() === '') return 'is only white space; give the value itself, or leave it out'
  // the lines of a private key or a certificate end with one, the last too; one line alone is a file's or a paste's
  if (LINE_ENDS.test(text) && !/[\r\n]/.test(text.trim())) {
    return 'ends with a line break; type it without'
  }
  return undefined
}

/** What no value of any type is, in words; undefined where another type would take it, or nobody can say. */
function wrongKind(given: unknown): string | undefined {
  if (given === undefined) return `is missing; ${KINDS}`
  if (given === null) return `is null; ${KINDS}, or delete the secret`
  if (typeof given !== 'object')
    return typeof given === 'string' ? undefined : `is of the type ${typeof given}; ${KINDS}`
  try {
    if (Array.isArray(given)) return `is a list; ${KINDS}`
    if (given instanceof Promise) return 'is a promise; give what it resolves to (await it)'
    if (ArrayBuffer.isView(given)) return 'is bytes; give a text, such as their Base64'
  } catch {
    // a proxy that throws: its error may hold the value
  }
  return undefined
}

function fieldRulesOf(type: SecretType, fields: Record<string, unknown>): FieldRules {
  if (type === 'basicAuth') return BASIC_AUTH
  if (type === 'authentication') return AUTHENTICATION
  return requireRule(rules.databaseMode, fields['mode'], 'value.mode') === 'uri' ? DATABASE_URI : DATABASE_ATLAS
}

function requireFields(fields: Record<string, unknown>, expected: FieldRules): void {
  requireKnown(fields, Object.keys(expected), 'value')
  for (const [field, rule] of Object.entries(expected)) {
    if (fields[field] === undefined) throw invalidInput(`value.${field}`, `is missing; ${ALL_FIELDS}`)
    requireRule(rule, fields[field], `value.${field}`)
  }
}

function requireCustom(fields: Record<string, unknown>): void {
  const names = Object.keys(fields)
  if (names.length === 0) throw invalidInput('value', 'must have at least one field')
  if (names.length > MAX_FIELDS) throw invalidInput('value', `must have at most ${MAX_FIELDS} fields`)
  for (const field of names) {
    // a name outside the grammar is not shown: it may be a value in the wrong place
    if (!isName(field)) throw invalidInput('value', `has an invalid field name; it ${rules.name.says}`)
    requireRule(rules.fieldValue, fields[field], `value.${field}`)
  }
}

function requireNoMask(value: unknown, path: string): void {
  if (typeof value !== 'string' || !isMasked(value)) return
  throw invalidInput(path, `${IS_MASK}; enter it again: ${ALL_FIELDS}`)
}

/** Counts only texts: names, numbers and booleans are bounded by their number. */
function requireSize(values: readonly unknown[]): void {
  let bytes = 0
  for (const value of values) {
    if (typeof value !== 'string') continue
    // a code unit is at least one byte, so what is too long already is not encoded
    bytes += value.length > MAX_VALUE_BYTES ? value.length : utf8(value).length
    if (bytes > MAX_VALUE_BYTES) throw invalidInput('value', 'must have at most 1 MiB of text')
  }
}
