/** Copies of errors: the same class, code and stack frames, without anything that could reach the original. */

/** Whether it is an error, of this realm or another. */
export function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * An error of the same class without own properties but its stack.
 *
 * Between the copy and its class stands a layer that answers for the getters of the class (read once, redacted) and
 * takes away `toJSON` and custom inspection: they would read private fields that a copy does not have.
 */
export function errorShell(source: Error, redact: (value: unknown) => unknown): Error {
  const prototype = Object.getPrototypeOf(source) as object | null
  const layer = Object.create(prototype) as object
  const hide = (key: PropertyKey, value: unknown): void => {
    Object.defineProperty(layer, key, { value, writable: true, configurable: true })
  }
  for (let level = prototype; level !== null && !isBase(level); level = Object.getPrototypeOf(level) as object | null) {
    for (const key of Reflect.ownKeys(level)) {
      if (Object.hasOwn(layer, key) || Reflect.getOwnPropertyDescriptor(level, key)?.get === undefined) continue
      try {
        hide(key, redact(Reflect.get(level, key, source)))
      } catch {
        hide(key, undefined)
      }
    }
  }
  for (const key of ['toJSON', INSPECT]) if (key in source) hide(key, undefined)
  const shell = new Error()
  const stack: unknown = redact(source.stack)
  Object.setPrototypeOf(shell, layer)
  Object.defineProperty(shell, 'stack', { value: stack, writable: true, configurable: true })
  return shell
}

/** Whether the prototype is `Error.prototype` or above it, in any realm. */
function isBase(prototype: object): boolean {
  const above = Object.getPrototypeOf(prototype) as object | null
  return above === null || Object.getPrototypeOf(above) === null
}
