/** Every number that bounds or tunes the redactor, with its reason. docs/REDACTION.md states those that a user may meet. */

/** Texts searched for because of one value; what comes later in the list of forms is left out. */
export const MAX_FORMS = 1024
/** Derived values of one value: variants, lines, leaves, passwords. */
export const MAX_PARTS = 256
/** Longer texts are not searched for in decimal, nor in Base64 of UTF-16LE, of JSON or of Base64. */
export const LONG = 8192
/** In longer values no passwords and no leaves are looked for. */
export const MAX_PARSED = 65_536
/** Longer texts are searched for piece by piece, so that neither a stream nor a comparison has to hold them whole. */
export const PIECE = 512
/** Pieces overlap by this many characters, so that nothing between two of them stays. */
export const OVERLAP = 16
/** No match of a text, or of a piece of it, is longer, with its escapes and line breaks. */
export const LONGEST_MATCH = 4096
/** What stands in a text between two characters of a value is at most this long: a line break with its indentation. */
export const MAX_GAP = 256
/** An escape, with the escapes within it, is at most this long; a stream may have to wait for its end. */
export const MAX_ESCAPE = 256
/** Escapes within escapes; what is deeper stays. */
export const MAX_LEVEL = 8
/** The title of a window, or the target of a link in a terminal. */
export const MAX_TITLE = 1024

/** With fewer kept characters, and others between them, a text is found in a few writings only. */
export const FEWEST_KEPT = 4
/** With fewer, the characters before and after must be there too: the rest is an ordinary word. */
export const FEW_KEPT = 8
/**
 * Of a value, this many characters before a line break stay. A stream would otherwise have to wait at nearly every line
 * end, since nearly every line ends with what some value begins with.
 */
export const LINE_START = 2
/** Characters of a value that may read as part of an escape with what stands next to them. */
export const MAX_SWALLOWED = 6

/** Characters decoded in one go: they stay in the cache of the processor. */
export const BLOCK = 65_536
/** In a stream, the end of a long text is a block of its own: its places have to be known. */
export const TAIL = 1024
/** Characters of a text for each of a value, at the most: with their escapes, and with line breaks between. */
export const STRETCH = 16

/** Kept characters from which a needle is looked for by eight at every eighth place; it has all eight ways to be met. */
export const LONG_NEEDLE = 21
/** The same by four at every fourth place; shorter ones are looked for at every place. */
export const MIDDLE_NEEDLE = 7
/** A window is looked for within this many characters of a needle. */
export const WINDOW_REACH = 64
/** Places for a window that are weighed against each other. */
export const WINDOW_TRIES = 8
/** Bits of a filter for each group of characters in a table: one place in 16 is looked at for nothing at the most. */
export const FILTER_BITS = 16
/** A filter has at least 2 to this many bits: 8 KB, which stay in the cache. */
export const SMALLEST_FILTER = 16
/** A filter has at most 2 to this many bits. */
export const LARGEST_FILTER = 24
/** Texts of at most this length are looked for once, whatever the number of values that have them. */
export const MAX_SHARED = 128
