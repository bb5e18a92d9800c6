/** What is kept for each workspace, as long as it is among those that were used last. */

/** How many workspaces a vault remembers: what an idle one cost is given back. */
export const MAX_RECENT_WORKSPACES = 1_000

/** A map that forgets the key that was used longest ago once there are more than `limit`. */
export class Recent<V> {
  readonly #limit: number
  readonly #values = new Map<string, V>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The value of a key, which counts as used. */
  get(key: string): V | undefined {
    const value = this.#values.get(key)
    if (value === undefined || this.#values.size === 1) return value
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  /** Keeps a value; the one used longest ago goes where there is no more room. */
  set(key: string, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.#limit) this.#values.delete(this.#values.keys().next().value!)
  }

  /** Forgets all. */
  clear(): void {
    this.#values.clear()
  }
}
