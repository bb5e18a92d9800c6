/** Regular expressions that are not read while the package is imported. */

/**
 * One that is built when it is first asked for.
 *
 * For classes of Unicode characters, `\p{…}`: an engine reads a literal twice before any code runs, and takes as long for
 * five with such classes as for 50 KB of code.
 */
export function lateRegExp(source: string, flags: string): () => RegExp {
  let built: RegExp | undefined
  return () => {
    built ??= new RegExp(source, flags)
    return built
  }
}
