/**
 * The writings of the tables that docs/REDACTION.md states as limits: of values that are little but escape characters.
 * A test fails where one is missed that is not in this list, and where one in it is found after all.
 *
 * In all of these, a line break is put next to a backslash of the value, or its backslashes are undone by
 * another rule than the search has.
 */

/** At most so many, of all tables together. */
export const MOST_LIMITS = 25

/** By name: `writer × value`, and `#3` for the third text where a writer makes several of one value. */
export const STATED_LIMITS: readonly string[] = [
  'undone: backslash escapes read × backslashes',
  'inside: a line break in a value with blanks or backslashes × backslashes #5',
  'inside: a line break in a value with blanks or backslashes × backslashes #6',
  'inside: a line break in a value with blanks or backslashes × backslashes #7',
  'inside: a line break in a value with blanks or backslashes × backslashes #8',
  'inside: a line break and indentation in a value with blanks or backslashes × backslashes #5',
  'inside: a line break and indentation in a value with blanks or backslashes × backslashes #6',
  'inside: a line break and indentation in a value with blanks or backslashes × backslashes #7',
  'inside: a line break and indentation in a value with blanks or backslashes × backslashes #8',
  'inside: a CRLF in a value with blanks or backslashes × backslashes #5',
  'inside: a CRLF in a value with blanks or backslashes × backslashes #6',
  'inside: a CRLF in a value with blanks or backslashes × backslashes #7',
  'inside: a CRLF in a value with blanks or backslashes × backslashes #8',
  'inside: a line break in a value with blanks or backslashes × looks escaped #5',
  'inside: a line break and indentation in a value with blanks or backslashes × looks escaped #5',
  'inside: a CRLF in a value with blanks or backslashes × looks escaped #5',
]
