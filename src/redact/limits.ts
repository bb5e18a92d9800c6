/** Limits of what one match may be, stated in docs/REDACTION.md. */

/** Longer texts are searched for piece by piece, so that neither a stream nor a comparison has to hold them whole. */
export const PIECE = 256
/** No pattern is longer: a piece does not begin inside an escape. */
export const LONGEST_PATTERN = PIECE + 8
/** A match may be this many times as long as its pattern by what stands inside it … */
export const MAX_STRETCH = 8
/** … and by this many characters more. */
export const STRETCH_ROOM = 64
/** No match is longer. */
export const LONGEST_MATCH = LONGEST_PATTERN * MAX_STRETCH + STRETCH_ROOM
