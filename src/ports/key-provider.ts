/** The key provider port: wraps and unwraps data keys; never touches records. */

/** A data key as a provider wrapped it, with all that it needs to unwrap it again. */
export interface WrappedKey {
  /** 1 byte to 4 KiB. */
  readonly bytes: Uint8Array
  /**
   * Which version of its key a remote service has used: 1 to 256 characters of printable ASCII, stored as they are next to
   * the bytes. Absent where the bytes say it themselves, or where a key has no versions.
   */
  readonly keyVersion?: string
}

/** A holder of a key-encryption key, such as a key management service or a hardware module. */
export interface KeyProvider {
  /**
   * Names the key; stored next to what it wrapped. 1 to 128 characters of printable ASCII that reveal nothing of the key.
   * Two keys must not share an id, and new versions of one key keep it.
   */
  readonly id: string
  /** The data key (32 bytes) wrapped, bound to `aad`. It must not keep or change what it is given. */
  wrap(dataKey: Uint8Array, aad: Uint8Array): Promise<WrappedKey>
  /**
   * The data key again, of exactly what `wrap` gave.
   *
   * @throws GuillemetError `ERR_INVALID_KEY` or `ERR_RECORD_UNREADABLE` when it does not open with this key and this
   *   `aad`; any other error counts as unavailable. Never returns nothing.
   */
  unwrap(wrapped: WrappedKey, aad: Uint8Array): Promise<Uint8Array>
  /** Releases what the provider itself opened; waited for 30 seconds at most. */
  close?(): Promise<void>
}
