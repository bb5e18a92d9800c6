/** The key provider port: wraps and unwraps data keys; never touches records. */

/**
 * A holder of a key-encryption key.
 *
 * `id` names that key, is stored beside what it wrapped, and must be printable ASCII of at most 128 characters that
 * reveals nothing of the key. Two keys must not share an id.
 */
export interface KeyProvider {
  readonly id: string
  /** The data key (32 bytes) wrapped, at most 4 KiB, bound to `aad`. */
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
