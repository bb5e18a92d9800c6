/**
 * Shells: empty copies that keep the class of an instance or of an error, without anything that could reach the
 * original.
 */

/** The copy of a value; of an object, a shell that is filled later. A sensitive name masks it whatever it is. */
export type Any = (value: unknown, name?: unknown) => unknown

/** Gives the shell back; later copies the own properties into it and finishes, so that depth costs no stack. */
export type Later = (source: object, shell: object, finish?: () => void) => object

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

/** The item itself, or what is made of its masked text. */
export function masked(
  text: (text: string) => unknown,
  item: unknown,
  written: string,
  make: (masked: string) => unknown = String,
): unknown {
  const redacted = text(written) as string
  return redacted === written ? item : make(redacted)
}

/** Writes an own property, whatever the prototype has under its name. */
export function define(target: object, key: PropertyKey, value: unknown, enumerable?: boolean): void {
  const descriptor = { __proto__: null, value, enumerable, writable: true, configurable: true }
  Object.defineProperty(target, key, descriptor as PropertyDescriptor)
}

/** Empty classes by the prototype whose name they have: to make one takes longer than to fill ten objects. */
const shells = new WeakMap<object, new () => object>()

/**
 * An empty object whose class has the name of that of the source.
 *
 * An instance keeps no more of its class, not its prototype: methods and getters could hold a value.
 */
export function shellOf(source: object, any: Any): Properties {
  const prototype = getPrototypeOf(source) as object
  const name = any(nameOf(prototype.constructor)) as string
  let Shell = shells.get(prototype)
  if (Shell?.name !== name) {
    Shell = { [name]: class {} }[name]!
    shells.set(prototype, Shell)
  }
  return new Shell() as Properties
}

/**
 * An error of the same class, code and stack frames.
 *
 * It answers itself, by hidden properties, for what its class has beside methods (getters read once, redacted) and for
 * the conversions of the class.
 */
export function errorCopy(source: Error, any: Any, _: unknown, later: Later): object {
  // frames of our own would be taken down only to be replaced, which costs more than all the rest
  const limit = 'stackTraceLimit'
  const before: unknown = (Error as never)[limit]
  Reflect.set(Error, limit, 0)
  const shell = new Error()
  Reflect.set(Error, limit, before)
  return later(source, shell, () => {
    const prototype = getPrototypeOf(source) as object
    // up to Error.prototype, of any realm
    for (let level = prototype; level !== Error.prototype && getPrototypeOf(level); level = getPrototypeOf(level)) {
      for (const key of Reflect.ownKeys(level)) {
        if (hasOwn(shell, key)) continue
        const { get, value } = Reflect.getOwnPropertyDescriptor(level, key)!
        let copy: unknown = value
        if (CONVERSIONS.includes(key)) copy = Error.prototype[key as 'toString']
        else if (typeof value !== 'function') {
          try {
            copy = any(Reflect.get(level, key, source), key)
          } catch {
            copy = UNREADABLE
          }
        }
        if (get || copy !== value) define(shell, key, copy)
      }
    }
    if (!hasOwn(source, 'stack')) shell.stack = any(source.stack) as string
    // a class whose name holds a value is not shown; last, so that no setter of the class is called
    const name = nameOf((prototype as Error).constructor)
    if (any(name) === name) Object.setPrototypeOf(shell, prototype)
  })
}
