/** Padding (ISO/IEC 7816-4: 80 00 …) to whole blocks, so that a ciphertext tells the length of its value only roughly. */

/** Padded values are a multiple of this many bytes. */
export const BLOCK_BYTES = 64

const PADDING_MARK = 0x80

/** The value, one byte 80, and as many 00 as fill the block: 1 to 64 bytes more, in a new array. */
export function pad(value: Uint8Array): Uint8Array {
  const padded = new Uint8Array(value.length + BLOCK_BYTES - (value.length % BLOCK_BYTES))
  padded.set(value)
  padded[value.length] = PADDING_MARK
  return padded
}

/** The value before its padding, as a view; undefined where the last block is not padded correctly. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1
  const first = padded.length - BLOCK_BYTES
  while (end > first && padded[end] === 0) end--
  return padded[end] === PADDING_MARK ? padded.subarray(0, end) : undefined
}
