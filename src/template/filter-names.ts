/** The names of the filters; there is no `default`, since a default in a template is a committed secret. */

export const FILTERS = ['base64', 'base64url', 'hex', 'trim', 'basic', 'urlencode', 'json', 'shell', 'raw'] as const

/** A filter that a reference may name. */
export type FilterName = (typeof FILTERS)[number]

/** Whether the text names a filter. */
export function isFilter(name: string): name is FilterName {
  return (FILTERS as readonly string[]).includes(name)
}

/** Whether the filter, standing last, takes the place of the location's encoder. */
export function replacesEncoder(filter: FilterName): boolean {
  return filter === 'urlencode' || filter === 'json' || filter === 'shell' || filter === 'raw'
}

/** Whether the filters begin with one that takes a secret with all its fields. */
export function takesFields(filters: readonly string[]): boolean {
  const first = filters[0]
  return first === 'basic' || first === 'json'
}
