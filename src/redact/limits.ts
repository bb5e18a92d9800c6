/** Every number that bounds or tunes the redactor, with its reason. docs/REDACTION.md lists those that show in a result. */

/** Texts that are searched for because of one value, all parts as text before their encodings; the rest is left out. */
export const MAX_FORMS = 16_384
/** Variants and parts of one value; the rest is left out. */
export const MAX_PARTS = 1024
/** Documents within documents of one value, as JSON in Base64 in YAML; those further within are left as they are. */
export const MAX_DEPTH = 4
/** Characters of all documents and values within one value that are looked into for parts. */
export const MAX_READ = 1_048_576
/** Shorter parts are not searched for on their own. */
export const SHORTEST_PART = 4
/** Longer texts are not searched for in decimal, nor in Base64 of UTF-16LE, of JSON or of Base64; nor are they decoded as keys. */
export const LONG = 8192
/** In longer values no parts are looked for, but for lines that look like keys. */
export const MAX_PARSED = 65_536
/** Longer texts are searched for piece by piece, so that neither a stream nor a comparison has to hold them whole. */
export const PIECE = 512
/** Pieces overlap by this many characters, so that nothing between two of them stays. */
export const OVERLAP = 16
/** No match of a text, or of a piece of it, is longer, with its escapes and line breaks. */
export const LONGEST_MATCH = 4096
/** Characters of a text between two characters of a value, such as a line break with its indentation. */
export const MAX_GAP = 256
/** Characters of an escape, with the escapes within it; a stream may have to wait for its end. */
export const MAX_ESCAPE = 256
/** Escapes of more characters are not read again for each short value that stands in them or after them. */
export const MAX_SURROUNDING = 64
/** Layers of escapes; of more, those within stay as they are. */
export const MAX_LEVEL = 8
/** Characters of the title of a window or the target of a link in a terminal; a longer one is ordinary text. */
export const MAX_TITLE = 1024

/** With fewer kept characters, and others among them, a value is found in a few forms only. */
export const FEWEST_KEPT = 4
/** With fewer kept characters, those before and after must be there too: the rest may be an ordinary word. */
export const FEW_KEPT = 8
/**
 * Of a value, this many characters before a line break stay. A stream would otherwise have to wait at nearly every line
 * end, since nearly every line ends with what some value begins with.
 */
export const LINE_START = 2
/** First or last characters of a value that may read as an escape with what is next to them; a value of twelve may be read so as a whole. */
export const MAX_SWALLOWED = 6

/** Characters decoded at once: few enough to stay in the cache of the processor. */
export const BLOCK = 65_536
/** In a stream, the last characters of a long text are a block of their own, since their places are always needed. */
export const TAIL = 1024
/** No match is longer than this many times the longest text that is searched for. */
export const STRETCH = 16

/** Kept characters from which a needle is looked for by eight at every eighth place; it has all eight ways to be met. */
export const LONG_NEEDLE = 21
/** The same by four at every fourth place; shorter ones are looked for at every place. */
export const MIDDLE_NEEDLE = 7
/** Where this many needles share a group, it is not counted how many more do. */
export const MANY_ALIKE = 8
/** Bits of a filter for each group in a table: at most one lookup in 16 is for nothing. */
export const FILTER_BITS = 16
/** A filter has at least 2 to the power of this bits: 8 KB, which stay in the cache. */
export const SMALLEST_FILTER = 16
/** A filter has at most 2 to the power of this bits: 2 MB. */
export const LARGEST_FILTER = 24
/** Texts of at most this length are looked for once, however many values have them. */
export const MAX_SHARED = 128
