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
export function errorShell(source: Error, redact: (read: () => unknown) => unknown): Error {
  const layer = Object.create(Object.getPrototypeOf(source))
  const define = (target: object, key: PropertyKey, value: unknown): void => {
    Object.defineProperty(target, key, { value, writable: true, configurable: true })
  }
  for (const key of ['toJSON', INSPECT]) define(layer, key, undefined)
  let level = Object.getPrototypeOf(source)
  // up to Error.prototype, of any realm
  while (Object.getPrototypeOf(Object.getPrototypeOf(level) ?? level) !== null) {
    for (const key of Reflect.ownKeys(level)) {
      const isGetter = Reflect.getOwnPropertyDescriptor(level, key)?.get !== undefined
      if (isGetter && !Object.hasOwn(layer, key)) {
        define(
          layer,
          key,
          redact(() => Reflect.get(level, key, source)),
        )
      }
    }
    level = Object.getPrototypeOf(level)
  }
  const shell = new Error()
  Object.setPrototypeOf(shell, layer)
  define(
    shell,
    'stack',
    redact(() => source.stack),
  )
  return shell
}
