/** Copies of errors: the same class, code and stack frames, without anything that could reach the original. */

/** What a copy asks of the walk. */
export interface Walk {
  text(text: string): string
  /** The item itself, or what is made of its masked text. */
  masked(item: unknown, written: string, make?: (masked: string) => unknown): unknown
  /** The copy of a value; of an object, a shell that is filled later. `isData` is what a `toJSON` gave. */
  any(value: unknown, isData?: boolean): unknown
  /** The copy of a value under a name; a sensitive name masks it whatever it is. */
  named(name: unknown, value: unknown): unknown
  /** Gives the shell back; later copies the own properties into it and finishes, so that depth costs no stack. */
  later<S extends object>(source: object, shell: S, finish?: () => void): S
  /** An empty object whose class has the name. */
  shellOf(source: object, name: string): Properties
}

export type Properties = Record<PropertyKey, unknown>

export const { getPrototypeOf, hasOwn } = Object

/** Stands for what throws. */
export const UNREADABLE = '[Unreadable]'

/** Methods that the language and its printers call unasked: in a copy they would read what it lacks, or the original. */
export const CONVERSIONS: readonly PropertyKey[] = [
  'toString',
  'valueOf',
  'toJSON',
  Symbol.toPrimitive,
  Symbol.for('nodejs.util.inspect.custom'),
]

/** The name of a class or function, as it says. */
export function nameOf(type: unknown): string {
  return String((type as { name?: unknown } | undefined)?.name ?? '')
}

/** Writes an own property, whatever the prototype has under its name. */
export function define(target: object, key: PropertyKey, value: unknown, enumerable?: boolean): void {
  const descriptor = { __proto__: null, value, enumerable, writable: true, configurable: true }
  Object.defineProperty(target, key, descriptor as PropertyDescriptor)
}

/**
 * An error of the same class.
 *
 * It answers itself, by hidden properties, for what its class has beside methods (getters read once, redacted) and for
 * the conversions of the class.
 */
export function errorCopy(source: Error, { text, any, named, later }: Walk): Error {
  // frames of our own would be taken down only to be replaced, which costs more than all the rest
  const limit = 'stackTraceLimit'
  const before: unknown = (Error as never)[limit]
  Reflect.set(Error, limit, 0)
  const shell = new Error()
  Reflect.set(Error, limit, before)
  return later(source, shell, () => {
    const prototype = getPrototypeOf(source) as object
    let level = prototype
    let above = getPrototypeOf(level) as object | null
    // up to Error.prototype, of any realm
    while (above && getPrototypeOf(above)) {
      for (const key of Reflect.ownKeys(level)) {
        if (hasOwn(shell, key)) continue
        const { get, value } = Reflect.getOwnPropertyDescriptor(level, key)!
        let copy: unknown = value
        if (CONVERSIONS.includes(key)) copy = Error.prototype[key as 'toString']
        else if (typeof value !== 'function') {
          try {
            copy = named(key, get ? Reflect.get(level, key, source) : value)
          } catch {
            copy = UNREADABLE
          }
        }
        if (get || copy !== value) define(shell, key, copy)
      }
      level = above
      above = getPrototypeOf(level)
    }
    if (!hasOwn(source, 'stack')) shell.stack = any(source.stack) as string
    // a class whose name holds a value is not shown; last, so that no setter of the class is called
    const name = nameOf((prototype as Error).constructor)
    if (text(name) === name) Object.setPrototypeOf(shell, prototype)
  })
}
