/** The names of the filters; there is no `default`, since a default in a template is a committed secret. */

// biome-ignore format: one list
export const FILTERS = [
  'base64', 'base64url', 'hex', 'trim', 'base64decode', 'basic', 'oauthBasic', 'urlencode', 'json', 'xml', 'shell', 'raw',
] as const

/** A filter that a reference may name. */
export type FilterName = (typeof FILTERS)[number]

/** Whether the text names a filter. */
export function isFilter(name: string): name is FilterName {
  return (FILTERS as readonly string[]).includes(name)
}

/** Whether the filter, standing last, takes the place of the location's encoder. */
export function replacesEncoder(filter: FilterName): boolean {
  return filter === 'urlencode' || filter === 'json' || filter === 'xml' || filter === 'shell' || filter === 'raw'
}

/** Whether the filter writes the user name and the password of a secret as one text. */
export function isPairFilter(filter: string | undefined): boolean {
  return filter === 'basic' || filter === 'oauthBasic'
}

/** The pair filter that the filters begin with, also after `trim`, which then trims both parts. */
export function pairFilterOf([first, second]: readonly string[]): string | undefined {
  const filter = first === 'trim' ? second : first
  return isPairFilter(filter) ? filter : undefined
}

/** Whether the filters begin with one that takes a secret with all its fields. */
export function takesFields(filters: readonly string[]): boolean {
  return pairFilterOf(filters) !== undefined || filters[0] === 'json'
}

/** Whether what the filters make of a value is another secret text, not one of the forms of the value. */
export function makesNewText(filters: readonly string[]): boolean {
  return filters.length > 1 || filters[0] === 'base64decode' || filters[0] === 'oauthBasic'
}

/** The names of the two fields that a pair filter writes, the user name first; undefined where the secret has neither pair. */
export function pairIn(fields: readonly string[]): readonly [user: string, password: string] | undefined {
  return PAIRS.find((pair) => pair.every((name) => fields.includes(name)))
}

const PAIRS: readonly (readonly [user: string, password: string])[] = [
  ['username', 'password'],
  ['client_id', 'client_secret'],
]
