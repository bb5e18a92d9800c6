/** What the copiers of this room share: the walk that they belong to, and what becomes of values on it. */

/** The redacted copy of anything; under a sensitive name it is a mask. */
export type Redact = (value: unknown, name?: unknown) => unknown

/**
 * Gives the empty copy back. Later the own properties of the source are copied into it and `finish` is called, so that
 * no depth exhausts the stack; it is told whether so many objects were copied that what is made on the way is left out.
 */
export type FillLater = (source: object, copy: object, finish?: (isMany: boolean) => void) => object

export type Properties = Record<PropertyKey, unknown>

export const { getPrototypeOf, hasOwn } = Object

/** Replaces what throws. */
export const UNREADABLE = '[Unreadable]'
/** Replaces what goes beyond a limit. */
export const TOO_LARGE = '[Too large]'

/** The property of a stranger's object, whose getter may throw. */
export function readProperty(source: object, key: PropertyKey): unknown {
  try {
    return (source as Properties)[key]
  } catch {
    return UNREADABLE
  }
}

/** The same, but with many objects no other one that a getter or a proxy gives: it may make them without end. */
export function readMember(source: object, key: PropertyKey, isMany: boolean): unknown {
  const item = readProperty(source, key)
  if (!isMany || typeof item !== 'object' || item === null) return item
  return Object.getOwnPropertyDescriptor(source, key)?.value === item ? item : TOO_LARGE
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
