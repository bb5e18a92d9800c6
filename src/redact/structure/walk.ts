/** What the copiers of this room share: the walk that they belong to, and what becomes of values on it. */

/** The redacted copy of anything; under a sensitive name it is a mask. */
export type Redact = (value: unknown, name?: unknown) => unknown

/**
 * Gives the empty copy back. Later the own properties of the source are copied into it and `finish` is called, so that
 * no depth exhausts the stack.
 */
export type FillLater = (source: object, copy: object, finish?: () => void) => object

export type Properties = Record<PropertyKey, unknown>

export const { getPrototypeOf, hasOwn } = Object

/** Replaces what throws. */
export const UNREADABLE = '[Unreadable]'

/** The property of a stranger's object, whose getter may throw. */
export function readProperty(source: object, key: PropertyKey): unknown {
  try {
    return (source as Properties)[key]
  } catch {
    return UNREADABLE
  }
}

/** The value itself where its text holds no secret, else what is made of the redacted text. */
export function unlessRedacted(
  redact: Redact,
  value: unknown,
  text: string,
  make: (redacted: string) => unknown = String,
): unknown {
  const redacted = redact(text) as string
  return redacted === text ? value : make(redacted)
}
