/** Many reads at once, but not all: open files and threads are few. */

const AT_ONCE = 64

/** What `use` gives for each item, in the order of the items. */
export async function mapBounded<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  async function work(): Promise<void> {
    while (next < items.length) {
      const index = next++
      results[index] = await use(items[index]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work))
  return results
}
