/** The storage port: where sealed records live. A storage knows nothing of what is in them. */

/** Where a record lives within its workspace. */
export interface RecordKey {
  /** 1 to 128 characters of `A–Z a–z 0–9 _ -`, or `$` for the library's own records. */
  readonly environment: string
  /** 1 to 128 characters of `A–Z a–z 0–9 _ -`, or `$` and such a name for the library's own records. */
  readonly tag: string
}

/** One stored record. Its body is opaque text: clear information and the sealed value. */
export interface StoredRecord extends RecordKey {
  /** 1 to 128 characters of `A–Z a–z 0–9 _ -`. */
  readonly workspace: string
  /** 1 for the first, and one more with every put; never restarts. */
  readonly version: number
  /** Well-formed text without NUL, at most 16 MiB of UTF-8, which must come back exactly. */
  readonly body: string
}

/** One page of a listing. */
export interface ListPage {
  /** Only this environment; every environment where absent. */
  readonly environment?: string
  /** Only records after this key. */
  readonly after?: RecordKey
  /** At most this many records, at least 1; fewer, as where a page has a size of its own, but none only at the end. */
  readonly limit: number
}

/** Options of every call. */
export interface CallOptions {
  /**
   * Aborted when nobody waits any longer: the caller gave up, or the deadline of the call has passed. Whoever ignores it is
   * left behind; whoever hears it must not hand a connection back on which the call may still be answered.
   */
  readonly signal?: AbortSignal | undefined
}

/** Options of a read. */
export interface ReadOptions extends CallOptions {
  /** A cache must ask its storage; a storage may ignore it. */
  readonly fresh?: boolean | undefined
}

/** One page of the workspaces. */
export interface WorkspacePage {
  /** Only workspaces after this one. */
  readonly after?: string
  /** At most this many, at least 1; fewer are allowed, but none only at the end. */
  readonly limit: number
}

/**
 * Three methods. An implementer must copy in and out (never keep or hand out a caller's object), must make every
 * acknowledged put durable, and must answer reads that see every acknowledged put, or say that it does not.
 *
 * A failure is an error whose `code` is `ERR_CONFLICT`, `ERR_INVALID_INPUT` (of a put: a record that this storage does
 * not take, and has not written; of any call: a mistake in what the storage was given, such as its directory),
 * `ERR_STORAGE_UNAVAILABLE` (nothing was written), `ERR_OUTCOME_UNKNOWN` (the connection died at commit) or
 * `ERR_RECORD_CORRUPT`; of any class. Anything else counts as unavailable from `get` and `list`, and as outcome unknown
 * from `put`. A `GuillemetError` reaches the user in its own
 * words, so it must quote nothing; of any other error only a system code such as `ECONNREFUSED` does.
 */
export interface VaultStorage {
  /** The records of these keys, in the same order, `undefined` where there is no record. One round trip. */
  get(
    workspace: string,
    keys: readonly RecordKey[],
    options?: ReadOptions,
  ): Promise<readonly (StoredRecord | undefined)[]>
  /** Compare-and-set: the stored version must be `record.version - 1` (0 where there is no record), else `ERR_CONFLICT`. */
  put(record: StoredRecord, options?: CallOptions): Promise<void>
  /**
   * Records by environment, then tag, bytewise. Deleted records are records too. A listing ends with an empty page, never
   * with a short one: to read all, ask for what comes after the last record until nothing does.
   */
  list(workspace: string, page: ListPage, options?: CallOptions): Promise<readonly StoredRecord[]>
  /** The workspaces that hold a record, bytewise, up to an empty page; where it is absent, commands for all of them have to be told which. */
  workspaces?(page: WorkspacePage, options?: CallOptions): Promise<readonly string[]>
  /**
   * What errors call this storage, such as `the directory "/srv/app/.secrets"`: whoever reads "no such secret" must see
   * that it was looked for in the wrong place. It must hold no password and no connection string.
   */
  readonly where?: string
  /** Releases what the storage itself opened, nothing that was handed in. */
  close?(): Promise<void>
}

/** The order of a listing: by environment, then tag. Names are ASCII, so code units are bytes. */
export function compareKeys(a: RecordKey, b: RecordKey): number {
  if (a.environment !== b.environment) return a.environment < b.environment ? -1 : 1
  if (a.tag !== b.tag) return a.tag < b.tag ? -1 : 1
  return 0
}
