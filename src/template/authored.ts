/**
 * Foreign text must not create a reference: what a config's author wrote is told from what was rendered into it.
 */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { at } from './errors.ts'

/**
 * Refuses every reference that the author did not write.
 *
 * References are equal by tag, field, filters and path, and each may be found at most as often as it was authored.
 *
 * @param authored the references of the template as it was stored, also when they come back from JSON
 * @throws ERR_UNEXPECTED_REFERENCE with tag, path and index of the first that was not authored; ERR_INVALID_INPUT when
 *   `authored` is not a list of references
 */
export function requireAuthored(found: readonly Reference[], authored: readonly Reference[]): void {
  const [first] = unexpectedReferences(found, authored)
  if (first === undefined) return
  const { tag, path, index } = first
  throw new GuillemetError(
    'ERR_UNEXPECTED_REFERENCE',
    `The reference to "${tag}"${at(path)} was not written by the author of the template but came with text that was rendered into it; escape such text with escapeReferences.`,
    { tag, path, index },
  )
}

/** The references that the author did not write, in document order. @throws ERR_INVALID_INPUT as `requireAuthored` */
export function unexpectedReferences(
  found: readonly Reference[],
  authored: readonly Reference[],
): readonly Reference[] {
  if (!Array.isArray(authored)) throw authoredError()
  const permitted = new Map<string, number>()
  for (const reference of authored as readonly unknown[]) {
    const key = keyOf(reference)
    permitted.set(key, (permitted.get(key) ?? 0) + 1)
  }
  return found.filter((reference) => {
    const key = keyOf(reference)
    const left = permitted.get(key) ?? 0
    permitted.set(key, left - 1)
    return left <= 0
  })
}

/** A text that two references share only when they are equal; read by own key, since authored ones come from outside. */
function keyOf(reference: unknown): string {
  const given = typeof reference === 'object' ? reference : undefined
  const tag = ownValue(given, 'tag')
  const field = ownValue(given, 'field')
  const filters = ownValue(given, 'filters')
  const path = ownValue(given, 'path')
  const isSound =
    typeof tag === 'string' &&
    (field === undefined || typeof field === 'string') &&
    Array.isArray(filters) &&
    typeof path === 'string'
  if (!isSound) throw authoredError()
  return JSON.stringify([tag, field ?? null, path, ...(filters as readonly unknown[]).map(String)])
}

function authoredError(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The option authored must be the references of the stored template, each with tag, filters and path.',
  )
}
