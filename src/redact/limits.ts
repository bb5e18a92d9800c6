/** Limits of the search, stated in docs/REDACTION.md. */

/** Texts searched for because of one value; what comes later in the list of forms is left out. */
export const MAX_FORMS = 1024
/** Parts of one value: variants, lines, leaves, passwords. */
export const MAX_PARTS = 256
/** Longer texts are searched for in the commonest dialects, base64 and hexadecimal only. */
export const LONG = 512
/** Longer values are not taken apart by their syntax. */
export const MAX_PARSED = 65_536
/** Longer patterns are searched for piece by piece, so that neither a stream nor a comparison has to hold them whole. */
export const PIECE = 2048
/** No pattern is longer: a piece does not begin inside an escape. */
export const LONGEST_PATTERN = PIECE + 8
/** A match may be this many times as long as its pattern by what stands inside it … */
export const MAX_STRETCH = 2
/** … and by this many characters more. */
export const STRETCH_ROOM = 1024
/** No match is longer. */
export const LONGEST_MATCH = LONGEST_PATTERN * MAX_STRETCH + STRETCH_ROOM
