/** The fields of a secret that are not secret: which they are, and who may make them so. */

import { isName } from '../tag.ts'
import type { ClearInfo, SecretType } from './secret.ts'
import { copyList, invalidInput, MAX_FIELDS } from './untrusted.ts'

/** What is public of a secret whose creator does not say: identifiers that a login form shows as well. */
const DEFAULTS: ReadonlyMap<SecretType, readonly string[]> = new Map([
  ['basicAuth', ['username']],
  ['database', ['name', 'mode', 'projectId', 'clusterName']],
  ['authentication', ['jwksUri', 'audience']],
])

/**
 * A list as a caller gives it, copied; undefined where it is not given.
 *
 * @throws ERR_INVALID_INPUT
 */
export function parsePublicFields(given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined
  const list = copyList(given, MAX_FIELDS)
  if (list?.every(isName)) return list
  throw invalidInput('publicFields', 'must be a list of field names')
}

/**
 * The list as it is stored: in the order of the fields, undefined for none.
 *
 * @param fields those of the value; null for one text
 * @throws ERR_INVALID_INPUT when it names a field that the value does not have
 */
export function storedPublicFields(
  named: readonly string[],
  fields: readonly string[] | null,
): readonly string[] | undefined {
  if (named.some((field) => !(fields ?? []).includes(field))) {
    const rule = fields === null ? 'must be left out: one text has no fields' : 'must name fields that the value has'
    throw invalidInput('publicFields', rule)
  }
  const inOrder = (fields ?? []).filter((field) => named.includes(field))
  return inOrder.length === 0 ? undefined : inOrder
}

/** What is public of a new secret whose creator does not say. */
export function defaultPublicFields(type: SecretType, fields: readonly string[] | null): readonly string[] | undefined {
  const defaults = DEFAULTS.get(type) ?? []
  return storedPublicFields(
    defaults.filter((field) => fields?.includes(field)),
    fields,
  )
}

/**
 * What is public after a change: what it names, else what was, as far as the fields are still there.
 *
 * @param isValueGiven anyone who makes a field public must know its value, so it has to be given
 * @throws ERR_INVALID_INPUT
 */
export function changedPublicFields(
  stored: readonly string[] | undefined,
  named: readonly string[] | undefined,
  fields: readonly string[] | null,
  isValueGiven: boolean,
): readonly string[] | undefined {
  if (named === undefined) {
    return storedPublicFields(
      (stored ?? []).filter((field) => fields?.includes(field)),
      fields,
    )
  }
  const changed = storedPublicFields(named, fields)
  if (isValueGiven || (changed ?? []).every((field) => stored?.includes(field))) return changed
  throw invalidInput('publicFields', 'can only take another field together with the value')
}

/** Whether a field is shown as it is. The mode of a database, one of two words of this library, always is. */
export function isPublicField({ type, publicFields }: ClearInfo, field: string): boolean {
  return publicFields?.includes(field) || (type === 'database' && field === 'mode')
}
