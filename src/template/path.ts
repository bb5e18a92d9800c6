/** Where something stands in a template, as text: `headers.X-Key`, `e[0]`, `["a.b"]`, `''` for the whole. */

// an empty key would vanish, and dots and brackets would read as steps
const PLAIN_KEY = /^[^.[\]]+$/

/** The keys from the outermost to the innermost as one path; a number is an index. */
export function pathOf(keys: readonly (string | number)[]): string {
  let path = ''
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`
    else if (!PLAIN_KEY.test(key)) path += `[${JSON.stringify(key)}]`
    else path = path === '' ? key : `${path}.${key}`
  }
  return path
}
