/**
 * The writings of the tables that docs/REDACTION.md states as limits: of values that are little but escape characters.
 * A test fails where one is missed that is not in this list, and where one in it is found after all.
 */

/** At most so many, of all tables together. */
export const MOST_LIMITS = 25

/** By name: `writer × value`, and `#3` for the third text where a writer makes several of one value. */
export const STATED_LIMITS: readonly string[] = []
