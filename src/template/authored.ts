/**
 * Foreign text must not create a reference: what a config's author wrote is told from what was rendered into it.
 */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { at } from './errors.ts'

/** What tells one reference from another; those that come from JSON may lack anything. */
type Comparable = Pick<Reference, 'tag' | 'filters' | 'path'> & { readonly field?: string | undefined }

/**
 * Refuses every reference that the author did not write, and one that the author wrote and a backslash has made literal.
 *
 * References are equal by tag, field, filters, location and path, and each may be found at most as often as it was authored.
 *
 * @param authored the references of the template as it was stored, also when they come back from JSON
 * @throws ERR_UNEXPECTED_REFERENCE with tag and path of the first, and with its index where it was not authored;
 *   ERR_INVALID_INPUT when `authored` is not a list of references
 */
export function requireAuthored(
  found: readonly Reference[],
  authored: readonly Reference[],
  silenced: readonly Comparable[] = [],
): void {
  const [first] = unexpectedReferences(found, authored)
  if (first !== undefined) {
    const { tag, path, index } = first
    const isOtherKind = authored.some(
      (each) => textKey(each) === textKey(first) && comparisonKeyOf(each) !== comparisonKeyOf(first),
    )
    const reason = isOtherKind
      ? 'is where the author wrote it, but the option authored was taken from the template as another kind; give references() and this call the same option as'
      : 'was not written by the author of the template but came with text that was rendered into it; escape such text with escapeReferences'
    throw new GuillemetError('ERR_UNEXPECTED_REFERENCE', `The reference to "${tag}"${at(path)} ${reason}.`, {
      tag,
      path,
      index,
    })
  }
  requireNotSilenced(found, authored, silenced)
}

/**
 * Refuses an authored reference that is missing while a backslash has made its text literal.
 *
 * @throws ERR_UNEXPECTED_REFERENCE
 */
export function requireNotSilenced(
  found: readonly Reference[],
  authored: readonly Reference[],
  silenced: readonly Comparable[],
): void {
  const lost = silenced.length === 0 ? undefined : silencedReference(found, authored, silenced)
  if (lost === undefined) return
  const { tag, path } = lost
  throw new GuillemetError(
    'ERR_UNEXPECTED_REFERENCE',
    `The reference to "${tag}"${at(path)} has become text by a backslash at the end of what was rendered before it; double the backslashes that such a text ends with.`,
    { tag, path },
  )
}

/** An authored reference that is no longer one, though its text is still there. */
function silencedReference(
  found: readonly Reference[],
  authored: readonly Reference[],
  silenced: readonly Comparable[],
): Comparable | undefined {
  const missing = new Counts(authored, textKey)
  for (const reference of found) missing.take(textKey(reference))
  return silenced.find((name) => missing.take(textKey(name)))
}

/** The references that the author did not write, in document order. @throws ERR_INVALID_INPUT as `requireAuthored` */
export function unexpectedReferences(
  found: readonly Reference[],
  authored: readonly Reference[],
): readonly Reference[] {
  const permitted = new Counts(authored, comparisonKeyOf)
  return found.filter((reference) => !permitted.take(comparisonKeyOf(reference)))
}

/** Whether an encoded reference is one that the author wrote, so that it is read as one. */
export function isAuthored(authored: readonly Reference[]): (reference: Comparable) => boolean {
  const keys = new Set(listOf(authored).map(textKey))
  return (reference) => keys.has(textKey(reference))
}

/** How often each reference of a list is left. */
class Counts {
  readonly #left = new Map<string, number>()

  constructor(references: readonly Reference[], keyOf: (reference: unknown) => string) {
    for (const reference of listOf(references)) {
      const key = keyOf(reference)
      this.#left.set(key, (this.#left.get(key) ?? 0) + 1)
    }
  }

  /** Whether one was left. */
  take(key: string): boolean {
    const left = this.#left.get(key) ?? 0
    this.#left.set(key, left - 1)
    return left > 0
  }
}

function listOf(authored: unknown): readonly unknown[] {
  if (!Array.isArray(authored)) throw authoredError()
  return authored as readonly unknown[]
}

/** A text that two references share only when they are equal; read by own key, since authored ones come from outside. */
function comparisonKeyOf(reference: unknown): string {
  const location = ownValue(typeof reference === 'object' ? reference : undefined, 'location')
  if (typeof location !== 'string') throw authoredError()
  return JSON.stringify([location, textKey(reference)])
}

/** The same without the location, which what a backslash made literal has none of. */
function textKey(reference: unknown): string {
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
    'The option authored must be the references of the stored template, as references gives them.',
  )
}
