/** The key provider port: wraps and unwraps data keys; never touches records. */

/** A holder of a key-encryption key, such as a key management service or a hardware module. */
export interface KeyProvider {
  /**
   * Names the key; stored next to what it wrapped. 1 to 128 characters of printable ASCII that reveal nothing of the key.
   * Two keys must not share an id.
   */
  readonly id: string
  /** The data key (32 bytes) wrapped: 1 byte to 4 KiB, bound to `aad`. It must not keep or change what it is given. */
  wrap(dataKey: Uint8Array, aad: Uint8Array): Promise<Uint8Array>
  /**
   * The data key again.
   *
   * @throws GuillemetError `ERR_INVALID_KEY` or `ERR_RECORD_UNREADABLE` when it does not open with this key and this
   *   `aad`; any other error counts as unavailable. Never returns nothing.
   */
  unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array>
  /** Releases what the provider itself opened. */
  close?(): Promise<void>
}
