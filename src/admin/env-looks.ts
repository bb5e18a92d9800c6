/** Whether what stands under a name looks like a secret, whatever the parser has made of it. */

import { isPlainObject } from '../plain-object.ts'
import { envSecrets } from '../redact/env-secrets.ts'

/** Maps within maps are looked through down to here. */
const DEEPEST = 64

/** @param given a text, or a member of a JSON map, whose lists and maps are looked through */
export function looksSecret(name: string, given: unknown, depth = 0): boolean {
  if (typeof given === 'string') return Object.keys(envSecrets({ [name]: given })).length > 0
  if (typeof given === 'number') return looksSecret(name, String(given))
  if (depth === DEEPEST) return false
  if (Array.isArray(given)) return given.some((member) => looksSecret(name, member, depth + 1))
  if (!isPlainObject(given)) return false
  return Object.entries(given).some(([key, member]) => looksSecret(key, member, depth + 1))
}
