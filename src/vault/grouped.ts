/** Lists by what their items have in common. */

import type { ReferenceLocation } from '../location.ts'

/** The items by what `keyOf` gives; keys and items are in the order in which they come. */
export function groupedBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** Where references stand, each location once. */
export function usedLocations(
  references: readonly { readonly location: ReferenceLocation }[],
): readonly ReferenceLocation[] {
  return [...new Set(references.map(({ location }) => location))]
}
