/** Limits of the search, stated in docs/REDACTION.md. */

/** Texts searched for because of one value; what comes later in the list of forms is left out. */
export const MAX_FORMS = 1024
/** Parts of one value: variants, lines, leaves, passwords. */
export const MAX_PARTS = 256
/** Longer texts are not searched for in decimal, nor in base64 of UTF-16LE, of JSON or of base64. */
export const LONG = 8192
/** In longer values no passwords and no leaves are looked for. */
export const MAX_PARSED = 65_536
/** Longer texts are searched for piece by piece, so that neither a stream nor a comparison has to hold them whole. */
export const PIECE = 512
/** Pieces overlap by so many characters, so that nothing between two of them stays. */
export const OVERLAP = 16
/** No match of a text, or of a piece of it, is longer, with its escapes and line breaks. */
export const LONGEST_MATCH = 8 * PIECE
