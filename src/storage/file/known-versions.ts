/** The newest version seen of each directory: a hint, never more, since other processes write too. */

export interface KnownVersions {
  get(directory: string): number | undefined
  set(directory: string, version: number): void
}

/** Remembers at most `limit` directories; the one set longest ago is forgotten first. */
export function createKnownVersions(limit: number): KnownVersions {
  const versions = new Map<string, number>()
  return {
    get: (directory) => versions.get(directory),
    set(directory, version) {
      versions.delete(directory)
      versions.set(directory, version)
      if (versions.size > limit) versions.delete(versions.keys().next().value!)
    },
  }
}
